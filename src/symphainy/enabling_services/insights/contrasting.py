"""What stands against each other: values, yes and no, periods; and how much more one is than the other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import Final

from symphainy.enabling_services.insights.query import Filter, Group, Measure, Operand, Query
from symphainy.enabling_services.insights.sql_writing import condition, measure_name, measure_sql

_CONTRAST: Final = re.compile(
    r"\b(difference|gap|how (many|much) (more|fewer|less|higher|lower|larger|bigger|longer))\b", re.I
)
_PLAIN: Final = ("count", "count_distinct", "sum", "avg", "median", "min", "max")


def contrasted(text: str, query: Query) -> Query | None:
    """The measure of the one less that of the other, and both of them beside it; None where no two are set against each
    other."""
    told = [filter for filter in query.filters if filter.op == "in" and len(filter.values) == 2]
    if _CONTRAST.search(text) is None or len(told) != 1 or len(query.measures) > 1 or query.having:
        return None
    measure = query.measures[0] if query.measures else Measure("count")
    if measure.aggregate not in _PLAIN or any(group.operand == told[0].operand for group in query.groups):
        return None
    sides = [Filter(told[0].operand, "=", (value,), f"{told[0].operand.label} is {value}") for value in told[0].values]
    shown = [_side(measure, side) for side in sides]
    gap = Operand(
        f"{measure_name(measure)}: {told[0].values[0]} less {told[0].values[1]}",
        f"{_filtered(measure, sides[0])} - {_filtered(measure, sides[1])}",
        "number",
        _columns(measure, sides),
    )
    measures = (Measure("ratio", gap), *shown)
    groups = tuple(Group(group.operand, group.bucket) for group in query.groups)
    return replace(query, shape="groups" if groups else "value", measures=measures, groups=groups)


def _filtered(measure: Measure, side: Filter) -> str:
    return f"{measure_sql(measure)} FILTER ({condition(side)})"


def _side(measure: Measure, side: Filter) -> Measure:
    label = f"{measure_name(measure)}: {side.values[0]}"
    return Measure("ratio", Operand(label, _filtered(measure, side), "number", _columns(measure, [side])))


def _columns(measure: Measure, sides: Sequence[Filter]) -> tuple[str, ...]:
    own = measure.operand.columns if measure.operand is not None else ()
    return tuple(dict.fromkeys((*own, *(name for side in sides for name in side.operand.columns))))


def set_against(query: Query) -> Query | None:
    """Values or periods that stand against each other become groups: `A or B`, `irrigated vs not irrigated`, `2023 vs 2024`."""
    for told in query.filters:
        if told.op == "in":
            return replace(query, groups=(*query.groups, Group(told.operand)))
    for one, other in combinations(query.filters, 2):
        if one.operand == other.operand and _opposed(one, other):
            rest = tuple(item for item in query.filters if item not in (one, other))
            return replace(query, filters=rest, groups=(Group(one.operand),))
    periods = [told for told in query.filters if told.op == "period"]
    if len(periods) < 2:
        return None
    days = [day for item in periods for day in item.values if day]
    words = " or ".join(item.words for item in periods)
    merged = Filter(periods[0].operand, "period", (min(map(str, days)), max(map(str, days))), words)
    others = tuple(item for item in query.filters if item.op != "period")
    bucket = "year" if all(str(day).endswith("-01-01") for day in days) else "month"
    return replace(query, filters=(*others, merged), groups=(Group(merged.operand, bucket),))


def _opposed(one: Filter, other: Filter) -> bool:
    """Whether no row can be both: it is so, and it is not so."""
    ops = {one.op, other.op}
    return (ops == {"="} and {one.values, other.values} == {(True,), (False,)}) or (
        ops == {"=", "!="} and one.values == other.values
    )
