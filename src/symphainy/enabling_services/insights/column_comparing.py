"""Comparisons of two columns of numbers: stock below the reorder level, sold for more than the asking price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from symphainy.enabling_services.insights.lexing import Item
from symphainy.enabling_services.insights.linking import Mention, name_words
from symphainy.enabling_services.insights.operands import difference, measures_of, operand_of
from symphainy.enabling_services.insights.overall import ComparingWithAll
from symphainy.enabling_services.insights.query import AskBack, Doubt, Filter, Operand, Option
from symphainy.enabling_services.insights.sentence import MOST_OPTIONS, OP_WORDS
from symphainy.enabling_services.insights.table_index import IndexedColumn
from symphainy.enabling_services.insights.vocabulary import ACTUALS, LIMITS

INVERSE: Final = {">": "<=", ">=": "<", "<": ">=", "<=": ">", "=": "!=", "!=": "="}


@dataclass(slots=True)
class ComparingColumns(ComparingWithAll):
    """Reads comparisons whose two sides are columns."""

    def _more_than(self) -> None:
        """`less was received than ordered`: what stands on the two sides of the than."""
        sentence = self.sentence
        for item in list(sentence.unused("more")):
            at = sentence.items.index(item)
            than = next(
                (k for k in range(at + 1, len(sentence.items)) if sentence.items[k].text.lower() == "than"), None
            )
            if than is None:
                continue
            left, right = (self._nearest(part) for part in (sentence.items[at + 1 : than], sentence.items[than + 1 :]))
            if left is None or right is None or left == right:
                continue
            for other in sentence.items[at : than + 1]:
                other.used = other.used or other.kind in ("more", "filler", "column", "value")
            self._compared(item, operand_of(left), operand_of(right))

    def _nearest(self, items: Sequence[Item]) -> IndexedColumn | None:
        """The one column of numbers that the first word with one names, whatever else it may mean."""
        for item in items:
            if item.mention is not None and self.sentence.is_number(item) and item.mention.value is None:
                item.used = True
                return self.sentence.number_column(item)
            mention = self.sentence.linker.numbers((item.text.lower(),))
            if mention is not None and len(mention.columns) == 1:
                item.used = True
                return mention.columns[0]
        return None

    def _columns_compared(self, item: Item) -> bool:
        """`units in stock below the reorder level`. One side alone is asked about."""
        sentence = self.sentence
        right = sentence.after(item, "column") or self._compared_with(item)
        if item.meaning not in INVERSE or right is None or not sentence.is_number(right):
            return False
        other = sentence.measure(right)
        left = sentence.before(item, "column", passing=("filler", "not", "agg"))
        if left is None and (noun := sentence.before(item, "noun", passing=("filler", "not", "agg"))) is not None:
            mention = sentence.linker.numbers((noun.text.lower(),))
            if mention is not None and len(mention.columns) == 1:
                left = noun  # "was the gift smaller than": its amount
                left.mention = mention
        left = left or self._told_by_verb(item, other)
        held = [column for column in measures_of(sentence.index) if ACTUALS & set(name_words(column.name))]
        limited = other.is_column and LIMITS & set(name_words(other.label))
        if left is None and len(held) == 1 and held[0].name != other.label and limited:
            sentence.notes.append(f"I compare {held[0].name} with {other.label}.")
            self._compared(item, operand_of(held[0]), other)
            right.used = True
            return True
        if left is None or not sentence.is_number(left):
            options = tuple(
                Option(column.name, f'{sentence.text[: item.start]}"{column.name}" {sentence.text[item.start :]}')
                for column in measures_of(sentence.index)
                if column.name != other.label
            )
            reason = f"Which column shall be {OP_WORDS[item.meaning]} {other.label}?"
            raise AskBack(reason, options[:MOST_OPTIONS], Doubt("compared", item.start, item.start, options))
        self._compared(item, sentence.measure(left), other)
        left.used = right.used = True
        return True

    def _told_by_verb(self, item: Item, other: Operand) -> Item | None:
        """`sold for more than the asking price`: the number that the word in front tells of too."""
        items = self.sentence.items
        for before in reversed(items[: items.index(item)]):
            mention = self.sentence.linker.numbers((before.text.lower(),))
            columns = [c for c in mention.columns if c.name != other.label] if mention is not None else []
            if len(columns) == 1 and before.kind in ("value", "column", "unknown", "filler"):
                return Item("column", before.text, before.start, before.end, mention=Mention((columns[0],), 0.8))
            if before.kind != "filler":
                return None
        return None

    def _compared_with(self, item: Item) -> Item | None:
        """`offered less than they asked for`: a word that says little elsewhere and here names a number."""
        items = self.sentence.items
        for other in items[items.index(item) + 1 :][:4]:
            mention = (
                self.sentence.linker.numbers((other.text.lower(),)) if other.kind in ("filler", "unknown") else None
            )
            if mention is not None and len(mention.columns) == 1:
                return Item("column", other.text, other.start, other.end, mention=mention)
            if other.kind != "filler":
                return None
        return None

    def _compared(self, item: Item, column: Operand, other: Operand) -> None:
        op = INVERSE[item.meaning] if self._negated(item) else item.meaning
        item.used = True
        words = f"{column.label} is {OP_WORDS[op]} {other.label}"
        self.filters.append(Filter(difference(column, other), op, (0,), words))

    def _negated(self, item: Item) -> bool:
        negation = self.sentence.before(item, "not", passing=("filler", "used", "by", "unknown"))
        if negation is None:
            return False
        negation.used = True
        return True
