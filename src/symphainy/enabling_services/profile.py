"""What is in a table or a document, in numbers, and what deserves attention."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from symphainy.enabling_services.json_values import Json, JsonValue, decode, encode
from symphainy.enabling_services.parsed_file import ColumnType


class FindingCode(StrEnum):
    REJECTED_ROWS = "rejected_rows"
    DUPLICATE_ROWS = "duplicate_rows"
    EMPTY_COLUMN = "empty_column"
    MISSING_VALUES = "missing_values"
    CONSTANT_COLUMN = "constant_column"
    TEXT_NUMBERS = "text_numbers"
    TEXT_DATES = "text_dates"
    SURROUNDING_SPACES = "surrounding_spaces"
    INCONSISTENT_CASE = "inconsistent_case"
    OUTLIERS = "outliers"
    FUTURE_DATES = "future_dates"
    POSSIBLE_KEY = "possible_key"
    NEARLY_UNIQUE = "nearly_unique"
    NO_ROWS = "no_rows"
    NO_TEXT = "no_text"
    NO_HEADINGS = "no_headings"


class Severity(StrEnum):
    """`warning` probably is a mistake in the data, `notice` should be looked at, `info` is good to know."""

    INFO = "info"
    NOTICE = "notice"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """`count` is the number of rows (or values) concerned. `sql` selects them, or the values they have in common, from
    a table called like the parsed table; None where no row shows it. `examples` are at most five values."""

    code: FindingCode
    severity: Severity
    message: str
    count: int
    column: str | None = None
    sql: str | None = None
    examples: tuple[JsonValue, ...] = ()


@dataclass(frozen=True, slots=True)
class ValueCount:
    """A text longer than 100 characters is cut and ends in an ellipsis."""

    value: JsonValue
    count: int


@dataclass(frozen=True, slots=True)
class Bin:
    """Values from `start` (included) to `end` (excluded, but included in the last bin). Dates are ISO 8601."""

    start: JsonValue
    end: JsonValue
    count: int


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """`nulls` are missing values. `minimum` and `maximum` are values as in a preview, for text their lengths are given
    instead. `mean`, `median` and `deviation` (sample standard deviation, n - 1) are doubles. `histogram` has at most
    12 bins of equal width; a column of whole numbers that spans fewer than 12 has one bin for each. `detailed` is
    False when `top_values` and `histogram` were left out because the table is very wide."""

    name: str
    type: ColumnType
    nulls: int
    distinct: int
    distinct_exact: bool = True
    minimum: JsonValue = None
    maximum: JsonValue = None
    mean: float | None = None
    median: float | None = None
    deviation: float | None = None
    shortest: int | None = None
    longest: int | None = None
    top_values: tuple[ValueCount, ...] = ()
    histogram: tuple[Bin, ...] = ()
    detailed: bool = True


@dataclass(frozen=True, slots=True)
class TableProfile:
    """`duplicate_rows` counts the rows that repeat an earlier row in every column."""

    name: str
    rows: int
    duplicate_rows: int
    columns: tuple[ColumnProfile, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentProfile:
    words: int
    characters: int
    headings: int
    pages: int | None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    tables: tuple[TableProfile, ...] = ()
    document: DocumentProfile | None = None

    def to_json(self) -> Json:
        return encode(self)

    @classmethod
    def from_json(cls, data: Json) -> Self:
        return decode(cls, data)
