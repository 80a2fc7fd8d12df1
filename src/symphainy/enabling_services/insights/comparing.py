"""Comparisons: of a column with numbers, of two columns, of groups with numbers, and signs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from symphainy.enabling_services.insights.column_comparing import INVERSE, ComparingColumns
from symphainy.enabling_services.insights.lexing import Item
from symphainy.enabling_services.insights.linking import Mention, name_words
from symphainy.enabling_services.insights.operands import (
    is_averaged,
    is_unique,
    lateness,
    measures_of,
    operand_of,
)
from symphainy.enabling_services.insights.query import AskBack, Doubt, Filter, Having, Measure, Operand, Option
from symphainy.enabling_services.insights.sentence import (
    AGGREGATE_WORDS,
    MOST_OPTIONS,
    plain_number,
    said,
)
from symphainy.enabling_services.insights.vocabulary import (
    PARTIES,
    PERSON_NOUNS,
    PERSONS,
    singular,
)
from symphainy.enabling_services.parsed_file import ColumnType

_CURRENCIES: Final = ("$", "dollar", "usd", "euro", "eur", "pound", "gbp", "franc", "chf", "yen", "yuan", "rupee")
_MEASURING: Final = {
    **dict.fromkeys(("earn", "earns", "earning", "earned"), ("salary",)),
    **dict.fromkeys(("cost", "costs", "costing"), ("price", "cost")),
    **dict.fromkeys(("weigh", "weighs", "weighing"), ("weight",)),
    **dict.fromkeys(("waited", "waits", "wait"), ("wait",)),
}
_FEW: Final = 50
_IS: Final = ("of", "is", "was", "are", "were")
_ROLLED: Final = ("sum", "avg", "median", "min", "max", "count")


@dataclass(slots=True)
class Comparing(ComparingColumns):
    """Reads what is compared with a number; what it understood are `filters` of rows and `having` of groups."""

    def read(self) -> None:
        self.compare_dates()
        self.compare_with_all()
        self._more_than()
        self._comparisons()
        self._signs()
        self._equals()

    def _comparisons(self) -> None:
        sentence = self.sentence
        for item in list(sentence.unused("op")):
            first = sentence.after(item, "number", passing=("filler", "agg"))
            if item.meaning == "between" and first is None and (named := sentence.after(item, "column")) is not None:
                other = sentence.after(named, "column", passing=("filler", "and", "noun"))
                if other is None or not (sentence.may_be_date(named) and sentence.may_be_date(other)):
                    item.kind = "by"  # "how does it differ between regions"
                continue
            if first is None and self._columns_compared(item):
                continue
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

    def _signs(self) -> None:
        """`negative profit`, `which are losing money`."""
        sentence = self.sentence
        for item in list(sentence.unused("sign")):
            subject = sentence.after(item, "column") or sentence.before(item, "column")
            if subject is not None and not sentence.is_number(subject):
                subject = None
            grouped = None
            if subject is None and (profit := sentence.linker.columns(("profit",))) is not None:
                subject = Item("column", "profit", item.start, item.end, mention=profit)
                grouped = next((other for other in sentence.unused("column") if self._repeats(other)), None)
            if subject is None:
                continue
            item.used = subject.used = True
            zero = [Item("number", "0", 0, 0, number=0.0)]
            if grouped is not None:
                self._rolled(subject, None, item.meaning, zero)
            else:
                self._add(sentence.measure(subject), item.meaning, zero)

    def _repeats(self, item: Item) -> bool:
        """Whether the words name something that has several rows."""
        sentence = self.sentence
        return sentence.is_entity(item) and not is_unique(sentence.entity_column(item), sentence.index)

    def _equals(self) -> None:
        """`a deductible of 500`."""
        sentence = self.sentence
        self._alternative_numbers()
        for item in list(sentence.unused("number")):
            at = sentence.items.index(item)
            subject = sentence.before(item, "column")
            if subject is None or subject.mention is None or item.unit == "%":
                continue
            whole = [c for c in subject.mention.columns if c.type is ColumnType.INTEGER]
            if subject is sentence.items[at - 1] and len(whole) == 1 and not sentence.has("super"):
                item.used = subject.used = True  # "grade 11", "store 5"
                self._add(operand_of(whole[0]), "!=" if self._negated(subject) else "=", [item])
            elif sentence.is_number(subject) and sentence.items[at - 1].text.lower() in _IS:
                item.used = subject.used = True
                op = "!=" if self._negated(subject) else "="
                self._add(sentence.measure(subject), op, [item])

    def _alternative_numbers(self) -> None:
        """`with 2 or 3 bedrooms`, `grades 4, 5 and 6`, `a 2 bedroom flat`: whole numbers beside a column of them."""
        sentence = self.sentence
        for item in list(sentence.unused("number")):
            if item.used or item.unit or not float(item.number or 0.0).is_integer():
                continue
            run = [item]
            while (other := sentence.after(run[-1], "number", passing=("or", "and"))) is not None and not other.unit:
                run.append(other)
            ranked = sentence.has("super") or sentence.has("time_super")
            subject = sentence.after(run[-1], "column", passing=())
            if subject is None and len(run) > 1:
                subject = sentence.before(item, "column", passing=())
            if subject is None or subject.mention is None or (ranked and len(run) == 1):
                continue
            whole = [
                column
                for column in subject.mention.columns
                if column.type is ColumnType.INTEGER
                and column.distinct <= _FEW
                and not is_unique(column, sentence.index)
            ]
            if len(whole) != 1 or sentence.before(item, "op", passing=()) is not None:
                continue
            for part in (*run, subject):
                part.used = True
            values = tuple(plain_number(part.number) for part in run)
            negated = self._negated(item)
            listed = " or ".join(map(str, values))
            words = f"{whole[0].name} is {'not ' if negated else ''}{listed}"
            self.filters.append(Filter(operand_of(whole[0]), "not_in" if negated else "in", values, words))

    def _equal_value(self, item: Item) -> None:
        """`segment = Consumer`, `over the phone`: the value says it."""
        if item.text.lower() in ("over", "under") and self.sentence.after(item, "value"):
            item.used = True
        if item.meaning in ("=", "!=") and self.sentence.after(item, "value", "text"):
            item.used = True
            if item.meaning == "!=":
                item.kind, item.used = "not", False

    def _comparison(self, item: Item, numbers: Sequence[Item]) -> None:
        sentence = self.sentence
        late = sentence.after(numbers[-1], "late") or sentence.before(item, "late", passing=("filler", "not"))
        subject = self._subject(item, numbers[-1])
        implied = self._implied(item, numbers) if subject is None else None
        named = subject is not None and subject.kind != "noun"
        agg = sentence.before(subject, "agg", "super") if named and subject is not None else None
        if agg is None and named and subject is not None:
            last = subject if subject.start > numbers[-1].start else numbers[-1]
            agg = next((other for other in [sentence.after(last, "agg")] if other and other.meaning == "sum"), None)
        negated = self._negated(item)
        op = INVERSE.get(item.meaning, item.meaning) if negated else item.meaning
        for part in (item, *numbers):
            part.used = True
        if subject is None and implied is None and self._made_in(item, numbers):
            return
        if implied is not None:
            self._add(sentence.measure(implied), op, numbers)
            return
        if late is not None:
            late.used = True
            operand = self.late_operand()
            self._add(operand, op, numbers)
            return
        if numbers[-1].unit == "time":
            values = tuple(plain_number(number.number) for number in numbers)
            self.having.append(Having(Measure("count"), op, values, f"rows {said(op, values)}"))
            return
        measures = measures_of(sentence.index)
        if subject is None and len(measures) == 1:
            self._add(operand_of(measures[0]), op, numbers)
            return
        if subject is None:
            raise self._which_number(item, numbers)
        head = next((other for other in sentence.unused("column") if other.end <= item.start), None)
        if (
            head is not None
            and head is not subject
            and not self._counts(subject)
            and not sentence.has("noun")
            and self._repeats(head)
            and PARTIES & set(name_words(sentence.entity_column(head).name))
            and not is_averaged(sentence.measure(subject))
        ):
            self._rolled(subject, agg, op, numbers)  # customers with more than 40,000 outstanding
            return
        if self._counts(subject) or (agg is not None and agg.meaning in _ROLLED and self._other_entity(subject)):
            self._rolled(subject, agg, op, numbers)
            return
        subject.used = True
        behind = sentence.after(numbers[-1], "column", passing=())
        if behind is not None and singular(behind.text.lower()) == numbers[-1].unit:
            behind.used = True  # "waited more than 5 minutes": the unit of the number
        self._add(sentence.measure(subject), op, numbers)
        if subject.start > item.start:
            self._each_of(subject, op, numbers)

    def _made_in(self, item: Item, numbers: Sequence[Item]) -> bool:
        """`older than 2015` where a column holds years: before that year."""
        age = item.text.lower().split()[0]
        years = [c for c in measures_of(self.sentence.index) if name_words(c.name)[-1:] == ("year",)]
        if age not in ("older", "newer", "younger") or len(years) != 1 or not 1800 < (numbers[0].number or 0) < 2200:
            return False
        self._add(operand_of(years[0]), "<" if age == "older" else ">", numbers)
        return True

    def _each_of(self, subject: Item, op: str, numbers: Sequence[Item]) -> None:
        """`below 40 in both math and reading`: the same holds of every column that is named."""
        sentence = self.sentence
        while (other := sentence.after(subject, "column", passing=("filler", "and"))) is not None:
            if not sentence.is_number(other) or sentence.after(other, "op", "number"):
                return
            other.used = True
            self._add(sentence.measure(other), op, numbers)
            subject = other

    def _subject(self, item: Item, last: Item) -> Item | None:
        """The column that is compared: in front of the comparison, or right behind the number."""
        sentence = self.sentence
        behind = sentence.after(last, "column", "noun") or sentence.after(last, "noun", passing=("filler", "value"))
        front = sentence.before(item, "column", passing=("filler", "not", "agg", "unknown"))
        if front is not None and sentence.is_number(front):
            return front
        if behind is not None and (behind.kind == "noun" or sentence.is_number(behind) or front is not None):
            return behind
        return behind if behind is not None and sentence.is_entity(behind) else None

    def _implied(self, item: Item, numbers: Sequence[Item]) -> Item | None:
        """`older than 60` is about an age, 500 euros about the only amount of money."""
        if any(number.unit in _CURRENCIES for number in numbers) or " worth " in f" {self.sentence.text.lower()} ":
            mention = self.sentence.linker.columns(("revenue",))
            if mention is not None:
                return Item("column", item.text, item.start, item.end, mention=mention)
        at = self.sentence.items.index(item)
        verb = self.sentence.items[at - 1].text.lower() if at else ""
        if singular(verb) in (*PERSONS, *PERSON_NOUNS) or verb in ("aged", "women", "men", "holders", "members"):
            ages = [column for column in measures_of(self.sentence.index) if "age" in name_words(column.name)]
            if len(ages) == 1 and all(15 <= (number.number or 0) <= 110 and not number.unit for number in numbers):
                return Item("column", "age", item.start, item.end, mention=Mention(tuple(ages), 0.8))
        return self.sentence.implied(item, _MEASURING.get(verb, ()))

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
            operand = sentence.measure(subject)
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
        options = tuple(Option(column.name, f'{text[:at]}"{column.name}" {text[at:]}') for column in measures)
        reason = f"Which column shall be {said(item.meaning, [n.number or 0 for n in numbers])}?"
        return AskBack(reason, options[:MOST_OPTIONS], Doubt("measure", at, at, options))

    def late_operand(self) -> Operand:
        operand = lateness(self.sentence.index, self.sentence.today)
        if operand is None:
            raise AskBack(
                "I cannot tell what is late: the table has no column of days late and no due date. Which dates "
                "shall be compared?"
            )
        return operand
