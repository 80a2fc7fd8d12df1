"""What makes a query one that hardly anybody asks: limits that no row or every row is within, sums of scores, groups of one row."""

from __future__ import annotations

import re
from typing import Final

from symphainy.enabling_services.insights.operands import is_averaged, is_unique
from symphainy.enabling_services.insights.query import Filter, Having, Query
from symphainy.enabling_services.insights.table_index import TableIndex

_OUTSIDE: Final = 0.7
_SUMMED: Final = 0.4
_SINGLE: Final = 0.4
_MIXED: Final = 0.3
_SEVERAL: Final = 0.3


def oddness(query: Query, index: TableIndex, question: str = "") -> float:
    """0 for a query that is as likely as any other."""
    odd = sum(_OUTSIDE for item in (*query.filters, *query.part) if _beyond(item, index))
    odd += sum(
        _SUMMED for m in query.measures if m.aggregate == "sum" and m.operand is not None and is_averaged(m.operand)
    )
    if len({m.aggregate for m in query.measures}) > 1 and query.shape in ("value", "groups") and not query.having:
        odd += _MIXED
    if len(query.measures) > 1 and query.shape == "value" and not re.search(r"\band\b|,|&", question, re.I):
        odd += _SEVERAL
    odd += sum(_OUTSIDE for item in query.having if _never_reached(item, index))
    grouped = [group.operand for group in query.groups if group.operand.is_column and group.bucket is None]
    odd += sum(_SINGLE for operand in grouped if is_unique(index.column(operand.label), index))
    return odd


def _beyond(item: Filter, index: TableIndex) -> bool:
    """Whether the limit lies outside of what the column holds."""
    if (
        item.operand.kind != "number"
        or not item.operand.is_column
        or item.op not in (">", ">=", "<", "<=", "=", "between")
    ):
        return False
    column = index.column(item.operand.label)
    numbers = [float(value) for value in item.values if isinstance(value, int | float)]
    if column.minimum is None or column.maximum is None or not numbers:
        return False
    return all(number < float(column.minimum) or number > float(column.maximum) for number in numbers)


def _never_reached(item: Having, index: TableIndex) -> bool:
    """Whether all rows together do not come to the total that a group shall have."""
    operand = item.measure.operand
    if operand is None or not operand.is_column or item.measure.aggregate != "sum" or item.op not in (">", ">="):
        return False
    column = index.column(operand.label)
    limit = item.values[0]
    return column.maximum is not None and isinstance(limit, int | float) and float(column.maximum) * index.rows < limit
