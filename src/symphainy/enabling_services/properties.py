"""The child's side of the metadata extractor: checksum, and what office files say about themselves."""

from __future__ import annotations

import hashlib
import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from symphainy.enabling_services.archives import read_member
from symphainy.enabling_services.file_metadata import FileMetadata, TableSchema
from symphainy.enabling_services.json_values import Json
from symphainy.enabling_services.kinds import FileKind
from symphainy.enabling_services.parsed_file import ParsedFile
from symphainy.enabling_services.reporting import Stage

_BLOCK: Final = 1 << 20
_LARGEST_PROPERTIES: Final = 262_144
_CORE: Final = {"title": "title", "creator": "author", "created": "created", "modified": "modified"}
_OPEN_DOCUMENT: Final = {"title": "title", "initial-creator": "author", "creation-date": "created", "date": "modified"}
_OPEN_XML: Final = (FileKind.XLSX, FileKind.DOCX, FileKind.PPTX)
_WORKBOOKS: Final = (FileKind.XLSX, FileKind.XLS, FileKind.ODS)


@dataclass(frozen=True, slots=True)
class _Stated:
    title: str | None = None
    author: str | None = None
    created: str | None = None
    modified: str | None = None


def extract_metadata(arguments: Json, progress: Stage) -> Json:
    source = Path(arguments["source"])
    parsed = ParsedFile.from_json(arguments["parsed"])
    size = source.stat().st_size
    digest = _checksum(source, size, progress.part(0.0, 0.9, "checksum"))
    stated = _stated(source, parsed)
    progress(1.0, "metadata complete")
    return FileMetadata(
        name=str(arguments["file_name"]),
        size=size,
        sha256=digest,
        kind=parsed.kind,
        media_type=parsed.media_type,
        encoding=parsed.encoding,
        title=stated.title,
        author=stated.author,
        created=stated.created,
        modified=stated.modified,
        pages=parsed.document.pages if parsed.document else None,
        sheet_names=tuple(table.name for table in parsed.tables) if parsed.kind in _WORKBOOKS else (),
        tables=tuple(TableSchema(table.name, table.rows, table.columns, table.page) for table in parsed.tables),
        mail=parsed.mail,
        attachments=parsed.attachments,
        dialect=parsed.dialect,
        rejected_rows=parsed.rejected_rows,
        warnings=parsed.warnings,
    ).to_json()


def _checksum(source: Path, size: int, progress: Stage) -> str:
    digest, done = hashlib.sha256(), 0
    with source.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
            done += len(block)
            progress(done / max(size, 1), "computing the checksum")
    return digest.hexdigest()


def _stated(source: Path, parsed: ParsedFile) -> _Stated:
    if parsed.kind in _OPEN_XML:
        return _read_properties(source, "docProps/core.xml", _CORE)
    if parsed.kind is FileKind.ODS:
        return _read_properties(source, "meta.xml", _OPEN_DOCUMENT)
    if parsed.document is not None:
        document = parsed.document
        return _Stated(document.title, document.author, document.created, document.modified)
    return _Stated()


def _read_properties(source: Path, member: str, names: Mapping[str, str]) -> _Stated:
    """Office properties are optional: damaged or missing ones count as not stated."""
    try:
        data = read_member(source, member, _LARGEST_PROPERTIES)
        if data is None or b"<!DOCTYPE" in data or b"<!ENTITY" in data:
            return _Stated()
        root = ElementTree.fromstring(data)
    except (ElementTree.ParseError, zipfile.BadZipFile):
        return _Stated()
    found: dict[str, str] = {}
    for element in root.iter():
        field = names.get(element.tag.rpartition("}")[2])
        text = (element.text or "").strip()
        if field is not None and text:
            found.setdefault(field, text[:500])
    return _Stated(**found)
