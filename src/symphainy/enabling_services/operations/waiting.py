"""Steps that only wait for a time: how long, as BPMN's timers say it (ISO 8601 durations)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_NUMBERS: Final = (
    "a an one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
_UNITS: Final = {
    "second": "PT{}S", "minute": "PT{}M", "hour": "PT{}H", "day": "P{}D", "night": "P{}D", "week": "P{}W", "month": "P{}M",
    "year": "P{}Y",
}  # fmt: skip
_WORDS: Final = {word: number for number, words in enumerate(_NUMBERS, 1) for word in words.split()}
_WAIT: Final = re.compile(
    rf"(?i)^(?:wait|pause|allow|leave)\b(?:\s+(?:for|at least|up to|about|another|it|them)){{0,2}}\s+(?P<number>\d+|{'|'.join(_WORDS)})\s+"
    rf"(?P<business>(?:business|working|work)\s+)?(?P<unit>{'|'.join(_UNITS)})s?\b"
)


@dataclass(frozen=True, slots=True)
class Wait:
    """`business` days are longer than the calendar days of the duration."""

    duration: str
    business: bool


def wait_in(action: str) -> Wait | None:
    """`Wait 5 days for the answer` as P5D; None for a step that does anything else."""
    found = _WAIT.match(action.strip())
    if found is None:
        return None
    number = found.group("number").lower()
    count = int(number) if number.isdigit() else _WORDS[number]
    return Wait(_UNITS[found.group("unit").lower()].format(count), bool(found.group("business")))
