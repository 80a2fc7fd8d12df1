"""Which rows are meant: comparisons, values, periods, missing values, negations."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from symphainy.enabling_services.insights.lexing import Item
from symphainy.enabling_services.insights.operands import dates_of, is_averaged, lateness, measures_of, operand_of
from symphainy.enabling_services.insights.query import AskBack, Filter, Having, Measure, Operand, Option
from symphainy.enabling_services.insights.sentence import AGGREGATE_WORDS, MOST_OPTIONS, Sentence, plain_number, said
from symphainy.enabling_services.insights.table_index import IndexedColumn
from symphainy.enabling_services.insights.vocabulary import IMPLIED
from symphainy.enabling_services.json_values import JsonValue
from symphainy.enabling_services.parsed_file import ColumnType

_INVERSE: Final = {">": "<=", ">=": "<", "<": ">=", "<=": ">", "=": "!=", "!=": "="}
_ROLLED: Final = ("sum", "avg", "median", "min", "max", "count")


@dataclass(slots=True)
class Conditions:
    sentence: Sentence
    filters: list[Filter] = field(default_factory=list[Filter])
    having: list[Having] = field(default_factory=list[Having])
    late_measure: Item | None = None
    """Where lateness is asked for as a number, not as a condition."""

    def read(self) -> None:
        self._periods()
        self._comparisons()
        self._contained()
        self._missing()
        self._values()
        self._truths()
        self._late()

    # --- periods

    def _periods(self) -> None:
        sentence = self.sentence
        for item in list(sentence.unused("period")):
            assert item.period is not None
            column_item = sentence.before(item, "column", passing=("filler", "op", "by"))
            if column_item is None or not self._dates(column_item):
                column_item = sentence.after(item, "column")
            column = None
            if column_item is not None and self._dates(column_item):
                column = sentence.date_column(column_item)
                column_item.used = True
            column = column or self.default_date(item)
            period = item.period
            item.used = True
            negated = self._negated(item)
            words = f"{column.name} {'not ' if negated else ''}{period.words if ' ' in period.words else 'in ' + period.words}"
            if period.month is not None:
                found = Filter(operand_of(column), "not_month" if negated else "month", (period.month,), words)
            else:
                ends = tuple(day.isoformat() if day else None for day in (period.start, period.end))
                found = Filter(operand_of(column), "not_period" if negated else "period", ends, words)
            if period.relative:
                sentence.notes.append("Periods like “last 30 days” count back from the newest day in the data.")
            self.filters.append(found)

    def _dates(self, item: Item) -> bool:
        return self.sentence.may_be_date(item) and not self.sentence.is_entity(item)

    def default_date(self, item: Item | None) -> IndexedColumn:
        """The only date column; of several the first, said in a note."""
        dates = dates_of(self.sentence.index)
        if not dates:
            raise AskBack("This table has no date, so it cannot be limited to a period or shown over time.")
        if len(dates) > 1:
            others = " or ".join(column.name for column in dates[1:3])
            note = f"Time is taken from {dates[0].name}; {others} can be asked for by name."
            if note not in self.sentence.notes:
                self.sentence.notes.append(note)
        return dates[0]

    # --- comparisons with numbers

    def _comparisons(self) -> None:
        sentence = self.sentence
        for item in list(sentence.unused("op")):
            first = sentence.after(item, "number", passing=("filler", "agg"))
            if first is None:
                self._equal_value(item)
                continue
            numbers = [first]
            if item.meaning == "between":
                second = sentence.after(first, "number", passing=("filler", "and"))
                if second is None:
                    continue
                numbers.append(second)
            self._comparison(item, numbers)

    def _equal_value(self, item: Item) -> None:
        """`segment = Consumer`: the value says it."""
        if item.meaning in ("=", "!=") and self.sentence.after(item, "value", "text"):
            item.used = True
            if item.meaning == "!=":
                item.kind, item.used = "not", False

    def _comparison(self, item: Item, numbers: Sequence[Item]) -> None:
        sentence = self.sentence
        late = sentence.after(numbers[-1], "late") or sentence.before(item, "late", passing=("filler", "not"))
        subject = self._subject(item, numbers[-1])
        implied = self._implied(item) if subject is None else None
        named = subject is not None and subject.kind != "noun"
        agg = sentence.before(subject, "agg", "super") if named and subject is not None else None
        negated = self._negated(item)
        op = _INVERSE.get(item.meaning, item.meaning) if negated else item.meaning
        for part in (item, *numbers):
            part.used = True
        if implied is not None:
            self._add(operand_of(sentence.number_column(implied)), op, numbers)
            return
        if late is not None:
            late.used = True
            operand = self.late_operand()
            self._add(operand, op, numbers)
            return
        measures = measures_of(sentence.index)
        if subject is None and len(measures) == 1:
            self._add(operand_of(measures[0]), op, numbers)
            return
        if subject is None:
            raise self._which_number(item, numbers)
        if self._counts(subject) or (agg is not None and agg.meaning in _ROLLED and self._other_entity(subject)):
            self._rolled(subject, agg, op, numbers)
            return
        subject.used = True
        self._add(operand_of(sentence.number_column(subject)), op, numbers)

    def _subject(self, item: Item, last: Item) -> Item | None:
        """The column that is compared: in front of the comparison, or right behind the number."""
        sentence = self.sentence
        behind = sentence.after(last, "column", "noun")
        front = sentence.before(item, "column", passing=("filler", "not", "agg"))
        if front is not None and sentence.is_number(front):
            return front
        if behind is not None and (behind.kind == "noun" or sentence.is_number(behind) or front is not None):
            return behind
        return behind if behind is not None and sentence.is_entity(behind) else None

    def _implied(self, item: Item) -> Item | None:
        """`older than 60` is about an age."""
        for word in IMPLIED.get(item.text.lower().removesuffix(" than"), ()):
            mention = self.sentence.linker.columns((word,))
            if mention is not None:
                return Item("column", word, item.start, item.end, mention=mention)
        return None

    def _counts(self, subject: Item) -> bool:
        return subject.kind == "noun" or not self.sentence.is_number(subject)

    def _other_entity(self, subject: Item) -> bool:
        return any(item is not subject and self.sentence.is_entity(item) for item in self.sentence.unused("column"))

    def _rolled(self, subject: Item, agg: Item | None, op: str, numbers: Sequence[Item]) -> None:
        """A condition on a group: more than five orders, an average below fifty."""
        sentence = self.sentence
        subject.used = True
        if agg is not None and agg.meaning in _ROLLED:
            agg.used = True
        if subject.kind == "noun":
            measure = Measure("count")
            what = "rows"
        elif self._counts(subject):
            measure = Measure("count_distinct", operand_of(sentence.entity_column(subject)))
            what = f"different values of {measure.operand.label if measure.operand else ''}"
        else:
            operand = operand_of(sentence.number_column(subject))
            aggregate = agg.meaning if agg is not None else ("avg" if is_averaged(operand) else "sum")
            measure = Measure(aggregate, operand)
            what = f"{AGGREGATE_WORDS.get(aggregate, aggregate)} {operand.label}"
        values = tuple(plain_number(number.number) for number in numbers)
        self.having.append(Having(measure, op, values, f"{what} {said(op, values)}"))

    def _add(self, operand: Operand, op: str, numbers: Sequence[Item]) -> None:
        values = tuple(self._in_unit(operand, number) for number in numbers)
        if operand.note:
            self.sentence.notes.append(operand.note)
        if op == "between":
            values = tuple(sorted(values))
        self.filters.append(Filter(operand, op, values, f"{operand.label} {said(op, values)}"))

    def _in_unit(self, operand: Operand, item: Item) -> float | int:
        """20 % of a column that holds 0 to 1 is 0.2; 20 of it is asked about."""
        value = item.number or 0.0
        column = self.sentence.index.column(operand.columns[0]) if operand.is_column else None
        value = self.sentence.in_time_unit(operand, item.unit, value)
        if (
            column is None
            or column.maximum is None
            or not -1 <= float(column.minimum or 0) <= float(column.maximum) <= 1
        ):
            return plain_number(value)
        if item.unit == "%":
            self.sentence.notes.append(f"{column.name} is stored as a fraction, so {value:g} % is {value / 100:g}.")
            return value / 100
        if abs(value) > 1 and column.type is not ColumnType.INTEGER:
            at = self.sentence.text
            reason = f"{column.name} runs from {float(column.minimum or 0):g} to {float(column.maximum):g}. Do you mean {value:g} %?"
            percent = f"{at[: item.start]}{value:g}%{at[item.end :]}"
            raise AskBack(reason, (Option(f"Yes, {value:g} % ({value / 100:g})", percent),))
        return plain_number(value)

    def _which_number(self, item: Item, numbers: Sequence[Item]) -> AskBack:
        measures = measures_of(self.sentence.index)
        text = self.sentence.text
        at = min(item.start, numbers[0].start)
        options = tuple(
            Option(column.name, f'{text[:at]}"{column.name}" {text[at:]}') for column in measures[:MOST_OPTIONS]
        )
        return AskBack(f"Which column shall be {said(item.meaning, [n.number or 0 for n in numbers])}?", options)

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
            subject = sentence.after(item, "column")
            if subject is None or self._is_boolean(subject) or sentence.after(subject, "value", "op", "contains"):
                continue
            self._null(subject, "null")
            item.used = True

    def _null(self, subject: Item, op: str) -> None:
        column = self.sentence.any_column(subject)
        subject.used = True
        words = f"{column.name} is {'missing' if op == 'null' else 'filled in'}"
        self.filters.append(Filter(operand_of(column), op, (), words))

    def _values(self) -> None:
        sentence = self.sentence
        for item in list(sentence.unused("text")):
            self._quoted(item)
        while (item := next(sentence.unused("value"), None)) is not None:
            run = [item]
            while (
                other := sentence.after(run[-1], "value", passing=("filler", "and", "or", "not", "compare"))
            ) is not None and _shared(run[0], other):
                run.append(other)
            self._value_run(run)

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
        values: list[JsonValue] = []
        for item in run:
            item.used = True
            assert item.mention is not None
            values.extend(sentence.linker.spelling(column, item.mention.value or ""))
        values = list(dict.fromkeys(values))
        op = ("not_in" if negated else "in") if len(values) > 1 else ("!=" if negated else "=")
        listed = " or ".join(str(value) for value in values)
        words = f"{column.name} is {'not ' if negated else ''}{listed}"
        self.filters.append(Filter(operand_of(column), op, tuple(values), words))

    def _column_of(self, run: Sequence[Item]) -> IndexedColumn:
        """Where the values stand. A column named beside them decides; several columns without a name are asked "
        "about."""
        sentence = self.sentence
        assert run[0].mention is not None
        columns: tuple[IndexedColumn, ...] = run[0].mention.columns
        for beside in (
            sentence.before(run[0], "column", passing=("filler", "op", "not")),
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
            if not self._is_boolean(item) or sentence.before(item, "by") or sentence.has("agg", "distinct"):
                continue
            column = sentence.any_column(item)
            item.used = True
            truth = not self._negated(item)
            words = f"{column.name} is {'true' if truth else 'false'}"
            self.filters.append(Filter(operand_of(column), "=", (truth,), words))

    def _late(self) -> None:
        sentence = self.sentence
        for item in list(sentence.unused("late")):
            asked = sentence.before(
                item, "agg", "super", "by", "sort", passing=("filler", "used", "direction", "bucket_noun")
            )
            if (asked is not None and asked.meaning not in ("count", "share", "distinct")) or self.late_measure:
                self.late_measure = item
                continue
            item.used = True
            operand = self.late_operand()
            late = (item.meaning != "on_time") is not self._negated(item)
            self._add(operand, ">" if late else "<=", [Item("number", "0", 0, 0, number=0.0)])

    def late_operand(self) -> Operand:
        operand = lateness(self.sentence.index, self.sentence.today)
        if operand is None:
            raise AskBack(
                "I cannot tell what is late: the table has no column of days late and no due date. Which dates "
                "shall be compared?"
            )
        return operand

    def _is_boolean(self, item: Item) -> bool:
        return item.mention is not None and all(c.type is ColumnType.BOOLEAN for c in item.mention.columns)

    def _negated(self, item: Item) -> bool:
        negation = self.sentence.before(item, "not", passing=("filler", "used", "by", "unknown"))
        if negation is None:
            return False
        negation.used = True
        return True


def _shared(one: Item, other: Item) -> bool:
    return bool(one.mention and other.mention and set(one.mention.columns) & set(other.mention.columns))
