"""Words of an utterance: lower case, shorthand written out, endings taken off, misspellings measured."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

_WORD: Final = re.compile(r"<[a-z]+>|[^\W_]+(?:'[^\W_]+)*")
_APOSTROPHES: Final = str.maketrans(
    {"\N{RIGHT SINGLE QUOTATION MARK}": "'", "\N{MODIFIER LETTER APOSTROPHE}": "'", "`": "'"}
)
_SENTENCE: Final = re.compile(r"(?<=[.!?;])\s+|[!?;]+$|\n+")
_STRETCHED: Final = re.compile(r"([a-z])\1{2,}")
_VOWEL: Final = re.compile(r"[aeiouy]")
_SHORTEST_STEM: Final = 3


def words_of(text: str, shorthand: Mapping[str, str]) -> list[str]:
    """The words in order. `shorthand` maps a word to the words it stands for: `gimme` to `give me`."""
    plain = unicodedata.normalize("NFKC", text).lower().translate(_APOSTROPHES)
    plain = _STRETCHED.sub(r"\1\1", plain)
    found: list[str] = []
    for word in _WORD.findall(plain):
        written_out = shorthand.get(word) or shorthand.get(word.replace("'", ""))
        found.extend(written_out.split() if written_out else [word.removesuffix("'s")])
    return found


def sentences_of(text: str) -> list[str]:
    return [part.strip() for part in _SENTENCE.split(text) if part and part.strip()]


def stem(word: str) -> str:
    """The word without its inflection: a few of the rules of Porter (1980), those of plural and verb forms."""
    if word.startswith("<") or len(word) <= _SHORTEST_STEM:
        return word
    for suffix, instead in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh")):
        if word.endswith(suffix) and len(word) > len(suffix) + 1:
            return word[: -len(suffix)] + instead
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for suffix in ("ing", "ed"):
        base = word.removesuffix(suffix)
        if base != word and len(base) >= _SHORTEST_STEM and _VOWEL.search(base):
            doubled = len(base) > _SHORTEST_STEM and base[-1] == base[-2] and base[-1] not in "lsz"
            word = base[:-1] if doubled else base
            break
    return word.removesuffix("e") if len(word) > _SHORTEST_STEM + 1 else word


def distance(one: str, other: str, limit: int) -> int:
    """Edits from one word to the other, two swapped neighbours counting once (optimal string alignment).

    Anything above `limit` is given as `limit + 1`.
    """
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    before: list[int] = []
    current = list(range(len(other) + 1))
    for i, left in enumerate(one, 1):
        earlier, before, current = before, current, [i]
        for j, right in enumerate(other, 1):
            cost = min(before[j] + 1, current[j - 1] + 1, before[j - 1] + (left != right))
            if i > 1 and j > 1 and left == other[j - 2] and one[i - 2] == right:
                cost = min(cost, earlier[j - 2] + 1)
            current.append(cost)
        if min(current) > limit:
            return limit + 1
    return min(current[-1], limit + 1)


def is_swap(one: str, other: str) -> bool:
    """Whether two neighbouring letters are swapped, and nothing else differs."""
    return one != other and sorted(one) == sorted(other) and distance(one, other, 1) == 1
