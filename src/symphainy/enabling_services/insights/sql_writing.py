"""A query as SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from symphainy.enabling_services.database import identifier, literal
from symphainy.enabling_services.insights.linking import is_identifying
from symphainy.enabling_services.insights.query import Filter, Group, Measure, Operand, Order, Query
from symphainy.enabling_services.insights.table_index import TableIndex
from symphainy.enabling_services.json_values import JsonValue

AGGREGATES: Final = {"sum": "total", "avg": "average", "median": "median", "min": "lowest", "max": "highest"}
_CYCLES: Final = {
    "weekday": ("dayname", "isodow"), "month of the year": ("monthname", "month"), "hour": ("hour", "hour")
}  # fmt: skip
"""What comes again and again: the function that names it, and the one that orders it."""
_FUNCTIONS: Final = {"sum": "sum", "avg": "avg", "median": "median", "min": "min", "max": "max"}


def sql_of(query: Query, index: TableIndex) -> str:
    relation = identifier(index.table)
    where = _where(query.filters)
    match query.shape:
        case "rows":
            return _rows(query, index, relation, where)
        case "distinct":
            return _distinct(query, relation, where)
        case "share":
            return _share(query, relation, where)
        case "summary":
            return _summary(query, index, relation, where)
        case _:
            if query.over:
                return _over(query, relation, where)
            return (
                _changes(query, _grouped(query, relation, where)) if query.change else _grouped(query, relation, where)
            )


def measure_sql(measure: Measure) -> str:
    if measure.operand is None:
        return "count(*)"
    if measure.aggregate == "count_distinct":
        return f"count(DISTINCT {measure.operand.sql})"
    if measure.aggregate == "count":
        return f"count({measure.operand.sql})"
    if measure.aggregate == "ratio":
        return measure.operand.sql
    return f"{_FUNCTIONS[measure.aggregate]}({measure.operand.sql})"


def measure_name(measure: Measure) -> str:
    if measure.operand is None:
        return "rows"
    if measure.aggregate == "count_distinct":
        return f"different {measure.operand.label}"
    if measure.aggregate == "count":
        return f"rows with {measure.operand.label}"
    if measure.aggregate == "ratio":
        return measure.operand.label
    return f"{AGGREGATES[measure.aggregate]} {measure.operand.label}"


def group_sql(group: Group) -> str:
    if group.bucket is None:
        return group.operand.sql
    if group.bucket == "day":
        return f"CAST({group.operand.sql} AS DATE)"
    if group.bucket in _CYCLES:
        return f"{_CYCLES[group.bucket][0]}({group.operand.sql})"
    return f"CAST(date_trunc('{group.bucket}', {group.operand.sql}) AS DATE)"


def group_name(group: Group) -> str:
    return f"{group.bucket} of {group.operand.label}" if group.bucket else group.operand.label


def condition(filter: Filter) -> str:
    sql, values = filter.operand.sql, filter.values
    match filter.op:
        case "between":
            return f"{sql} BETWEEN {_value(values[0])} AND {_value(values[1])}"
        case "in" | "not_in":
            inside = f"{sql} {'NOT ' if filter.op == 'not_in' else ''}IN ({', '.join(map(_value, values))})"
            return f"({inside} OR {sql} IS NULL)" if filter.op == "not_in" else inside
        case "!=":
            return f"{sql} IS DISTINCT FROM {_value(values[0])}"
        case "contains" | "starts" | "ends":
            return _text(filter.op, sql, str(values[0]))
        case "not_contains" | "not_starts" | "not_ends":
            return f"NOT coalesce({_text(filter.op.removeprefix('not_'), sql, str(values[0]))}, false)"
        case "null" | "not_null":
            return f"{sql} IS {'NOT ' if filter.op == 'not_null' else ''}NULL"
        case "period":
            return _period(sql, values)
        case "not_period":
            return f"NOT coalesce({_period(sql, values)}, false)"
        case "weekday" | "not_weekday":
            days = ", ".join(str(int(value)) for value in values)
            return f"isodow({sql}) {'NOT ' if filter.op == 'not_weekday' else ''}IN ({days})"
        case "month" | "not_month":
            return f"month({sql}) {'=' if filter.op == 'month' else '<>'} {int(values[0])}"
        case op:
            return f"{sql} {op} {_value(values[0])}"


def _text(op: str, sql: str, value: str) -> str:
    function = {"contains": "contains", "starts": "starts_with", "ends": "ends_with"}[op]
    return f"{function}(lower(CAST({sql} AS VARCHAR)), {literal(value.lower())})"


def _period(sql: str, values: Sequence[JsonValue]) -> str:
    parts = [f"{sql} >= DATE {literal(values[0])}"] if values[0] else []
    parts += [f"{sql} < DATE {literal(values[1])}"] if values[1] else []
    return "(" + " AND ".join(parts) + ")"


def _value(value: JsonValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, int | float) else literal(str(value))


def _where(filters: Sequence[Filter]) -> str:
    return f" WHERE {' AND '.join(map(condition, filters))}" if filters else ""


def _rows(query: Query, index: TableIndex, relation: str, where: str) -> str:
    computed = [order.operand for order in query.order if order.operand] + [f.operand for f in query.filters]
    extra = {operand.label: operand.sql for operand in computed if not operand.is_column}
    names = [column.name for column in index.columns]
    first = [name for name in query.shown if name in names]
    columns = [identifier(name) for name in first]
    columns += [f"{sql} AS {identifier(label)}" for label, sql in extra.items()]
    columns += [identifier(name) for name in names if name not in first]
    order = [f"{o.operand.sql} {'DESC' if o.descending else 'ASC'} NULLS LAST" for o in query.order if o.operand]
    if query.each:
        parts = [group_sql(group) for group in query.each]
        where += (" AND " if where else " WHERE ") + " AND ".join(f"{part} IS NOT NULL" for part in parts)
        within = f"row_number() OVER (PARTITION BY {', '.join(parts)} ORDER BY {', '.join(order) or '1'})"
        return (
            f"SELECT {', '.join(columns)} FROM {relation}{where} QUALIFY {within} <= {query.limit or 1} "
            f"ORDER BY {', '.join([*parts, *order])}"
        )
    ordered = f" ORDER BY {', '.join(order)}" if order else ""
    return f"SELECT {', '.join(columns)} FROM {relation}{where}{ordered}{_limited(query)}"


def _distinct(query: Query, relation: str, where: str) -> str:
    names = ", ".join(group_sql(group) for group in query.groups)
    selected = ", ".join(f"{group_sql(group)} AS {identifier(group_name(group))}" for group in query.groups)
    where += (" AND " if where else " WHERE ") + " AND ".join(f"{g.operand.sql} IS NOT NULL" for g in query.groups)
    order = "1"
    if query.order and query.order[0].descending:
        order = "1 DESC"
    return (
        f"SELECT {selected}, count(*) AS rows FROM {relation}{where} GROUP BY {names} ORDER BY {order}{_limited(query)}"
    )


def _grouped(query: Query, relation: str, where: str) -> str:
    measures = [f"{measure_sql(m)} AS {identifier(measure_name(m))}" for m in query.measures]
    if not query.groups:
        return f"SELECT {', '.join(measures)} FROM {relation}{where}"
    groups = [f"{group_sql(group)} AS {identifier(group_name(group))}" for group in query.groups]
    ranked = bool(query.order) and query.limit is not None
    timed = [f"{g.operand.sql} IS NOT NULL" for g in query.groups if g.bucket or ranked]
    if timed:
        where += (" AND " if where else " WHERE ") + " AND ".join(timed)
    having = " AND ".join(
        condition(Filter(Operand("", measure_sql(h.measure), "number", ()), h.op, h.values)) for h in query.having
    )
    order = [_order_sql(query, order) for order in query.order]
    order = [text for text in order if text] or [_default_order(query)]
    positions = ", ".join(str(n + 1) for n in range(len(groups)))
    grouped = (
        f"SELECT {', '.join([*groups, *measures])} FROM {relation}{where} GROUP BY {positions}"
        f"{f' HAVING {having}' if having else ''}"
    )
    if query.each:
        parts = ", ".join(group_sql(group) for group in query.each)
        ranking = query.order[0] if query.order else Order(True, 0)
        measured = measure_sql(query.measures[min(ranking.measure or 0, len(query.measures) - 1)])
        direction = "DESC" if ranking.descending else "ASC"
        first = ", ".join(str(n + 1) for n, group in enumerate(query.groups) if group in query.each)
        return (
            f"{grouped} QUALIFY row_number() OVER (PARTITION BY {parts} ORDER BY {measured} {direction} NULLS LAST) "
            f"<= {query.limit or 1} ORDER BY {', '.join([first, *order])}"
        )
    return f"{grouped} ORDER BY {', '.join([*order, positions])}{_limited(query)}"


def _over(query: Query, relation: str, where: str) -> str:
    """The measure of each of the groups, and of these the average, or how many there are."""
    measure = query.measures[0]
    inner = [f"{group_sql(group)} AS {identifier(f'g{n}')}" for n, group in enumerate((*query.groups, *query.over))]
    filled = [f"{group.operand.sql} IS NOT NULL" for group in query.over]
    where += (" AND " if where else " WHERE ") + " AND ".join(filled)
    having = " AND ".join(
        condition(Filter(Operand("", measure_sql(h.measure), "number", ()), h.op, h.values)) for h in query.having
    )
    positions = ", ".join(str(n + 1) for n in range(len(inner)))
    inside = (
        f"SELECT {', '.join(inner)}, {measure_sql(measure)} AS v FROM {relation}{where} GROUP BY {positions}"
        f"{f' HAVING {having}' if having else ''}"
    )
    counted = f"count(*) AS {identifier('number of ' + over_name(query))}"
    outer = f"{_FUNCTIONS.get(query.outer, 'avg')}(v) AS {identifier(over_name(query))}"
    groups = [f"{identifier(f'g{n}')} AS {identifier(group_name(group))}" for n, group in enumerate(query.groups)]
    selected = ", ".join([*groups, counted if query.outer == "count" else outer])
    grouped = ", ".join(str(n + 1) for n in range(len(groups)))
    tail = f" GROUP BY {grouped} ORDER BY {grouped}" if groups else ""
    return f"SELECT {selected} FROM ({inside}){tail}"


def over_name(query: Query) -> str:
    names = " and ".join(group_name(group) for group in query.over)
    if query.outer == "count":
        return names
    return f"{AGGREGATES[query.outer]} of {measure_name(query.measures[0])} per {names}"


def _changes(query: Query, grouped: str) -> str:
    """Beside each period what its measures changed since the one before, in numbers and in percent."""
    periods = [group for group in query.groups if group.bucket]
    others = [identifier(group_name(group)) for group in query.groups if not group.bucket]
    period = identifier(group_name(periods[0]))
    partition = f"PARTITION BY {', '.join(others)} " if others else ""
    window = f"OVER ({partition}ORDER BY {period})"
    name = identifier(measure_name(query.measures[0]))
    before = f"lag({name}) {window}"
    ordered = [f"{identifier('change in %')} {'DESC' if o.descending else 'ASC'} NULLS LAST" for o in query.order[:1]]
    order = ", ".join([*ordered, *others, period])
    inner = grouped.rsplit(" ORDER BY ", 1)[0]
    return (
        f"SELECT *, {name} - {before} AS change, 100.0 * ({name} - {before}) / nullif(abs({before}), 0) AS "
        f"{identifier('change in %')} FROM ({inner}) ORDER BY {order}{_limited(query)}"
    )


def _order_sql(query: Query, order: Order) -> str:
    direction = "DESC" if order.descending else "ASC"
    if order.operand is not None:
        for number, group in enumerate(query.groups):
            if group.operand == order.operand:
                return f"{number + 1} {direction} NULLS LAST"
        return f"{'sum' if order.operand.kind == 'number' else 'min'}({order.operand.sql}) {direction} NULLS LAST"
    if not query.measures:
        return f"1 {direction}"
    position = min(order.measure or 0, len(query.measures) - 1)
    return f"{len(query.groups) + position + 1} {direction} NULLS LAST"


def _default_order(query: Query) -> str:
    """Time runs forward; everything else begins with the largest."""
    cycle = next((group for group in query.groups if group.bucket in _CYCLES), None)
    if cycle is not None and cycle.bucket is not None:
        return f"min({_CYCLES[cycle.bucket][1]}({cycle.operand.sql}))"
    if any(group.bucket for group in query.groups) or not query.measures:
        return "1"
    return f"{len(query.groups) + 1} DESC NULLS LAST"


def _share(query: Query, relation: str, where: str) -> str:
    measure = query.measures[0] if query.measures else Measure("count")
    total = measure_sql(measure)
    if query.groups and query.part:
        return _rates(query, relation, where, total)
    if query.groups:
        groups = [f"{group_sql(group)} AS {identifier(group_name(group))}" for group in query.groups]
        name = identifier(measure_name(measure))
        share = f"100.0 * {total} / nullif(sum({total}) OVER (), 0) AS {identifier('share in %')}"
        positions = ", ".join(str(n + 1) for n in range(len(groups)))
        order = "1" if any(group.bucket for group in query.groups) else f"{len(groups) + 1} DESC NULLS LAST"
        return (
            f"SELECT {', '.join(groups)}, {total} AS {name}, {share} FROM {relation}{where} GROUP BY {positions} "
            f"ORDER BY {order}, {positions}{_limited(query)}"
        )
    part = " AND ".join(map(condition, query.part)) or "true"
    inside = f"{total} FILTER ({part})"
    if measure.operand is None:
        return (
            f"SELECT 100.0 * {inside} / nullif({total}, 0) AS {identifier('share in %')}, {inside} AS "
            f"{identifier('part')}, {total} AS {identifier('all')} FROM {relation}{where}"
        )
    return (
        f"SELECT 100.0 * coalesce({inside}, 0) / nullif({total}, 0) AS {identifier('share in %')}, "
        f"coalesce({inside}, 0) "
        f"AS {identifier('part')}, {total} AS {identifier('all')} FROM {relation}{where}"
    )


def _rates(query: Query, relation: str, where: str, total: str) -> str:
    """Within each group the share of what fulfils the condition."""
    groups = [f"{group_sql(group)} AS {identifier(group_name(group))}" for group in query.groups]
    inside = f"coalesce({total} FILTER ({' AND '.join(map(condition, query.part))}), 0)"
    positions = ", ".join(str(n + 1) for n in range(len(groups)))
    direction = "ASC" if query.order and not query.order[0].descending else "DESC"
    timed = any(group.bucket for group in query.groups) and not query.order
    order = "1" if timed else f"{len(groups) + 1} {direction} NULLS LAST"
    return (
        f"SELECT {', '.join(groups)}, 100.0 * {inside} / nullif({total}, 0) AS {identifier('share in %')}, {inside} AS "
        f"{identifier('part')}, {total} AS {identifier('all')} FROM {relation}{where} GROUP BY {positions} "
        f"ORDER BY {order}, {positions}{_limited(query)}"
    )


def _summary(query: Query, index: TableIndex, relation: str, where: str) -> str:
    asked = [measure.operand.label for measure in query.measures if measure.operand]
    numeric = [
        column
        for column in index.columns
        if column.type.is_numeric and (column.name in asked if asked else not is_identifying(column.name))
    ][:20]
    parts = [
        f"SELECT {literal(column.name)} AS {identifier('column')}, count({identifier(column.name)}) AS "
        f"{identifier('values')}, "
        f"sum({identifier(column.name)})::DOUBLE AS total, avg({identifier(column.name)}) AS average, "
        f"median({identifier(column.name)})::DOUBLE AS median, min({identifier(column.name)})::DOUBLE AS lowest, "
        f"max({identifier(column.name)})::DOUBLE AS highest FROM {relation}{where}"
        for column in numeric
    ]
    return " UNION ALL ".join(parts) if parts else f"SELECT count(*) AS rows FROM {relation}{where}"


def _limited(query: Query) -> str:
    return f" LIMIT {query.limit}" if query.limit else ""
