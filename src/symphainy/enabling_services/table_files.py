"""Typed tables as Parquet files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from symphainy.enabling_services.column_typing import TypedColumn
from symphainy.enabling_services.database import Database, identifier, literal
from symphainy.enabling_services.errors import ServiceError
from symphainy.enabling_services.limits import Limits
from symphainy.enabling_services.parsed_file import Column, ParsedTable


@dataclass(frozen=True, slots=True)
class TableFiles:
    """Numbers the Parquet files of one parsed file in its work folder: `table-001.parquet`, ..."""

    work_dir: Path
    limits: Limits

    def write(
        self,
        db: Database,
        number: int,
        name: str,
        relation: str,
        columns: Sequence[TypedColumn],
        progress: Callable[[float], None] | None = None,
    ) -> ParsedTable:
        """Raises ServiceError `too_many_rows`."""
        file_name = f"table-{number:03}.parquet"
        chosen = ", ".join(f"{column.expression} AS {identifier(column.name)}" for column in columns)
        target = literal(str((self.work_dir / file_name).resolve()))
        rows = int(
            db.one(
                f"COPY (SELECT {chosen} FROM {relation}) TO {target} (FORMAT parquet, COMPRESSION zstd, "
                "PRESERVE_ORDER true)",
                progress,
            )[0]
        )
        check_rows(rows, self.limits)
        return ParsedTable(name, file_name, rows, tuple(Column(column.name, column.type) for column in columns))


def check_rows(rows: int, limits: Limits) -> None:
    if rows > limits.rows:
        raise ServiceError(
            "too_many_rows",
            f"This file has {rows:,} rows; at most {limits.rows:,} can be read. Nothing was kept. Split it into "
            "smaller files.",
            {"rows": rows, "limit": limits.rows},
        )


def check_columns(columns: int, limits: Limits) -> None:
    if columns > limits.columns:
        raise ServiceError(
            "too_many_columns",
            f"This file has {columns:,} columns or more; at most {limits.columns:,} can be read. Nothing was kept. "
            "Leave out the columns that are not needed.",
            {"columns": columns, "limit": limits.columns},
        )
