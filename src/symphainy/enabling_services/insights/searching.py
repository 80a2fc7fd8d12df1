"""What a question most likely means where reading it once leaves something unclear: a search over the ways to settle each doubt."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Final

from symphainy.enabling_services.insights.interpreting import interpretation
from symphainy.enabling_services.insights.leftovers import NOTHING_MORE
from symphainy.enabling_services.insights.likeness import Likeness
from symphainy.enabling_services.insights.plausibility import oddness
from symphainy.enabling_services.insights.query import AskBack, Doubt, Option
from symphainy.enabling_services.insights.reading import Read, Reader
from symphainy.enabling_services.insights.sentence import MOST_OPTIONS
from symphainy.enabling_services.insights.sql_writing import sql_of

_MOST_READ: Final = 24
"""Questions read in one search, one to three milliseconds each."""
_DEAREST: Final = 1.0
"""What costs more than this is asked about and not answered."""
_APART: Final = 0.15
"""By how much the best reading must be cheaper than the next that gives another query."""
_DROPPED: Final = 0.3
"""What each word costs that the reader itself took as saying nothing."""
_TOLD: Final = 5
"""Shorter questions tell too little for a number to be guessed."""
_SIZE: Final = re.compile(r"\b(?:size|amount|value|worth)s?\b(?=[^\"]*(?:\"[^\"]*\"[^\"]*)*$)", re.I)
"""Says of a row only that its amount is meant."""
_SHOWN: Final = 1.6
"""Readings up to this cost are offered as buttons."""


@dataclass(frozen=True, slots=True)
class Change:
    """A question in which one doubt is settled, what that costs, and what has to be said about it."""

    question: str
    cost: float
    note: str


@dataclass(frozen=True, slots=True)
class Reading:
    read: Read
    question: str
    cost: float


@dataclass(slots=True)
class Search:
    """Best-first: a question is read; where that raises a doubt, each way to settle it is another question at a price. The cheapest
    that can be read wins, if it is cheap, and clearly cheaper than any other that means something else."""

    reader: Reader
    _likeness: Likeness = field(init=False)

    def __post_init__(self) -> None:
        self._likeness = Likeness(self.reader.index)

    def read(self, question: str) -> Read:
        """Raises AskBack with the likeliest readings as options where none stands out."""
        try:
            return self.reader.read(question)
        except AskBack as asked:
            if asked.doubt is None:
                raise
            return self._settled(question, asked)

    def _settled(self, question: str, asked: AskBack) -> Read:
        found = self._readings(question)
        best = found[0] if found else None
        if best is not None and best.cost <= _DEAREST and (len(found) == 1 or found[1].cost - best.cost >= _APART):
            return best.read
        offered = [reading for reading in found if reading.cost <= _SHOWN][:MOST_OPTIONS]
        if not offered or (asked.unclear.options and asked.doubt and asked.doubt.kind in ("column", "measure")):
            raise asked
        options = tuple(Option(interpretation(r.read.query, self.reader.index), r.question) for r in offered)
        raise AskBack(asked.unclear.reason, options) from asked

    def _readings(self, question: str) -> list[Reading]:
        """Readings that give different queries, the cheapest first."""
        numbers = count()
        ahead: list[tuple[float, int, str, tuple[str, ...]]] = [(0.0, next(numbers), question, ())]
        seen, found = {question}, dict[str, Reading]()
        for _ in range(_MOST_READ):
            if not ahead:
                break
            cost, _, text, notes = heapq.heappop(ahead)
            if cost > _SHOWN:
                break
            try:
                read = self.reader.read(text)
            except AskBack as asked:
                for change in self._changes(text, asked):
                    if change.question not in seen:
                        seen.add(change.question)
                        heapq.heappush(
                            ahead, (cost + change.cost, next(numbers), change.question, (*notes, change.note))
                        )
                continue
            query = replace(read.query, notes=(*notes, *read.query.notes))
            dropped = sum(_DROPPED for note in read.query.notes if note.endswith(NOTHING_MORE))
            odd = oddness(query, self.reader.index, text) + dropped
            reading = Reading(replace(read, query=query), text, cost + odd)
            sql = sql_of(query, self.reader.index)
            if sql not in found or found[sql].cost > reading.cost:
                found[sql] = reading
        return sorted(found.values(), key=lambda reading: reading.cost)

    def _changes(self, text: str, asked: AskBack) -> Iterator[Change]:
        doubt = asked.doubt
        if doubt is None:
            return
        words = text[doubt.start : doubt.end]
        match doubt.kind:
            case "column":
                yield from self._chosen(text, doubt)
                yield from self._left_out(text, doubt, 0.1)
            case "measure":
                yield from self._measured(text, doubt)
            case "compared":
                for option in doubt.choices:
                    yield Change(option.question, 1.2, f"I take the number from {option.label}.")
            case "unknown":
                for name, cost in self._likeness.to_columns(words.lower()):
                    yield Change(_replaced(text, doubt, f'"{name}"'), cost, f"I take “{words}” for {name}.")
                for name, value, cost in self._likeness.to_values(words.lower()):
                    said = f'"{name}" "{value}"'
                    yield Change(_replaced(text, doubt, said), cost, f"I take “{words}” for {value}.")
                yield from self._left_out(text, doubt, 0.0)
            case _:
                yield from self._left_out(text, doubt, 0.1)

    def _chosen(self, text: str, doubt: Doubt) -> Iterator[Change]:
        words = text[doubt.start : doubt.end]
        amount = self._likeness.whole(words.lower())
        for option in doubt.choices:
            cost = (
                0.4 + self._likeness.distance(words.lower(), option.label) + 0.2 * (amount not in (None, option.label))
            )
            yield Change(option.question, cost, f"I take “{words}” for {option.label}.")

    def _measured(self, text: str, doubt: Doubt) -> Iterator[Change]:
        """The amount that the rows are worth, where one column is that."""
        amount = self._likeness.amount(text)
        bare = len(re.findall(r"\w+", text)) < _TOLD or self._likeness.counts_things(text[doubt.end :], amount)
        for option in doubt.choices:
            cost = 0.5 + 0.7 * bare if option.label == amount else 1.3
            question = option.question if option.label != amount else _SIZE.sub("", option.question, count=1)
            yield Change(question, cost, f"I take the number from {option.label}.")

    def _left_out(self, text: str, doubt: Doubt, more: float) -> Iterator[Change]:
        words = text[doubt.start : doubt.end]
        cost = self._likeness.telling(text, doubt.start, doubt.end)
        rest = f"{text[: doubt.start].rstrip()} {text[doubt.end :].lstrip()}".strip()
        if len(rest.split()) > 1:
            yield Change(rest, cost + more, f"I took “{words}” {NOTHING_MORE}")


def _replaced(text: str, doubt: Doubt, words: str) -> str:
    return f"{text[: doubt.start]}{words}{text[doubt.end :]}"
