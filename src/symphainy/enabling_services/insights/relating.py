"""Whether one thing goes with another: two numbers by their correlation, a number and a kind by the averages of each."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from symphainy.enabling_services.insights.operands import is_averaged, operand_of, yes_of
from symphainy.enabling_services.insights.query import AskBack, Filter, Group, Measure, Operand, Option, Query
from symphainy.enabling_services.insights.sentence import Sentence
from symphainy.enabling_services.insights.table_index import IndexedColumn
from symphainy.enabling_services.insights.vocabulary import PHRASES

CORRELATION_NOTE = (
    "Pearson's correlation is 1 where both rise together, -1 where one falls as the other rises, and near 0 where neither "
    "goes with the other in a straight line; it does not tell what causes what."
)


_RELATING: Final = re.compile(
    rf"\b({'|'.join(re.escape(phrase) for phrase, (kind, _) in PHRASES.items() if kind == 'relate')})\b", re.I
)


def asks_relation(question: str) -> bool:
    """Whether the words ask how one thing goes with another."""
    return _RELATING.search(question) is not None


def related(sentence: Sentence, query: Query, late: Operand | None) -> Query:
    """The query that shows how what the sentence names goes together. Raises AskBack where it is not two things."""
    numbers: list[Operand] = []
    kinds: list[IndexedColumn] = []
    dates: list[IndexedColumn] = []
    for item in sentence.items:
        if item.used or item.kind not in ("column", "late"):
            continue
        item.used = True
        if item.kind == "late":
            numbers += [late] if late is not None else []
        elif sentence.is_number(item):
            numbers.append(sentence.measure(item))
        elif sentence.is_date(item):
            dates.append(sentence.date_column(item))
        elif sentence.is_entity(item):
            kinds.append(sentence.entity_column(item))
    numbers, kinds = list(dict.fromkeys(numbers)), list(dict.fromkeys(kinds))
    if len(numbers) == 2 and not kinds:
        sentence.notes += [operand.note for operand in numbers if operand.note]
        return _correlated(sentence, query, numbers[0], numbers[1])
    if len(numbers) == 1 and len(kinds) == 1:
        sentence.notes.append(f"I compare the average {numbers[0].label} of each {kinds[0].name}.")
        measures = (Measure("avg", numbers[0]), Measure("count"))
        return replace(query, shape="groups", groups=(*query.groups, Group(operand_of(kinds[0]))), measures=measures)
    if len(numbers) == 1 and len(dates) == 1:
        aggregate = "avg" if is_averaged(numbers[0]) else "sum"
        group = Group(operand_of(dates[0]), "month")
        return replace(query, shape="groups", groups=(*query.groups, group), measures=(Measure(aggregate, numbers[0]),))
    if len(kinds) == 2 and not numbers:
        flag = next((column for column in kinds if yes_of(column) is not None), None)
        if flag is not None:
            other = kinds[0] if kinds[1] == flag else kinds[1]
            part = Filter(operand_of(flag), "=", (yes_of(flag),), f"{flag.name} is {str(yes_of(flag)).lower()}")
            measures = (Measure("count"),)
            return replace(query, shape="share", groups=(Group(operand_of(other)),), measures=measures, part=(part,))
        groups = tuple(Group(operand_of(column)) for column in kinds)
        return replace(query, shape="groups", groups=groups, measures=(Measure("count"),))
    raise _two_things(sentence)


def _correlated(sentence: Sentence, query: Query, one: Operand, other: Operand) -> Query:
    columns = (*one.columns, *other.columns)
    correlation = Operand(
        f"correlation of {one.label} and {other.label}", f"corr({one.sql}, {other.sql})", "number", columns
    )
    pairs = Operand("rows that have both", f"regr_count({one.sql}, {other.sql})", "number", columns)
    sentence.notes.append(CORRELATION_NOTE)
    measures = (Measure("ratio", correlation), Measure("ratio", pairs))
    return replace(query, shape="groups" if query.groups else "value", measures=measures, order=(), limit=None)


def _two_things(sentence: Sentence) -> AskBack:
    measures = [c for c in sentence.index.columns if c.type.is_numeric][-2:]
    options = ()
    if len(measures) == 2:
        question = f'Is "{measures[0].name}" correlated with "{measures[1].name}"?'
        options = (Option(question.replace('"', ""), question),)
    return AskBack("What shall be held against what? Name two columns, for example two of numbers.", options)
