"""What the parser hands on: where the tables and the text are, and what was noticed while reading. Never the data
itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from symphainy.enabling_services.json_values import Json, decode, encode
from symphainy.enabling_services.kinds import FileKind


class ColumnType(StrEnum):
    """How values are stored in the Parquet file: text VARCHAR, integer BIGINT, decimal DECIMAL (exact), number DOUBLE,
    boolean BOOLEAN, date DATE, timestamp TIMESTAMP (as written, or UTC when the source names an offset), time TIME,
    json VARCHAR that holds one JSON value."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"
    TIME = "time"
    JSON = "json"

    @property
    def is_numeric(self) -> bool:
        return self in (ColumnType.INTEGER, ColumnType.DECIMAL, ColumnType.NUMBER)

    @property
    def is_temporal(self) -> bool:
        return self in (ColumnType.DATE, ColumnType.TIMESTAMP)


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: ColumnType


@dataclass(frozen=True, slots=True)
class ParsedTable:
    """`name` is the sheet, JSON key or file stem; `file_name` is a Parquet file in the parser's output folder. `page` is
    where a table of a paged document begins, from 1."""

    name: str
    file_name: str
    rows: int
    columns: tuple[Column, ...]
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a delimited text is written. `quote` and `escape` are one character; `decimal` is `.` or `,`."""

    delimiter: str
    quote: str
    escape: str
    header: bool
    decimal: str


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """`line` is the line of the file, counted from 1 as a text editor does."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class RejectedRows:
    count: int = 0
    first: tuple[RejectedRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Document:
    """`text_file` is UTF-8 Markdown in the parser's output folder; times are as the file states them (ISO 8601)."""

    text_file: str
    characters: int
    words: int
    pages: int | None = None
    title: str | None = None
    author: str | None = None
    created: str | None = None
    modified: str | None = None
    headings: tuple[Heading, ...] = ()


@dataclass(frozen=True, slots=True)
class Mail:
    """The headers of an e-mail. Addresses are `Name <address>` or the bare address; `date` is ISO 8601."""

    subject: str | None = None
    sender: str | None = None
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    date: str | None = None
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """`name` is the sender's, `file_name` a file in the parser's output folder; `size` in bytes."""

    name: str
    file_name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """`elapsed` is seconds. Warnings are sentences for the user: what was repaired, skipped or assumed."""

    kind: FileKind
    media_type: str
    tables: tuple[ParsedTable, ...] = ()
    document: Document | None = None
    encoding: str | None = None
    dialect: Dialect | None = None
    rejected_rows: RejectedRows = RejectedRows()
    warnings: tuple[str, ...] = ()
    elapsed: float = 0.0
    mail: Mail | None = None
    attachments: tuple[Attachment, ...] = ()

    def to_json(self) -> Json:
        return encode(self)

    @classmethod
    def from_json(cls, data: Json) -> Self:
        return decode(cls, data)
