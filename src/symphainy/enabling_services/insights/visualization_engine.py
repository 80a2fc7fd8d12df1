"""Chooses a chart for a table of numbers and says why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from symphainy.enabling_services.errors import ServiceError
from symphainy.enabling_services.insights.charts import (
    MOST_POINTS,
    bar_chart,
    grouped_bar_chart,
    histogram_chart,
    line_chart,
    pie_chart,
    point_chart,
)
from symphainy.enabling_services.json_values import Json, JsonValue

_MOST_BARS: Final = 40
_MOST_SLICES: Final = 6
_MOST_SERIES: Final = 8
_BINS: Final = 20
_NUMERIC: Final = (
    "BIGINT",
    "INTEGER",
    "DOUBLE",
    "DECIMAL",
    "HUGEINT",
    "FLOAT",
    "SMALLINT",
    "UBIGINT",
    "NUMBER",
    "TINYINT",
)


@dataclass(frozen=True, slots=True)
class Chart:
    """A Vega-Lite specification with its data, its title, and why it is this kind of chart."""

    chart_type: str
    title: str
    rationale: str
    spec: Json

    def to_json(self) -> Json:
        return {"chart_type": self.chart_type, "title": self.title, "rationale": self.rationale, "spec": self.spec}


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    at: int
    kind: str


class VisualizationEngine:
    """By the kinds of the columns: time and a number is a line, a text and a number bars, two numbers points, one number a
    histogram; a wish for another kind is followed where the data allows it."""

    name = "VisualizationEngine"

    def chart(
        self,
        columns: Sequence[tuple[str, str]],
        rows: Sequence[Sequence[JsonValue]],
        *,
        title: str,
        wish: str | None = None,
        rows_total: int | None = None,
    ) -> Chart:
        """`columns` are names and engine types. At most 2,000 points are drawn, and the rationale says when rows are left
        out. Raises ServiceError `no_chart` where nothing in the rows can be drawn, and says why."""
        if not rows:
            raise ServiceError("no_chart", "There are no rows, so there is nothing to draw. Ask for other rows.")
        described = [_Column(name, at, _kind(engine)) for at, (name, engine) in enumerate(columns)]
        numbers = [column for column in described if column.kind == "number"]
        times = [column for column in described if column.kind == "time"]
        texts = [column for column in described if column.kind == "text"]
        if not numbers:
            message = "These rows hold no number, so there is nothing to draw. Ask for a number, for example how many rows per group."
            raise ServiceError("no_chart", message)
        total = rows_total or len(rows)
        if times and numbers and wish not in ("bar", "pie", "histogram") and len(rows) > 1:
            return _line(title, rows, times[0], numbers, texts, total)
        if wish == "point" and len(numbers) > 1:
            return _points(title, rows, numbers, total)
        labels = texts or times
        if labels and wish != "histogram" and (len(rows) <= 200 or wish in ("bar", "pie")):
            return _bars(title, rows, labels, numbers, wish, total)
        if len(numbers) > 1 and wish != "histogram" and len(rows) > 1:
            return _points(title, rows, numbers, total)
        return _histogram(title, rows, numbers[0], total)


def _kind(engine: str) -> str:
    upper = engine.upper()
    if upper.startswith(_NUMERIC):
        return "number"
    return "time" if upper.startswith(("DATE", "TIMESTAMP")) else "text"


def _number(value: JsonValue) -> float | None:
    """Decimals are written as texts."""
    try:
        return None if value is None else float(value)
    except ValueError:
        return None


def _line(
    title: str,
    rows: Sequence[Sequence[JsonValue]],
    time: _Column,
    numbers: Sequence[_Column],
    texts: Sequence[_Column],
    total: int,
) -> Chart:
    number = next((column for column in numbers), numbers[0])
    series = texts[0] if texts and len({str(row[texts[0].at]) for row in rows}) <= _MOST_SERIES else None
    values: list[Json] = []
    for row in sorted(rows, key=lambda row: str(row[time.at]))[:MOST_POINTS]:
        point: Json = {"x": row[time.at], "y": _number(row[number.at])}
        if series is not None:
            point["series"] = str(row[series.at])
        values.append(point)
    why = f"{time.name} is a time and {number.name} a number, so a line shows how it develops."
    spec = line_chart(
        title, values, x_title=time.name, y_title=number.name, series_title=series.name if series else None
    )
    return Chart("line", title, why + _left_out(len(values), total), spec)


def _bars(
    title: str,
    rows: Sequence[Sequence[JsonValue]],
    labels: Sequence[_Column],
    numbers: Sequence[_Column],
    wish: str | None,
    total: int,
) -> Chart:
    label, number = labels[0], numbers[0]
    if len(labels) > 1 and len({str(row[labels[1].at]) for row in rows}) <= _MOST_SERIES and wish != "pie":
        values: list[Json] = [
            {"x": _text(row[label.at]), "series": _text(row[labels[1].at]), "y": _number(row[number.at])}
            for row in rows[: _MOST_BARS * 4]
        ]
        why = f"{label.name} and {labels[1].name} are groups and {number.name} a number, so bars side by side compare them."
        spec = grouped_bar_chart(title, values, x_title=label.name, y_title=number.name, series_title=labels[1].name)
        return Chart("bar", title, why + _left_out(len(values), total), spec)
    values = [{"x": _text(row[label.at]), "y": _number(row[number.at])} for row in rows[:_MOST_BARS]]
    positive = all((value["y"] or 0) >= 0 for value in values)
    if wish == "pie" and positive and len(rows) <= _MOST_SLICES:
        why = f"{len(values)} parts of a whole: a pie was asked for, and there are few enough slices to tell apart."
        return Chart("pie", title, why, pie_chart(title, values, x_title=label.name, y_title=number.name))
    why = f"The values of {label.name} are groups and {number.name} is a number, so bars compare them."
    if wish == "pie":
        why += f" A pie was asked for; it is readable only for up to {_MOST_SLICES} positive parts."
    spec = bar_chart(title, values, x_title=label.name, y_title=number.name)
    return Chart("bar", title, why + _left_out(len(values), total), spec)


def _points(title: str, rows: Sequence[Sequence[JsonValue]], numbers: Sequence[_Column], total: int) -> Chart:
    x, y = numbers[0], numbers[1]
    every = max(1, len(rows) // MOST_POINTS)
    values: list[Json] = [
        {"x": _number(row[x.at]), "y": _number(row[y.at])}
        for row in rows[::every][:MOST_POINTS]
        if row[x.at] is not None
    ]
    why = f"{x.name} and {y.name} are numbers, so points show how they go together."
    spec = point_chart(title, values, x_title=x.name, y_title=y.name, total=total)
    return Chart("point", title, why + _left_out(len(values), total), spec)


def _histogram(title: str, rows: Sequence[Sequence[JsonValue]], number: _Column, total: int) -> Chart:
    known = [value for row in rows if (value := _number(row[number.at])) is not None]
    if not known:
        raise ServiceError("no_chart", f"{number.name} has no value in these rows, so there is nothing to draw.")
    low, high = min(known), max(known)
    if low == high:
        values: list[Json] = [{"x": number.name, "y": low}]
        why = "There is one number only, so one bar shows it."
        return Chart("bar", title, why, bar_chart(title, values, x_title="", y_title=number.name))
    width = (high - low) / _BINS
    counts = [0] * _BINS
    for value in known:
        counts[min(_BINS - 1, int((value - low) / width))] += 1
    values = [{"x": low + k * width, "x2": low + (k + 1) * width, "y": count} for k, count in enumerate(counts)]
    why = f"{number.name} is a number in {len(known):,} rows, so a histogram shows how its values are spread."
    return Chart(
        "histogram", title, why + _left_out(len(known), total), histogram_chart(title, values, x_title=number.name)
    )


def _text(value: JsonValue) -> str:
    return "(missing)" if value is None else str(value)


def _left_out(shown: int, total: int) -> str:
    return f" Drawn are {shown:,} of {total:,} rows." if total > shown else ""
