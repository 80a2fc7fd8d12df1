"""What can be compared, added up or grouped by: columns, and days between two of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from symphainy.enabling_services.database import identifier
from symphainy.enabling_services.insights.linking import is_identifying, name_words
from symphainy.enabling_services.insights.query import Operand
from symphainy.enabling_services.insights.synonyms import stem
from symphainy.enabling_services.insights.table_index import IndexedColumn, TableIndex
from symphainy.enabling_services.insights.vocabulary import (
    ATTRIBUTES,
    AVERAGED,
    DONE,
    DUE,
    ENDS,
    LATENESS,
    PERSONS,
    STARTS,
    TOTALS,
    words_of,
)
from symphainy.enabling_services.json_values import JsonValue
from symphainy.enabling_services.parsed_file import ColumnType

_YES: Final = frozenset({"yes", "y", "true", "ja", "j", "oui", "si", "x"})
_NO: Final = frozenset({"no", "n", "false", "nein", "non"})
_KEY_SHARE: Final = 0.95
_PERSONAL: Final = words_of(
    "birth born dob birthday hire hired joined join since registered signup member founded built"
)
_AHEAD: Final = words_of("maturity matures expiry expires next valid until")
_BOOKED: Final = words_of("booked created entered updated modified")
_PERIODS: Final = words_of("month period week year")


def operand_of(column: IndexedColumn) -> Operand:
    kind = "text"
    if column.type.is_numeric:
        kind = "number"
    elif column.type.is_temporal:
        kind = "date"
    elif column.type is ColumnType.BOOLEAN:
        kind = "boolean"
    return Operand(column.name, identifier(column.name), kind, (column.name,))


def days_between(start: IndexedColumn, end: IndexedColumn) -> Operand:
    sql = f"date_diff('day', CAST({identifier(start.name)} AS DATE), CAST({identifier(end.name)} AS DATE))"
    return Operand(f"days from {start.name} to {end.name}", sql, "number", (start.name, end.name))


def yes_of(column: IndexedColumn) -> JsonValue:
    """What stands for yes in a column of yes and no, which may be texts. None if it is no such column."""
    if column.type is ColumnType.BOOLEAN:
        return True
    if not 1 <= len(column.values) <= 2 or column.type is not ColumnType.TEXT:
        return None
    said = {value.lower(): value for value in column.values}
    if set(said) <= _YES | _NO:
        return next((value for key, value in said.items() if key in _YES), None)
    return None


def span(start: IndexedColumn, end: IndexedColumn, unit: str = "") -> Operand:
    """Days between two dates; hours between two moments, unless days are asked for."""
    if unit == "day" or (unit != "hour" and ColumnType.TIMESTAMP not in (start.type, end.type)):
        return days_between(start, end)
    sql = f"date_diff('second', CAST({identifier(start.name)} AS TIMESTAMP), CAST({identifier(end.name)} AS TIMESTAMP)) / 3600.0"
    return Operand(f"hours from {start.name} to {end.name}", sql, "number", (start.name, end.name))


def ratio_of(part: Operand, whole: Operand) -> Operand:
    """Total by total, not the mean of the rows' ratios."""
    sql = f"sum({part.sql})::DOUBLE / nullif(sum({whole.sql})::DOUBLE, 0)"
    columns = tuple(dict.fromkeys((*part.columns, *whole.columns)))
    return Operand(f"{part.label} / {whole.label}", sql, "number", columns, part.note)


def quotient(part: Operand, whole: Operand) -> Operand:
    """One by the other, of a row."""
    sql = f"{part.sql}::DOUBLE / nullif({whole.sql}::DOUBLE, 0)"
    return Operand(f"{part.label} / {whole.label}", f"({sql})", "number", (*part.columns, *whole.columns), part.note)


def difference(one: Operand, other: Operand) -> Operand:
    """One less the other; of dates in days."""
    columns = (*one.columns, *other.columns)
    if one.kind == other.kind == "date":
        sql = f"date_diff('day', CAST({other.sql} AS DATE), CAST({one.sql} AS DATE))"
        return Operand(f"days from {other.label} to {one.label}", sql, "number", columns)
    return Operand(f"{one.label} less {other.label}", f"({one.sql} - {other.sql})", "number", columns)


def lateness(index: TableIndex, today: dt.date) -> Operand | None:
    """Days late: the column that says so, or from the due date to the day it was done. What is not done yet counts up to
    the newest day in the data, at most today."""
    for column in index.columns:
        words = set(name_words(column.name))
        if column.type.is_numeric and (LATENESS & words or {"past", "due"} <= words):
            return operand_of(column)
    dates = [column for column in index.columns if column.type.is_temporal]
    due = next((column for column in dates if DUE & set(name_words(column.name))), None)
    done = next((column for column in dates if column is not due and DONE & set(name_words(column.name))), None)
    if due is None:
        return None
    if done is None:
        shared = _stems(due) - {stem(word) for word in DUE}
        alike = [c for c in dates if c != due and shared & _stems(c)]
        done = alike[0] if len(alike) == 1 else None
    reference = newest_day(index, today)
    day = f"DATE '{reference.isoformat()}'"
    if done is None:
        end, note = (
            day,
            f"Days late are counted from {due.name} to {reference.isoformat()}, the newest day in the data.",
        )
    else:
        end = f"coalesce(CAST({identifier(done.name)} AS DATE), {day})"
        note = f"Days late are counted from {due.name} to {done.name}"
        open_rows = f", and where that is missing to {reference.isoformat()}, the newest day in the data"
        note += f"{open_rows if done.nulls else ''}."
    sql = f"date_diff('day', CAST({identifier(due.name)} AS DATE), {end})"
    return Operand("days late", sql, "number", tuple(item.name for item in (due, done) if item is not None), note)


def _stems(column: IndexedColumn) -> set[str]:
    words = [stem(word.removesuffix("ed") if len(word) > 4 else word) for word in name_words(column.name)]
    return {*words, "".join(words[:2])}


def newest_day(index: TableIndex, today: dt.date) -> dt.date:
    """The newest day in any date column that is not after today; today if there is none. Due and planned dates tell of
    the future and count only where nothing else does."""
    dates = [column for column in index.columns if column.type.is_temporal and column.maximum]
    past = [column for column in dates if not DUE & set(name_words(column.name))]
    return max((newest_of(column, today) for column in past or dates), default=today)


def newest_of(column: IndexedColumn, today: dt.date) -> dt.date:
    """The newest day in the column, at most today."""
    return min(dt.date.fromisoformat(str(column.maximum)[:10]), today) if column.maximum else today


def dates_of(index: TableIndex) -> list[IndexedColumn]:
    return [column for column in index.columns if column.type.is_temporal]


def event_date(index: TableIndex) -> IndexedColumn | None:
    """The date that places a row in time where none is named: the one called like the rows, or like a period that is accounted
    for; not the day somebody was born or hired, nor one that is only due, planned, or told in advance. The first of equals."""
    dates = dates_of(index)
    rows = {stem(word) for word in name_words(index.table)} | {word[:3] for word in name_words(index.table)[:1]}

    def rank(column: IndexedColumn) -> int:
        words = name_words(column.name)
        named = bool(rows & {form for word in words for form in (stem(word), word[:3])})
        personal = bool(_PERSONAL & set(words)) and not named and _comes_again(column, index)
        ahead = bool((DUE | _AHEAD) & set(words))
        late = bool((DONE | ENDS) & set(words)) or column.nulls > 0.02 * index.rows
        booked = bool(_BOOKED & set(words)) and not named
        return 2 * named + bool(_PERIODS & set(words)) - 4 * personal - 3 * ahead - 3 * late - booked

    return max(dates, key=rank, default=None)


def _comes_again(column: IndexedColumn, index: TableIndex) -> bool:
    """Whether the same days stand in many rows: those of persons that have several."""
    return column.distinct < 0.5 * index.rows


def persons_of(index: TableIndex, words: frozenset[str] = PERSONS) -> list[IndexedColumn]:
    """Columns that name persons; of an id and a name the name. Whether somebody is a member is none."""
    found = [c for c in index.columns if c.is_text and words & set(name_words(c.name)) and yes_of(c) is None]
    return list(prefer_names(found, ("person",)))


def starting(dates: Sequence[IndexedColumn], other: IndexedColumn | None) -> IndexedColumn | None:
    """The date with which it began: ordered, created, booked; else the first that is not due."""
    found = [column for column in dates if column != other and not DUE & set(name_words(column.name))]
    likely = [column for column in found if STARTS & set(name_words(column.name))]
    return next(iter(likely or found), None)


def measures_of(index: TableIndex) -> list[IndexedColumn]:
    """Numbers that measure something: not the ones that only name a row."""
    return [column for column in index.columns if column.type.is_numeric and not is_key(column, index)]


def is_key(column: IndexedColumn, index: TableIndex) -> bool:
    """Numbers that identify: called an id, a number or a code; or a whole number that counts the rows."""
    if not column.type.is_numeric:
        return False
    if is_identifying(column.name):
        return True
    if column.type is not ColumnType.INTEGER or index.rows < 10 or column.distinct < _KEY_SHARE * index.rows:
        return False
    span = int(column.maximum or 0) - int(column.minimum or 0) + 1
    return column.distinct == index.rows - column.nulls and span <= 1.2 * index.rows


def is_unique(column: IndexedColumn, index: TableIndex) -> bool:
    return column.distinct >= max(1, index.rows - column.nulls)


def is_averaged(operand: Operand) -> bool:
    """Whether its numbers are averaged where nothing is said: rates, prices, ages and the like are not added up."""
    if operand.is_column:
        words = set(name_words(operand.label))
        return bool(AVERAGED & words) and not TOTALS & words
    return operand.label.startswith(("days ", "hours ")) or operand.label in (
        "age",
        "tenure",
        "seniority",
        "years of service",
    )


def prefer_names(columns: Sequence[IndexedColumn], asked: Sequence[str] = ()) -> tuple[IndexedColumn, ...]:
    """Of `Customer ID` and `Customer Name` the one that people read, of `machine_id` and `machine_type` the one that tells
    machines apart; others stay as they are. `asked` are the words that were said."""
    if len(columns) < 2:
        return tuple(columns)
    readable = [column for column in columns if not is_identifying(column.name)]
    named = [column for column in readable if "name" in name_words(column.name)]
    said = {word for text in asked for word in name_words(text)}
    things = [c for c in columns if c.type.is_numeric or not (set(name_words(c.name)[-1:]) - said) & ATTRIBUTES]
    for smaller in (named, things, readable):
        if len(smaller) == 1:
            return tuple(smaller)
    return tuple(columns)
