"""Findings as documents: numbers come from the SQL that goes with them, and words from the numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from symphainy.enabling_services.insights.candidates import Workbench
from symphainy.enabling_services.insights.charts import bar_chart
from symphainy.enabling_services.insights.roles import Grouping, Measure
from symphainy.enabling_services.json_values import Json

Numbers = Mapping[str, int | float | None]
_BARS: Final = 30


def numbers_of(bench: Workbench, sql: str) -> dict[str, int | float | None]:
    """The one row of the query by column name, computed over the whole table."""
    names = [name for name, _ in bench.db.described(sql)]
    return {name: _plain(value) for name, value in zip(names, bench.db.one(sql), strict=True)}


def _plain(value: object) -> int | float | None:
    if value is None or isinstance(value, bool):
        return None if value is None else int(value)
    if isinstance(value, int):
        return value
    converted = float(str(value))
    return converted if math.isfinite(converted) else None


def finding_of(
    kind: str,
    title: str,
    statement: str,
    *,
    formula: str,
    numbers: Numbers,
    rows: int,
    sql: str,
    rows_sql: str,
    recommendation: str | None,
    chart: Json | None,
) -> Json:
    return {
        "type": kind,
        "title": title[:1].upper() + title[1:],
        "statement": statement[:1].upper() + statement[1:],
        "formula": formula,
        "numbers": dict(numbers),
        "rows": rows,
        "sql": sql,
        "rows_sql": rows_sql,
        "recommendation": recommendation,
        "chart": chart,
    }


def number(value: int | float | None, *, percent: bool = False) -> str:
    """Four digits that count, thousands separated; whole numbers as they are."""
    if value is None:
        return "no value"
    if percent:
        return f"{value * 100:.3g} %"
    if isinstance(value, int) or (float(value).is_integer() and abs(value) < 1e15):
        return f"{int(value):,}"
    size = abs(value)
    return f"{value:,.0f}" if size >= 10_000 else f"{value:,.1f}" if size >= 100 else f"{value:,.4g}"


def measured(value: int | float | None, measure: Measure) -> str:
    return f"{number(value)} days" if measure.kind == "days" else number(value)


def listed(names: Sequence[str], most: int) -> str:
    shown = list(names[:most])
    if len(names) > most:
        return f"{', '.join(shown)} and {len(names) - most} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def bar_of(bench: Workbench, grouping: Grouping, measure: Measure, marked: Sequence[str], title: str) -> Json:
    """Means by group; of many groups the marked ones and the largest others."""
    rows = bench.db.rows(
        f"SELECT {grouping.sql} AS g, avg({measure.sql}) AS v, count({measure.sql}) AS n FROM {bench.relation} "
        f"WHERE {grouping.sql} IS NOT NULL GROUP BY 1 HAVING count({measure.sql}) > 0 ORDER BY 3 DESC, 1"
    )
    names = set(marked)
    chosen = [row for row in rows if str(row[0]) in names][:_BARS]
    chosen += [row for row in rows if str(row[0]) not in names][: max(0, _BARS - len(chosen))]
    chosen.sort(key=lambda row: -float(row[1]))
    values: list[Json] = [
        {"x": str(row[0]), "y": float(row[1]), "rows": int(row[2]), "marked": str(row[0]) in names} for row in chosen
    ]
    y_title = f"share of {measure.label}" if measure.kind == "share" else f"average {measure.label}"
    return bar_chart(
        title, values, x_title=grouping.name, y_title=y_title, percent=measure.kind == "share", marked=True
    )
