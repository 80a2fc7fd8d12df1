"""Typing errors in a question, found before it is read: a word that nobody knows and that differs by one letter from one that
is known."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Final

from symphainy.enabling_services.insights.linking import Linker, near, value_words
from symphainy.enabling_services.insights.row_nouns import ROW_KINDS
from symphainy.enabling_services.insights.synonyms import CONCEPTS, IRREGULAR, stem
from symphainy.enabling_services.insights.vocabulary import (
    AVERAGED,
    BUCKET_NOUNS,
    IGNORED,
    MONTHS,
    NUMBER_WORDS,
    PERSON_NOUNS,
    PERSONS,
    PHRASES,
    UNITS,
    singular,
)

_LONG: Final = 7
_SHORTEST: Final = 6
"""Shorter words differ by one letter from too many others."""


@cache
def _known() -> frozenset[str]:
    words = {word for phrase in PHRASES for word in phrase.split() if word.isalpha()}
    words |= {word for group in CONCEPTS for word in group}
    words |= {noun for kind in ROW_KINDS for noun in kind.nouns}
    for group in (AVERAGED, BUCKET_NOUNS, IGNORED, MONTHS, NUMBER_WORDS, PERSON_NOUNS, PERSONS, UNITS, IRREGULAR):
        words |= set(group)
    return frozenset(words)


@cache
def _stems() -> frozenset[str]:
    return frozenset(stem(singular(word)) for word in _known())


@dataclass(slots=True)
class Speller:
    linker: Linker
    nouns: frozenset[str]
    _words: frozenset[str] | None = field(init=False, default=None)

    def corrected(self, word: str) -> str | None:
        """The known word that was meant; None where the word is known or nothing is near it."""
        if len(word) < _SHORTEST or not word.isalpha() or self._is_known(word):
            return None
        same = {
            known
            for words in (_known(), self._table_words(), self.nouns)
            for known in words
            if len(known) > 3 and known[0] == word[0] and near(word, known) and _ends_alike(word, known)
        }
        return min(same, key=lambda known: (singular(known) != known, known)) if same else None

    def _is_known(self, word: str) -> bool:
        """The words of the table's values are collected last: few words need them, and there may be many."""
        bare = singular(word)
        if not {word, bare}.isdisjoint(_known()) or not {stem(word), stem(bare)}.isdisjoint(_stems()):
            return True
        if not {word, bare}.isdisjoint(self.nouns) or self.linker.columns((word,)) is not None:
            return True
        return self.linker.values((word,)) is not None or not {word, bare}.isdisjoint(self._table_words())

    def _table_words(self) -> frozenset[str]:
        if self._words is None:
            index = self.linker.index
            words = {word for name in self.linker.names for word in name}
            for column in index.columns:
                if column.values:
                    words.update(value_words(" ".join(column.values)))
            self._words = frozenset(words)
        return self._words


def _ends_alike(word: str, known: str) -> bool:
    """Two forms of one word, or two words that differ in their last letter, are no typing error."""
    if word[-1] != known[-1] and not (
        len(word) == len(known) >= _LONG and word[-2] == known[-2] and known[-1] not in "sdryge"
    ):
        return False
    return not known.startswith(word) and not word.startswith(known)
