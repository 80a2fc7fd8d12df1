"""Whether what a language model says stands in the evidence: each number, and what it talks about at all.

A model's text is released word by word, and a number with the word after it, so that each is checked before anybody sees it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, cast

from symphainy.session import JsonValue

REPEATS: Final = 3
"""So often may a model say the same sentence before it counts as going round in circles."""

_SENTENCE_END: Final = re.compile(r"[.!?:][*_`\")\]]*\s+|\n+")
_NUMBER_AT_END: Final = re.compile(r"[^\s]*\d[^\s]*\s+$")
_NUMBER: Final = re.compile(
    r"(?<![A-Za-z\d.])-?\d[\d,]*(?:\.\d+)?(?:\s?(?:%|percent|k|thousand|m|million|bn|billion)\b|\s?%)?", re.I
)
_LIST_MARK: Final = re.compile(r"(?m)^\s*\d{1,3}[.)]\s")
_WORD: Final = re.compile(r"[a-z]{4,}")
_SCALES: Final = {
    "k": 10**3, "thousand": 10**3, "m": 10**6, "million": 10**6, "bn": 10**9, "billion": 10**9,
}  # fmt: skip
_TO_TWENTY: Final = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen twenty"
)
_TENS: Final = "thirty forty fifty sixty seventy eighty ninety hundred"
_SPELLED: Final[Mapping[str, int]] = {
    **{word: number for number, word in enumerate(_TO_TWENTY.split(" "), 2)},
    **{word: number * 10 for number, word in enumerate(_TENS.split(" "), 3)},
}
_SPELLED_WORD: Final = re.compile(rf"\b({'|'.join(_SPELLED)})\b", re.IGNORECASE)
_EVERYWHERE: Final = (
    "about also been from have here into just like more most only other over some such than that their them then there these they "
    "this those very what when where which while will with would your yours"
)
_ORDINARY: Final = frozenset(_EVERYWHERE.split(" "))


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it was said. `step` is the place of its last digit: 12.3 was said to tenths."""

    said: str
    value: Decimal
    step: Decimal
    percent: bool = False


def numbers_in(text: str) -> list[Number]:
    """Numbers in digits and in words. Numbers inside of names (`Q4`, `v2`), list marks and the word `one` are none."""
    text = _LIST_MARK.sub(" ", text.replace("\\", ""))
    found: list[Number] = []
    for match in _NUMBER.finditer(text):
        said = match.group().strip()
        digits = re.match(r"-?[\d,]*\d(?:\.\d+)?", said)
        if digits is None:
            continue
        plain = Decimal(digits.group().replace(",", ""))
        unit = said[digits.end() :].strip().lower()
        scale = _SCALES.get(unit, 1)
        exponent = plain.as_tuple().exponent
        step = Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0) * scale
        found.append(Number(said, plain * scale, step, unit in ("%", "percent")))
    found += [
        Number(match.group(), Decimal(_SPELLED[match.group().lower()]), Decimal(1))
        for match in _SPELLED_WORD.finditer(text)
    ]
    return found


@dataclass(slots=True)
class Grounding:
    """What may be said: grows with each source."""

    _values: set[Decimal] = field(default_factory=set[Decimal])
    _words: set[str] = field(default_factory=set[str])

    def add(self, *sources: JsonValue) -> None:
        """Texts, and values of evidence: every number in them, and how many items each list has."""
        for source in sources:
            match source:
                case str():
                    self._values.update(abs(number.value) for number in numbers_in(source))
                    self._words.update(_words(source))
                case bool() | None:
                    pass
                case int() | float():
                    self._values.add(abs(Decimal(repr(source))))
                case dict():
                    self.add(*source.keys(), *source.values())
                case list() | tuple():
                    items = cast("Sequence[JsonValue]", source)
                    self._values.add(Decimal(len(items)))
                    self.add(*items)
                case _:
                    raise TypeError(f"not JSON: {source!r}")

    def unfounded(self, text: str) -> list[str]:
        """Numbers of the text that are no number of the sources, nor a rounding or a percentage of one."""
        return [number.said for number in numbers_in(text) if not self._known(number)]

    def is_about(self, text: str) -> bool:
        """Whether the text has a telling word of the sources at all."""
        return bool(self._words & set(_words(text)))

    def _known(self, number: Number) -> bool:
        value = abs(number.value)
        if value in self._values:
            return True
        half = number.step / 2
        candidates = self._values if not number.percent else {*self._values, *(known * 100 for known in self._values)}
        return any(abs(known - value) <= half for known in candidates)


@dataclass(slots=True)
class Words:
    """Releases a stream of pieces in whole words, and a number only together with the word after it: that may be its unit."""

    _held: str = ""

    def feed(self, piece: str) -> str:
        self._held += piece
        end = max(self._held.rfind(space) for space in " \n\t") + 1
        whole = self._held[:end]
        if number := _NUMBER_AT_END.search(whole):
            whole = whole[: number.start()]
        self._held = self._held[len(whole) :]
        return whole

    def rest(self) -> str:
        held, self._held = self._held, ""
        return held


@dataclass(slots=True)
class Repetition:
    """Notices a text that goes round in circles."""

    _open: str = ""
    _said: Counter[str] = field(default_factory=Counter[str])

    def hears(self, text: str) -> bool:
        """Whether a sentence that the text completes was said so often that the rest may be left out."""
        *whole, self._open = _SENTENCE_END.split(self._open + text)
        keys = [key for sentence in whole if len(key := " ".join(sentence.lower().split())) > 3]
        self._said.update(keys)
        return any(self._said[key] >= REPEATS for key in keys)


def _words(text: str) -> Iterable[str]:
    return (word for word in _WORD.findall(text.lower()) if word not in _ORDINARY)
