"""What is known about a file apart from its data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from symphainy.enabling_services.json_values import Json, decode, encode
from symphainy.enabling_services.kinds import FileKind
from symphainy.enabling_services.parsed_file import Attachment, Column, Dialect, Mail, RejectedRows


@dataclass(frozen=True, slots=True)
class TableSchema:
    name: str
    rows: int
    columns: tuple[Column, ...]
    page: int | None = None


@dataclass(frozen=True, slots=True)
class FileMetadata:
    """`size` in bytes; `sha256` in hex; `created` and `modified` are what the document itself states (ISO 8601), not
    the time of upload; fields that the format does not carry are None.
    `rejected_rows` and `warnings` are what the parser noticed."""

    name: str
    size: int
    sha256: str
    kind: FileKind
    media_type: str
    encoding: str | None = None
    title: str | None = None
    author: str | None = None
    created: str | None = None
    modified: str | None = None
    pages: int | None = None
    sheet_names: tuple[str, ...] = ()
    tables: tuple[TableSchema, ...] = ()
    mail: Mail | None = None
    attachments: tuple[Attachment, ...] = ()
    dialect: Dialect | None = None
    rejected_rows: RejectedRows = RejectedRows()
    warnings: tuple[str, ...] = ()

    def to_json(self) -> Json:
        return encode(self)

    @classmethod
    def from_json(cls, data: Json) -> Self:
        return decode(cls, data)
