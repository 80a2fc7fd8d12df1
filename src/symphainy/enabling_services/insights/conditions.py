"""Which rows are meant: comparisons, values, periods, missing values, negations."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from symphainy.enabling_services.insights.comparing import Comparing
from symphainy.enabling_services.insights.dating import Dating
from symphainy.enabling_services.insights.lexing import Item
from symphainy.enabling_services.insights.operands import (
    is_unique,
    operand_of,
    yes_of,
)
from symphainy.enabling_services.insights.query import AskBack, Filter, Having, Measure, Operand, Option
from symphainy.enabling_services.insights.sentence import (
    MOST_OPTIONS,
)
from symphainy.enabling_services.insights.sql_writing import condition
from symphainy.enabling_services.insights.table_index import IndexedColumn
from symphainy.enabling_services.json_values import JsonValue
from symphainy.enabling_services.parsed_file import ColumnType

_NEVER: Final = frozenset({"never", "did not", "didnt", "havent", "hasnt"})
_PERFECT: Final = frozenset({"have", "has", "had"})


@dataclass(slots=True)
class Conditions(Dating):
    late_measure: Item | None = None
    """Where lateness is asked for as a number, not as a condition."""

    def read(self) -> None:
        self._never()
        self._periods()
        Comparing.read(self)  # slots: the class that super() would know is not this one
        self._contained()
        self._missing()
        self._with()
        self._values()
        self._truths()
        self._late()

    # --- never

    def _never(self) -> None:
        """`which donors have never paid by cheque`: no row of theirs is so. Of things that have one row each it is a condition
        on that row."""
        sentence = self.sentence
        for item in list(sentence.unused("not")):
            at = sentence.items.index(item)
            heads = [o for o in sentence.items[:at] if o.kind == "column" and sentence.is_entity(o)]
            told = [o for o in sentence.items[at + 1 :] if o.kind in ("value", "period", "column")]
            past = at > 0 and sentence.items[at - 1].text.lower() in _PERFECT
            if not (past or item.text.lower() in _NEVER) or not heads or not told or sentence.is_flag(heads[0]):
                continue
            column = sentence.entity_column(heads[0])
            if is_unique(column, sentence.index):
                continue
            inside = Conditions(replace(sentence, items=[o for o in sentence.items[at + 1 :] if o.kind != "by"]))
            inside.read()
            held = next((o for o in told if o.kind == "column" and not o.used), None)
            if not inside.filters and held is not None:
                inside._null(held, "not_null")  # "never received a bonus"
            if not inside.filters:
                continue
            item.used = True
            for other in sentence.items[at + 1 :]:
                other.used = other.used or other.kind in ("column", "by")
            sql = " AND ".join(map(condition, inside.filters))
            words = " and ".join(filter.words for filter in inside.filters)
            counted = Operand(words, f"CASE WHEN {sql} THEN 1 END", "number", inside.filters[0].operand.columns)
            self.having.append(Having(Measure("count", counted), "=", (0,), f"no row where {words}"))

    # --- text, missing values, values

    def _contained(self) -> None:
        sentence = self.sentence
        for item in list(sentence.unused("contains")):
            target = sentence.after(item, "text", "unknown", "value", "column", "filler", "noun", passing=())
            if target is None:
                continue
            subject = sentence.before(item, "column", passing=("filler", "not"))
            texts = [column for column in sentence.index.columns if column.type is ColumnType.TEXT]
            if subject is None and len(texts) != 1:
                options = tuple(
                    Option(c.name, f'{sentence.text[: item.start]}"{c.name}" {sentence.text[item.start :]}')
                    for c in texts
                )
                raise AskBack(f"In which column shall “{target.text}” stand?", options[:MOST_OPTIONS])
            column = sentence.any_column(subject) if subject is not None else texts[0]
            op = f"not_{item.meaning}" if self._negated(item) else item.meaning
            item.used = target.used = True
            if subject is not None:
                subject.used = True
            value = target.text.strip("\"'“”")
            words = f"{column.name} {op.replace('_', ' ')} “{value}”"
            self.filters.append(Filter(operand_of(column), op, (value,), words))

    def _missing(self) -> None:
        sentence = self.sentence
        for item in list(sentence.unused("null", "not_null")):
            subject = sentence.after(item, "column") or sentence.before(item, "column", passing=("filler", "not"))
            if subject is None:
                continue
            op = item.meaning
            if self._negated(item):
                op = "not_null" if op == "null" else "null"
            self._null(subject, op)
            item.used = True
        for item in list(sentence.unused("not")):
            subject = sentence.after(item, "column") or self._undone(item) or self._not_dated(item)
            if subject is None or self.sentence.is_flag(subject) or sentence.after(subject, "value", "op", "contains"):
                continue
            self._null(subject, "null")
            item.used = True

    def _not_dated(self, item: Item) -> Item | None:
        """`have not been sold yet`: a word that says little elsewhere, of which a date tells that some rows lack."""
        items = self.sentence.items
        for other in items[items.index(item) + 1 :][:3]:
            mention = self.sentence.linker.columns((other.text.lower(),)) if other.kind == "filler" else None
            dated = (
                self.sentence.linker.of_kind(mention, lambda column: column.type.is_temporal and column.nulls > 0)
                if mention is not None
                else None
            )
            if dated is not None:
                other.kind, other.mention = "column", dated
                return other
            if other.kind != "filler":
                return None
        return None

    def _undone(self, item: Item) -> Item | None:
        """`have not taken the test`: what is named behind the participle is missing."""
        verb = self.sentence.after(item, "unknown")
        subject = self.sentence.after(verb, "column") if verb is not None else None
        if verb is None or subject is None or not verb.text.lower().endswith(("ed", "en", "t", "ne")):
            return None
        if not any(column.nulls for column in (subject.mention.columns if subject.mention else ())):
            return None
        verb.used = True
        return subject

    def _null(self, subject: Item, op: str) -> None:
        """What is not there: a missing value; of yes and no the no; of numbers that begin at nothing also a zero."""
        column = self.sentence.any_column(subject)
        subject.used = True
        absent = op == "null"
        yes = yes_of(column)
        if yes is not None:
            words = f"{column.name} is {'not ' if absent else ''}{str(yes).lower()}"
            self.filters.append(Filter(operand_of(column), "!=" if absent else "=", (yes,), words))
        elif column.type.is_numeric and column.minimum == 0:
            missing = " or missing" if column.nulls else ""
            operand = operand_of(column)
            if column.nulls:
                operand = replace(operand, sql=f"coalesce({operand.sql}, 0)")
            words = f"{column.name} is 0{missing}" if absent else f"{column.name} is more than 0"
            self.filters.append(Filter(operand, "=" if absent else ">", (0,), words))
        else:
            words = f"{column.name} is {'missing' if absent else 'filled in'}"
            self.filters.append(Filter(operand_of(column), op, (), words))

    def _with(self) -> None:
        """`bookings with children`: of numbers that may be nothing, those that are more."""
        sentence = self.sentence
        for item in list(sentence.unused("filler")):
            if item.text.lower() not in ("with", "having", "get", "gets", "got", "received", "have", "has"):
                continue
            subject = sentence.after(item, "column")
            if subject is None or subject.operand is not None or not sentence.is_number(subject):
                continue
            column = sentence.number_column(subject)
            others = ("op", "number", "and", "sort", "value", "by", "chart")
            if column.minimum == 0 and not sentence.after(subject, *others) and not sentence.has("chart"):
                self._null(subject, "not_null")

    def _values(self) -> None:
        sentence = self.sentence
        for item in list(sentence.unused("text")):
            self._quoted(item)
        while (item := next(sentence.unused("value"), None)) is not None:
            run = [item]
            while (
                other := sentence.after(run[-1], "value", passing=("filler", "and", "or", "not", "compare", "noun"))
            ) is not None and _shared(run[0], other):
                run.append(other)
            self._value_run(run)
        self._alternatives()

    def _alternatives(self) -> None:
        """No row has two values in one column: those that stand apart in a sentence are one or the other."""
        told: dict[str, Filter] = {}
        positive = {
            item.operand.label for item in self.filters if item.op in ("=", "in") and item.operand.kind == "text"
        }
        for item in self.filters:
            if item.op in ("!=", "not_in") and item.operand.label in positive:
                raise AskBack(
                    f"The question says of {item.operand.label} both what it is and what it is not. Which one is meant?"
                )
            if item.op in ("=", "in") and item.operand.label in told:
                before = told[item.operand.label]
                values = tuple(dict.fromkeys((*before.values, *item.values)))
                words = f"{item.operand.label} is {' or '.join(map(str, values))}"
                told[item.operand.label] = Filter(item.operand, "in" if len(values) > 1 else "=", values, words)
            else:
                told[item.operand.label if item.op in ("=", "in") else f"{item.operand.label} {id(item)}"] = item
        self.filters = list(told.values())

    def _quoted(self, item: Item) -> None:
        sentence = self.sentence
        subject = sentence.before(item, "column", passing=("filler", "op", "not"))
        mention = sentence.linker.values(re.findall(r"[^\W_]+", item.meaning.lower()))
        if mention is not None and subject is None:
            item.kind, item.mention = "value", mention
            return
        if subject is None:
            raise AskBack(f"Which column shall be “{item.meaning}”? It is not a value that I know of.")
        column = sentence.any_column(subject)
        op = "!=" if self._negated(item) else "="
        item.used = subject.used = True
        self.filters.append(
            Filter(
                operand_of(column),
                op,
                (item.meaning,),
                f"{column.name} is {'not ' if op == '!=' else ''}{item.meaning}",
            )
        )

    def _value_run(self, run: Sequence[Item]) -> None:
        sentence = self.sentence
        column = self._column_of(run)
        negated = self._negated(run[0])
        between = sentence.items[sentence.items.index(run[0]) : sentence.items.index(run[-1])]
        for item in between:
            item.used = item.used or (item.kind == "not" and negated)  # "neither A nor B"
        values: list[JsonValue] = []
        self._both(run, column)
        for item in run:
            item.used = True
            assert item.mention is not None
            for value in item.mention.values or (item.mention.value or "",):
                values.extend(sentence.linker.spelling(column, value))
        values = list(dict.fromkeys(values))
        op = ("not_in" if negated else "in") if len(values) > 1 else ("!=" if negated else "=")
        listed = " or ".join(str(value) for value in values)
        words = f"{column.name} is {'not ' if negated else ''}{listed}"
        self.filters.append(Filter(operand_of(column), op, tuple(values), words))

    def _both(self, run: Sequence[Item], column: IndexedColumn) -> None:
        """`customers with both a mortgage and a car loan`: no row is both, a customer has rows of each."""
        sentence = self.sentence
        before = sentence.items[: sentence.items.index(run[0])]
        said = any(item.text.lower() == "both" for item in before)
        heads = [item for item in before if item.kind == "column" and sentence.is_entity(item) and not item.used]
        if not said or len(run) != 2 or not heads or is_unique(sentence.entity_column(heads[0]), sentence.index):
            return
        if sentence.entity_column(heads[0]) != column:
            words = f"rows of each {column.name}"
            self.having.append(Having(Measure("count_distinct", operand_of(column)), "=", (len(run),), words))

    def _column_of(self, run: Sequence[Item]) -> IndexedColumn:
        """Where the values stand. A column named beside them decides; several columns without a name are asked "
        "about."""
        sentence = self.sentence
        assert run[0].mention is not None
        columns: tuple[IndexedColumn, ...] = run[0].mention.columns
        for beside in (
            sentence.before(run[0], "column", passing=("filler", "op", "not", "by")),
            sentence.after(run[-1], "column", passing=("filler",)),
        ):
            if beside is None or beside.mention is None or sentence.before(beside, "by"):
                continue
            shared = [column for column in columns if column in beside.mention.columns]
            if shared:
                beside.used = True
                return shared[0]
        if len(columns) != 1:
            text, item = sentence.text, run[0]
            options = tuple(
                Option(f"{c.name}: {item.text}", f'{text[: item.start]}"{c.name}" {text[item.start :]}')
                for c in columns[:MOST_OPTIONS]
            )
            raise AskBack(f"“{item.text}” stands in more than one column. Which one do you mean?", options)
        return columns[0]

    def _truths(self) -> None:
        """A column of yes and no that is named as a property: `returned orders`."""
        sentence = self.sentence
        for item in list(sentence.unused("column")):
            if not self.sentence.is_flag(item) or sentence.before(item, "by") or sentence.has("agg", "distinct"):
                continue
            if sentence.has("relate"):
                continue
            column = sentence.any_column(item)
            item.used = True
            yes, truth = yes_of(column), not self._negated(item)
            if yes is True:
                words = f"{column.name} is {'true' if truth else 'false'}"
                self.filters.append(Filter(operand_of(column), "=", (truth,), words))
            else:
                words = f"{column.name} is {'' if truth else 'not '}{yes}"
                self.filters.append(Filter(operand_of(column), "=" if truth else "!=", (yes,), words))

    def _late(self) -> None:
        sentence = self.sentence
        for item in list(sentence.unused("late")):
            if sentence.has("relate"):
                return
            at = sentence.items.index(item)
            counted = at > 0 and sentence.items[at - 1].text.lower() == "days"
            if counted:
                sentence.items[at - 1].used = True
            asked = sentence.before(
                item, "agg", "super", "by", "sort", passing=("filler", "used", "direction", "bucket_noun")
            )
            if counted and asked is not None and asked.meaning == "count":
                asked.used = True  # "how many days late are they on average"
                self.late_measure = item
                continue
            if (asked is not None and asked.meaning not in ("count", "share", "distinct")) or self.late_measure:
                self.late_measure = item
                continue
            item.used = True
            if any(filter.operand.kind == "number" and "days from" in filter.operand.label for filter in self.filters):
                continue  # "late, that is after the promised date"
            for beside in (sentence.before(item, "column"), sentence.after(item, "column")):
                if beside is not None and sentence.may_be_date(beside):
                    beside.used = True  # "pay late", "delivered late": the date is in the lateness already
            operand = self.late_operand()
            late = (item.meaning != "on_time") is not self._negated(item)
            self._add(operand, ">" if late else "<=", [Item("number", "0", 0, 0, number=0.0)])


def _shared(one: Item, other: Item) -> bool:
    return bool(one.mention and other.mention and set(one.mention.columns) & set(other.mention.columns))
