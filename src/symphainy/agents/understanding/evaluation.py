"""How well utterances are understood: sets of `agent | what is right | what the user said`, and a router's scores on them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from symphainy.agents.areas import area_of
from symphainy.agents.understanding.prototypes import GUIDE
from symphainy.agents.understanding.router import Router, Surroundings, Understanding
from symphainy.session import AgentType

NOBODYS: Final = "none"
"""What is right for an utterance that is not our business: to decline it, or to ask back."""

FILES: Final[tuple[str, ...]] = (
    "claims.csv",
    "claims",
    "Customers 2024.xlsx",
    "Customers 2024",
    "refunds.bpmn",
    "refunds",
)
COLUMNS: Final[tuple[str, ...]] = ("customer_id", "region", "premium", "late_days")
IN_VIEW: Final[Mapping[str, str]] = MappingProxyType(
    {**dict.fromkeys(FILES, "<file>"), **dict.fromkeys(COLUMNS, "<column>")}
)
"""The names in the session that all sets suppose. The guide knows those of files only."""

_FILES_IN_VIEW: Final[Mapping[str, str]] = MappingProxyType(dict.fromkeys(FILES, "<file>"))


@dataclass(frozen=True, slots=True)
class Utterance:
    """`right`: names of intents, of areas, or both as `area.intent`."""

    area: str
    right: frozenset[str]
    words: str


@dataclass(frozen=True, slots=True)
class Score:
    """Counts. `right`: the winner is right, whether it was taken or only offered first; `answered`: an intent was taken;
    `answered_right`: and it was right; `offered`: right, or among the intents that were offered as buttons."""

    utterances: int
    right: int
    answered: int
    answered_right: int
    offered: int

    @property
    def accuracy(self) -> float:
        return self.right / self.utterances

    @property
    def coverage(self) -> float:
        return self.answered / self.utterances

    @property
    def precision(self) -> float:
        return self.answered_right / self.answered if self.answered else 1.0

    @property
    def reached(self) -> float:
        return self.offered / self.utterances


def read_utterances(text: str) -> list[Utterance]:
    """One on each line; lines that start with # are comments."""
    found: list[Utterance] = []
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            agent, right, words = (part.strip() for part in line.split("|", 2))
            found.append(Utterance(area_of(AgentType(agent)), frozenset(right.split(",")), words))
    return found


def hear(utterance: Utterance, router_of: Callable[[str], Router]) -> Understanding:
    names = _FILES_IN_VIEW if utterance.area == GUIDE else IN_VIEW
    return router_of(utterance.area).understand(utterance.words, Surroundings(names))


def is_right(utterance: Utterance, key: str) -> bool:
    """Whether the intent with that key is one of the right ones."""
    area, _, name = key.rpartition(".")
    return bool(utterance.right & {key, area, name})


def measure(utterances: Iterable[Utterance], router_of: Callable[[str], Router]) -> Score:
    """Of utterances that are somebody's business."""
    heard = [(item, hear(item, router_of)) for item in utterances if NOBODYS not in item.right]
    right = [bool(understood.options) and is_right(item, understood.options[0]) for item, understood in heard]
    answered = [understood.intent is not None for _, understood in heard]
    offered = [any(is_right(item, key) for key in understood.options) for item, understood in heard]
    both = [one and other for one, other in zip(right, answered, strict=True)]
    return Score(len(heard), sum(right), sum(answered), sum(both), sum(offered))


def declined(utterances: Iterable[Utterance], router_of: Callable[[str], Router]) -> tuple[int, int]:
    """Of those that are nobody's business: how many are not answered as if understood, and how many there are."""
    foreign = [item for item in utterances if NOBODYS in item.right]
    return sum(hear(item, router_of).intent is None for item in foreign), len(foreign)


def misses(
    utterances: Sequence[Utterance], router_of: Callable[[str], Router]
) -> list[tuple[Utterance, Understanding]]:
    """Those whose winner is wrong, and those of nobody that are answered."""
    found: list[tuple[Utterance, Understanding]] = []
    for item in utterances:
        understood = hear(item, router_of)
        first = understood.options[0] if understood.options else ""
        wrong = understood.intent is not None if NOBODYS in item.right else not is_right(item, first)
        if wrong:
            found.append((item, understood))
    return found
