"""Which intent an utterance has: nearest prototypes and the intents its terms speak for, by lexicon alone.

Two scores between 0 and 1 are mixed. The first is the cosine between the utterance and an intent's nearest prototypes, each a
bag of terms and neighbouring terms weighted by inverse document frequency over intents (Sparck Jones, 1972). The second is the
weighted share of the utterance's terms that speak for the intent, so that a new combination of known words is understood.
Words that nothing in the lexicon knows count against every intent: that is what turns away what is not our business.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from symphainy.agents.understanding.lexicon import NUMBER, Lexicon, Reading

_FAINT: Final = 0.22
_PAIR: Final = 0.55
_INNER: Final = 0.4
_UNKNOWN: Final = 0.8
_SHARE: Final = 0.4
_STRANGE: Final = 0.3

Vector = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Margins:
    """What a scorer's scores mean: from `sure` on an intent is taken, if no other is `close`; from `heard` on it is offered.

    Factors: `own` for the intents of the agent that hears, `shared` for the shared ones, `elsewhere` for those of other agents;
    for the guide, to whom nobody is elsewhere, `guides` for its own and the shared ones; `clause` for a part of a sentence.
    `whole` is added where the whole text says it.
    """

    sure: float
    heard: float
    close: float
    own: float
    shared: float
    elsewhere: float
    guides: float
    clause: float
    whole: float


_MARGINS: Final = Margins(
    sure=0.44, heard=0.36, close=0.03, own=1.08, shared=1.0, elsewhere=0.94, guides=1.08, clause=0.85, whole=0.02
)


class LexiconScorer:
    def __init__(self, lexicon: Lexicon, examples: Mapping[str, Sequence[str]]) -> None:
        """`examples`: ways to say it, for each intent's key."""
        self.margins = _MARGINS
        self.lexicon = lexicon
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
        weighed = [(intent, self._weigh(line)) for intent, lines in bags.items() for line in lines]
        self._intents = [intent for intent, _ in weighed]
        self._lengths = [_length(line) for _, line in weighed]
        self._holders: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, (_, line) in enumerate(weighed):
            for term, weight in line.items():
                self._holders[term].append((number, weight))
        self._speaks = self._speaking(bags)

    def scores(self, text: str) -> dict[str, float]:
        """Each intent's score for one sentence."""
        vector = self.vector(text)
        length = _length(vector)
        if not length or self.is_strange(text):
            return {}
        shared: dict[int, float] = defaultdict(float)
        for term, weight in vector.items():
            for number, theirs in self._holders.get(term, ()):
                shared[number] += weight * theirs
        nearest: dict[str, list[float]] = defaultdict(list)
        for number, product in shared.items():
            if product:
                nearest[self._intents[number]].append(product / (length * self._lengths[number]))
        spoken = self._spoken(vector)
        near = {key: _nearness(similarities) for key, similarities in nearest.items()}
        for key in list(near):
            area = area_key(key)
            if area:
                near[area] = max(near.get(area, 0.0), near[key])
        return {key: (1 - _SHARE) * nearness + _SHARE * spoken.get(key, 0.0) for key, nearness in near.items()}

    def vector(self, text: str) -> dict[str, float]:
        """The text's terms and neighbouring terms with their weights."""
        return self._weigh(_features(self.lexicon.read(text)))

    def is_strange(self, text: str) -> bool:
        """No word that tells anything; or many that nothing knows, and none that is only ours."""
        terms = self.lexicon.read(text).terms
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
            for key, share in self._speaks.get(term, {}).items():
                found[key] += share * weight / total
                found[area_key(key)] += share * weight / total
        return found


def area_key(key: str) -> str:
    """The key under which a scorer gives the score of the intent's whole area; empty for a shared intent."""
    area, dot, _ = key.partition(".")
    return area + dot if dot else ""


def _nearness(similarities: list[float]) -> float:
    similarities.sort(reverse=True)
    return 0.8 * similarities[0] + 0.2 * sum(similarities[:3]) / 3


def _features(reading: Reading) -> dict[str, float]:
    bag: dict[str, float] = dict.fromkeys(reading.inner, _INNER)
    bag.update(dict.fromkeys(reading.terms, 1.0))
    for one, other in zip(("^", *reading.terms), (*reading.terms, "$"), strict=True):
        bag.setdefault(f"{one} {other}", _PAIR)
    return bag


def _length(vector: Vector) -> float:
    return math.sqrt(sum(weight * weight for weight in vector.values()))
