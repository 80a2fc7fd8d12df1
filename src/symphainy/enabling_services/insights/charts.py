"""Vega-Lite specifications with their data inside. Colours and fonts are the page's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from symphainy.enabling_services.json_values import Json, JsonValue

SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v6.json"
MOST_POINTS: Final = 2_000


def _spec(title: str, description: str, values: Sequence[Json], **more: JsonValue) -> Json:
    """Fields are called x, y, series, so that no name of a column can be read as an expression."""
    return {
        "$schema": SCHEMA,
        "title": title,
        "description": description,
        "width": "container",
        "height": 260,
        "data": {"values": list(values[:MOST_POINTS])},
        **more,
    }


def _axis(field: str, kind: str, title: str, **more: JsonValue) -> Json:
    return {"field": field, "type": kind, "title": title, **more}


def _tips(*fields: tuple[str, str, str]) -> list[Json]:
    return [{"field": field, "type": kind, "title": title} for field, kind, title in fields]


def bar_chart(
    title: str,
    values: Sequence[Json],
    *,
    x_title: str,
    y_title: str,
    percent: bool = False,
    marked: bool = False,
) -> Json:
    """Horizontal bars, in the order of the values: long names stay readable. `marked` bars stand out."""
    shown = values[:60]
    description = f"Bar chart of {y_title} for {len(shown)} values of {x_title}. {_extremes(shown, percent=percent)}"
    amount = _axis("y", "quantitative", y_title, **({"axis": {"format": ".0%"}} if percent else {}))
    encoding: Json = {
        "y": _axis("x", "nominal", x_title, sort=None),
        "x": amount,
        "tooltip": _tips(("x", "nominal", x_title), ("y", "quantitative", y_title)),
    }
    if marked:
        encoding["opacity"] = {"condition": {"test": "datum.marked", "value": 1}, "value": 0.45}
    return {
        **_spec(title, description, shown, mark={"type": "bar"}, encoding=encoding),
        "height": {"step": 22},
    }


def line_chart(
    title: str,
    values: Sequence[Json],
    *,
    x_title: str,
    y_title: str,
    series_title: str | None = None,
    break_at: str | None = None,
) -> Json:
    """`x` are ISO days. `break_at` draws a rule."""
    description = f"Line chart of {y_title} over {len(values)} points of {x_title}. {_extremes(values)}"
    encoding: Json = {
        "x": _axis("x", "temporal", x_title),
        "y": _axis("y", "quantitative", y_title, scale={"zero": False}),
        "tooltip": _tips(("x", "temporal", x_title), ("y", "quantitative", y_title)),
    }
    if series_title is not None:
        encoding["color"] = _axis("series", "nominal", series_title)
    line: Json = {"mark": {"type": "line", "point": len(values) <= 60}, "encoding": encoding}
    if break_at is None:
        return _spec(title, description, values, **line)
    rule: Json = {
        "mark": {"type": "rule", "strokeDash": [4, 4]},
        "data": {"values": [{"x": break_at}]},
        "encoding": {"x": {"field": "x", "type": "temporal"}},
    }
    return _spec(title, f"{description} A line marks {break_at}.", values, layer=[line, rule])


def point_chart(title: str, values: Sequence[Json], *, x_title: str, y_title: str, total: int | None = None) -> Json:
    """`total` rows, of which the values may be a part."""
    part = (
        f"{len(values):,} of {total:,} rows" if total is not None and total > len(values) else f"{len(values):,} rows"
    )
    description = f"Scatter plot of {y_title} against {x_title} for {part}."
    encoding: Json = {
        "x": _axis("x", "quantitative", x_title, scale={"zero": False}),
        "y": _axis("y", "quantitative", y_title, scale={"zero": False}),
        "tooltip": _tips(("x", "quantitative", x_title), ("y", "quantitative", y_title)),
    }
    return _spec(title, description, values, mark={"type": "point", "filled": True, "opacity": 0.5}, encoding=encoding)


def histogram_chart(title: str, values: Sequence[Json], *, x_title: str) -> Json:
    """Bins that were counted before: `x` to `x2`, `y` rows."""
    total = sum(int(value["y"]) for value in values)
    description = f"Histogram of {x_title}: {total:,} rows in {len(values)} bins of equal width."
    encoding: Json = {
        "x": _axis("x", "quantitative", x_title, bin={"binned": True}),
        "x2": {"field": "x2"},
        "y": _axis("y", "quantitative", "rows"),
        "tooltip": _tips(("x", "quantitative", "from"), ("x2", "quantitative", "to"), ("y", "quantitative", "rows")),
    }
    return _spec(title, description, values, mark={"type": "bar"}, encoding=encoding)


def grouped_bar_chart(title: str, values: Sequence[Json], *, x_title: str, y_title: str, series_title: str) -> Json:
    description = f"Bar chart of {y_title} by {x_title} and {series_title}. {_extremes(values)}"
    encoding: Json = {
        "y": _axis("x", "nominal", x_title, sort=None),
        "x": _axis("y", "quantitative", y_title),
        "yOffset": {"field": "series"},
        "color": _axis("series", "nominal", series_title),
        "tooltip": _tips(
            ("x", "nominal", x_title), ("series", "nominal", series_title), ("y", "quantitative", y_title)
        ),
    }
    return {**_spec(title, description, values, mark={"type": "bar"}, encoding=encoding), "height": {"step": 14}}


def pie_chart(title: str, values: Sequence[Json], *, x_title: str, y_title: str) -> Json:
    description = f"Pie chart of {y_title} for {len(values)} values of {x_title}. {_extremes(values)}"
    encoding: Json = {
        "theta": {"field": "y", "type": "quantitative", "stack": True},
        "color": _axis("x", "nominal", x_title, sort=None),
        "tooltip": _tips(("x", "nominal", x_title), ("y", "quantitative", y_title)),
    }
    return _spec(title, description, values, mark={"type": "arc"}, encoding=encoding)


def _extremes(values: Sequence[Json], *, percent: bool = False) -> str:
    known = [value for value in values if value.get("y") is not None]
    if not known:
        return "There is no value."
    low, high = min(known, key=lambda value: value["y"]), max(known, key=lambda value: value["y"])

    def text(value: Json) -> str:
        amount = float(value["y"])
        return f"{value['x']} ({amount * 100:.3g} %)" if percent else f"{value['x']} ({amount:,.4g})"

    return f"Highest: {text(high)}; lowest: {text(low)}."
