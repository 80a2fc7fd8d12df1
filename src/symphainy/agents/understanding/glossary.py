"""The words of the product that a user may not know: what each means, and whether it is asked what one means.

A question for a meaning is recognised by what remains of it without the word itself: nothing but the way one asks (`what is
a ...`, `what does ... stand for`, `never heard of ...`). So `what is a gap?` is one, and `what is the gap in step 3?` is not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from symphainy.agents.understanding.lexicon import Lexicon, data_text, english
from symphainy.agents.understanding.words import distance, stem

_MOST_WORDS: Final = 20
_LENGTH_FOR_ONE_EDIT: Final = 7
_LENGTH_FOR_TWO_EDITS: Final = 10


def _stems(words: str) -> frozenset[str]:
    return frozenset(map(stem, words.split()))


_MEANING: Final = _stems(
    "mean meaning meant define definition stand unfamiliar acronym abbreviation jargon difference differ heard"
)
"""One of these is enough, also with `the`."""
_NAMING: Final = _stems("word term thing concept notion expression phrase abbreviation acronym")
_EXPLAINING: Final = _stems("explain clarify describe understand")
_BEING: Final = _stems("is are was were")
_ARTICLES: Final = _stems("a an")
_OWN: Final = _stems("this that these those my our your its")
"""With these it is the user's own result that is meant, not the word; with `the` it mostly is."""
_AROUND: Final = _stems(
    """
    the what do does did can could would will please kindly tell give me i we you to of for by in and or between with from not no never
    know idea exactly precisely actually really again just briefly quickly simple simply plain english short
    sentence word term layman layperson beginner dummy sorry hi hello hey ok okay so well then here context people they it one
    there be have has use used good call called say said see read keep help remind wonder wondering sure curious quick question am
    always everywhere somebody someone anybody anyone about even supposed ever before app tool like something kind sort thanks thank
    """
)
_SAID: Final = _MEANING | _NAMING | _EXPLAINING | _BEING | _ARTICLES | _OWN | _AROUND


@dataclass(frozen=True, slots=True)
class Term:
    """`means` continues "<name> is". `area` is where one meets it, None where it is everywhere; `ask` the key of the intent
    that leads on from it; `kind` that of the artifacts in which one sees it."""

    name: str
    words: tuple[str, ...]
    means: str
    area: str | None
    ask: str
    kind: str | None


class Glossary:
    def __init__(self, terms: Sequence[Term], lexicon: Lexicon) -> None:
        self.terms: Final[Mapping[str, Term]] = {term.name: term for term in terms}
        self._lexicon = lexicon
        self._phrases = {
            tuple(map(stem, lexicon.words(words))): term.name for term in terms for words in (term.name, *term.words)
        }
        self._longest = max(map(len, self._phrases))
        self._vocabulary = {word for phrase in self._phrases for word in phrase}

    def asked(self, text: str, unless: str | None = None) -> tuple[str, ...]:
        """The terms whose meaning is asked for, in order; none where the words ask for anything else.

        `unless` is the same text with the names of the session's files and columns masked: what they are called is asked
        about as a word only where the question says so (`what is a ...`, `what does ... mean`).
        """
        words = [self._spelled(stem(word)) for word in self._lexicon.words(text)]
        if len(words) > _MOST_WORDS:
            return ()
        found, rest = self._split(words)
        if not found or not _asks(rest):
            return ()
        if unless is not None and unless != text and not {*rest} & (_ARTICLES | _MEANING):
            return ()
        return tuple(dict.fromkeys(found))

    def _split(self, words: Sequence[str]) -> tuple[list[str], list[str]]:
        """The terms in it, and all other words."""
        found: list[str] = []
        rest: list[str] = []
        at = 0
        while at < len(words):
            length, name = next(self._at(words, at), (1, None))
            if name is None:
                rest.append(words[at])
            else:
                found.append(name)
            at += length
        return found, rest

    def _at(self, words: Sequence[str], at: int) -> Iterator[tuple[int, str]]:
        """The terms that begin here, the longest first."""
        for length in range(min(self._longest, len(words) - at), 0, -1):
            name = self._phrases.get(tuple(words[at : at + length]))
            if name is not None:
                yield length, name

    def _spelled(self, word: str) -> str:
        """The word of a term that was probably meant: the only one that is near, of a word that is none itself."""
        edits = 2 if len(word) >= _LENGTH_FOR_TWO_EDITS else 1 if len(word) >= _LENGTH_FOR_ONE_EDIT else 0
        if not edits or word in self._vocabulary or word in _SAID:
            return word
        near = [known for known in self._vocabulary if known[0] == word[0] and distance(known, word, edits) <= edits]
        return near[0] if len(near) == 1 else word


def _asks(rest: Sequence[str]) -> bool:
    """Whether what remains is a question for a meaning."""
    said = set(rest)
    if not said <= _SAID:
        return False
    if said & _NAMING and said & ({"what"} | _EXPLAINING):
        return True
    if said & _OWN:
        return False
    return bool(said & _MEANING or ("the" not in said and (said & _EXPLAINING or ("what" in said and said & _BEING))))


@cache
def glossary() -> Glossary:
    """That of the data file."""
    terms = [
        Term(item["name"], tuple(item["words"]), item["means"], item["area"], item["ask"], item["kind"])
        for item in json.loads(data_text("glossary.json"))
    ]
    return Glossary(terms, english())
