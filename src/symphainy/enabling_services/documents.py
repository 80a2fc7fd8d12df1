"""Documents as Markdown text, with the tables in them as tables."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

import kreuzberg

from symphainy.enabling_services.archives import verify_content
from symphainy.enabling_services.column_typing import TextColumn, TextTable, TypedColumn, type_table
from symphainy.enabling_services.database import Database
from symphainy.enabling_services.encodings import NotText, scan_text, write_utf8
from symphainy.enabling_services.errors import ServiceError, memory_limit, not_a
from symphainy.enabling_services.grids import Grid, write_grid
from symphainy.enabling_services.kinds import FileKind
from symphainy.enabling_services.limits import Limits
from symphainy.enabling_services.parsed_file import Document, Heading, ParsedFile, ParsedTable
from symphainy.enabling_services.reporting import Stage
from symphainy.enabling_services.table_files import TableFiles, check_columns

TEXT_FILE: Final = "document.md"
_MOST_HEADINGS: Final = 500
_HEADING: Final = re.compile(r"^(#{1,6})[ \t]+(.+?)[ \t]*#*$", re.M)
_FENCE: Final = re.compile(r"^(```|~~~).*?^\1[ \t]*$", re.M | re.S)
_HEAD: Final = re.compile(r"<head\b.*?</head\s*>", re.I | re.S)
_WORD: Final = re.compile(r"\w+")


_NO_FACTS: Final = Document(TEXT_FILE, 0, 0)


@dataclass(frozen=True, slots=True)
class _Extracted:
    text: str
    tables: tuple[tuple[tuple[str, ...], ...], ...] = ()
    facts: Document = _NO_FACTS


def parse_document(source: Path, kind: FileKind, limits: Limits, work_dir: Path, progress: Stage) -> ParsedFile:
    """Raises ServiceError `not_a_<kind>`, `encrypted`, `truncated`, `encoding`, `empty`, `unpacked_too_large`."""
    encoding = None
    if kind in (FileKind.TEXT, FileKind.MARKDOWN, FileKind.HTML):
        encoding, text = _read_text(source, kind, work_dir, progress.part(0.0, 0.3, "text"))
        extracted = _extract_html(text, limits) if kind is FileKind.HTML else _Extracted(text)
    else:
        if kind is not FileKind.PDF:
            verify_content(source, limits, progress.part(0.0, 0.1, "check").of("checking the parts of the document"))
        progress(0.1, "reading the document")
        extracted = _extract(source.read_bytes(), kind, limits)
    progress(0.7, "storing the text")
    text = extracted.text.replace("\0", "")
    (work_dir / TEXT_FILE).write_text(text, encoding="utf-8")
    headings = _headings(text) if kind is not FileKind.TEXT else ()
    document = replace(
        extracted.facts,
        characters=len(text),
        words=sum(1 for _ in _WORD.finditer(text)),
        headings=headings,
        title=extracted.facts.title or (headings[0].text if headings else None),
    )
    warnings: list[str] = []
    tables = _tables(extracted, limits, work_dir, warnings, progress.part(0.7, 1.0, "tables"))
    if not text.strip():
        warnings.append("No text was found in this document; if it is a scan, only pictures of the pages are in it.")
    return ParsedFile(kind, kind.media_type, tables, document, encoding, warnings=tuple(warnings))


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


def _extract(data: bytes, kind: FileKind, limits: Limits) -> _Extracted:
    config = kreuzberg.ExtractionConfig(output_format="markdown", use_cache=False)
    try:
        result = kreuzberg.extract_bytes_sync(data, kind.media_type, config=config)
    except kreuzberg.KreuzbergError as error:
        reason = str(error)
        if "password" in reason.lower() or "encrypted" in reason.lower():
            raise ServiceError(
                "encrypted",
                "This document is protected by a password, so it cannot be read. Save a copy without the password "
                "and upload that.",
            ) from error
        if "memory" in reason.lower():
            raise memory_limit(limits.address_space) from error
        raise not_a(
            kind,
            f"This file is named like {kind.label}, but its content is damaged. Nothing was kept from it. "
            "Open it in the program that made it, save it again and upload that copy.",
        ) from error
    metadata = result.metadata
    authors = metadata.get("authors") or []
    tables: list[tuple[tuple[str, ...], ...]] = []
    for table in result.tables:
        cells = tuple(tuple(row) for row in table.cells)
        if not tables or tables[-1] != cells:
            tables.append(cells)
    facts = Document(
        TEXT_FILE,
        0,
        0,
        pages=metadata.get("page_count") or metadata.get("slide_count") or None,
        title=metadata.get("title") or None,
        author=", ".join(authors) or metadata.get("created_by") or None,
        created=metadata.get("created_at") or None,
        modified=metadata.get("modified_at") or None,
    )
    return _Extracted(result.content, tuple(tables), facts)


def _extract_html(text: str, limits: Limits) -> _Extracted:
    """The head is read here and kept away from the converter, which would write it into the text."""
    head = _HtmlHead()
    found = _HEAD.search(text)
    if found:
        head.feed(found.group())
    body = _HEAD.sub("", text)
    extracted = _extract(body.encode(), FileKind.HTML, limits)
    return replace(
        extracted, facts=Document(TEXT_FILE, 0, 0, title=head.title.strip() or None, author=head.author or None)
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
    extracted: _Extracted, limits: Limits, work_dir: Path, warnings: list[str], progress: Stage
) -> tuple[ParsedTable, ...]:
    tables: list[ParsedTable] = []
    if len(extracted.tables) > limits.document_tables:
        warnings.append(f"{len(extracted.tables):,} tables found; the first {limits.document_tables:,} were kept.")
    with Database(work_dir, (), limits) as db:
        for cells in extracted.tables[: limits.document_tables]:
            number = len(tables) + 1
            progress(number / (len(extracted.tables) + 1), f"table {number} of {len(extracted.tables)}")
            width = max((len(row) for row in cells), default=0)
            check_columns(width, limits)
            grid = write_grid(cells, width, work_dir / "table.csv")
            if grid is None or not grid.rows:
                continue
            columns, notes = _typed(db, grid)
            warnings.extend(f"Table {number}: {note}" for note in notes)
            tables.append(TableFiles(work_dir, limits).write(db, number, f"Table {number}", grid.relation, columns))
    return tuple(tables)


def _typed(db: Database, grid: Grid) -> tuple[tuple[TypedColumn, ...], tuple[str, ...]]:
    columns, notes = grid.typed_columns()
    by_position = {column.expression: column.name for column in columns}
    text = TextTable(
        grid.relation, tuple(TextColumn(by_position.get(f"c{index}", "")) for index in range(len(grid.names)))
    )
    typing = type_table(db, text, lambda fraction: None)
    return tuple(column for column in typing.columns if column.name), (*notes, *typing.warnings)
