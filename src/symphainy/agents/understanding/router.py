"""Which intent an utterance has: nearest prototypes and the intents its terms speak for, and no answer where neither is clear.

Two scores between 0 and 1 are mixed. The first is the cosine between the utterance and an intent's nearest prototypes, each a
bag of terms and neighbouring terms weighted by inverse document frequency over intents (Sparck Jones, 1972). The second is the
weighted share of the utterance's terms that speak for the intent, so that a new combination of known words is understood.
Words that nothing in the lexicon knows count against every intent: that is what turns away what is not our business.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from symphainy.agents.understanding.lexicon import NUMBER, Lexicon, Reading, english, prototypes
from symphainy.agents.understanding.words import sentences_of, stem

SOCIAL: Final = frozenset({"greet", "thanks", "yes", "no"})
LONG_TEXT: Final = 600
"""Characters that are heard of a message."""

_FAINT: Final = 0.22
_PAIR: Final = 0.55
_INNER: Final = 0.4
_UNKNOWN: Final = 0.8
_SHARE: Final = 0.4
_SURE: Final = 0.44
_HEARD: Final = 0.36
_CLOSE: Final = 0.03
_OFFERED: Final = 3
_SOCIAL_HANDICAP: Final = 0.4
_WHOLE: Final = 0.02
_CLAUSE: Final = 0.85
_STRANGE: Final = 0.3


@dataclass(frozen=True, slots=True)
class Understanding:
    """What was heard. `intent` is None where nothing fits well enough; `options` are then what it might have been, best first.

    `confidence` is the winner's score, 0 to 1. `goals` and `language` (None: English) are about the words, not the intent.
    """

    intent: str | None
    confidence: float
    options: tuple[str, ...] = ()
    goals: tuple[str, ...] = ()
    language: str | None = None
    long_text: bool = False


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the session adds: `names` maps a name the user may say to `<file>` or `<column>`; `favours` intents get a little more."""

    names: Mapping[str, str] = field(default_factory=dict[str, str])
    favours: Mapping[str, float] = field(default_factory=dict[str, float])


NOTHING_AROUND: Final = Surroundings()

Vector = Mapping[str, float]


class Router:
    def __init__(self, lexicon: Lexicon, examples: Mapping[str, Sequence[str]]) -> None:
        self.lexicon = lexicon
        self.intents: Final = tuple(examples)
        bags = {
            intent: [_features(lexicon.read(line)) for line in dict.fromkeys(lines)]
            for intent, lines in examples.items()
        }
        users: dict[str, set[str]] = defaultdict(set)
        for intent, lines in bags.items():
            for line in lines:
                for term in line:
                    users[term].add(intent)
        self._idf = {term: math.log(1 + len(bags) / len(intents)) for term, intents in users.items()}
        self._rarest = math.log(1 + len(bags))
        self._prototypes = [(intent, self._weigh(line)) for intent, lines in bags.items() for line in lines]
        self._speaks = self._speaking(bags)

    def understand(self, text: str, surroundings: Surroundings = NOTHING_AROUND) -> Understanding:
        """Of a long text only the beginning and the end are heard: that is where people ask."""
        is_long = len(text) > LONG_TEXT
        if is_long:
            text = f"{text[: LONG_TEXT // 2]}\n{text[-LONG_TEXT // 2 :]}"
        language = self.lexicon.language(text)
        if language is not None:
            return Understanding(None, 0.0, language=language)
        if not self.lexicon.words(text):
            return Understanding("help", _SURE)
        parts = sentences_of(text) if is_long else [text, *sentences_of(text)]
        clauses = [clause for part in parts for clause in part.split(",")]
        best: dict[str, float] = {}
        for number, part in enumerate(dict.fromkeys((*parts, *clauses))):
            weight = 1.0 if part in parts else _CLAUSE
            for reading in dict.fromkeys((part, masked(part, surroundings.names))):
                for intent, score in self.scores(reading, surroundings.favours).items():
                    score = score * weight + (_WHOLE if number == 0 else 0.0)
                    best[intent] = max(best.get(intent, 0.0), score)
        if any(intent not in SOCIAL and score >= _SURE for intent, score in best.items()):
            best = {intent: score * (_SOCIAL_HANDICAP if intent in SOCIAL else 1) for intent, score in best.items()}
        goals = self.lexicon.read(text).goals
        return _decide(best, goals, long_text=is_long)

    def scores(self, text: str, favours: Mapping[str, float]) -> dict[str, float]:
        """Each intent's score for one sentence."""
        reading = self.lexicon.read(text)
        bag = _features(reading)
        vector = self._weigh(bag)
        length = _length(vector)
        if not length or self._strange(reading.terms):
            return {}
        nearest: dict[str, list[float]] = defaultdict(list)
        for intent, prototype in self._prototypes:
            shared = sum(weight * prototype[term] for term, weight in vector.items() if term in prototype)
            if shared:
                nearest[intent].append(shared / (length * _length(prototype)))
        spoken = self._spoken(vector)
        found: dict[str, float] = {}
        for intent, similarities in nearest.items():
            similarities.sort(reverse=True)
            nearby = 0.8 * similarities[0] + 0.2 * sum(similarities[:3]) / 3
            score = (1 - _SHARE) * nearby + _SHARE * spoken.get(intent, 0.0)
            found[intent] = score * favours.get(intent, 1.0)
        return found

    def _strange(self, terms: Sequence[str]) -> bool:
        """No word that tells anything; or many that nothing knows, and none that is only ours."""
        telling = [term for term in terms if term not in self.lexicon.faint and term != NUMBER]
        strange = [term for term in telling if term not in self._idf and not term.endswith("/")]
        if not telling:
            return True
        if self.lexicon.anchors.intersection(terms):
            return False
        return len(strange) >= _STRANGE * len(telling) if strange else NUMBER in terms and len(telling) == 1

    def _weigh(self, bag: Vector) -> dict[str, float]:
        """Weights by term; a term that no prototype has is as rare as can be, but faint words never weigh much."""
        weighed: dict[str, float] = {}
        for term, kind in bag.items():
            if term in self._idf:
                weight = self._idf[term]
            elif kind == _PAIR or term in self.lexicon.faint:
                continue
            else:
                weight = self._rarest * _UNKNOWN
            weighed[term] = weight * (_FAINT if term in self.lexicon.faint or term == NUMBER else kind)
        return weighed

    def _speaking(self, bags: Mapping[str, Sequence[Vector]]) -> dict[str, dict[str, float]]:
        """How much each term speaks for each intent: its share of the term's use, every intent counted alike."""
        shares: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        for intent, lines in bags.items():
            for line in lines:
                for term in line:
                    shares[term][intent] += 1 / math.sqrt(len(lines))
        return {
            term: {intent: count / sum(counts.values()) for intent, count in counts.items()}
            for term, counts in shares.items()
        }

    def _spoken(self, vector: Vector) -> dict[str, float]:
        total = sum(vector.values())
        found: dict[str, float] = defaultdict(float)
        for term, weight in vector.items():
            for intent, share in self._speaks.get(term, {}).items():
                found[intent] += share * weight / total
        return found


def masked(text: str, names: Mapping[str, str]) -> str:
    """The text with every name of a file or column replaced by its mark; the longest name first."""
    for name in sorted(names, key=len, reverse=True):
        words = [re.escape(stem(word)) + r"\w{0,3}" for word in re.split(r"[\W_]+", name.lower()) if word]
        if words:
            text = re.sub(r"(?i)(?<![\w<])" + r"[\W_]*".join(words) + r"(?![\w>])", names[name], text)
    return text


def _features(reading: Reading) -> dict[str, float]:
    bag: dict[str, float] = dict.fromkeys(reading.inner, _INNER)
    bag.update(dict.fromkeys(reading.terms, 1.0))
    for one, other in zip(("^", *reading.terms), (*reading.terms, "$"), strict=True):
        bag.setdefault(f"{one} {other}", _PAIR)
    return bag


def _length(vector: Vector) -> float:
    return math.sqrt(sum(weight * weight for weight in vector.values()))


def _decide(scores: Mapping[str, float], goals: tuple[str, ...], *, long_text: bool) -> Understanding:
    ranked = sorted(scores, key=lambda intent: (-scores[intent], intent))
    if not ranked or scores[ranked[0]] < _HEARD:
        return Understanding(None, scores[ranked[0]] if ranked else 0.0, goals=goals, long_text=long_text)
    top = scores[ranked[0]]
    options = tuple(intent for intent in ranked[:_OFFERED] if scores[intent] >= max(_HEARD, top - 4 * _CLOSE))
    options = tuple(intent for intent in options if intent not in SOCIAL or intent == ranked[0])
    second = scores[ranked[1]] if len(ranked) > 1 else 0.0
    if top < _SURE or (top - second < _CLOSE and len(options) > 1):
        return Understanding(None, min(top, 1.0), options, goals, long_text=long_text)
    return Understanding(ranked[0], min(top, 1.0), options, goals, long_text=long_text)


@cache
def default_router() -> Router:
    """The router over the data files of this package, built once for the process."""
    return Router(english(), prototypes())
