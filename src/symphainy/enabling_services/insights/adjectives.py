"""Adjectives that compare: of each the phrases of its comparative and superlative, and the columns it is about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Scale:
    """`high` and `low` are the adjectives of its two ends. `columns` are words in names of columns that it is about, the
    likeliest first; a scale without any compares whatever number the sentence names."""

    high: str
    low: str
    columns: str = ""


SCALES: Final = (
    Scale("big large great high", "small low"),
    Scale("many", "few"),
    Scale("long slow", "short fast quick", "duration hours minutes days time nights"),
    Scale("expensive pricey costly dear", "cheap inexpensive affordable", "price cost amount fee"),
    Scale("heavy", "light", "weight"),
    Scale("tall high", "short", "height"),
    Scale("wide broad", "narrow", "width"),
    Scale("deep", "shallow", "depth"),
    Scale("far distant", "near close", "distance km miles mileage"),
    Scale("wet humid", "dry", "moisture humidity"),
    Scale("warm hot", "cold cool", "temperature"),
    Scale("old", "young", "age"),
    Scale("profitable lucrative", "unprofitable", "profit margin"),
    Scale("valuable", "worthless", "value revenue amount"),
    Scale("satisfied", "dissatisfied", "satisfaction rating score"),
    Scale("risky", "safe", "risk"),
    Scale("loud noisy", "silent", "noise"),
    Scale("rich wealthy", "poor", "income salary wealth"),
    Scale("experienced", "inexperienced", "experience tenure years"),
    Scale("populous", "sparse", "population"),
    Scale("productive", "unproductive", "output productivity"),
    Scale("good", "bad", "rating score satisfaction grade revenue profit"),
)
_IRREGULAR: Final = {
    "good": ("better", "best"), "bad": ("worse", "worst"), "far": ("further farther", "furthest farthest"),
    "many": ("more", "most"), "few": ("fewer", "fewest"),
}  # fmt: skip
_VOWELS: Final = frozenset("aeiou")


def _short(adjective: str) -> bool:
    """Compared with -er and -est: one syllable, or two of which the second is -y or -ow."""
    groups = sum(
        letter in "aeiouy" and (not at or adjective[at - 1] not in "aeiouy") for at, letter in enumerate(adjective)
    )
    groups -= adjective.endswith("e") and groups > 1
    return groups < 2 or (groups == 2 and adjective.endswith(("y", "ow")))


def comparatives(adjective: str) -> tuple[str, ...]:
    if adjective in _IRREGULAR:
        return tuple(_IRREGULAR[adjective][0].split())
    return (_bent(adjective, "er"),) if _short(adjective) else (f"more {adjective}",)


def superlatives(adjective: str) -> tuple[str, ...]:
    if adjective in _IRREGULAR:
        return tuple(_IRREGULAR[adjective][1].split())
    return (_bent(adjective, "est"),) if _short(adjective) else (f"most {adjective}",)


def _bent(adjective: str, ending: str) -> str:
    if adjective.endswith("e"):
        return adjective + ending[1:]
    if adjective.endswith("y"):
        return f"{adjective.removesuffix('y').removesuffix('e')}i{ending}"
    doubled = (
        len(adjective) > 2
        and adjective[-1] not in "wxy"
        and adjective[-1] not in _VOWELS
        and adjective[-2] in _VOWELS
        and adjective[-3] not in _VOWELS
    )
    return adjective + adjective[-1] * doubled + ending


def _poles() -> Iterator[tuple[str, str, str, str]]:
    """Phrase, kind, meaning and the columns it is about."""
    for scale in SCALES:
        for adjectives, op, order, other in ((scale.high, ">", "desc", "asc"), (scale.low, "<", "asc", "desc")):
            for adjective in adjectives.split():
                for phrase in comparatives(adjective):
                    yield f"{phrase} than", "op", op, scale.columns
                    yield phrase, "more", op, scale.columns
                for phrase in superlatives(adjective):
                    yield phrase, "super", order, scale.columns
                if not _short(adjective):
                    yield f"least {adjective}", "super", other, scale.columns
                    yield f"less {adjective} than", "op", "<" if op == ">" else ">", scale.columns
                    yield f"less {adjective}", "more", "<" if op == ">" else ">", scale.columns


COMPARING: Final[dict[str, tuple[str, str]]] = {}
"""Phrases of comparatives and superlatives: their kind and meaning."""
IMPLIED: Final[dict[str, tuple[str, ...]]] = {}
"""The columns that a phrase is about though it does not name them."""
for _phrase, _kind, _meaning, _columns in _poles():
    COMPARING.setdefault(_phrase, (_kind, _meaning))
    IMPLIED[_phrase] = (*IMPLIED.get(_phrase, ()), *_columns.split())
