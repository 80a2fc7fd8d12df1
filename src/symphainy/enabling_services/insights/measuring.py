"""What is computed: aggregates, groups, superlatives, the first N, the order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from symphainy.enabling_services.insights.lexing import Item
from symphainy.enabling_services.insights.linking import is_identifying, name_words
from symphainy.enabling_services.insights.operands import (
    days_between,
    is_averaged,
    is_unique,
    lateness,
    operand_of,
    prefer_names,
)
from symphainy.enabling_services.insights.query import AskBack, Group, Measure, Operand, Order
from symphainy.enabling_services.insights.sentence import Sentence
from symphainy.enabling_services.insights.table_index import IndexedColumn
from symphainy.enabling_services.insights.vocabulary import BUCKET_NOUNS, singular

_COMPUTED: Final = frozenset({"sum", "avg", "median", "min", "max"})


@dataclass(slots=True)
class Measuring:
    """Reads what is left of a sentence after its conditions."""

    sentence: Sentence
    default_date: Callable[[Item | None], IndexedColumn]
    late_operand: Callable[[], Operand]
    late_measure: Item | None
    measures: list[Measure] = field(default_factory=list[Measure])
    groups: list[Group] = field(default_factory=list[Group])
    order: list[Order] = field(default_factory=list[Order])
    limit: int | None = None
    row_order: bool = False
    """The superlative asks for rows, not for a value or a group."""
    asked_groups: bool = False

    def read(self) -> None:
        self._between_dates()
        self._aggregates()
        self._groups()
        self._buckets()
        self._sorting()
        self._superlatives()

    # --- aggregates

    def _between_dates(self) -> None:
        """`days between order date and ship date`."""
        sentence = self.sentence
        for item in list(sentence.unused("op")):
            first = sentence.after(item, "column")
            second = sentence.after(first, "column", passing=("filler", "and")) if first else None
            if first and second and sentence.is_date(first) and sentence.is_date(second):
                operand = days_between(sentence.any_column(first), sentence.any_column(second))
                for part in (item, first, second):
                    part.used = True
                for noun in sentence.unused("bucket_noun"):
                    noun.used = True
                agg = next((item for item in sentence.unused("agg") if item.meaning in _COMPUTED), None)
                if agg is not None:
                    agg.used = True
                self.measures.append(Measure(agg.meaning if agg else "avg", operand))

    def _aggregates(self) -> None:
        sentence = self.sentence
        aggs = [item for item in sentence.unused("agg") if item.meaning not in ("share", "distinct", "summary")]
        computed = [item for item in aggs if item.meaning != "sum"]
        for item in aggs:
            if item.meaning == "sum" and computed and not sentence.after(item, "column"):
                item.used = True  # "how much is the average ..."
                continue
            self._aggregate(item)

    def _aggregate(self, item: Item) -> None:
        sentence = self.sentence
        item.used = True
        if item.meaning == "count":
            self._count(item)
            return
        if self.late_measure is not None and not self.late_measure.used:
            late = sentence.after(item, "late", passing=("filler", "bucket_noun"))
            if late is not None:
                late.used = True
                self._use_lateness(item.meaning)
                return
        subject = sentence.after(item, "column", passing=("filler", "agg", "super")) or sentence.before(item, "column")
        if item.meaning == "sum" and sentence.after(item, "noun"):
            self.measures.append(Measure("count"))
            return
        if subject is not None and item.meaning in ("min", "max") and sentence.is_date(subject):
            subject.used = True
            self.measures.append(Measure(item.meaning, operand_of(sentence.any_column(subject))))
            return
        if subject is None and self._paid_latest(item):
            return
        if subject is None or not sentence.is_number(subject):
            subject = next((other for other in sentence.unused("column") if sentence.is_number(other)), None)
        if subject is None:
            if item.meaning == "sum" and sentence.has("agg", "count"):
                return
            column = sentence.ask_measure(
                item, f"{item.text.capitalize()} of what? I can compute it for these columns:"
            )
            self.measures.append(Measure(item.meaning, operand_of(column)))
            return
        subject.used = True
        self.measures.append(Measure(item.meaning, operand_of(sentence.number_column(subject))))
        self._more_columns(subject, item.meaning)

    def _paid_latest(self, item: Item) -> bool:
        """`pays the latest on average`: how late, not which is the newest."""
        sentence = self.sentence
        if not sentence.has("time_super") or any(sentence.is_number(other) for other in sentence.unused("column")):
            return False
        if lateness(sentence.index, sentence.today) is None:
            return False
        self._use_lateness(item.meaning)
        for other in sentence.unused("time_super"):
            other.kind = "super"
        return True

    def _more_columns(self, subject: Item, aggregate: str) -> None:
        """`average sales and profit`."""
        sentence = self.sentence
        while (other := sentence.after(subject, "column", passing=("filler", "and"))) is not None:
            if not sentence.is_number(other):
                return
            other.used = True
            self.measures.append(Measure(aggregate, operand_of(sentence.number_column(other))))
            subject = other

    def _use_lateness(self, aggregate: str) -> None:
        operand = self.late_operand()
        if operand.note:
            self.sentence.notes.append(operand.note)
        self.measures.append(Measure(aggregate, operand))

    def _count(self, item: Item) -> None:
        sentence = self.sentence
        for distinct in sentence.unused("agg"):
            if distinct.meaning == "distinct":
                distinct.used = True
        subject = sentence.after(item, "column", "noun", passing=("filler", "agg", "used"))
        if subject is not None and subject.kind == "column" and not sentence.before(subject, "by"):
            subject.used = True
            assert subject.mention is not None
            columns = subject.mention.columns
            unique = [column for column in columns if is_unique(column, sentence.index)]
            identifying = [column for column in columns if is_identifying(column.name)]
            if unique:
                self.measures.append(Measure("count"))
                return
            column = identifying[0] if len(identifying) == 1 else sentence.any_column(subject)
            self.measures.append(Measure("count_distinct", operand_of(column)))
            return
        if subject is not None:
            subject.used = True
        self.measures.append(Measure("count"))

    # --- groups

    def _groups(self) -> None:
        sentence = self.sentence
        for item in list(sentence.unused("by")):
            subject = sentence.after(item, "column", "bucket_noun", "agg", "super")
            if subject is None or subject.kind in ("agg", "super"):
                item.used = subject is None or item.used
                continue
            item.used = True
            while subject is not None:
                self._group(subject)
                subject = sentence.after(subject, "column", "bucket_noun", passing=("filler", "and"))
        for item in sentence.unused("compare"):
            item.used = True

    def _group(self, subject: Item) -> None:
        sentence = self.sentence
        if subject.kind == "bucket_noun":
            self._bucket(BUCKET_NOUNS[singular(subject.text.lower())], subject)
            return
        if sentence.is_number(subject) and not sentence.is_entity(subject):
            column = sentence.number_column(subject)
            ordering = self.limit is not None or sentence.has("super") or sentence.has("sort") or column.distinct > 50
            if ordering:
                return  # "top 5 customers by sales": the order, read with the superlative
            subject.used = True
            self.groups.append(Group(operand_of(column)))
            self.asked_groups = True
            return
        if sentence.is_date(subject):
            subject.used = True
            column = sentence.any_column(subject)
            self.groups.append(Group(operand_of(column), self._span(column)))
            self.asked_groups = True
            return
        subject.used = True
        self.groups.append(Group(operand_of(sentence.entity_column(subject))))
        self.asked_groups = True

    def _buckets(self) -> None:
        for item in list(self.sentence.unused("bucket")):
            self._bucket(item.meaning, item)

    def _bucket(self, bucket: str, item: Item) -> None:
        sentence = self.sentence
        item.used = True
        beside = sentence.after(item, "column")
        named = beside if beside is not None and sentence.is_date(beside) else None
        if named is None:
            named = next((other for other in sentence.unused("column") if sentence.is_date(other)), None)
        if named is not None:
            named.used = True
        column = sentence.any_column(named) if named else self.default_date(item)
        if bucket == "auto":
            bucket = self._span(column)
        self.groups.append(Group(operand_of(column), bucket))
        self.asked_groups = True

    def _span(self, column: IndexedColumn) -> str:
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

    # --- superlatives

    def _superlatives(self) -> None:
        sentence = self.sentence
        for item in list(sentence.unused("super", "time_super")):
            item.used = True
            number = next(sentence.unused("number"), None)
            if number is not None:
                number.used = True
                self.limit = max(1, min(int(number.number or 1), 1000))
            if item.kind == "time_super":
                self._by_time(item)
            else:
                self._superlative(item, descending=item.meaning == "desc")

    def _by_time(self, item: Item) -> None:
        sentence = self.sentence
        dated = next((other for other in sentence.unused("column") if sentence.is_date(other)), None)
        column = sentence.any_column(dated) if dated is not None else self.default_date(item)
        if dated is not None:
            dated.used = True
        if dated is not None and self.limit is None and not any(sentence.unused("column", "noun")):
            self.measures.append(Measure("max" if item.meaning == "desc" else "min", operand_of(column)))
            return
        self.order.append(Order(item.meaning == "desc", None, operand_of(column)))
        self.row_order = True
        self.limit = self.limit or 1

    def _superlative(self, item: Item, *, descending: bool) -> None:
        sentence = self.sentence
        named = sentence.after(item, "column", "noun", "late", "value", passing=("filler", "agg", "used", "number"))
        counted = item.text.lower() in ("most", "fewest", "least", "most often", "most frequent", "most common",
                                        "least frequent", "least common", "busiest", "quietest")  # fmt: skip
        if counted and (
            named is None or named.kind == "noun" or (named.kind == "column" and not sentence.is_number(named))
        ):
            self._most_of(item, named, descending=descending)
            return
        late = next(sentence.unused("late"), None) if self.late_measure is not None else None
        if late is not None:
            late.used = True
            self._rank(self.late_operand(), descending=descending)
            return
        numeric = [other for other in sentence.unused("column") if sentence.is_number(other)]
        entity = self._entity(item)
        if self.measures:
            self._ranked_groups(entity, descending=descending)
            return
        if not numeric:
            self._without_measure(item, entity, descending=descending)
            return
        subject = named if named in numeric else numeric[0]
        assert subject is not None
        subject.used = True
        self._rank(operand_of(sentence.number_column(subject)), descending=descending, entity=entity)

    def _without_measure(self, item: Item, entity: Item | None, *, descending: bool) -> None:
        column = self.sentence.ask_measure(None, f"By which number is it the {item.text.lower()}?")
        self._rank(operand_of(column), descending=descending, entity=entity)

    def _most_of(self, item: Item, named: Item | None, *, descending: bool) -> None:
        """`which region has the most orders`, `the most common segment`."""
        sentence = self.sentence
        others = [other for other in sentence.unused("column") if other is not named and sentence.is_entity(other)]
        frequent = "often" in item.text or "frequent" in item.text or "common" in item.text
        if named is not None and named.kind == "column" and (others or self.groups) and not frequent:
            named.used = True
            assert named.mention is not None
            if any(is_unique(column, sentence.index) for column in named.mention.columns):
                self.measures.append(Measure("count"))
            else:
                identifying = [c for c in named.mention.columns if is_identifying(c.name)]
                column = identifying[0] if len(identifying) == 1 else sentence.entity_column(named)
                self.measures.append(Measure("count_distinct", operand_of(column)))
        else:
            if named is not None and named.kind == "noun":
                named.used = True
            self.measures.append(Measure("count"))
        self._ranked_groups(
            others[0] if others else (named if named is not None and not named.used else None), descending=descending
        )

    def _rank(self, operand: Operand, *, descending: bool, entity: Item | None = None) -> None:
        """Rows, groups or one extreme value, by what else the sentence names."""
        sentence = self.sentence
        if operand.note:
            sentence.notes.append(operand.note)
        entity = entity or self._entity(None)
        if entity is None and not self.groups:
            noun = next(sentence.unused("noun"), None)
            if noun is not None or self.limit is not None:
                self.row_order = True
                self.order.append(Order(descending, None, operand))
                self.limit = self.limit or 1
                return
            self.measures.append(Measure("max" if descending else "min", operand))
            return
        if entity is not None and entity.kind == "column" and self._is_row(entity):
            entity.used = True
            self.row_order = True
            self.order.append(Order(descending, None, operand))
            self.limit = self.limit or 1
            return
        self.measures.append(Measure("avg" if is_averaged(operand) else "sum", operand))
        self._ranked_groups(entity, descending=descending)

    def _ranked_groups(self, entity: Item | None, *, descending: bool) -> None:
        sentence = self.sentence
        if entity is not None and not entity.used:
            entity.used = True
            if entity.kind == "bucket_noun":
                self._bucket(BUCKET_NOUNS[singular(entity.text.lower())], entity)
            else:
                self.groups.append(Group(operand_of(sentence.entity_column(entity))))
        if not self.groups:
            raise AskBack("The highest of what? Name what shall be compared: a column of the table, or months.")
        self.order.append(Order(descending, len(self.measures) - 1))
        self.limit = self.limit or (None if self.asked_groups and not _asks_one(sentence) else 1)

    def _entity(self, item: Item | None) -> Item | None:
        """What is ranked: the column right behind the superlative, else the first that is not a number."""
        sentence = self.sentence
        entities = [
            other for other in sentence.unused("column") if sentence.is_entity(other) and not sentence.is_number(other)
        ]
        if entities:
            return entities[0]
        if not self.groups and item is not None:
            return next(sentence.unused("bucket_noun"), None)
        return None

    def _is_row(self, entity: Item) -> bool:
        assert entity.mention is not None
        columns = prefer_names(entity.mention.columns)
        return all(is_unique(column, self.sentence.index) for column in columns)


def _asks_one(sentence: Sentence) -> bool:
    return sentence.text.lower().lstrip().startswith(("which", "who", "what", "when"))


def counts_rows(column: IndexedColumn) -> frozenset[str]:
    """How the rows of a table may be called whose every row has a different value in this column: claim_id, claim."""
    words = [
        word
        for word in name_words(column.name)
        if word not in ("id", "no", "number", "nr", "num", "code", "key", "name")
    ]
    return frozenset(words) if len(words) == 1 else frozenset()
