"""Comparisons of two dates of a row: delivered after the promised date, paid more than ten days after it was due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from symphainy.enabling_services.insights.lexing import Item
from symphainy.enabling_services.insights.linking import Mention, name_words
from symphainy.enabling_services.insights.operands import dates_of, difference, operand_of, starting
from symphainy.enabling_services.insights.query import Filter, Having
from symphainy.enabling_services.insights.sentence import Sentence, plain_number, said
from symphainy.enabling_services.insights.table_index import IndexedColumn
from symphainy.enabling_services.insights.vocabulary import DONE, TIME_UNITS

_LATER: Final = {"after": ">", "later than": ">", "beyond": ">", "before": "<", "earlier than": "<", "prior to": "<"}
_WORDS: Final = {">": "is after", "<": "is before", ">=": "is not before", "<=": "is not after"}
_INVERSE: Final = {">": "<=", "<": ">="}


@dataclass(slots=True)
class DateComparing:
    """What it understood are `filters` of rows; `having` are conditions on groups, read by those that build on it."""

    sentence: Sentence
    filters: list[Filter] = field(default_factory=list[Filter])
    having: list[Having] = field(default_factory=list[Having])

    def compare_dates(self) -> None:
        for item in list(self.sentence.unused("op")):
            op = _LATER.get(item.text.lower())
            if op is None:
                continue
            right = self.sentence.after(item, "column")
            if right is None or not self.sentence.may_be_date(right):
                right = self._dated(item) or right
            if right is not None and self._measured_days(item, right):
                continue
            if right is None or not self.sentence.may_be_date(right):
                if item.text.lower() in ("after", "before") and not self.sentence.after(item, "number"):
                    item.kind = "filler"  # "dropped after waiting", "who looks after"
                continue
            other = self.sentence.date_column(right)
            numbers = self._days_before(item)
            left, words = self._left(numbers[0] if numbers else item, other)
            if left is None and op == "<":
                left = starting(dates_of(self.sentence.index), other)
            if left is None:
                continue
            for part in (item, right, *numbers, *words):
                part.used = True
            self._dates_compared(left, other, op, numbers)

    def _measured_days(self, item: Item, right: Item) -> bool:
        """`how many days after the loss are claims reported`: the days are what is asked for."""
        sentence = self.sentence
        at = sentence.items.index(item)
        if at < 2 or sentence.items[at - 1].kind != "bucket_noun" or sentence.items[at - 2].meaning != "count":
            return False
        if not sentence.may_be_date(right):
            return False
        days, counted = sentence.items[at - 1], sentence.items[at - 2]
        named = next((other for other in sentence.items if other.start == right.start), None)
        if named is not None:
            column = sentence.date_column(right)
            named.kind, named.mention = "column", Mention((column,), 1.0)
        counted.meaning, days.kind, item.kind = "duration", "filler", "filler"
        return True

    def _dated(self, item: Item) -> Item | None:
        """`after the work was done`: a word that says little elsewhere, of which here a date tells."""
        for other in self.sentence.items[self.sentence.items.index(item) + 1 :]:
            mention = self.sentence.linker.columns((other.text.lower(),)) if len(other.text) > 3 else None
            dated = self.sentence.linker.of_kind(mention, lambda c: c.type.is_temporal) if mention is not None else None
            if dated is not None and other.kind in ("filler", "noun", "column"):
                return Item("column", other.text, other.start, other.end, mention=dated)
            if other.kind != "filler":
                return None
        return None

    def _days_before(self, item: Item) -> list[Item]:
        """`more than 5 days` in front of `after the due date`: the comparison and its number."""
        number = self.sentence.before(item, "number", passing=("filler", "bucket_noun"))
        if number is None:
            return []
        limit = self.sentence.before(number, "op")
        return [limit, number] if limit is not None else [number]

    def _left(self, item: Item, other: IndexedColumn) -> tuple[IndexedColumn | None, Sequence[Item]]:
        """The date that the words in front name, `received`; else the one that tells that it was done."""
        sentence = self.sentence
        at = sentence.items.index(item)
        for before in reversed(sentence.items[:at]):
            if before.kind in ("noun", "by", "agg") or before.used:
                break
            mention = sentence.linker.columns((before.text.lower(),))
            dated = sentence.linker.of_kind(mention, lambda c: c.type.is_temporal and c != other) if mention else None
            if dated is not None:
                return dated.columns[0], (before,)
        done = [c for c in dates_of(sentence.index) if c != other and DONE & set(name_words(c.name))]
        return (done[0], ()) if len(done) == 1 else (None, ())

    def _dates_compared(self, left: IndexedColumn, other: IndexedColumn, op: str, numbers: Sequence[Item]) -> None:
        operand = difference(operand_of(left), operand_of(other))
        limit = next((item.number for item in numbers if item.kind == "number"), None)
        if limit is None:
            negation = self.sentence.before(numbers[0], "not") if numbers else None
            op = _INVERSE[op] if negation is not None else op
            self.filters.append(Filter(operand, op, (0,), f"{left.name} {_WORDS[op]} {other.name}"))
            return
        if op == "<":
            operand = difference(operand_of(other), operand_of(left))
        compared = next((item.meaning for item in numbers if item.kind == "op"), "=")
        unit = next((item.unit for item in numbers if item.kind == "number"), "")
        values = (plain_number(limit * TIME_UNITS.get(unit, TIME_UNITS["day"]) / TIME_UNITS["day"]),)
        self.filters.append(Filter(operand, compared, values, f"{operand.label} {said(compared, values)}"))
