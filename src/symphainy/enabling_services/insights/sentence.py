"""A question while it is being read: its items, and what of them is understood already."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from symphainy.enabling_services.insights.adjectives import IMPLIED
from symphainy.enabling_services.insights.derived import Deriving
from symphainy.enabling_services.insights.lexing import Item
from symphainy.enabling_services.insights.linking import Linker, is_identifying, name_words
from symphainy.enabling_services.insights.operands import is_key, measures_of, operand_of, prefer_names, yes_of
from symphainy.enabling_services.insights.query import AskBack, Doubt, Operand, Option
from symphainy.enabling_services.insights.row_nouns import RowKind, calls_rows
from symphainy.enabling_services.insights.table_index import IndexedColumn, TableIndex
from symphainy.enabling_services.insights.vocabulary import (
    MONEY,
    MONEY_COLUMNS,
    NOT_DONE_YET,
    NOT_REVENUE,
    TIME_UNITS,
    singular,
)
from symphainy.enabling_services.json_values import JsonValue

MOST_OPTIONS: Final = 4
OP_WORDS: Final = {
    ">": "more than",
    ">=": "at least",
    "<": "less than",
    "<=": "at most",
    "=": "exactly",
    "!=": "not",
}
AGGREGATE_WORDS: Final = {"sum": "total", "avg": "average", "min": "lowest", "max": "highest"}


@dataclass(slots=True)
class Sentence:
    text: str
    items: list[Item]
    linker: Linker
    today: dt.date
    kinds: tuple[RowKind, ...] = ()
    notes: list[str] = field(default_factory=list[str])

    @property
    def index(self) -> TableIndex:
        return self.linker.index

    def has(self, kind: str, meaning: str | None = None) -> bool:
        return any(item.kind == kind and meaning in (None, item.meaning) for item in self.items)

    def unused(self, *kinds: str) -> Iterator[Item]:
        return (item for item in self.items if item.kind in kinds and not item.used)

    def after(self, item: Item, *kinds: str, passing: Sequence[str] = ("filler",)) -> Item | None:
        """The next item, if it is one of these kinds; others of `passing` may stand between."""
        return self._beside(item, 1, kinds, passing)

    def before(self, item: Item, *kinds: str, passing: Sequence[str] = ("filler",)) -> Item | None:
        return self._beside(item, -1, kinds, passing)

    def after_any(self, item: Item, *kinds: str) -> Item | None:
        """As `after`, whether it was understood already or not."""
        for other in self.items[self.items.index(item) + 1 :]:
            if other.kind in kinds:
                return other
            if other.kind != "filler":
                return None
        return None

    def before_any(self, item: Item, *kinds: str) -> Item | None:
        """As `before`, whether it was understood already or not."""
        for other in reversed(self.items[: self.items.index(item)]):
            if other.kind in kinds:
                return other
            if other.kind != "filler":
                return None
        return None

    def following(self, item: Item, *kinds: str) -> bool:
        """Whether the very next item is one of these kinds."""
        at = self.items.index(item) + 1
        return at < len(self.items) and self.items[at].kind in kinds

    def _beside(self, item: Item, step: int, kinds: Sequence[str], passing: Sequence[str]) -> Item | None:
        at = self.items.index(item) + step
        while 0 <= at < len(self.items):
            other = self.items[at]
            if other.kind in kinds and not other.used:
                return other
            if other.kind not in passing and not (other.used and "used" in passing):
                return None
            at += step
        return None

    def calls_rows(self, item: Item) -> bool:
        """Whether the words call the rows, though a column is called alike: `items` of a table of stock."""
        return calls_rows(item.text.lower(), self.kinds)

    def number_column(self, item: Item) -> IndexedColumn:
        """The measure that the words mean. Asks if there are several."""
        assert item.mention is not None
        measures = [
            column for column in item.mention.columns if column.type.is_numeric and not is_key(column, self.index)
        ]
        if len(measures) > 1 and (pieces := Deriving(self.linker, self.today).quantity()) in measures:
            measures = [pieces] if singular(item.text.lower()) in ("unit", "piece", "item", "quantity") else measures
        counts = [
            c for c in measures if name_words(c.name)[-1] in ("count", "quantity") and len(name_words(c.name)) == 2
        ]
        measures = counts if len(measures) > 1 and len(counts) == 1 else measures
        return self._one(item, self._voted(item, measures or list(item.mention.columns)))

    def _voted(self, item: Item, columns: list[IndexedColumn]) -> list[IndexedColumn]:
        """Of several measures the one that words beside it name too, `amount given`; else the one that is not about what is
        only owed, planned or a part."""
        if len(columns) < 2:
            return columns
        at = self.items.index(item) if item in self.items else 0
        near = [other for other in self.items[max(0, at - 2) : at + 3] if other is not item and other.kind != "by"]
        for other in near:
            found = self.linker.columns((*self._asked(item), *self._asked(other)))
            shared = [column for column in columns if found is not None and column in found.columns]
            if len(shared) == 1:
                other.used = True
                return shared
        plain = [column for column in columns if not NOT_DONE_YET & set(name_words(column.name))]
        if not {singular(word) for word in self._asked(item)} & (MONEY | MONEY_COLUMNS) and len(plain) != 1:
            return columns
        plain = (
            plain
            if len(plain) == 1
            else [column for column in columns if not NOT_REVENUE & set(name_words(column.name))]
        )
        if len(plain) == 1:
            self.notes.append(f"“{item.text}” is taken from {plain[0].name}; other columns can be asked for by name.")
        return plain if len(plain) == 1 else columns

    @staticmethod
    def _asked(item: Item) -> list[str]:
        return re.findall(r"[^\W_]+", item.text.lower())

    def measure(self, item: Item) -> Operand:
        """What the words measure: something computed, or a column of numbers."""
        operand = item.operand or operand_of(self.number_column(item))
        if operand.note and operand.note not in self.notes:
            self.notes.append(operand.note)
        return operand

    def entity_column(self, item: Item) -> IndexedColumn:
        """What rows are grouped by or told apart by. Of an id and a name the name."""
        assert item.mention is not None
        columns = [
            column
            for column in item.mention.columns
            if not column.type.is_temporal and (not column.type.is_numeric or is_key(column, self.index))
        ]
        return self._one(item, list(prefer_names(columns or item.mention.columns, self._asked(item))))

    def any_column(self, item: Item) -> IndexedColumn:
        """The column that the words mean; of a verb that a date tells of too, `returned`, that date."""
        assert item.mention is not None
        if len(item.mention.columns) > 1 and item.text.lower().endswith("ed"):
            dated = self.linker.of_kind(item.mention, lambda column: column.type.is_temporal)
            if dated is not None and len(dated.columns) == 1:
                return dated.columns[0]
        return self._one(item, list(prefer_names(item.mention.columns, self._asked(item))))

    def implied(self, item: Item, words: Sequence[str] = ()) -> Item | None:
        """`the slowest` is about a duration, `older than 60` about an age: the measure that an adjective implies."""
        for word in (*IMPLIED.get(item.text.lower(), ()), *words):
            mention = self.linker.numbers((word,))
            if mention is not None:
                return Item("column", word, item.start, item.end, mention=mention)
            operand = Deriving(self.linker, self.today).named(word)
            if operand is not None:
                return Item("column", word, item.start, item.end, operand=operand)
        return None

    def is_number(self, item: Item) -> bool:
        """Whether the words may mean a measure."""
        if item.operand is not None:
            return item.operand.kind == "number"
        return item.mention is not None and any(
            column.type.is_numeric and not is_key(column, self.index) for column in item.mention.columns
        )

    def is_entity(self, item: Item) -> bool:
        return item.mention is not None and any(
            (not column.type.is_numeric or is_identifying(column.name)) and not column.type.is_temporal
            for column in item.mention.columns
        )

    def is_flag(self, item: Item) -> bool:
        """Whether the words name columns of yes and no."""
        return item.mention is not None and all(yes_of(column) is not None for column in item.mention.columns)

    def is_date(self, item: Item) -> bool:
        return item.mention is not None and all(column.type.is_temporal for column in item.mention.columns)

    def may_be_date(self, item: Item, *, ranked: bool = True) -> bool:
        if item.mention is None:
            return False
        return any(column.type.is_temporal for column in (item.mention.ranked if ranked else item.mention.columns))

    def date_column(self, item: Item) -> IndexedColumn:
        """The date that the words mean, also where they rather mean another column."""
        assert item.mention is not None
        found = self.linker.of_kind(item.mention, lambda column: column.type.is_temporal)
        assert found is not None
        return self._one(item, list(found.columns))

    def in_time_unit(self, operand: Operand, unit: str, value: float) -> float:
        """Hours where the column holds minutes are turned into minutes, and that is said."""
        words = [
            singular(word)
            for word in (*name_words(operand.label), *[w for n in operand.columns for w in name_words(n)])
        ]
        own = next((word for word in words if word in TIME_UNITS), None)
        if own is None or unit not in TIME_UNITS or unit == own:
            return value
        converted = value * TIME_UNITS[unit] / TIME_UNITS[own]
        self.notes.append(
            f"{operand.label} is in {own}s, so {value:g} {unit}{'s' if value != 1 else ''} are {converted:,.6g}."
        )
        return converted

    def _one(self, item: Item, columns: list[IndexedColumn]) -> IndexedColumn:
        if len(columns) == 1:
            return columns[0]
        options = tuple(Option(column.name, self.replaced(item, column)) for column in columns)
        doubt = Doubt("column", item.start, item.end, options)
        raise AskBack(f"Which column do you mean by “{item.text}”?", options[:MOST_OPTIONS], doubt)

    def ask_measure(self, item: Item | None, what: str) -> IndexedColumn:
        """The only measure there is; else asks which one. A button adds the column's name behind `item`."""
        measures = measures_of(self.index)
        implied = IMPLIED.get(item.text.lower(), ()) if item is not None else ()
        if len(measures) == 1 and not implied:
            self.notes.append(f"{measures[0].name} is the only number of this table.")
            return measures[0]
        if not measures:
            raise AskBack("This table has no column of numbers that could be computed with; rows can be counted.")
        options: list[Option] = []
        at = item.end if item is not None else len(self.text.rstrip(" ?.!"))
        for column in measures:
            joint = ' "' if item is not None else ' by "'
            options.append(Option(column.name, f'{self.text[:at]}{joint}{column.name}"{self.text[at:]}'))
        raise AskBack(what, tuple(options[:MOST_OPTIONS]), Doubt("measure", at, at, tuple(options)))

    def replaced(self, item: Item, column: IndexedColumn) -> str:
        """The question with the words of the item replaced by the column's exact name."""
        return f'{self.text[: item.start]}"{column.name}"{self.text[item.end :]}'


def said(op: str, values: Sequence[JsonValue]) -> str:
    shown = [f"{value:,}" if isinstance(value, int) else f"{value:,.10g}" for value in values]
    if op == "between":
        return f"between {shown[0]} and {shown[1]}"
    return f"{OP_WORDS[op]} {shown[0]}"


def plain_number(value: float | None) -> float | int:
    value = value or 0.0
    return int(value) if value.is_integer() and abs(value) < 2**53 else value
