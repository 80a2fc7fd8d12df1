"""Other words for the same construction, put as the lexer knows them: `85 or better` is `at least 85`."""

from __future__ import annotations

import re
from typing import Final

_NUMBER: Final = r"(?<![\w.\"'])([$€£]?\d[\d,]*(?:\.\d+)?(?:k\b|m\b|bn\b|\s?%)?)"
_THING: Final = r"((?:\s+(?!or\b|and\b)[a-z]+){0,2})"
_END: Final = r"(?! than| [$€£\d])"
_UP: Final = r"(?:more|better|higher|above|over|up|upwards|older|greater|longer|later|larger|bigger|beyond)"
_DOWN: Final = r"(?:less|fewer|below|under|lower|younger|worse|shorter|earlier|smaller|cheaper)"

_REWRITES: Final = tuple(
    (re.compile(pattern, re.I), said)
    for pattern, said in (
        (r"\u2019", "'"),
        (rf"\b(?:at least |minimum )?{_NUMBER}{_THING},? (?:or|and) {_UP}\b{_END}", r"at least \1\2"),
        (rf"\b(?:at most |maximum )?{_NUMBER}{_THING},? (?:or|and) {_DOWN}\b{_END}", r"at most \1\2"),
        (rf"{_NUMBER}\+(?!\w)", r"at least \1"),
        (r"(?<![\d\s%])(\s*)%(?=\s)|^\s*%(?=\s)", r"\1percentage"),
        (r",?\s*\b(?:even though|even if|although|though)\b", " and"),
        (r"\b(they|we|you|he|she|it|who|that|there)'(?:d|ve|re|ll)\b", r"\1"),
        (
            r",\s*([\w -]{3,40}?) (?:are |is |being )?(?:excluded|left out|not counted|not included)\b",
            r", excluding \1",
        ),
        (r"\ball in all\b", "in total"),
        (r"\b(?:square met(?:er|re)s?|m2|m²)(?!\w)", "sqm"),
        (r"\b(?:square (?:foot|feet)|sq ?ft|ft2|ft²)(?!\w)", "sqft"),
        (r"\bper\s?cent\b", "percent"),
        (r"\bsales ?(?:people|persons?|staff|team members?)\b", "salesperson"),
    )
)


def plainer(question: str) -> str:
    """The question with what can be said more plainly said so; everything else stays letter by letter."""
    for pattern, said in _REWRITES:
        question = pattern.sub(said, question)
    return question
