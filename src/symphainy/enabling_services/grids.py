"""Rows of cells from spreadsheets and documents, streamed to a file that the query engine can read."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Final

from symphainy.enabling_services.column_typing import TypedColumn
from symphainy.enabling_services.database import literal
from symphainy.enabling_services.dialects import first_table_row, has_header, repair_names
from symphainy.enabling_services.parsed_file import ColumnType

Cell = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta
"""What a spreadsheet cell holds; the empty text stands for an empty cell."""

_HEAD_ROWS: Final = 200
_EXACT_WHOLE: Final = 2**53


@dataclass(frozen=True, slots=True)
class Grid:
    """A table written out as text: `names` as found, `kinds` the type that all cells of a column share."""

    path: Path
    names: tuple[str, ...]
    kinds: tuple[ColumnType, ...]
    filled: tuple[int, ...]
    rows: int
    skipped_rows: int

    @property
    def relation(self) -> str:
        columns = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(len(self.names)))
        return (
            f"read_csv({literal(str(self.path.resolve()))}, auto_detect = false, delim = ',', quote = '\"', escape = "
            f"'\"', header = false, columns = {{{columns}}}, nullstr = '', new_line = '\\n', max_line_size = 33554432)"
        )

    def typed_columns(self) -> tuple[tuple[TypedColumn, ...], tuple[str, ...]]:
        """The columns that have a name or a value, and what was repaired in their names."""
        kept = [index for index, name in enumerate(self.names) if name.strip() or self.filled[index]]
        names, warnings = repair_names(self.names[index] for index in kept)
        return (
            tuple(
                TypedColumn(name, self.kinds[index], _expression(index, self.kinds[index]), self.filled[index])
                for name, index in zip(names, kept, strict=True)
            ),
            warnings,
        )


class _ColumnFacts:
    """Which kinds of cells a column has."""

    __slots__ = ("filled", "kinds")

    def __init__(self) -> None:
        self.filled = 0
        self.kinds: set[ColumnType] = set()

    def add(self, cell: Cell) -> None:
        self.filled += 1
        self.kinds.add(_kind(cell))

    @property
    def type(self) -> ColumnType:
        if len(self.kinds) == 1:
            return next(iter(self.kinds))
        if self.kinds == {ColumnType.INTEGER, ColumnType.NUMBER}:
            return ColumnType.NUMBER
        if self.kinds == {ColumnType.DATE, ColumnType.TIMESTAMP}:
            return ColumnType.TIMESTAMP
        return ColumnType.TEXT


def write_grid(rows: Iterable[Sequence[Cell]], width: int, path: Path) -> Grid | None:
    """One pass over the rows, none of which is wider than `width`. Titles above the header and rows without any value
    are left out. None when there is no value at all."""
    stream = (row for row in rows if any(cell != "" for cell in row))
    head = list(islice(stream, _HEAD_ROWS))
    if not head:
        return None
    counts = [sum(1 for cell in row if cell != "") for row in head]
    first = first_table_row(counts, max(counts))
    texts = [[as_text(cell) for cell in row] for row in head[first:]]
    header = all(isinstance(cell, str) for cell in head[first]) and has_header(texts)
    names = texts[0] if header else []
    facts = [_ColumnFacts() for _ in range(width)]
    count = 0
    with path.open("w", encoding="utf-8", newline="") as out:
        write = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL).writerow
        for row in chain(head[first + int(header) :], stream):
            for fact, cell in zip(facts, row, strict=False):
                if cell != "":
                    fact.add(cell)
            write([*map(as_text, row), *[""] * (width - len(row))])
            count += 1
    return Grid(
        path,
        (*names, *[""] * (width - len(names))),
        tuple(fact.type for fact in facts),
        tuple(fact.filled for fact in facts),
        count,
        first,
    )


def as_text(cell: Cell) -> str:
    """Whole numbers without a point, times in ISO 8601, truth values in lower case."""
    match cell:
        case str():
            return cell
        case bool():
            return "true" if cell else "false"
        case int():
            return str(cell)
        case float():
            return str(int(cell)) if _is_whole(cell) else repr(cell)
        case dt.datetime():
            return cell.isoformat(sep=" ")
        case dt.timedelta():
            seconds = int(cell.total_seconds())
            return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        case dt.date() | dt.time():
            return cell.isoformat()


def _is_whole(cell: float) -> bool:
    return cell.is_integer() and abs(cell) < _EXACT_WHOLE


def _kind(cell: Cell) -> ColumnType:
    match cell:
        case str() | dt.timedelta():
            return ColumnType.TEXT
        case bool():
            return ColumnType.BOOLEAN
        case int():
            return ColumnType.INTEGER if abs(cell) < _EXACT_WHOLE else ColumnType.NUMBER
        case float():
            return ColumnType.INTEGER if _is_whole(cell) else ColumnType.NUMBER
        case dt.datetime():
            return ColumnType.TIMESTAMP
        case dt.date():
            return ColumnType.DATE
        case dt.time():
            return ColumnType.TIME


def _expression(index: int, kind: ColumnType) -> str:
    stored = {
        ColumnType.INTEGER: "BIGINT",
        ColumnType.NUMBER: "DOUBLE",
        ColumnType.BOOLEAN: "BOOLEAN",
        ColumnType.DATE: "DATE",
        ColumnType.TIMESTAMP: "TIMESTAMP",
        ColumnType.TIME: "TIME",
    }.get(kind)
    return f"CAST(c{index} AS {stored})" if stored else f"c{index}"
