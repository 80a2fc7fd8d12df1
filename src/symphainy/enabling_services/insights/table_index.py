"""What is known of a table before a question about it: its columns, their ranges and the words that stand in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import duckdb

from symphainy.enabling_services.database import identifier
from symphainy.enabling_services.json_values import Json, JsonValue, decode, encode
from symphainy.enabling_services.parsed_file import ColumnType
from symphainy.enabling_services.previewing import json_safe

MOST_VALUES: Final = 3_000
"""Text columns with more different values than this are searched for quoted words only."""
_LONGEST_VALUE: Final = 80
_SMALL: Final = 200_000

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


def index_table(connection: duckdb.DuckDBPyConnection, table: str) -> TableIndex:
    """One pass for the ranges and one for the values of each text column."""
    relation = identifier(table)
    described = connection.execute(f"DESCRIBE {relation}").fetchall()
    counted = connection.execute(f"SELECT count(*) FROM {relation}").fetchone()
    rows = int(counted[0]) if counted else 0
    columns: list[IndexedColumn] = []
    for name, engine_type, *_ in described:
        columns.append(_indexed(connection, relation, str(name), column_type(str(engine_type)), rows))
    return TableIndex(table, rows, tuple(columns))


def _indexed(
    connection: duckdb.DuckDBPyConnection, relation: str, name: str, kind: ColumnType, rows: int
) -> IndexedColumn:
    column = identifier(name)
    distinct = f"count(DISTINCT {column})" if rows <= _SMALL else f"approx_count_distinct({column})"
    ranged = kind.is_numeric or kind.is_temporal
    extremes = f"min({column}), max({column})" if ranged else "NULL, NULL"
    row = connection.execute(f"SELECT {distinct}, count(*) - count({column}), {extremes} FROM {relation}").fetchone()
    assert row is not None
    values: tuple[str, ...] = ()
    if kind is ColumnType.TEXT and 0 < int(row[0]) <= MOST_VALUES:
        found = connection.execute(
            f"SELECT DISTINCT {column} FROM {relation} WHERE length({column}) BETWEEN 1 AND {_LONGEST_VALUE} "
            f"ORDER BY 1 LIMIT {MOST_VALUES}"
        ).fetchall()
        values = tuple(str(value[0]) for value in found)
    return IndexedColumn(name, kind, int(row[0]), int(row[1]), json_safe(row[2]), json_safe(row[3]), values)
