"""From an utterance to an agent's intent, or to the question which one was meant where nothing is clear."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from typing import Final, Protocol

from symphainy.agents.understanding.glossary import glossary
from symphainy.agents.understanding.lexicon import Lexicon, english
from symphainy.agents.understanding.prototypes import GUIDE, PARTS, Intent, intents
from symphainy.agents.understanding.scoring import LexiconScorer, Margins, area_key
from symphainy.agents.understanding.words import sentences_of, stem

SOCIAL: Final = frozenset({"greet", "thanks", "yes", "no"})
MEANING: Final = "meaning"
"""What is asked where `Understanding.terms` are; it has no prototypes."""
LONG_TEXT: Final = 600
"""Characters that are heard of a message."""

_OFFERED: Final = 3
_SOCIAL_HANDICAP: Final = 0.4
_SPEAKING_NAME: Final = 0.4


@dataclass(frozen=True, slots=True)
class Understanding:
    """What was heard. `intent` is None where nothing fits well enough; `options` are then what it might have been, as keys of
    intents, best first. `area` is whose the intent is: None where it is shared, and for all that is said to every agent.

    `confidence` is the winner's score, 0 to 1. `goals` and `language` (None: English) are about the words, not the intent.
    `terms` are those of the glossary whose meaning is asked for.
    """

    intent: str | None
    confidence: float
    options: tuple[str, ...] = ()
    goals: tuple[str, ...] = ()
    language: str | None = None
    long_text: bool = False
    area: str | None = None
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the session adds: `names` maps a name the user may say to `<file>` or `<column>`; `favours` intents get a little more."""

    names: Mapping[str, str] = field(default_factory=dict[str, str])
    favours: Mapping[str, float] = field(default_factory=dict[str, float])


NOTHING_AROUND: Final = Surroundings()


class Scorer(Protocol):
    @property
    def margins(self) -> Margins: ...

    def scores(self, text: str) -> Mapping[str, float]:
        """How well one sentence fits each intent, by key, and each area as a whole, by `area_key`: 0 to 1. Empty where it cannot
        be our business."""
        ...


class Router:
    """Hears as the agent of one area: every intent is known, the area's own and the shared ones count a little more."""

    def __init__(self, area: str, lexicon: Lexicon, known: Mapping[str, Intent], scorer: Scorer) -> None:
        self.area: Final = area
        self.lexicon: Final = lexicon
        self._known = known
        self._scorer = scorer

    def understand(self, text: str, surroundings: Surroundings = NOTHING_AROUND) -> Understanding:
        """Of a long text only the beginning and the end are heard: that is where people ask."""
        is_long = len(text) > LONG_TEXT
        if is_long:
            text = f"{text[: LONG_TEXT // 2]}\n{text[-LONG_TEXT // 2 :]}"
        language = self.lexicon.language(text)
        if language is not None:
            return Understanding(None, 0.0, language=language)
        if not self.lexicon.words(text):
            return Understanding("help", self._scorer.margins.sure)
        if terms := glossary().asked(text, masked(text, surroundings.names)):
            return Understanding(MEANING, 1.0, terms=terms)
        best = self.scores(text, surroundings, whole=not is_long)
        goals = self.lexicon.read(text).goals
        return self._decide(self._gathered(best), goals, long_text=is_long)

    def scores(
        self, text: str, surroundings: Surroundings = NOTHING_AROUND, *, whole: bool = True
    ) -> Mapping[str, float]:
        """Each intent's best score over the text (if `whole`), its sentences and their clauses, by key."""
        margins = self._scorer.margins
        parts = [text, *sentences_of(text)] if whole else sentences_of(text)
        clauses = [clause for part in parts for clause in part.split(",")]
        best: dict[str, float] = {}
        for number, part in enumerate(dict.fromkeys((*parts, *clauses))):
            weight = 1.0 if part in parts else margins.clause
            for reading, told in self._readings(part, surroundings.names).items():
                for key, score in self._scorer.scores(reading).items():
                    score = score * self._favour(key, surroundings) * weight * told + (
                        margins.whole if number == 0 else 0.0
                    )
                    best[key] = max(best.get(key, 0.0), score)
        if any(key not in SOCIAL and score >= margins.sure for key, score in best.items()):
            return {key: score * (_SOCIAL_HANDICAP if key in SOCIAL else 1) for key, score in best.items()}
        return best

    def _readings(self, text: str, names: Mapping[str, str]) -> Mapping[str, float]:
        """As it was said, and with names masked: with less weight where a name is an ordinary word that says something itself."""
        speaking = {name: mark for name, mark in names.items() if self.lexicon.says_something(name)}
        known = masked(text, {name: mark for name, mark in names.items() if name not in speaking})
        return {masked(known, speaking): _SPEAKING_NAME, known: 1.0, text: 1.0}

    def _favour(self, key: str, surroundings: Surroundings) -> float:
        area, dot, name = key.rpartition(".")
        margins = self._scorer.margins
        if not dot or area == self.area:
            near = margins.guides if self.area == GUIDE else margins.own if dot else margins.shared
            return surroundings.favours.get(name, 1.0) * near
        return 1.0 if self.area == GUIDE else margins.elsewhere

    def _gathered(self, scores: Mapping[str, float]) -> dict[str, float]:
        """One intent for each other agent, the likeliest, with the score of its whole area: which one it is, that agent will
        hear."""
        gathered: dict[str, float] = {}
        theirs: dict[str, str] = {}
        for key in sorted(scores, key=lambda key: (-scores[key], key)):
            area = area_key(key)
            if key == area:
                continue
            if area in ("", f"{self.area}."):
                gathered[key] = scores[key]
            elif theirs.setdefault(area, key) == key:
                gathered[key] = max(scores[key], scores.get(area, 0.0))
        return gathered

    def _decide(self, scores: Mapping[str, float], goals: tuple[str, ...], *, long_text: bool) -> Understanding:
        margins = self._scorer.margins
        ranked = sorted(scores, key=lambda key: (-scores[key], key))
        if not ranked or scores[ranked[0]] < margins.heard:
            confidence = scores[ranked[0]] if ranked else 0.0
            return Understanding(None, confidence, goals=goals, long_text=long_text)
        first = self._known[ranked[0]]
        top = scores[first.key]
        options = tuple(key for key in ranked[:_OFFERED] if scores[key] >= max(margins.heard, top - 4 * margins.close))
        options = tuple(key for key in options if key not in SOCIAL or key == first.key)
        second = max((scores[key] for key in options if key != first.key), default=0.0)
        sure = top >= margins.sure and top - second >= margins.close
        return Understanding(
            first.name if sure else None,
            min(top, 1.0),
            options,
            goals,
            long_text=long_text,
            area=first.area if sure else None,
        )


def masked(text: str, names: Mapping[str, str]) -> str:
    """The text with every name of a file or column replaced by its mark; the longest name first."""
    for name in sorted(names, key=len, reverse=True):
        words = [re.escape(stem(word)) + r"\w{0,3}" for word in re.split(r"[\W_]+", name.lower()) if word]
        if words:
            text = re.sub(r"(?i)(?<![\w<])" + r"[\W_]*".join(words) + r"(?![\w>])", names[name], text)
    return text


_NOTHING_LEARNED: Final[Mapping[str, Sequence[str]]] = {}


def examples(learned: Mapping[str, Sequence[str]] = _NOTHING_LEARNED) -> Mapping[str, Sequence[str]]:
    """Ways to say it by the key of their intent: those of the package, and `learned` ones on top."""
    return {key: (*intent.lines, *learned.get(key, ())) for key, intent in intents().items()}


def scorer_over(said: Mapping[str, Sequence[str]], lexicon: LexiconScorer | None = None) -> Scorer:
    """Embeddings and lexicon together where the extra `embeddings` is installed, else the lexicon alone. `lexicon`: one that was
    made from the same."""
    lexicon = lexicon or LexiconScorer(english(), said)
    if find_spec("wordllama") is None:
        return lexicon
    # Before numpy is loaded: a server that starts a child while OpenBLAS computes in threads of its own hangs for good in
    # OpenBLAS's fork handler. One thread is quick enough here.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # noqa: TID251 - native code reads it, we do not
    from symphainy.agents.understanding.embeddings import MixedScorer, word_vectors

    return MixedScorer(lexicon, said, word_vectors())


@cache
def lexicon_scorer() -> LexiconScorer:
    """The core's own: no extra is needed."""
    return LexiconScorer(english(), examples())


@cache
def best_scorer() -> Scorer:
    """Takes a second, once for the process."""
    return scorer_over(examples(), lexicon_scorer())


class _WhenWarm:
    """The best scorer; the lexicon alone while a server is still loading the other, so that nobody waits for it."""

    def __init__(self) -> None:
        self.warming = False
        self.learned: Scorer | None = None

    @property
    def margins(self) -> Margins:
        return self._scorer.margins

    def scores(self, text: str) -> Mapping[str, float]:
        return self._scorer.scores(text)

    @property
    def _scorer(self) -> Scorer:
        return lexicon_scorer() if self.warming else self.learned or best_scorer()


_DEFAULT: Final = _WhenWarm()


def hold_back() -> None:
    """Until `warm_up` has ended the lexicon alone answers, and no message waits for the embeddings."""
    _DEFAULT.warming = True


def is_warm() -> bool:
    """Whether nothing is being loaded or held back: messages are understood as well as they can be."""
    return not _DEFAULT.warming


def warm_up(learned: Mapping[str, Sequence[str]] = _NOTHING_LEARNED) -> None:
    """Loads what understanding needs, with what users taught it: seconds of processor time. To be called in a thread of its own
    at the start of a server; where nobody calls it, it is loaded by the first message."""
    hold_back()
    try:
        lexicon_scorer()
        if learned:
            _DEFAULT.learned = scorer_over(examples(learned))
        else:
            best_scorer()
    finally:
        _DEFAULT.warming = False


def routing_name() -> str:
    """`embeddings` where they and the lexicon work together, or `lexicon` where the extra is not installed."""
    return "lexicon" if find_spec("wordllama") is None else "embeddings"


@cache
def area_router(area: str) -> Router:
    """The router of an area's liaison, or of the guide: `guide`, `content`, `insights`, `operations`, `business_outcomes`.

    An area's own intents come from `intents/<area>.txt`. What belongs to another agent is understood as well, so that it can be
    handed over: then `Understanding.area` names it.
    """
    if area not in PARTS[1:]:
        raise ValueError(f"no area: {area}")
    return Router(area, english(), intents(), _DEFAULT)
