"""Understanding by static embeddings and lexicon together. Needs the extra `embeddings`; imported only where that is installed.

An utterance is the mean of its tokens' vectors from the table inside the wordllama wheel (no network, no model run), and beside
it the lexicon's bag of terms. Kernel ridge regression (Saunders, Gammerman and Vovk, 1998) over all prototypes, with a kernel
that mixes both likenesses, gives each intent its score. Fitted once for the process, from the prototypes alone.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from symphainy.agents.understanding.scoring import LexiconScorer, Margins

Matrix = NDArray[np.float32]
Rows = NDArray[np.int64]

EMBEDDED: Final = 0.6
WORDS: Final = 0.4
"""The shares of the two likenesses in the kernel."""

_RIDGE: Final = 0.3
_STRANGE: Final = 0.5
_MARKS: Final = {"<file>": "file", "<column>": "amount", "<goal>": "customers", "<number>": "10"}
_MARGINS: Final = Margins(
    sure=0.30, heard=0.20, close=0.08, own=1.4, shared=0.9, elsewhere=0.6, guides=1.3, clause=0.9, whole=0.0
)
_NOT_A_WORD: Final = re.compile(r"[^\w' ]")


class WordVectors:
    """The token table of the wordllama wheel. Its own loader would look for its tokenizer on the network: never let it."""

    def __init__(self) -> None:
        package: Any = import_module("wordllama")
        loaded = package.WordLlama.load(cache_dir=Path(package.__file__).parent, disable_download=True)
        self._table: Matrix = loaded.embedding
        self._tokenizer: Any = loaded.tokenizer

    def vector(self, text: str) -> Matrix:
        """Of length 1, or all zeros where there is no word."""
        for mark, word in _MARKS.items():
            text = text.replace(mark, word)
        tokens: list[int] = self._tokenizer.encode(_NOT_A_WORD.sub(" ", text.lower()), add_special_tokens=False).ids
        if not tokens:
            return _single(np.zeros(int(self._table.shape[1])))
        pooled = _single(self._table[tokens].sum(axis=0))
        return _single(pooled / (np.linalg.norm(pooled) or 1.0))


class MixedScorer:
    def __init__(
        self,
        lexicon: LexiconScorer,
        examples: Mapping[str, Sequence[str]],
        vectors: WordVectors,
        shares: tuple[float, float] = (EMBEDDED, WORDS),
    ) -> None:
        """`examples`: ways to say it, for each intent's key; `lexicon` was made from the same."""
        self._embedded, words = shares
        self.margins = _MARGINS
        self._words = lexicon
        self._vectors = vectors
        self._keys = tuple(examples)
        lines = [(number, line) for number, said in enumerate(examples.values()) for line in dict.fromkeys(said)]
        holders = _holders([_unit(self._words.vector(line)) for _, line in lines])
        self._terms = {term: place for place, term in enumerate(holders)}
        self._prototypes = np.stack([vectors.vector(line) for _, line in lines])
        kernel = self._likeness(self._prototypes)
        for rows, weights in holders.values():
            kernel[np.ix_(rows, rows)] += words * np.outer(weights, weights)
        wanted = np.zeros((len(lines), len(self._keys)), np.float32)
        wanted[np.arange(len(lines)), [number for number, _ in lines]] = 1.0
        kernel[np.diag_indices_from(kernel)] += _RIDGE
        self._weights = _single(np.linalg.solve(kernel, wanted))
        self._term_weights = np.stack([words * (weights @ self._weights[rows]) for rows, weights in holders.values()])

    def scores(self, text: str) -> Mapping[str, float]:
        bag = _unit(self._words.vector(text))
        found = self._likeness(self._vectors.vector(text)[np.newaxis])[0] @ self._weights
        known = {term: weight for term, weight in bag.items() if term in self._terms}
        if known:
            found = found + np.array(list(known.values()), np.float32) @ self._term_weights[self._places(known)]
        if self._words.is_strange(text):
            found = found * _STRANGE
        return {key: float(score) for key, score in zip(self._keys, found, strict=True) if score > 0}

    def _likeness(self, vectors: Matrix) -> Matrix:
        """The cube of the cosine: near prototypes count, the many that are a little alike do not. Multiplied out and in place,
        because `**` is slow over the millions of pairs of prototypes."""
        near = vectors @ self._prototypes.T
        np.clip(near, 0, 1, out=near)
        cubed = near * near
        cubed *= near
        cubed *= self._embedded
        return _single(cubed)

    def _places(self, terms: Iterable[str]) -> list[int]:
        return [self._terms[term] for term in terms]


def _holders(bags: Sequence[Mapping[str, float]]) -> dict[str, tuple[Rows, Matrix]]:
    """For each term the rows that have it, and its weight in each. Most terms are in a few rows of thousands."""
    found: dict[str, list[tuple[int, float]]] = {}
    for row, bag in enumerate(bags):
        for term, weight in bag.items():
            found.setdefault(term, []).append((row, weight))
    return {
        term: (np.array([row for row, _ in places]), np.array([weight for _, weight in places], np.float32))
        for term, places in found.items()
    }


def _single(matrix: NDArray[Any]) -> Matrix:
    return matrix.astype(np.float32, copy=False)


def _unit(bag: Mapping[str, float]) -> dict[str, float]:
    """Scaled to length 1, with what terms weigh that no prototype has."""
    length = math.sqrt(sum(weight * weight for weight in bag.values())) or 1.0
    return {term: weight / length for term, weight in bag.items()}


@cache
def word_vectors() -> WordVectors:
    """Loaded once for the process."""
    return WordVectors()
