"""Documents as Markdown text, with the tables in them as tables."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

from symphainy.enabling_services.archives import verify_content
from symphainy.enabling_services.column_typing import TextColumn, TextTable, TypedColumn, type_table
from symphainy.enabling_services.database import Database
from symphainy.enabling_services.documents.conversion import TEXT_FILE, Converted, convert
from symphainy.enabling_services.documents.pdf_tables import pdf_tables
from symphainy.enabling_services.documents.recognition import INSTALL, installed_languages
from symphainy.enabling_services.encodings import NotText, scan_text, write_utf8
from symphainy.enabling_services.errors import ServiceError, not_a
from symphainy.enabling_services.grids import Grid, write_grid
from symphainy.enabling_services.kinds import FileKind
from symphainy.enabling_services.limits import Limits
from symphainy.enabling_services.parsed_file import Document, Heading, ParsedFile, ParsedTable
from symphainy.enabling_services.reporting import Stage
from symphainy.enabling_services.table_files import TableFiles, check_columns

_MOST_HEADINGS: Final = 500
_HEADING: Final = re.compile(r"^(#{1,6})[ \t]+(.+?)[ \t]*#*$", re.M)
_FENCE: Final = re.compile(r"^(```|~~~).*?^\1[ \t]*$", re.M | re.S)
_HEAD: Final = re.compile(r"<head\b.*?</head\s*>", re.I | re.S)
_WORD: Final = re.compile(r"\w+")


def parse_document(
    source: Path, kind: FileKind, limits: Limits, work_dir: Path, progress: Stage, ocr_data: Path | None
) -> ParsedFile:
    """Raises ServiceError `not_a_<kind>`, `encrypted`, `truncated`, `encoding`, `empty`, `unpacked_too_large`,
    `not_installed`."""
    encoding, warnings = None, list[str]()
    if kind in (FileKind.TEXT, FileKind.MARKDOWN, FileKind.HTML):
        encoding, text = _read_text(source, kind, work_dir, progress.part(0.0, 0.3, "text"))
        converted = _convert_html(text, limits) if kind is FileKind.HTML else Converted(text)
    elif kind is FileKind.PDF:
        converted = _convert_pdf(source, limits, ocr_data, warnings, progress.part(0.0, 0.7, "pdf"))
    else:
        verify_content(source, limits, progress.part(0.0, 0.1, "check").of("checking the parts of the document"))
        progress(0.1, "reading the document")
        converted = convert(source.read_bytes(), kind, limits)
    progress(0.7, "storing the text")
    text = converted.text.replace("\0", "")
    (work_dir / TEXT_FILE).write_text(text, encoding="utf-8")
    headings = _headings(text) if kind is not FileKind.TEXT else ()
    document = replace(
        converted.facts,
        characters=len(text),
        words=sum(1 for _ in _WORD.finditer(text)),
        headings=headings,
        title=converted.facts.title or (headings[0].text if headings else None),
    )
    tables = _tables(converted, limits, work_dir, warnings, progress.part(0.7, 1.0, "tables"))
    return ParsedFile(kind, kind.media_type, tables, document, encoding, warnings=tuple(warnings))


def _convert_pdf(
    source: Path, limits: Limits, ocr_data: Path | None, warnings: list[str], progress: Stage
) -> Converted:
    """A scan, which has only pictures of its pages, is read by recognition where that is installed."""
    progress(0.0, "reading the document")
    data = source.read_bytes()
    converted = convert(data, FileKind.PDF, limits)
    if converted.text.strip():
        tables = pdf_tables(source, limits, warnings, progress.part(0.3, 1.0, "tables"))
        return replace(converted, tables=tables)
    languages = installed_languages(ocr_data)
    if not languages:
        warnings.append(
            "No text was found in this document. If it is a scan, its text can be recognised once the server has: "
            f"{INSTALL}."
        )
        return converted
    progress(0.3, "recognising the text of the scanned pages")
    recognised = convert(data, FileKind.PDF, limits, languages=languages)
    if recognised.text.strip():
        warnings.append("The text was recognised from pictures of the pages; compare figures with the original.")
    else:
        warnings.append("No text was found in this document, and none was recognised in the pictures of its pages.")
    return recognised


def _read_text(source: Path, kind: FileKind, work_dir: Path, progress: Stage) -> tuple[str, str]:
    try:
        scan = scan_text(source, progress.part(0.0, 0.6, "check").of("checking the encoding"))
    except NotText as error:
        raise not_a(
            kind, f"This file is named like {kind.label}, but it contains binary data. Nothing was read from it."
        ) from error
    target = work_dir / "readable.txt"
    write_utf8(source, scan, target, progress.part(0.6, 1.0, "convert").of("reading the text"))
    text = target.read_text(encoding="utf-8")
    if not text.strip():
        raise ServiceError(
            "empty", "This file is empty: there is nothing in it to read. Check the original and upload it again."
        )
    return scan.encoding, text


def _convert_html(text: str, limits: Limits) -> Converted:
    """The head is read here and kept away from the converter, which would write it into the text."""
    head = _HtmlHead()
    found = _HEAD.search(text)
    if found:
        head.feed(found.group())
    body = _HEAD.sub("", text)
    return replace(
        convert(body.encode(), FileKind.HTML, limits),
        facts=Document(TEXT_FILE, 0, 0, title=head.title.strip() or None, author=head.author or None),
    )


class _HtmlHead(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.title = ""
        self.author = ""
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_title = tag == "title"
        values = dict(attrs)
        if tag == "meta" and (values.get("name") or "").lower() == "author":
            self.author = values.get("content") or ""

    def handle_endtag(self, tag: str) -> None:
        self._in_title = False

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data


def _headings(text: str) -> tuple[Heading, ...]:
    found = _HEADING.finditer(_FENCE.sub("", text))
    return tuple(
        Heading(len(match.group(1)), match.group(2)[:300])
        for match, _ in zip(found, range(_MOST_HEADINGS), strict=False)
    )


def _tables(
    converted: Converted, limits: Limits, work_dir: Path, warnings: list[str], progress: Stage
) -> tuple[ParsedTable, ...]:
    tables: list[ParsedTable] = []
    if len(converted.tables) > limits.document_tables:
        warnings.append(f"{len(converted.tables):,} tables found; the first {limits.document_tables:,} were kept.")
    with Database(work_dir, (), limits) as db:
        for found in converted.tables[: limits.document_tables]:
            cells, number = found.cells, len(tables) + 1
            progress(number / (len(converted.tables) + 1), f"table {number} of {len(converted.tables)}")
            width = max((len(row) for row in cells), default=0)
            check_columns(width, limits)
            grid = write_grid(cells, width, work_dir / "table.csv")
            if grid is None or not grid.rows:
                continue
            columns, notes = _typed(db, grid)
            name = f"Table {number}" if found.page is None else f"Table {number} (page {found.page})"
            warnings.extend(f"{name}: {note}" for note in notes)
            written = TableFiles(work_dir, limits).write(db, number, name, grid.relation, columns)
            tables.append(replace(written, page=found.page))
    return tuple(tables)


def _typed(db: Database, grid: Grid) -> tuple[tuple[TypedColumn, ...], tuple[str, ...]]:
    columns, notes = grid.typed_columns()
    by_position = {column.expression: column.name for column in columns}
    text = TextTable(
        grid.relation, tuple(TextColumn(by_position.get(f"c{index}", "")) for index in range(len(grid.names)))
    )
    typing = type_table(db, text, lambda fraction: None)
    return tuple(column for column in typing.columns if column.name), (*notes, *typing.warnings)
