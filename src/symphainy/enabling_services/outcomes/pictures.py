"""Pictures of a plan and of its money: the timeline as SVG, cash flow and sensitivity as Vega-Lite."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from html import escape
from typing import Final

from symphainy.enabling_services.json_values import Json, JsonValue
from symphainy.enabling_services.outcomes.figures import day, money
from symphainy.enabling_services.outcomes.financials import Financials
from symphainy.enabling_services.outcomes.roadmap import Planned, Roadmap

WIDTH: Final = 900
LABELS: Final = 330
ROW: Final = 30
TOP: Final = 34
_INK: Final = "#1b1f22"
_QUIET: Final = "#646b70"
_LINE: Final = "#e3e0da"
_CRITICAL: Final = "#0a6670"
_OTHER: Final = "#8fc3c8"
_LOSS: Final = "#a92219"
_LABEL_CHARACTERS: Final = 46
_PHASE_LABEL: Final = 60

Position = Callable[[str, int], float]
"""Where a day is: an ISO date and days after it, to pixels from the left."""


def timeline(roadmap: Roadmap) -> str:
    """One bar for each initiative, the critical path dark, a diamond for each deadline of the user. Self-contained
    SVG."""
    first, last = date.fromisoformat(roadmap.start), date.fromisoformat(roadmap.finish)
    deadlines = [item for item in roadmap.milestones if item.kind == "deadline"]
    for item in deadlines:
        last = max(last, date.fromisoformat(item.date))
    span = (last - first).days + 1

    def x(iso: str, after: int) -> float:
        return LABELS + (WIDTH - LABELS - 12) * ((date.fromisoformat(iso) - first).days + after) / span

    height = TOP + ROW * len(roadmap.initiatives) + 34
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-family="sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        *_phases(roadmap, x, height),
        *(part for row, item in enumerate(roadmap.initiatives) for part in _row(item, row, x)),
    ]
    for item in deadlines:
        at = x(item.date, 1)
        parts.append(
            f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{TOP}" y2="{height - 24}" stroke="{_LOSS}" stroke-dasharray="3 3"/>'
        )
        parts.append(
            f'<text x="{at:.1f}" y="{height - 8}" text-anchor="end" fill="{_LOSS}">{escape(day(item.date))}</text>'
        )
    return "".join((*parts, "</svg>"))


def _phases(roadmap: Roadmap, x: Position, height: int) -> Iterator[str]:
    for phase in roadmap.phases:
        at = x(phase.start, 0)
        yield f'<line x1="{at:.1f}" x2="{at:.1f}" y1="8" y2="{height - 24}" stroke="{_LINE}"/>'
    starts = [x(phase.start, 0) for phase in roadmap.phases]
    for phase, at, following in zip(roadmap.phases, starts, [*starts[1:], float(WIDTH)], strict=True):
        label = f"Phase {phase.no}" if following - at > _PHASE_LABEL else str(phase.no)
        yield f'<text x="{at + 4:.1f}" y="20" fill="{_QUIET}">{label}</text>'
    yield f'<text x="{LABELS}" y="{height - 8}" fill="{_QUIET}">{escape(day(roadmap.start))}</text>'


def _row(item: Planned, row: int, x: Position) -> Iterator[str]:
    y = TOP + row * ROW
    title = item.title if len(item.title) <= _LABEL_CHARACTERS else item.title[: _LABEL_CHARACTERS - 1] + "…"
    left, right = x(item.start, 0), x(item.finish, 1)
    colour = _CRITICAL if item.critical else _OTHER
    yield f'<text x="8" y="{y + 19}" fill="{_INK}">{escape(f"{item.no}  {title}")}</text>'
    yield f'<rect x="{left:.1f}" y="{y + 5}" width="{max(right - left, 3):.1f}" height="20" rx="3" fill="{colour}"/>'


def timeline_in_words(roadmap: Roadmap) -> str:
    bars = "; ".join(f"{item.no} from {day(item.start)} to {day(item.finish)}" for item in roadmap.initiatives)
    return f"Timeline: {bars}. On the critical path: {', '.join(roadmap.critical_path)}."


def cash_flow(financials: Financials) -> Json:
    """Bars of each year's flow, a line of what they add up to."""
    values = [{"year": year.year, "flow": round(year.flow), "sum": round(year.cumulative)} for year in financials.years]
    x: Json = {"field": "year", "type": "ordinal", "title": "Year", "axis": {"labelAngle": 0}}
    y: Json = {"type": "quantitative", "title": financials.assumptions.currency, "axis": {"format": ",.0f"}}
    colour = {"condition": {"test": "datum.flow < 0", "value": _LOSS}, "value": _OTHER}
    return _chart(
        "Cash flow by year, and added up",
        values,
        [
            {
                "mark": {"type": "bar", "width": {"band": 0.6}},
                "encoding": {"x": x, "y": {**y, "field": "flow"}, "color": colour},
            },
            {
                "mark": {"type": "line", "point": True, "color": _CRITICAL},
                "encoding": {"x": x, "y": {**y, "field": "sum"}},
            },
        ],
        240,
    )


def cash_flow_in_words(financials: Financials) -> str:
    currency = financials.assumptions.currency
    return (
        "Cash flow: " + ", ".join(f"year {year.year} {money(year.flow, currency)}" for year in financials.years) + "."
    )


def tornado(financials: Financials) -> Json:
    """The NPV with each assumption a fifth lower and a fifth higher, the widest swing on top."""
    values = [
        {"assumption": swing.label, "npv": round(value), "change": change}
        for swing in financials.sensitivity
        for change, value in (("a fifth lower", swing.npv_at_low), ("a fifth higher", swing.npv_at_high))
    ]
    y: Json = {"field": "assumption", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 200}}
    title = f"Net present value ({financials.assumptions.currency})"
    bars: Json = {
        "mark": {"type": "bar", "height": {"band": 0.6}},
        "encoding": {
            "y": y,
            "x": {
                "field": "npv",
                "type": "quantitative",
                "title": title,
                "axis": {"format": ",.0f"},
                "scale": {"zero": False},
            },
            "x2": {"datum": round(financials.npv)},
            "color": {
                "field": "change",
                "type": "nominal",
                "title": None,
                "scale": {"domain": ["a fifth lower", "a fifth higher"], "range": [_OTHER, _CRITICAL]},
                "legend": {"orient": "top"},
            },
        },
    }
    rule: Json = {"mark": {"type": "rule", "color": _QUIET}, "encoding": {"x": {"datum": round(financials.npv)}}}
    return _chart(
        "What the net present value depends on", values, [bars, rule], 34 * max(len(financials.sensitivity), 1)
    )


def tornado_in_words(financials: Financials) -> str:
    currency = financials.assumptions.currency
    swings = "; ".join(
        f"{swing.label} {money(swing.npv_at_low, currency)} to {money(swing.npv_at_high, currency)}"
        for swing in financials.sensitivity
    )
    return f"Net present value with each assumption a fifth lower and a fifth higher: {swings}."


def _chart(title: str, values: list[Json], layers: list[Json], height: int) -> dict[str, JsonValue]:
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "title": title,
        "width": 520,
        "height": height,
        "data": {"values": values},
        "layer": layers,
    }
