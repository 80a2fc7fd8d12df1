"""What is known of a table before a question about it: its columns, their ranges and the words that stand in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from symphainy.enabling_services.database import identifier
from symphainy.enabling_services.json_values import Json, JsonValue, decode, encode
from symphainy.enabling_services.parsed_file import ColumnType
from symphainy.enabling_services.previewing import json_safe

FORMAT: Final = 1
"""Of a kept index: to be raised when what is in one changes."""
MOST_VALUES: Final = 3_000
"""Text columns with more different values than this are searched for quoted words only."""
_LONGEST_VALUE: Final = 80
_SMALL: Final = 200_000
_COLUMNS_AT_ONCE: Final = 40

_TYPES: Final = {
    "BIGINT": ColumnType.INTEGER,
    "INTEGER": ColumnType.INTEGER,
    "DOUBLE": ColumnType.NUMBER,
    "FLOAT": ColumnType.NUMBER,
    "BOOLEAN": ColumnType.BOOLEAN,
    "DATE": ColumnType.DATE,
    "TIMESTAMP": ColumnType.TIMESTAMP,
    "TIME": ColumnType.TIME,
}


@dataclass(frozen=True, slots=True)
class IndexedColumn:
    """`distinct` is exact for tables of up to 200,000 rows and estimated above. `values` are all texts of the column if
    there are at most 3,000 of them, each of at most 80 characters. Dates are ISO 8601."""

    name: str
    type: ColumnType
    distinct: int
    nulls: int
    minimum: JsonValue = None
    maximum: JsonValue = None
    values: tuple[str, ...] = ()

    @property
    def is_text(self) -> bool:
        return self.type in (ColumnType.TEXT, ColumnType.JSON)


@dataclass(frozen=True, slots=True)
class TableIndex:
    """`table` is the name that SQL uses."""

    table: str
    rows: int
    columns: tuple[IndexedColumn, ...]

    def column(self, name: str) -> IndexedColumn:
        return next(column for column in self.columns if column.name == name)

    def to_json(self) -> Json:
        return encode(self)

    @classmethod
    def from_json(cls, data: Json) -> Self:
        return decode(cls, data)


def column_type(engine_type: str) -> ColumnType:
    if engine_type.startswith("DECIMAL"):
        return ColumnType.DECIMAL
    return _TYPES.get(engine_type, ColumnType.TEXT)


Rows = Callable[[str], Sequence[tuple[Any, ...]]]
"""Runs a query and gives all its rows."""


def index_table(rows: Rows, table: str, relation: str) -> TableIndex:
    """One pass for the ranges of some columns each, and one for the values of each text column. `relation` is SQL for the
    table."""
    described = [(str(row[0]), column_type(str(row[1]))) for row in rows(f"DESCRIBE SELECT * FROM {relation}")]
    count = int(rows(f"SELECT count(*) FROM {relation}")[0][0])
    columns: list[IndexedColumn] = []
    for start in range(0, len(described), _COLUMNS_AT_ONCE):
        part = described[start : start + _COLUMNS_AT_ONCE]
        measured = [sql for name, kind in part for sql in _measures(name, kind, count)]
        facts = iter(rows(f"SELECT {', '.join(measured)} FROM {relation}")[0])
        for name, kind in part:
            distinct, nulls, minimum, maximum = (next(facts) for _ in range(4))
            values = _values(rows, relation, name) if kind is ColumnType.TEXT and 0 < distinct <= MOST_VALUES else ()
            extremes = json_safe(minimum), json_safe(maximum)
            columns.append(IndexedColumn(name, kind, int(distinct), int(nulls), *extremes, values))
    return TableIndex(table, count, tuple(columns))


def _measures(name: str, kind: ColumnType, rows: int) -> tuple[str, ...]:
    column = identifier(name)
    distinct = f"count(DISTINCT {column})" if rows <= _SMALL else f"approx_count_distinct({column})"
    ranged = kind.is_numeric or kind.is_temporal
    extremes = (f"min({column})", f"max({column})") if ranged else ("NULL", "NULL")
    return distinct, f"count(*) - count({column})", *extremes


def _values(rows: Rows, relation: str, name: str) -> tuple[str, ...]:
    column = identifier(name)
    found = rows(
        f"SELECT DISTINCT {column} FROM {relation} WHERE length({column}) BETWEEN 1 AND {_LONGEST_VALUE} "
        f"ORDER BY 1 LIMIT {MOST_VALUES}"
    )
    return tuple(str(value[0]) for value in found)


def index_document(indexes: Sequence[TableIndex]) -> Json:
    """What is kept of the tables of a file, for `kept_index`."""
    return {"format": FORMAT, "tables": [index.to_json() for index in indexes]}


def kept_index(document: Json, table: str) -> TableIndex | None:
    """None if it was kept by another version, or is not there: it has to be computed then."""
    if document.get("format") != FORMAT:
        return None
    return next((TableIndex.from_json(item) for item in document["tables"] if item["table"] == table), None)
