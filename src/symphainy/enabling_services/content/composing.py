"""The child's side of the conversion: one kept table in another format."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from symphainy.enabling_services.content.stored import KeptTable
from symphainy.enabling_services.database import Database, identifier, literal
from symphainy.enabling_services.errors import ServiceError
from symphainy.enabling_services.json_values import Json
from symphainy.enabling_services.limits import Limits
from symphainy.enabling_services.parsed_file import ColumnType
from symphainy.enabling_services.reporting import Stage

_AT_ONCE: Final = 5_000
_MARKDOWN_ROWS: Final = 20_000


def compose_table(arguments: Json, limits: Limits, work_dir: Path, progress: Stage) -> Json:
    table, form = KeptTable.from_json(arguments["table"]), str(arguments["format"])
    target = work_dir / "converted"
    progress(0.0, f"writing {table.rows:,} rows")
    with Database(work_dir, [table.path], limits) as db:
        if form == "markdown":
            _write_markdown(db, table, target, progress)
        else:
            copy = f"COPY (SELECT {_chosen(table, form)} FROM {_ordered(table)}) TO {literal(str(target.resolve()))} ({_OPTIONS[form]})"
            db.rows(copy, progress.of(f"writing {table.rows:,} rows"))
    progress(1.0, f"{table.rows:,} rows written")
    return {"size": target.stat().st_size, "rows": table.rows}


_OPTIONS: Final = {
    "csv": "FORMAT csv, HEADER true",
    "json": "FORMAT json, ARRAY true",
    "parquet": "FORMAT parquet, COMPRESSION zstd, PRESERVE_ORDER true",
}


def _ordered(table: KeptTable) -> str:
    return f"(SELECT * FROM read_parquet({literal(str(table.path.resolve()))}, file_row_number = true) ORDER BY file_row_number)"


def _chosen(table: KeptTable, form: str) -> str:
    """Nested values stand in JSON as what they are, not as text."""
    return ", ".join(
        f"CAST({identifier(column.name)} AS JSON) AS {identifier(column.name)}"
        if form == "json" and column.type is ColumnType.JSON
        else identifier(column.name)
        for column in table.columns
    )


def _write_markdown(db: Database, table: KeptTable, target: Path, progress: Stage) -> None:
    if table.rows > _MARKDOWN_ROWS:
        raise ServiceError(
            "too_many_rows",
            f"This table has {table.rows:,} rows; as Markdown at most {_MARKDOWN_ROWS:,} are of any use. Choose CSV or "
            "Parquet. Nothing was written.",
            {"rows": table.rows, "limit": _MARKDOWN_ROWS},
        )
    names = [identifier(column.name) for column in table.columns]
    chosen = ", ".join(f"coalesce(CAST({name} AS VARCHAR), '')" for name in names)
    relation = f"read_parquet({literal(str(table.path.resolve()))}, file_row_number = true)"
    with target.open("w", encoding="utf-8") as out:
        out.write(_line([column.name for column in table.columns]))
        out.write(_line(["---:" if column.type.is_numeric else "---" for column in table.columns]))
        for start in range(0, table.rows, _AT_ONCE):
            progress(start / table.rows, f"{start:,} of {table.rows:,} rows")
            within = f"file_row_number >= {start} AND file_row_number < {start + _AT_ONCE}"
            for row in db.rows(f"SELECT {chosen} FROM {relation} WHERE {within} ORDER BY file_row_number"):
                out.write(_line([_cell(str(value)) for value in row]))


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def _cell(text: str) -> str:
    return " ".join(text.replace("\\", "\\\\").replace("|", "\\|").split())
