"""A query as a sentence that says exactly what its SQL does."""

from __future__ import annotations

from collections.abc import Sequence

from symphainy.enabling_services.insights.query import Filter, Group, Measure, Order, Query
from symphainy.enabling_services.insights.sql_writing import AGGREGATES, group_name, measure_name
from symphainy.enabling_services.insights.table_index import TableIndex


def interpretation(query: Query, index: TableIndex) -> str:
    """What is computed, in one sentence; the notes say what was assumed."""
    groups = " and ".join(_group_words(group) for group in query.groups)
    measures = " and ".join(_measure_words(measure) for measure in query.measures)
    match query.shape:
        case "rows":
            text = f"Rows of {index.table}" if not query.limit else f"The first {query.limit:,} rows of {index.table}"
            text += _within(query)
        case "distinct":
            text = f"The different values of {' and '.join(group_name(group) for group in query.groups)}"
        case "share":
            whole = measures or "all rows"
            text = f"The share of {whole} for each {groups}" if groups else f"The share of {whole} of those"
            if query.part and groups:
                text = f"Within each {groups}, the share of {whole} of those"
            if query.part:
                text += f" where {_and(query.part)}"
            if query.limit and groups:
                text = f"The first {query.limit:,}: {text[0].lower()}{text[1:]}"
        case "summary":
            text = "Key figures of the numbers in the table"
        case _:
            text = f"The {measures}" if measures else "The rows"
            text += f" for each {groups}" if groups else ""
            if query.over:
                text = _over_words(query)
            if query.change:
                text += f" and its change from one {next(g.bucket for g in query.groups if g.bucket)} to the next"
            if query.limit and groups:
                text = f"The first {query.limit:,}{_within(query)}: {text[0].lower()}{text[1:]}"
    if query.filters:
        text += f"{', among rows' if query.shape == 'share' else ''} where {_and(query.filters)}"
    ranked = [group.operand.label for group in query.groups if not group.bucket] if query.order and query.limit else []
    if ranked and query.shape == "groups":
        text += f"{' and' if query.filters else ' where'} {' and '.join(ranked)} is filled in"
    if query.having:
        text += f", only with {' and '.join(having.words for having in query.having)}"
    ordered = [_order_words(query, order) for order in query.order]
    if query.shape == "share" and query.order:
        ordered = [f"the share, {'highest' if query.order[0].descending else 'lowest'} first"]
    if query.change and query.order:
        ordered = [f"change in %, {'highest' if query.order[0].descending else 'lowest'} first"]
    if ordered:
        text += f", ordered by {' and '.join(ordered)}"
    return text + "."


def _within(query: Query) -> str:
    return f" within each {' and '.join(_group_words(group) for group in query.each)}" if query.each else ""


def _over_words(query: Query) -> str:
    each = " and ".join(_group_words(group) for group in query.over)
    groups = " and ".join(_group_words(group) for group in query.groups)
    text = f"How many different {each} there are"
    if query.outer != "count":
        text = f"The {AGGREGATES[query.outer]}, over every {each}, of the {_measure_words(query.measures[0])} of each"
    return text + (f", for each {groups}" if groups else "")


def _and(filters: Sequence[Filter]) -> str:
    return " and ".join(item.words for item in filters)


def _measure_words(measure: Measure) -> str:
    if measure.operand is None:
        return "number of rows"
    if measure.aggregate in ("count_distinct", "count"):
        return f"number of {measure_name(measure)}"
    return measure_name(measure)


def _group_words(group: Group) -> str:
    return f"{group.bucket} of {group.operand.label}" if group.bucket else group.operand.label


def _order_words(query: Query, order: Order) -> str:
    direction = "highest first" if order.descending else "lowest first"
    if order.operand is not None:
        if order.operand.kind == "date":
            direction = "newest first" if order.descending else "oldest first"
        return f"{order.operand.label}, {direction}"
    if not query.measures:
        return direction
    return f"{measure_name(query.measures[min(order.measure or 0, len(query.measures) - 1)])}, {direction}"
