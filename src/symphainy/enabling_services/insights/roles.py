"""What the columns of a table are for an analysis: measures, groups, times. What only names a row is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from symphainy.enabling_services.database import Database, identifier, literal
from symphainy.enabling_services.insights.linking import is_identifying, name_words, readable
from symphainy.enabling_services.insights.table_index import column_type
from symphainy.enabling_services.insights.vocabulary import DONE, DUE, LATENESS
from symphainy.enabling_services.parsed_file import ColumnType

_FEWEST_A_GROUP: Final = 4
_MOST_GROUPS: Final = 3_000
_MOST_COLUMNS: Final = 60
_MOST_MEASURES: Final = 12
_MOST_SHARES: Final = 16
_MOST_GROUPINGS: Final = 12
_OUTCOMES: Final = 6
_SMALL_WHOLE: Final = 12


@dataclass(frozen=True, slots=True)
class Measure:
    """`label` is how a sentence calls it.

    `kind` is number, days or share (of rows that have a value: 0 or 1). `sql` gives a DOUBLE. `source` are the columns
    it is made of."""

    label: str
    sql: str
    kind: str
    source: tuple[str, ...]
    whole: bool = False
    distinct: int = 0


@dataclass(frozen=True, slots=True)
class Grouping:
    name: str
    sql: str
    groups: int


@dataclass(frozen=True, slots=True)
class Roles:
    rows: int
    measures: tuple[Measure, ...]
    groupings: tuple[Grouping, ...]
    times: tuple[str, ...]
    skipped: tuple[str, ...]

    def lateness(self) -> Measure | None:
        return next((measure for measure in self.measures if is_lateness(measure)), None)


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    type: ColumnType
    present: int
    distinct: int
    span: float | None


def is_lateness(measure: Measure) -> bool:
    words = set(name_words(measure.label))
    due = any(DUE & set(name_words(name)) for name in measure.source[:1])
    return bool(LATENESS & words) or (measure.kind == "days" and due)


def roles_of(db: Database, relation: str, rows: int) -> Roles:
    """`relation` is the table or a sample of it with `rows` rows."""
    columns = _columns(db, relation)
    measures: list[Measure] = []
    shares: list[Measure] = []
    groupings: list[Grouping] = []
    times: list[str] = []
    skipped: list[str] = []
    for column in columns:
        sql = identifier(column.name)
        if column.distinct < 2 or column.present < max(20, 0.05 * rows):
            skipped.append(column.name)
        elif column.type.is_temporal:
            times.append(column.name)
        elif column.type is ColumnType.BOOLEAN:
            shares.append(Measure(readable(column.name), f"CAST({sql} AS INTEGER)::DOUBLE", "share", (column.name,)))
            groupings.append(Grouping(column.name, f"CAST({sql} AS VARCHAR)", 2))
        elif column.type.is_numeric and not _identifies(column, rows):
            whole = column.type is ColumnType.INTEGER
            measures.append(
                Measure(
                    readable(column.name), f"CAST({sql} AS DOUBLE)", "number", (column.name,), whole, column.distinct
                )
            )
            if whole and column.distinct <= _SMALL_WHOLE:
                groupings.append(Grouping(column.name, f"CAST({sql} AS VARCHAR)", column.distinct))
        elif _groups(column):
            groupings.append(Grouping(column.name, f"CAST({sql} AS VARCHAR)", column.distinct))
            if column.type is ColumnType.TEXT and column.distinct <= _OUTCOMES:
                shares.extend(_outcomes(db, relation, column))
        else:
            skipped.append(column.name)
    measures = [*_days(db, relation, times, measures), *measures][:_MOST_MEASURES]
    groupings.sort(key=lambda grouping: grouping.groups)
    return Roles(
        rows,
        (*measures, *shares[:_MOST_SHARES]),
        tuple(groupings[:_MOST_GROUPINGS]),
        tuple(times),
        tuple(skipped),
    )


def _columns(db: Database, relation: str) -> list[_Column]:
    described = db.described(f"SELECT * FROM {relation}")[:_MOST_COLUMNS]
    parts: list[str] = []
    for name, engine_type in described:
        sql = identifier(name)
        numeric = column_type(engine_type).is_numeric
        span = f"max({sql})::DOUBLE - min({sql})::DOUBLE" if numeric else "NULL"
        parts.append(f"count({sql}), count(DISTINCT {sql}), {span}")
    row = db.one(f"SELECT {', '.join(parts)} FROM {relation}")
    return [
        _Column(name, column_type(kind), int(row[3 * n]), int(row[3 * n + 1]), row[3 * n + 2])
        for n, (name, kind) in enumerate(described)
    ]


def _identifies(column: _Column, rows: int) -> bool:
    """Called an id, a number or a code; or whole numbers that just count the rows."""
    if is_identifying(column.name):
        return True
    return (
        column.type is ColumnType.INTEGER
        and column.distinct >= 0.98 * column.present
        and column.span is not None
        and column.span <= 1.2 * rows
    )


def _groups(column: _Column) -> bool:
    """Enough rows a group on average, and not a text of its own in nearly every row."""
    return column.distinct <= min(_MOST_GROUPS, column.present / _FEWEST_A_GROUP)


def _outcomes(db: Database, relation: str, column: _Column) -> list[Measure]:
    """How often each value occurs; of two values only the rarer one."""
    sql = identifier(column.name)
    values = db.rows(
        f"SELECT {sql}, count(*) FROM {relation} WHERE {sql} IS NOT NULL GROUP BY 1 ORDER BY 2, 1 LIMIT {_OUTCOMES}"
    )
    if len(values) == 2:
        values = values[:1]
    return [
        Measure(
            f"{readable(column.name)} = {value}",
            f"CASE WHEN {sql} IS NOT NULL THEN CAST({sql} = {literal(str(value))} AS INTEGER)::DOUBLE END",
            "share",
            (column.name,),
        )
        for value, _ in values
    ]


def _days(db: Database, relation: str, times: Sequence[str], measures: Sequence[Measure]) -> list[Measure]:
    """Days between two dates of a row, where they are near each other and not always the same."""
    if any(LATENESS & set(name_words(measure.label)) for measure in measures):
        times = [name for name in times if not DUE & set(name_words(name))]
    found: list[tuple[int, Measure]] = []
    for number, one in enumerate(times[:5]):
        for other in times[number + 1 : 5]:
            start, end = (other, one) if DUE & set(name_words(other)) and DONE & set(name_words(one)) else (one, other)
            sql = f"date_diff('day', CAST({identifier(start)} AS DATE), CAST({identifier(end)} AS DATE))::DOUBLE"
            row = db.one(f"SELECT count({sql}), count(DISTINCT {sql}), quantile_cont(abs({sql}), 0.5) FROM {relation}")
            if int(row[0]) >= 20 and int(row[1]) >= 5 and float(row[2]) <= 1_000:
                measure = Measure(
                    f"days from {readable(start)} to {readable(end)}", sql, "days", (start, end), True, int(row[1])
                )
                found.append((0 if is_lateness(measure) else 1, measure))
    found.sort(key=lambda pair: pair[0])
    late = {measure.source[1] for order, measure in found if order == 0}
    return [measure for order, measure in found if order == 0 or measure.source[1] not in late][:3]
