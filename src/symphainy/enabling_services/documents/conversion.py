"""Documents to Markdown and cells, by the library of the extra `documents`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from symphainy.enabling_services.errors import ServiceError, memory_limit, missing_extra, not_a
from symphainy.enabling_services.kinds import FileKind
from symphainy.enabling_services.limits import Limits
from symphainy.enabling_services.parsed_file import Document

TEXT_FILE: Final = "document.md"
NO_FACTS: Final = Document(TEXT_FILE, 0, 0)


@dataclass(frozen=True, slots=True)
class FoundTable:
    """A table in a document as rows of cells; `page` counts from 1, None where the format has no pages."""

    cells: tuple[tuple[str, ...], ...]
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Converted:
    text: str
    tables: tuple[FoundTable, ...] = ()
    facts: Document = NO_FACTS


def convert(data: bytes, kind: FileKind, limits: Limits, *, languages: Sequence[str] = ()) -> Converted:
    """With `languages` the text is recognised in the pictures of the pages (see `recognition`).

    Raises ServiceError `not_installed`, `encrypted`, `memory_limit`, `not_a_<kind>`.
    """
    try:
        import kreuzberg
    except ModuleNotFoundError as error:
        raise missing_extra("documents", f"read {kind.label}") from error
    ocr = kreuzberg.OcrConfig(backend="tesseract", language="+".join(languages)) if languages else None
    # Recognition sees a table wherever words stand in columns.
    output = "plain" if languages else "markdown"
    config = kreuzberg.ExtractionConfig(output_format=output, use_cache=False, ocr=ocr)
    try:
        result = kreuzberg.extract_bytes_sync(data, kind.media_type, config=config)
    except kreuzberg.KreuzbergError as error:
        reason = str(error).lower()
        if "password" in reason or "encrypted" in reason:
            raise ServiceError(
                "encrypted",
                "This document is protected by a password, so it cannot be read. Save a copy without the password "
                "and upload that.",
            ) from error
        if "memory" in reason:
            raise memory_limit(limits.address_space) from error
        raise not_a(
            kind,
            f"This file is named like {kind.label}, but its content is damaged. Nothing was kept from it. "
            "Open it in the program that made it, save it again and upload that copy.",
        ) from error
    return Converted(result.content, _tables(result.tables), _facts(result.metadata))


def _tables(found: Sequence[Any]) -> tuple[FoundTable, ...]:
    """The library gives some tables twice in a row; its page numbers count tables, so they are not used."""
    tables: list[FoundTable] = []
    for table in found:
        cells = tuple(tuple(str(cell) for cell in row) for row in table.cells)
        if not tables or tables[-1].cells != cells:
            tables.append(FoundTable(cells))
    return tuple(tables)


def _facts(metadata: Any) -> Document:
    authors: list[str] = metadata.get("authors") or []
    return Document(
        TEXT_FILE,
        0,
        0,
        pages=metadata.get("page_count") or metadata.get("slide_count") or None,
        title=metadata.get("title") or None,
        author=", ".join(authors) or metadata.get("created_by") or None,
        created=metadata.get("created_at") or None,
        modified=metadata.get("modified_at") or None,
    )
