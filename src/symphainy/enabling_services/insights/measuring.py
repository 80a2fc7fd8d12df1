"""What is computed: aggregates, groups, superlatives, the first N, the order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from symphainy.enabling_services.insights.derived import Deriving
from symphainy.enabling_services.insights.grouping import Grouping
from symphainy.enabling_services.insights.lexing import Item
from symphainy.enabling_services.insights.linking import Mention, is_identifying, name_words
from symphainy.enabling_services.insights.operands import (
    dates_of,
    days_between,
    is_averaged,
    is_unique,
    lateness,
    measures_of,
    operand_of,
    persons_of,
    ratio_of,
)
from symphainy.enabling_services.insights.query import AskBack, Measure, Operand
from symphainy.enabling_services.insights.sentence import Sentence
from symphainy.enabling_services.insights.table_index import IndexedColumn
from symphainy.enabling_services.insights.vocabulary import (
    ATTRIBUTES,
    COUNTED_UNITS,
    PERSON_NOUNS,
    TIME_UNITS,
    TIME_WORDS,
    UNITS,
    singular,
)
from symphainy.enabling_services.parsed_file import ColumnType

_FEW_ROWS_EACH: Final = 0.4
_COMPUTED: Final = frozenset({"sum", "avg", "median", "min", "max"})


@dataclass(slots=True)
class Measuring(Grouping):
    """Reads what is left of a sentence after its conditions."""

    def read(self) -> None:
        self._between_dates()
        self._aggregates()
        self._groups()
        self._buckets()
        self._sorting()

    # --- aggregates

    def _between_dates(self) -> None:
        """`days between order date and ship date`."""
        sentence = self.sentence
        for item in list(sentence.unused("op")):
            first = sentence.after(item, "column") or self._dated(item)
            second = sentence.after(first, "column", passing=("filler", "and", "noun")) if first else None
            if first and second and sentence.may_be_date(first) and sentence.may_be_date(second):
                operand = days_between(sentence.date_column(first), sentence.date_column(second))
                for part in (item, first, second):
                    part.used = True
                for noun in sentence.unused("bucket_noun"):
                    noun.used = True
                agg = next((item for item in sentence.unused("agg") if item.meaning in _COMPUTED), None)
                if agg is not None:
                    agg.used = True
                self.measures.append(Measure(agg.meaning if agg else "avg", operand))

    def _dated(self, item: Item) -> Item | None:
        """`between buying a car and selling it`: what is done, of which a date tells."""
        verb = self.sentence.after(item, "unknown", "filler", passing=())
        mention = self.sentence.linker.columns((verb.text.lower(),)) if verb is not None else None
        dated = self.sentence.linker.of_kind(mention, lambda c: c.type.is_temporal) if mention is not None else None
        if verb is None or dated is None:
            return None
        verb.kind, verb.mention = "column", dated
        return verb

    def _aggregates(self) -> None:
        sentence = self.sentence
        aggs = [item for item in sentence.unused("agg") if item.meaning not in ("share", "rate", "distinct", "summary")]
        computed = [item for item in aggs if item.meaning != "sum"]
        aggs.sort(key=lambda item: item.meaning not in ("duration", "ratio"))
        for item in aggs:
            if item.used:
                continue  # "average number of calls"
            if (
                item.meaning == "sum"
                and any(m.aggregate == "sum" for m in self.measures)
                and not sentence.after(item, "column")
            ):
                item.used = True  # "how much did we receive in total"
                continue
            how_much = item.text.lower() == "how much"
            if item.meaning == "sum" and computed and (how_much or not sentence.after(item, "column")):
                item.used = True  # "how much is the average ..."
                continue
            self._aggregate(item)

    def _aggregate(self, item: Item) -> None:
        sentence = self.sentence
        item.used = True
        if item.meaning == "count":
            self._count(item)
            return
        if item.meaning == "duration":
            self._duration(item)
            return
        if item.meaning == "ratio":
            self._ratio(item)
            return
        if self.late_measure is not None and not self.late_measure.used:
            late = sentence.after(item, "late", passing=("filler", "bucket_noun"))
            if late is None and not any(sentence.is_number(other) for other in sentence.unused("column")):
                late = self.late_measure
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
        counted = sentence.after(item, "agg")
        if counted is not None and counted.meaning == "count" and subject is not None and sentence.is_number(subject):
            counted.used = True
        if subject is None or not sentence.is_number(subject):
            subject = next((other for other in sentence.unused("column") if sentence.is_number(other)), None)
        if subject is None:
            subject = self._implied_measure()
        if subject is None:
            if item.meaning == "sum" and sentence.has("agg", "count"):
                return
            money = sentence.linker.columns(("revenue",)) if item.text.lower() == "how much" else None
            if money is not None and len(money.columns) == 1:
                self.measures.append(Measure("sum", operand_of(money.columns[0])))
                return
            column = sentence.ask_measure(
                item, f"{item.text.capitalize()} of what? I can compute it for these columns:"
            )
            self.measures.append(Measure(item.meaning, operand_of(column)))
            return
        subject.used = True
        self.measures.append(Measure(item.meaning, sentence.measure(subject)))
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
        if subject not in sentence.items:
            return
        while (other := sentence.after(subject, "column", passing=("filler", "and"))) is not None:
            if not sentence.is_number(other):
                return
            other.used = True
            self.measures.append(Measure(aggregate, sentence.measure(other)))
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
        self._averaged_count(item, subject)
        if self.measures and self.outer is None and subject is not None and subject.used:
            return
        pieces = self._pieces(item, subject)
        if pieces is not None:
            self.measures.append(Measure("sum", pieces))
            return
        if subject is not None and subject.kind == "noun" and (person := self._person_counted(subject)) is not None:
            subject.used = True
            self.measures.append(Measure("count_distinct", operand_of(person)))
            return
        if subject is not None and subject.kind == "column" and not sentence.before(subject, "by"):
            subject.used = True
            assert subject.mention is not None
            columns = subject.mention.columns
            if sentence.is_date(subject):
                self.measures.append(Measure("count", operand_of(sentence.any_column(subject))))
                return
            if sentence.is_number(subject) and not sentence.is_entity(subject) and not _said(sentence, "distinct"):
                operand = sentence.measure(subject)
                if not is_averaged(operand) and _counts_something(operand, subject, sentence):
                    self.measures.append(Measure("sum", operand))
                else:
                    self.measures.append(Measure("count"))
                return
            unique = [column for column in columns if is_unique(column, sentence.index)]
            identifying = [column for column in columns if is_identifying(column.name)]
            rows = not identifying and sentence.calls_rows(subject) and not _said(sentence, "distinct")
            if unique or rows or self._is_kind(subject) or self.repeats(subject, identifying):
                self.measures.append(Measure("count"))
                return
            column = identifying[0] if len(identifying) == 1 else sentence.any_column(subject)
            self.measures.append(Measure("count_distinct", operand_of(column)))
            return
        if subject is not None:
            subject.used = True
        self.measures.append(Measure("count"))

    def _person_counted(self, subject: Item) -> IndexedColumn | None:
        """`how many different people opened a ticket`: each person once, where one column tells who they are and the same ones
        come again."""
        sentence = self.sentence
        if singular(subject.text.lower()) not in PERSON_NOUNS and subject.text.lower() not in PERSON_NOUNS:
            return None
        persons = persons_of(sentence.index)
        if len(persons) > 1 and _said(sentence, "distinct"):
            subject.mention = Mention(tuple(persons), 0.5)
            return sentence.any_column(subject)
        if len(persons) != 1 or is_unique(persons[0], sentence.index):
            return None
        sentence.notes.append(f"“{subject.text}” are counted by {persons[0].name}, each once.")
        return persons[0]

    def _is_kind(self, subject: Item) -> bool:
        """`how many vehicles`, where a column holds the class of each: what has the class are the rows."""
        assert subject.mention is not None
        said = set(name_words(subject.text))
        names = [name_words(column.name) for column in subject.mention.columns]
        kinds = all(len(words) > 1 and words[-1] in ATTRIBUTES and words[-1] not in said for words in names)
        if kinds and not _said(self.sentence, "distinct"):
            self.sentence.notes.append(f"Each row is taken for one of the {subject.text}.")
        return kinds and not _said(self.sentence, "distinct")

    def _pieces(self, item: Item, subject: Item | None) -> Operand | None:
        """`how many items were returned`, `how many tents did we sell`: the column that counts pieces, added up."""
        sentence = self.sentence
        deriving = Deriving(sentence.linker, sentence.today)
        counted = subject is not None and (subject.kind == "noun" or not sentence.is_number(subject))
        for other in sentence.unused("column"):
            behind = counted and subject is not None and other.start > subject.end
            if behind and other.mention is not None and other.text.lower().endswith(("ed", "en")):
                columns = [column for column in other.mention.columns if deriving.counts_pieces(column)]
                if len(columns) == 1 and subject is not None and _means_pieces(subject):
                    other.used = subject.used = True
                    return operand_of(columns[0])
        value = sentence.after_any(item, "value") if subject is None else None
        quantity = deriving.quantity()
        if value is None or quantity is None or sentence.following(value, "noun", "column", "value"):
            return None
        return operand_of(quantity)

    def _averaged_count(self, item: Item, subject: Item | None) -> None:
        """`number of orders per customer on average`: counted for each first. A column that holds such numbers is averaged."""
        sentence = self.sentence
        outer = next((o for o in sentence.unused("agg", "outer") if o.meaning in ("avg", "median", "min", "max")), None)
        if outer is None or outer is item:
            return
        numbers = [other for other in sentence.unused("column") if sentence.is_number(other) and other is not subject]
        if subject is not None and subject.kind == "column" and sentence.is_number(subject):
            outer.used = subject.used = True
            self.measures.append(Measure(outer.meaning, sentence.measure(subject)))
        elif not numbers:
            outer.used = True
            self.outer = outer.meaning

    def _implied_measure(self) -> Item | None:
        """`the fastest on average`: what the superlative is about."""
        for item in self.sentence.unused("super"):
            if (implied := self.sentence.implied(item)) is not None:
                return implied
        return None

    def _ratio(self, item: Item) -> None:
        """`ratio of paid to claimed`, `paid / claimed`, the profit margin."""
        sentence = self.sentence
        named = [other for other in sentence.unused("column") if sentence.is_number(other)]
        if "margin" in item.text.lower() and not named:
            margin = Deriving(sentence.linker, sentence.today).margin()
            if margin is not None:
                self.measures.append(Measure("ratio", margin))
                return
        operands = [sentence.measure(other) for other in named[:2]]
        if len(operands) != 2 or operands[0] == operands[1]:
            raise AskBack("The ratio of what to what? Name two columns of numbers, for example `ratio of … to …`.")
        for other in named[:2]:
            other.used = True
            total = sentence.before(other, "agg")
            if total is not None and total.meaning == "sum":
                total.used = True  # "total spent divided by total clicks"
        found = ratio_of(*operands)
        if item.text.lower().startswith("as "):
            found = replace(found, label=f"{found.label} in %", sql=f"100.0 * {found.sql}")
        self.measures.append(Measure("ratio", found))

    def _duration(self, item: Item) -> None:
        """`how long does it take to close a deal`: the column that says so, or the days from the first date to the one that
        is named."""
        sentence = self.sentence
        for other in sentence.unused("agg"):
            other.used = other.meaning == "duration"
        computed = [other for other in sentence.unused("agg") if other.meaning in ("avg", "median", "min", "max")]
        for other in computed:
            other.used = True
        aggregate = computed[0].meaning if computed else "avg"
        numbers = [other for other in sentence.unused("column") if sentence.is_number(other)]
        spans = [column for column in measures_of(sentence.index) if TIME_WORDS & set(name_words(column.name))]
        dated = [other for other in sentence.unused("column") if sentence.is_date(other)]
        if dated:
            done = {word for other in dated for word in name_words(other.text)}
            spans = [column for column in spans if done & set(name_words(column.name))]
        dates = dates_of(sentence.index)
        if numbers or len(spans) == 1:
            operand = sentence.measure(numbers[0]) if numbers else operand_of(spans[0])
            for other in (*numbers[:1], *dated):
                other.used = True
            self.measures.append(Measure(aggregate, operand))
            return
        if len(dated) == 2:
            first, last = (sentence.date_column(other) for other in dated)
            for other in dated:
                other.used = True
            self.measures.append(Measure(aggregate, days_between(first, last)))
            return
        if len(dated) != 1 or len(dates) < 2 or sentence.date_column(dated[0]) == dates[0]:
            raise AskBack("How long from when to when? Name the two dates, for example “average days between … and …”.")
        dated[0].used = True
        self.measures.append(Measure(aggregate, days_between(dates[0], sentence.date_column(dated[0]))))
        for noun in sentence.unused("noun"):
            noun.used = True

    def repeats(self, subject: Item, identifying: Sequence[IndexedColumn]) -> bool:
        """`flights` of a table of flights are its rows, though a flight number comes again and again; `orders` whose id stands
        in few rows each are counted by their ids."""
        index = self.sentence.index
        named = singular(subject.text.lower()) in name_words(index.table)
        return named and all(column.distinct < _FEW_ROWS_EACH * index.rows for column in identifying)


def _counts_something(operand: Operand, item: Item, sentence: Sentence) -> bool:
    """Units, nights, hours can be added up to how many they are; amounts of money cannot, they stand for their rows."""
    if operand.is_column and sentence.index.column(operand.label).type is ColumnType.INTEGER:
        return True
    words = {form for word in item.text.lower().split() for form in (word, singular(word))}
    return bool(words & UNITS or words & TIME_UNITS.keys() or words & COUNTED_UNITS)


def _means_pieces(item: Item) -> bool:
    return singular(item.text.lower()) in ("item", "product", "unit", "piece", "article", "good", "part")


def _said(sentence: Sentence, meaning: str) -> bool:
    return any(item.kind == "agg" and item.meaning == meaning for item in sentence.items)


def counts_rows(column: IndexedColumn) -> frozenset[str]:
    """How the rows of a table may be called whose every row has a different value in this column: claim_id, claim."""
    words = [
        word
        for word in name_words(column.name)
        if word not in ("id", "no", "number", "nr", "num", "code", "key", "name")
    ]
    return frozenset(words) if len(words) == 1 else frozenset()
