"""The lexicon: which words mean the same, read from the data files of this package."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Final

from symphainy.agents.understanding.words import distance, is_swap, stem, words_of

GOAL: Final = "<goal>"
NUMBER: Final = "<number>"
_SUBJECT: Final = "subject/"
_LONGEST_PHRASE: Final = 6
_LENGTH_FOR_ONE_EDIT: Final = 5
_LENGTH_FOR_TWO_EDITS: Final = 8
WORDS_REMEMBERED: Final = 4_096
_FOREIGN_WORDS: Final = 2


@dataclass(frozen=True, slots=True)
class Goal:
    """What somebody wants to achieve, in words that stand for it, and the data that would serve."""

    name: str
    label: str
    ask: str
    words: tuple[str, ...]
    data: tuple[str, ...]
    areas: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """An utterance as the router sees it: `terms` are concepts and stems in order, `inner` the concepts and stems of the words
    inside longer phrases, `unknown` the words that are not in the lexicon."""

    terms: tuple[str, ...]
    inner: tuple[str, ...]
    unknown: frozenset[str]
    goals: tuple[str, ...]


class Lexicon:
    def __init__(
        self,
        phrases: Mapping[tuple[str, ...], str],
        goals: Sequence[Goal],
        faint: frozenset[str],
        ordinary: frozenset[str],
        anchors: frozenset[str],
        shorthand: Mapping[str, str],
        foreign: Mapping[str, frozenset[str]],
    ) -> None:
        self.goals: Final = {goal.name: goal for goal in goals}
        self._goal_phrases = {_stems(phrase, shorthand): goal.name for goal in goals for phrase in goal.words}
        self._phrases = {**dict.fromkeys(self._goal_phrases, GOAL), **phrases}
        self._phrases.update(dict.fromkeys(self._goal_phrases, GOAL))
        self.faint: Final = frozenset(stem(word) for word in faint)
        self.anchors: Final = anchors | {GOAL, "<file>", "<column>"}
        self._shorthand = shorthand
        self._foreign = foreign
        self._single = sorted({phrase[0] for phrase in self._phrases if len(phrase) == 1})
        self._vocabulary = frozenset(word for phrase in self._phrases for word in phrase) | self.faint
        self._ordinary = frozenset(stem(word) for word in ordinary)
        self._by_length = {
            length: tuple(sorted(word for word in self._vocabulary if len(word) == length))
            for length in {len(word) for word in self._vocabulary}
        }
        # Looked for in the whole vocabulary, and the same words come again and again.
        self._meant = lru_cache(maxsize=WORDS_REMEMBERED)(self._spelled)

    def words(self, text: str) -> list[str]:
        return words_of(text, self._shorthand)

    def read(self, text: str) -> Reading:
        stems = [NUMBER if word.isdigit() else self._meant(stem(word)) for word in self.words(text)]
        terms: list[str] = []
        unknown: set[str] = set()
        goals: list[str] = []
        inner: list[str] = []
        at = 0
        while at < len(stems):
            phrase = self._longest(stems, at)
            if phrase:
                terms.append(self._phrases[phrase])
                goals.extend([self._goal_phrases[phrase]] if phrase in self._goal_phrases else [])
                if len(phrase) > 1:
                    inner.extend(self._phrases.get((word,), word) for word in phrase)
                at += len(phrase)
                continue
            word = stems[at]
            terms.append(word)
            if word not in self.faint and not word.startswith("<"):
                unknown.add(word)
            at += 1
        return Reading(tuple(terms), tuple(inner), frozenset(unknown), tuple(dict.fromkeys(goals)))

    def says_something(self, name: str) -> bool:
        """Whether the name is a word that stands for a concept, such as `status`; what things are called (`customer`) does not."""
        return self._phrases.get((stem(name.lower()),), _SUBJECT) != _SUBJECT

    def language(self, text: str) -> str | None:
        """The language, if it is not English and can be told: `another script`, or the name of the language."""
        letters = [letter for letter in text if letter.isalpha()]
        if letters and sum(letter.isascii() or "\u00c0" <= letter <= "\u024f" for letter in letters) < len(letters) / 2:
            return "another script"
        words = set(self.words(text))
        english = sum(stem(word) in self._vocabulary for word in words)
        counts = {name: len(words & marks) for name, marks in self._foreign.items()}
        best = max(counts, key=lambda name: counts[name])
        return best if counts[best] >= _FOREIGN_WORDS and counts[best] >= english else None

    def _longest(self, stems: Sequence[str], at: int) -> tuple[str, ...]:
        for length in range(min(_LONGEST_PHRASE, len(stems) - at), 0, -1):
            phrase = tuple(stems[at : at + length])
            if phrase in self._phrases:
                return phrase
        return ()

    def _spelled(self, word: str) -> str:
        """The word of the lexicon that was probably meant: the only one within one edit (two in a long word), or a swap."""
        if word in self._vocabulary or word in self._ordinary or not word.isalpha() or len(word) < 4:
            return word
        swapped = [known for known in self._by_length.get(len(word), ()) if is_swap(known, word)]
        if len(swapped) == 1:
            return swapped[0]
        limit = 2 if len(word) >= _LENGTH_FOR_TWO_EDITS else 1 if len(word) >= _LENGTH_FOR_ONE_EDIT else 0
        for allowed in range(1, limit + 1):
            near = [
                known
                for known in self._single
                if known[0] == word[0] and len(known) > allowed + 2 and distance(known, word, allowed) <= allowed
            ]
            if near:
                return near[0] if len(near) == 1 else word
        return word


def _stems(phrase: str, shorthand: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(NUMBER if word.isdigit() else stem(word) for word in words_of(phrase, shorthand))


def _sections(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith("[") and line.endswith("]"):
            lines = found.setdefault(line[1:-1], [])
        elif line.strip() and not line.startswith("#"):
            lines.append(line.strip())
    return found


def data_text(name: str) -> str:
    return resources.files("symphainy.agents.understanding").joinpath(name).read_text(encoding="utf-8")


@cache
def english() -> Lexicon:
    """The lexicon of the data files."""
    parts = _sections(data_text("lexicon.txt"))
    shorthand = {short.strip(): full.strip() for short, _, full in (line.partition("=") for line in parts["shorthand"])}
    phrases: dict[tuple[str, ...], str] = {}
    for line in parts["concepts"]:
        name, _, words = line.partition(":")
        for phrase in words.split(","):
            phrases.setdefault(_stems(phrase, shorthand), f"{name.strip()}/")
    phrases = {phrase: name for phrase, name in phrases.items() if not phrase[0].startswith("<") or len(phrase) > 1}
    goals = [
        Goal(
            item["name"],
            item["label"],
            item["ask"],
            (*item["words"], item["label"]),
            tuple(item["data"]),
            tuple(item["areas"]),
        )
        for item in json.loads(data_text("goals.json"))
    ]
    foreign = {
        name: frozenset(words.split())
        for name, _, words in (line.partition(":") for line in data_text("foreign.txt").splitlines())
        if words and not name.startswith("#")
    }
    return Lexicon(
        phrases,
        goals,
        frozenset(" ".join(parts["faint"]).split()),
        frozenset(" ".join(parts["ordinary"]).split()),
        frozenset(f"{name.strip()}/" for name in ",".join(parts["anchors"]).split(",")),
        shorthand,
        foreign,
    )
