"""What is put together and in which order: groups, spans of time, sorting."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from symphainy.enabling_services.insights.lexing import Item
from symphainy.enabling_services.insights.operands import is_averaged, operand_of, quotient, ratio_of
from symphainy.enabling_services.insights.query import Filter, Group, Measure, Operand, Order
from symphainy.enabling_services.insights.sentence import Sentence
from symphainy.enabling_services.insights.table_index import IndexedColumn
from symphainy.enabling_services.insights.vocabulary import BUCKET_NOUNS, singular


@dataclass(slots=True)
class Grouping:
    """Reads groups and orders; what is computed of them is read by those that build on it."""

    sentence: Sentence
    default_date: Callable[[Item | None], IndexedColumn]
    late_operand: Callable[[], Operand]
    late_measure: Item | None
    measures: list[Measure] = field(default_factory=list[Measure])
    groups: list[Group] = field(default_factory=list[Group])
    order: list[Order] = field(default_factory=list[Order])
    filled: list[Filter] = field(default_factory=list[Filter])
    """What must not be missing: the most common reason is one that is given."""
    limit: int | None = None
    row_order: bool = False
    """The superlative asks for rows, not for a value or a group."""
    asked_groups: bool = False
    outer: str | None = None
    """How the totals of groups are aggregated once more: orders per customer, on average."""
    pieces: Operand | None = None
    """The ratio of one row, where a ratio is asked for: rent per square metre."""
    each: tuple[Group, ...] = ()
    per: list[Group] = field(default_factory=list[Group])
    """Groups named with `per` or `each`, not with `by`."""

    def _groups(self) -> None:
        sentence = self.sentence
        for item in list(sentence.unused("by")):
            subject = sentence.after(item, "column", "bucket_noun", "agg", "super")
            if subject is None or subject.kind in ("agg", "super"):
                item.used = subject is None or item.used
                continue
            item.used = True
            if self._by_pieces(item, subject):
                subject = None
            while subject is not None:
                known = len(self.groups)
                self._group(subject)
                if item.text.lower() in ("per", "each", "for each", "every", "for every", "in each", "in every"):
                    self.per += self.groups[known:]
                following = sentence.after(subject, "column", "bucket_noun", passing=("filler", "and"))
                subject = None if following is not None and self._asks_anew(subject, following) else following
        for item in sentence.unused("compare"):
            item.used = True

    def _asks_anew(self, subject: Item, following: Item) -> bool:
        """`for each city, which source`: the question begins behind the group."""
        return (
            re.search(r"\b(which|what|who|how)\b", self.sentence.text[subject.end : following.start], re.I) is not None
        )

    def _by_pieces(self, item: Item, subject: Item) -> bool:
        """`yield per hectare`, `cost per unit`: total by total."""
        sentence = self.sentence
        if item.text.lower() != "per" or not sentence.is_number(subject) or sentence.is_entity(subject):
            return False
        whole = sentence.measure(subject)
        before = [other for other in sentence.items if other.end <= item.start and other.kind == "column"]
        part = before[-1] if before and sentence.is_number(before[-1]) else None
        if part is None and not self.measures and re.search(r"\b(what|how much)\b", sentence.text, re.I):
            mention = sentence.linker.numbers(("cost",)) or sentence.linker.numbers(("revenue",))
            if mention is not None and len(mention.columns) == 1 and not is_averaged(whole):
                part = Item("column", "cost", item.start, item.start, mention=mention)  # "what do we pay per kilo"
        if is_averaged(whole) or part is None or sentence.measure(part) == whole:
            return False
        self.measures = [measure for measure in self.measures if measure.operand != sentence.measure(part)]
        self.measures.append(Measure("ratio", ratio_of(sentence.measure(part), whole)))
        self.pieces = quotient(sentence.measure(part), whole)
        part.used = subject.used = True
        return True

    def _group(self, subject: Item) -> None:
        sentence = self.sentence
        if subject.kind == "bucket_noun":
            self.bucket(BUCKET_NOUNS[singular(subject.text.lower())], subject)
            return
        if sentence.is_number(subject) and not sentence.is_entity(subject):
            column = sentence.number_column(subject) if subject.operand is None else None
            ordering = self.limit is not None or sentence.has("super") or sentence.has("sort")
            if ordering or column is None or column.distinct > 50:
                return  # "top 5 customers by sales": the order, read with the superlative
            subject.used = True
            self.groups.append(Group(operand_of(column)))
            self.asked_groups = True
            return
        if sentence.is_date(subject):
            subject.used = True
            column = sentence.any_column(subject)
            self.groups.append(Group(operand_of(column), self.span(column)))
            self.asked_groups = True
            return
        subject.used = True
        self.groups.append(Group(operand_of(sentence.entity_column(subject))))
        self.asked_groups = True

    def _buckets(self) -> None:
        items = list(self.sentence.unused("bucket"))
        for item in items:
            if item.meaning == "auto" and (self.groups or len(items) > 1) and any(g.bucket for g in self.groups):
                item.used = True  # "the trend per month"
            elif item.meaning == "auto" and any(other.meaning != "auto" for other in items):
                item.used = True
            else:
                self.bucket(item.meaning, item)

    def bucket(self, bucket: str, item: Item) -> None:
        sentence = self.sentence
        item.used = True
        beside = sentence.after(item, "column")
        named = beside if beside is not None and sentence.may_be_date(beside) else None
        if named is None:
            named = next((other for other in sentence.unused("column") if sentence.is_date(other)), None)
        if named is not None:
            named.used = True
        column = sentence.date_column(named) if named else self.default_date(item)
        if bucket == "auto":
            bucket = self.span(column)
        self.groups.append(Group(operand_of(column), bucket))
        self.asked_groups = True

    def span(self, column: IndexedColumn) -> str:
        """Months for up to five years; days for up to two months; years above."""
        if not column.minimum or not column.maximum:
            return "month"
        first, last = (dt.date.fromisoformat(str(day)[:10]) for day in (column.minimum, column.maximum))
        days = (last - first).days
        return "day" if days <= 62 else "month" if days <= 5 * 366 else "year"

    # --- order

    def _sorting(self) -> None:
        sentence = self.sentence
        direction = next((item for item in sentence.items if item.kind == "direction"), None)
        descending = None if direction is None else direction.meaning == "desc"
        for item in list(sentence.unused("sort")):
            item.used = True
            for by in sentence.unused("by"):
                by.used = True
            subject = sentence.after(item, "column", passing=("filler", "agg", "by", "used"))
            if subject is not None:
                subject.used = True
                column = sentence.any_column(subject)
                numeric = column.type.is_numeric
                down = numeric if descending is None else descending
                self._order_by(operand_of(column), descending=down)
            elif descending is not None:
                self.order.append(Order(descending, 0))
            if direction is not None:
                direction.used = True
        if direction is not None and not direction.used:
            direction.used = True
            self.order.append(Order(direction.meaning == "desc", 0))

    def _order_by(self, operand: Operand, *, descending: bool) -> None:
        position = next((n for n, measure in enumerate(self.measures) if measure.operand == operand), None)
        self.order.append(Order(descending, position, None if position is not None else operand))
