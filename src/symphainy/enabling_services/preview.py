"""The first rows of each table, or the first characters of a document, safe to send to a browser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from symphainy.enabling_services.json_values import Json, JsonValue, decode, encode
from symphainy.enabling_services.parsed_file import Column


@dataclass(frozen=True, slots=True)
class CutCell:
    """A cell whose text is longer than shown. Both numbers count from 0."""

    row: int
    column: int


@dataclass(frozen=True, slots=True)
class TablePreview:
    """`cells` holds rows of JSON values: numbers as numbers, except integers beyond 2^53 and decimals, which are
    strings so that no digit is lost; dates and times as ISO 8601 strings; missing values as null. A cut text ends in
    an ellipsis."""

    name: str
    columns: tuple[Column, ...]
    columns_total: int
    rows_total: int
    cells: tuple[tuple[JsonValue, ...], ...]
    cut_cells: tuple[CutCell, ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentPreview:
    text: str
    characters_total: int
    cut: bool


@dataclass(frozen=True, slots=True)
class Preview:
    tables: tuple[TablePreview, ...] = ()
    document: DocumentPreview | None = None

    def to_json(self) -> Json:
        return encode(self)

    @classmethod
    def from_json(cls, data: Json) -> Self:
        return decode(cls, data)
