"""The child's side of the preview."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from symphainy.enabling_services.database import Database, identifier, literal
from symphainy.enabling_services.json_values import Json, JsonValue
from symphainy.enabling_services.limits import Limits
from symphainy.enabling_services.parsed_file import ParsedFile, ParsedTable
from symphainy.enabling_services.preview import CutCell, DocumentPreview, Preview, TablePreview
from symphainy.enabling_services.reporting import Stage

_EXACT_IN_JSON: Final = 2**53
_ELLIPSIS: Final = "…"


def preview_file(arguments: Json, limits: Limits, work_dir: Path, progress: Stage) -> Json:
    folder = Path(arguments["output_dir"])
    parsed = ParsedFile.from_json(arguments["parsed"])
    paths = [folder / table.file_name for table in parsed.tables]
    budget = limits.preview_characters // max(len(paths), 1)
    tables: list[TablePreview] = []
    if paths:
        with Database(work_dir, paths, limits) as db:
            for table, path in zip(parsed.tables, paths, strict=True):
                tables.append(_preview_table(db, table, path, int(arguments["rows"]), budget, limits))
                progress(len(tables) / len(paths), f"first rows of {table.name}")
    document = None
    if parsed.document is not None:
        most = limits.preview_document_characters
        with (folder / parsed.document.text_file).open(encoding="utf-8") as stream:
            text = stream.read(most)
        document = DocumentPreview(text, parsed.document.characters, parsed.document.characters > most)
    progress(1.0, "preview complete")
    return Preview(tuple(tables), document).to_json()


def _preview_table(
    db: Database, table: ParsedTable, path: Path, rows: int, budget: int, limits: Limits
) -> TablePreview:
    """At most `budget` characters of text: later rows are left out rather than a browser stalled."""
    columns = table.columns[: limits.preview_columns]
    chosen = ", ".join(identifier(column.name) for column in columns) or "NULL"
    # A bare LIMIT gives any rows: the engine reads a large file in several places at once.
    relation = f"read_parquet({literal(str(path.resolve()))}, file_row_number = true)"
    first = f"SELECT {chosen} FROM {relation} WHERE file_row_number < {rows} ORDER BY file_row_number"
    found = db.rows(first) if columns else []
    cells: list[tuple[JsonValue, ...]] = []
    cut: list[CutCell] = []
    for number, row in enumerate(found):
        values: list[JsonValue] = []
        for position, raw in enumerate(row):
            value = json_safe(raw)
            if isinstance(value, str) and len(value) > limits.preview_cell_characters:
                value = value[: limits.preview_cell_characters - 1] + _ELLIPSIS
                cut.append(CutCell(number, position))
            values.append(value)
            budget -= len(value) if isinstance(value, str) else 8
        if budget < 0 and cells:
            cut = [cell for cell in cut if cell.row < number]
            break
        cells.append(tuple(values))
    return TablePreview(table.name, columns, len(table.columns), table.rows, tuple(cells), tuple(cut))


def json_safe(value: Any) -> JsonValue:
    """Decimals and integers beyond 2^53 as strings, so that no digit is lost; times as ISO 8601."""
    match value:
        case None | bool() | str() | float():
            return value
        case int():
            return value if abs(value) <= _EXACT_IN_JSON else str(value)
        case Decimal():
            return format(value, "f")
        case dt.datetime() | dt.date() | dt.time():
            return value.isoformat()
        case _:
            return str(value)
