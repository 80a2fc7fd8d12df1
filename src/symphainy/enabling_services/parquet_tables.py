"""Parquet: checked by its own directory first; nested values become JSON, everything else keeps its type."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import duckdb

from symphainy.enabling_services.column_typing import TypedColumn
from symphainy.enabling_services.database import Database, identifier, literal
from symphainy.enabling_services.dialects import repair_names
from symphainy.enabling_services.errors import ServiceError, not_a
from symphainy.enabling_services.kinds import FileKind
from symphainy.enabling_services.limits import Limits
from symphainy.enabling_services.parsed_file import ColumnType, ParsedFile
from symphainy.enabling_services.reporting import Stage
from symphainy.enabling_services.table_files import TableFiles, check_columns, check_rows

_SIMPLE: Final = {
    "BOOLEAN": ColumnType.BOOLEAN,
    "TINYINT": ColumnType.INTEGER,
    "SMALLINT": ColumnType.INTEGER,
    "INTEGER": ColumnType.INTEGER,
    "BIGINT": ColumnType.INTEGER,
    "UTINYINT": ColumnType.INTEGER,
    "USMALLINT": ColumnType.INTEGER,
    "UINTEGER": ColumnType.INTEGER,
    "FLOAT": ColumnType.NUMBER,
    "DOUBLE": ColumnType.NUMBER,
    "DATE": ColumnType.DATE,
    "TIME": ColumnType.TIME,
    "VARCHAR": ColumnType.TEXT,
}
_STORED: Final = {ColumnType.INTEGER: "BIGINT", ColumnType.NUMBER: "DOUBLE"}


def parse_parquet(source: Path, table_name: str, limits: Limits, work_dir: Path, progress: Stage) -> ParsedFile:
    """Raises ServiceError `not_a_parquet`, `too_many_rows`, `too_many_columns`, `unpacked_too_large`."""
    path = literal(str(source.resolve()))
    relation = f"read_parquet({path})"
    with Database(work_dir, (source,), limits) as db:
        try:
            rows = int(db.one(f"SELECT num_rows FROM parquet_file_metadata({path})")[0])
            check_rows(rows, limits)
            described = db.described(f"SELECT * FROM {relation}")
            check_columns(len(described), limits)
            _check_size(db, path, limits)
            progress(0.2, "read the table of contents")
            names, warnings = repair_names(name for name, _ in described)
            columns = tuple(_column(new, old, kind) for new, (old, kind) in zip(names, described, strict=True))
            writing = progress.part(0.2, 1.0, "write")
            table = TableFiles(work_dir, limits).write(
                db,
                1,
                table_name,
                relation,
                columns,
                lambda part: writing(part, f"{int(part * rows):,} of {rows:,} rows stored"),
            )
        except duckdb.Error as error:
            raise not_a(
                FileKind.PARQUET,
                "This file is named like a Parquet file, but its content is damaged. Nothing was kept from it.",
            ) from error
    return ParsedFile(FileKind.PARQUET, FileKind.PARQUET.media_type, (table,), warnings=warnings)


def _check_size(db: Database, path: str, limits: Limits) -> None:
    unpacked, packed = db.one(
        "SELECT coalesce(sum(total_uncompressed_size), 0), coalesce(sum(total_compressed_size), 0) FROM "
        f"parquet_metadata({path})"
    )
    if int(unpacked) > limits.unpacked_bytes:
        raise ServiceError(
            "unpacked_too_large",
            f"This file unpacks to {int(unpacked) / 1e6:,.0f} MB; at most {limits.unpacked_bytes / 1e6:,.0f} MB can "
            "be read. Nothing was kept. Split it into smaller files.",
            {"reason": "size", "unpacked_bytes": int(unpacked), "packed_bytes": int(packed)},
        )


def _column(name: str, original: str, engine_type: str) -> TypedColumn:
    sql = identifier(original)
    simple = _SIMPLE.get(engine_type)
    if simple is ColumnType.NUMBER:
        return TypedColumn(name, simple, f"CASE WHEN isfinite({sql}) THEN CAST({sql} AS DOUBLE) END", 1)
    if simple is not None:
        stored = _STORED.get(simple)
        return TypedColumn(name, simple, f"CAST({sql} AS {stored})" if stored else sql, 1)
    if engine_type.startswith("DECIMAL"):
        whole = engine_type.endswith(",0)") and int(engine_type[8:].split(",")[0]) <= 18
        return (
            TypedColumn(name, ColumnType.INTEGER, f"CAST({sql} AS BIGINT)", 1)
            if whole
            else TypedColumn(name, ColumnType.DECIMAL, sql, 1)
        )
    if engine_type == "TIMESTAMP WITH TIME ZONE":
        return TypedColumn(name, ColumnType.TIMESTAMP, f"make_timestamp(epoch_us({sql}))", 1)
    if engine_type.startswith("TIMESTAMP"):
        return TypedColumn(name, ColumnType.TIMESTAMP, f"CAST({sql} AS TIMESTAMP)", 1)
    if engine_type in ("UBIGINT", "HUGEINT", "UHUGEINT"):
        return TypedColumn(name, ColumnType.DECIMAL, f"CAST({sql} AS DECIMAL(38, 0))", 1)
    if engine_type.endswith("]") or engine_type.startswith(("STRUCT", "MAP", "JSON", "UNION")):
        return TypedColumn(name, ColumnType.JSON, f"CAST(to_json({sql}) AS VARCHAR)", 1)
    return TypedColumn(name, ColumnType.TEXT, f"CAST({sql} AS VARCHAR)", 1)
