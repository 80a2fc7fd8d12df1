"""A question as the engine understands it: which rows, which numbers of them, grouped and ordered how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self

from symphainy.enabling_services.json_values import Json, JsonValue, decode, encode

Kind = Literal["number", "text", "date", "boolean"]
Shape = Literal["rows", "value", "groups", "share", "distinct", "summary"]
Bucket = Literal["day", "week", "month", "quarter", "year", "weekday", "hour", "month of the year"]
Aggregate = Literal["count", "count_distinct", "sum", "avg", "median", "min", "max", "ratio"]


@dataclass(frozen=True, slots=True)
class Operand:
    """A column, or something computed from columns. `label` is how it is called in words, `sql` its expression."""

    label: str
    sql: str
    kind: str
    columns: tuple[str, ...]
    note: str | None = None

    @property
    def is_column(self) -> bool:
        return len(self.columns) == 1 and self.label == self.columns[0]


@dataclass(frozen=True, slots=True)
class Measure:
    """`operand` is None for a count of rows; of a `ratio` it is an aggregate already."""

    aggregate: str
    operand: Operand | None = None


@dataclass(frozen=True, slots=True)
class Group:
    operand: Operand
    bucket: str | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """`op` is one of = != > >= < <= between in not_in contains not_contains starts ends null not_null period month
    weekday; a period is [from, to) in ISO days, None where it is open. `words` says it in a sentence."""

    operand: Operand
    op: str
    values: tuple[JsonValue, ...] = ()
    words: str = ""


@dataclass(frozen=True, slots=True)
class Having:
    measure: Measure
    op: str
    values: tuple[JsonValue, ...]
    words: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """By the measure of that position, or by an operand of the rows."""

    descending: bool
    measure: int | None = None
    operand: Operand | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """`part` are the filters that make the part of a share; `filters` choose the rows. `shown` are columns that stand
    first in rows. `notes` are what was assumed, in sentences.

    `over` are groups whose measures are aggregated once more by `outer`: the average of the number of orders of each
    customer. `each` are groups within each of which the limit counts. `change` adds what changed from one period to the
    next."""

    shape: str
    measures: tuple[Measure, ...] = ()
    groups: tuple[Group, ...] = ()
    filters: tuple[Filter, ...] = ()
    part: tuple[Filter, ...] = ()
    having: tuple[Having, ...] = ()
    order: tuple[Order, ...] = ()
    limit: int | None = None
    shown: tuple[str, ...] = ()
    over: tuple[Group, ...] = ()
    outer: str = "avg"
    each: tuple[Group, ...] = ()
    change: bool = False
    chart: str | None = None
    notes: tuple[str, ...] = ()

    def to_json(self) -> Json:
        return encode(self)

    @classmethod
    def from_json(cls, data: Json) -> Self:
        return decode(cls, data)


@dataclass(frozen=True, slots=True)
class Option:
    """A way to go on: what the button says, and the question it asks."""

    label: str
    question: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """Why the question was not answered, and what may be meant."""

    reason: str
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Doubt:
    """Which words of the question are unclear, and how: they name nothing of the table (`unknown`), several columns may be
    meant (`column`), a number is wanted that nobody named (`measure`), or they have no part in the query (`unplaced`).
    `choices` are the questions that name a column, each labelled with it."""

    kind: str
    start: int
    end: int
    choices: tuple[Option, ...] = ()


class AskBack(Exception):
    """Raised while a question is read; becomes an Unclear. `doubt` is what a search may settle."""

    def __init__(self, reason: str, options: tuple[Option, ...] = (), doubt: Doubt | None = None) -> None:
        super().__init__(reason)
        self.unclear = Unclear(reason, options)
        self.doubt = doubt
