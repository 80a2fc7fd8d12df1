"""Superlatives: the highest, the first five, the newest, the most of something."""

from __future__ import annotations

from typing import Final

from symphainy.enabling_services.insights.adjectives import IMPLIED
from symphainy.enabling_services.insights.lexing import Item
from symphainy.enabling_services.insights.linking import Mention, is_identifying, name_words
from symphainy.enabling_services.insights.measuring import Measuring
from symphainy.enabling_services.insights.operands import is_averaged, is_unique, operand_of, persons_of, prefer_names
from symphainy.enabling_services.insights.query import AskBack, Filter, Group, Measure, Operand, Order
from symphainy.enabling_services.insights.sentence import Sentence
from symphainy.enabling_services.insights.table_index import IndexedColumn
from symphainy.enabling_services.insights.vocabulary import BUCKET_NOUNS, singular

_COUNTED: Final = frozenset(
    [
        "most",
        "fewest",
        "least",
        "most often",
        "most frequent",
        "most common",
        "least frequent",
        "least common",
        "main",
        "leading",
        "most popular",
        "least popular",
        "rarest",
        "most frequently",
        "most commonly",
        "least often",
        "busiest",
        "quietest",
    ]
)  # fmt: skip
"""Superlatives of how many rows there are, where no number is named."""


_EXTREMES: Final = frozenset({"highest", "lowest", "largest", "smallest", "biggest", "greatest", "longest", "shortest"})
_LEADING: Final = frozenset({"top", "first", "bottom"})
_LONG: Final = frozenset({"longest", "shortest", "slowest", "fastest", "quickest"})


class Ranking(Measuring):
    """Reads the superlatives after everything else that is computed."""

    def read(self) -> None:
        super().read()
        self._superlatives()

    def _superlatives(self) -> None:
        sentence = self.sentence
        told = list(sentence.unused("super", "time_super"))
        for item in told:
            if len(told) > 1 and item.text.lower() in _LEADING and item is not told[-1]:
                item.used = True  # "the top 3 runs with the highest downtime"
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
        aged = self._aged(item)
        if aged is not None:
            aged.used = True
            self._rank(sentence.measure(aged), descending=item.text.lower() == "oldest")
            return
        dated = next((other for other in sentence.unused("column") if sentence.is_date(other)), None)
        column = sentence.any_column(dated) if dated is not None else self.default_date(item)
        if dated is not None:
            dated.used = True
        if dated is not None and self.limit is None and not any(sentence.unused("column", "noun")):
            self.measures.append(Measure("max" if item.meaning == "desc" else "min", operand_of(column)))
            return
        for entity in sentence.unused("column"):
            if self.groups and sentence.is_entity(entity) and self._is_row(entity):
                entity.used = True
        self._within_groups()
        self.order.append(Order(item.meaning == "desc", None, operand_of(column)))
        self.row_order = True
        self.limit = self.limit or 1

    def _aged(self, item: Item) -> Item | None:
        """`the oldest` of a table of people is about their age."""
        sentence = self.sentence
        if item.text.lower() not in ("oldest", "youngest"):
            return None
        named = [other for other in sentence.unused("column") if sentence.is_number(other)]
        if named and named[0].mention and "age" in name_words(named[0].mention.columns[0].name):
            return named[0]
        mention = sentence.linker.exact_column("age")
        if mention is None or any(sentence.is_date(other) for other in sentence.unused("column")):
            return None
        return Item("column", item.text, item.start, item.end, mention=Mention((mention,), 1.0))

    def _superlative(self, item: Item, *, descending: bool) -> None:
        sentence = self.sentence
        if sentence.has("agg", "rate") or sentence.has("agg", "share"):
            entity = self._entity(item)
            if entity is not None and entity.kind == "column":
                entity.used = True
                self.groups.append(Group(operand_of(sentence.entity_column(entity))))
                self.order.append(Order(descending, 0))
                self.limit = self.limit or 1
                return
        if sentence.has("growth"):
            for noun in sentence.unused("bucket_noun"):
                self.bucket(BUCKET_NOUNS[singular(noun.text.lower())], noun)
            self.order.append(Order(descending, 0))
            self.limit = self.limit or 1
            return
        named = sentence.after(item, "column", "noun", "late", "value", passing=("filler", "agg", "used", "number"))
        counted = item.text.lower() in _COUNTED
        before = [other for other in sentence.unused("column") if other.end <= item.start and sentence.is_number(other)]
        if named is None and before and item.text.lower() in ("most", "least"):
            counted, named = False, before[-1]  # "which customer owes the most"
        if named is None and self.measures and item.text.lower() in ("most", "least"):
            counted = False  # "who visited us most in total"
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
        noun = next(sentence.unused("noun"), None)
        if self.pieces is not None and noun is not None and entity is None and not self.groups:
            noun.used = self.row_order = True
            self.measures = []
            self.order.append(Order(descending, None, self.pieces))
            self.limit = self.limit or 1
            return
        if self.measures:
            self._ranked_groups(entity, descending=descending)
            return
        if numeric and entity is None and self.per and self.limit is None and item.text.lower() in _EXTREMES:
            self._extreme_of_each(named if named in numeric else numeric[0], descending=descending)
            return
        implied = None if numeric else sentence.implied(item)
        if implied is not None:
            self._rank(sentence.measure(implied), descending=descending, entity=entity)
            return
        if not numeric:
            self._without_measure(item, entity, descending=descending)
            return
        subject = named if named in numeric else numeric[0]
        subject = self._span(item, numeric) or subject
        assert subject is not None
        subject.used = True
        self._rank(sentence.measure(subject), descending=descending, entity=entity)

    def _span(self, item: Item, numeric: list[Item]) -> Item | None:
        """`the longest, counted in days from A to B`: those days, and no other number."""
        spans = [other for other in numeric if other.operand is not None and other.operand.label.startswith("days ")]
        if not spans or item.text.lower() not in _LONG:
            return None
        for other in self.sentence.unused("column"):
            other.used = other.used or (other.mention is not None and not self.sentence.is_entity(other))
        return spans[0]

    def _extreme_of_each(self, subject: Item, *, descending: bool) -> None:
        """`the highest price in each town`."""
        subject.used = True
        self.measures.append(Measure("max" if descending else "min", self.sentence.measure(subject)))

    def _without_measure(self, item: Item, entity: Item | None, *, descending: bool) -> None:
        if IMPLIED.get(item.text.lower()) and item.text.lower() not in ("best", "worst"):
            raise AskBack(f"By which number is it the {item.text.lower()}? No column of this table says that.")
        column = self.sentence.ask_measure(None, f"By which number is it the {item.text.lower()}?")
        self._rank(operand_of(column), descending=descending, entity=entity)

    def _most_of(self, item: Item, named: Item | None, *, descending: bool) -> None:
        """`which region has the most orders`, `the most common segment`."""
        sentence = self.sentence
        others = [other for other in sentence.unused("column") if other is not named and sentence.is_entity(other)]
        frequent = any(word in item.text.lower() for word in ("often", "frequent", "common", "main", "leading"))
        person = None if others or self.groups else self._person()
        if named is not None and named.kind == "column" and (others or self.groups or person) and not frequent:
            named.used = True
            assert named.mention is not None
            keys = [column for column in named.mention.columns if is_identifying(column.name)]
            rows = not keys and sentence.calls_rows(named)
            if rows or any(is_unique(c, sentence.index) for c in named.mention.columns) or self.repeats(named, keys):
                self.measures.append(Measure("count"))
            else:
                identifying = [c for c in named.mention.columns if is_identifying(c.name)]
                column = identifying[0] if len(identifying) == 1 else sentence.entity_column(named)
                self.measures.append(Measure("count_distinct", operand_of(column)))
        else:
            if named is not None and named.kind == "noun":
                named.used = True
            self.measures.append(Measure("count"))
            if frequent and named is not None and named.kind == "column":
                column = sentence.entity_column(named)
                if column.nulls:
                    self.filled.append(Filter(operand_of(column), "not_null", (), f"{column.name} is filled in"))
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
            self._within_groups()
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
            self.each = tuple(self.groups)
            if entity.kind == "bucket_noun":
                self.bucket(BUCKET_NOUNS[singular(entity.text.lower())], entity)
            else:
                self.groups.append(Group(operand_of(sentence.entity_column(entity))))
        if not self.groups:
            person = self._person()
            if person is not None:
                self.groups.append(Group(operand_of(person)))
        if not self.groups and (noun := next(sentence.unused("bucket_noun"), None)) is not None:
            self.bucket(BUCKET_NOUNS[singular(noun.text.lower())], noun)
        if not self.groups:
            raise AskBack("The highest of what? Name what shall be compared: a column of the table, or months.")
        self.order.append(Order(descending, len(self.measures) - 1))
        listed = self.asked_groups and not self.each and not _asks_one(sentence)
        self.limit = self.limit or (None if listed else 1)

    def _within_groups(self) -> None:
        """`the best paid in each department`: the limit counts within each."""
        self.each, self.groups = tuple(self.groups), []

    def _person(self) -> IndexedColumn | None:
        """Who `who` may be: the only column of persons."""
        sentence = self.sentence
        if not sentence.text.lower().lstrip().startswith("who"):
            return None
        persons = persons_of(sentence.index)
        if len(persons) != 1:
            return None
        sentence.notes.append(f"“Who” is taken from {persons[0].name}.")
        return persons[0]

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
        columns = prefer_names(entity.mention.columns, (entity.text,))
        return all(is_unique(column, self.sentence.index) for column in columns)


def _asks_one(sentence: Sentence) -> bool:
    return sentence.text.lower().lstrip().startswith(("which", "who", "what", "when"))
