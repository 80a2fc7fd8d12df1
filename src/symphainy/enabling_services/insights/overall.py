"""What is compared with the average of all: `above average`, `more than the average salary`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from symphainy.enabling_services.database import identifier
from symphainy.enabling_services.insights.date_comparing import DateComparing
from symphainy.enabling_services.insights.lexing import Item
from symphainy.enabling_services.insights.operands import is_unique, operand_of
from symphainy.enabling_services.insights.query import Filter, Having, Measure, Operand
from symphainy.enabling_services.insights.sentence import OP_WORDS, said
from symphainy.enabling_services.insights.sql_writing import AGGREGATES, condition
from symphainy.enabling_services.insights.vocabulary import words_of

_POINTING: Final = words_of("that those these same their its")


@dataclass(slots=True)
class ComparingWithAll(DateComparing):
    """Reads comparisons with the average or the median of the whole table; `of that month` of the rows in question."""

    def compare_with_all(self) -> None:
        sentence = self.sentence
        for item in list(sentence.unused("op")):
            average = sentence.after(item, "agg")
            if average is None or average.meaning not in ("avg", "median") or item.meaning not in OP_WORDS:
                continue
            named = sentence.after(average, "column")
            subject = sentence.before(item, "column", passing=("filler", "not", "agg"))
            told = next((other for other in (subject, named) if other is not None and sentence.is_number(other)), None)
            if told is None:
                continue
            self._compared_with_all(item, average, told)
            for other in (subject, named):
                if other is not None and sentence.is_number(other):
                    other.used = True

    def _compared_with_all(self, item: Item, average: Item, told: Item) -> None:
        sentence = self.sentence
        operand = sentence.measure(told)
        rolled = sentence.before(told, "agg") if told.start < item.start else None
        inside = [*self._pointed(sentence.items[sentence.items.index(average) :]), *self._kept_to(average)]
        where = f" WHERE {' AND '.join(map(condition, inside))}" if inside else ""
        all_sql = f"(SELECT {average.meaning}({operand.sql}) FROM {identifier(sentence.index.table)}{where})"
        whole = f"the {AGGREGATES[average.meaning]} of {'all these' if inside else 'all'}"
        gap = Operand(f"{operand.label} less {whole}", f"({operand.sql} - {all_sql})", "number", operand.columns)
        item.used = average.used = True
        if rolled is not None and rolled.meaning in ("avg", "median") and self._has_several_rows():
            rolled.used = True
            self.having.append(
                Having(Measure(rolled.meaning, gap), item.meaning, (0,), f"{gap.label} {said(item.meaning, (0,))}")
            )
            return
        self.filters.append(Filter(gap, item.meaning, (0,), f"{operand.label} is {OP_WORDS[item.meaning]} {whole}"))

    def _kept_to(self, average: Item) -> list[Filter]:
        """`the average travel claim`: a value behind the average limits what is averaged."""
        sentence, found = self.sentence, list[Filter]()
        behind = sentence.items[sentence.items.index(average) + 1 :]
        for item in behind:
            if item.kind == "value" and item.mention is not None and len(item.mention.columns) == 1:
                value = item.mention.value
                column = item.mention.columns[0]
                found.append(Filter(operand_of(column), "=", (value,), f"{column.name} is {value}"))
            elif item.kind == "noun" and found:
                for told in behind:
                    told.used = told.used or (told.kind == "value" and told.end <= item.start)
                return found
            elif item.kind != "filler" and not (item.kind == "column" and sentence.is_number(item)):
                return []
        return []

    def _pointed(self, behind: Sequence[Item]) -> list[Filter]:
        pointing = any(item.kind == "filler" and item.text.lower() in _POINTING for item in behind)
        for item in behind:
            if pointing and item.kind == "bucket_noun":
                item.used = True
        return [filter for filter in self.filters if filter.op == "period"] if pointing else []

    def _has_several_rows(self) -> bool:
        sentence = self.sentence
        heads = [item for item in sentence.unused("column") if sentence.is_entity(item)]
        return any(not is_unique(sentence.entity_column(item), sentence.index) for item in heads)
