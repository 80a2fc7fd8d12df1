"""The child's side: a copybook as text, and as the table of the fields that it describes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from symphainy.enabling_services.cobol.layouts import STORED, Layout, lay_out
from symphainy.enabling_services.column_typing import TypedColumn
from symphainy.enabling_services.database import Database
from symphainy.enabling_services.encodings import NotText, scan_text
from symphainy.enabling_services.errors import not_a
from symphainy.enabling_services.grids import write_grid
from symphainy.enabling_services.kinds import FileKind
from symphainy.enabling_services.limits import Limits
from symphainy.enabling_services.parsed_file import Document, ParsedFile
from symphainy.enabling_services.reporting import Stage
from symphainy.enabling_services.table_files import TableFiles

_TEXT_FILE = "document.md"


def parse_copybook(source: Path, limits: Limits, work_dir: Path, progress: Stage) -> ParsedFile:
    """Raises ServiceError `not_a_copybook`."""
    text = read_copybook_file(source)
    layout = lay_out(text)
    progress(0.3, f"{len(layout.fields):,} fields")
    (work_dir / _TEXT_FILE).write_text(text, encoding="utf-8")
    grid = write_grid(_rows(layout), 6, work_dir / "layout.csv")
    assert grid is not None
    columns: tuple[TypedColumn, ...] = grid.typed_columns()[0]
    with Database(work_dir, (), limits) as db:
        table = TableFiles(work_dir, limits).write(db, 1, layout.name, grid.relation, columns)
    grid.path.unlink()
    document = Document(_TEXT_FILE, len(text), len(text.split()), title=layout.name)
    note = f"Record {layout.name} has {layout.length:,} bytes. Upload the file it describes, and choose this copybook for it."
    return ParsedFile(FileKind.COPYBOOK, FileKind.COPYBOOK.media_type, (table,), document, warnings=(note,))


def read_copybook_file(source: Path) -> str:
    """Raises ServiceError `not_a_copybook`, `encoding`."""
    try:
        scan = scan_text(source, lambda fraction: None)
    except NotText as error:
        raise not_a(
            FileKind.COPYBOOK,
            "This copybook contains binary data, so it is none. Choose the file with the record layout.",
        ) from error
    return source.read_bytes()[scan.skip :].decode(scan.codec)


def _rows(layout: Layout) -> Iterator[tuple[str | int, ...]]:
    """Positions count from 1, as people count columns."""
    yield ("field", "position", "length", "stored as", "digits", "decimals")
    for field in layout.fields:
        digits = (field.digits, field.scale) if field.digits else ("", "")
        yield (field.name, field.offset + 1, field.length, STORED[field.storage], *digits)
