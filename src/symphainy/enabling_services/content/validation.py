"""The report of a validation: what was checked in a file, what holds, and which rows show where it does not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from symphainy.enabling_services.json_values import Json, JsonValue, decode, encode
from symphainy.enabling_services.parsed_file import RejectedRow


class Outcome(StrEnum):
    PASSED = "passed"
    NOTICE = "notice"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Example:
    """`row` counts the rows of the table from 1, without its header."""

    row: int
    value: JsonValue


@dataclass(frozen=True, slots=True)
class Check:
    """`name` is what was checked: integrity, rows, duplicates, missing, type, key, rule. `count` is the number of rows
    (or values) concerned; `sql` selects them from a table called like the parsed one."""

    name: str
    outcome: Outcome
    statement: str
    count: int = 0
    table: str | None = None
    column: str | None = None
    examples: tuple[Example, ...] = ()
    sql: str | None = None


@dataclass(frozen=True, slots=True)
class KeyCandidate:
    """Columns whose values together are different in every row, and never missing."""

    table: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Validation:
    """`rejected` are the first of the lines that were left out when the file was read, `rejected_count` all of them."""

    file_id: str
    title: str
    rows: int
    checks: tuple[Check, ...]
    keys: tuple[KeyCandidate, ...] = ()
    rejected_count: int = 0
    rejected: tuple[RejectedRow, ...] = ()

    @property
    def failed(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.outcome is Outcome.FAILED)

    def to_json(self) -> Json:
        return encode(self)

    @classmethod
    def from_json(cls, data: Json) -> Self:
        return decode(cls, data)
