"""How a sentence leads away from its place: ends, loops back, and several conditions in one sentence."""

from __future__ import annotations

import re
from typing import Final

from symphainy.enabling_services.operations.sop import ending_name, jump_target

_AND: Final = re.compile(r"(?i)[,;]?\s+and\s+(?:then\s+)?")
_CLOSED: Final = re.compile(
    r"(?i)^(?:the\s+|this\s+)?(?P<what>case|claim|request|ticket|application|file|matter|order|incident|complaint|return)\s+"
    r"(?:is|will be|remains|stays|gets)\s+(?P<how>closed|finished|ended)(?:\s+here)?$"
)
_REPEAT: Final = re.compile(
    r"(?i)^(?:then\s+)?(?:repeat|loop|redo)\s+(?:(?:from\s+|through\s+)?steps?\s+(?P<step>\d+(?:\.\d+)*)"
    r"(?:\s*(?:-|\u2013|to|through|and|until step)\s*(?:step\s+)?\d+(?:\.\d+)*)?"
    r"|this(?:\s+step)?|these steps|the (?:last |previous )?step|it)?"
    r"\s*,?\s*until\s+(?P<until>\S.*)$"
)
_SEVERAL: Final = re.compile(r"(?i)(?:;|,)\s+(?:and\s+|but\s+)?(?=(?:if|unless)\s+[^,]+(?:,|\bthen\b))")


def leaving(action: str, condition: str | None) -> tuple[str, str | None]:
    """`Inform the customer and the process ends` as what is done, and how it goes on after that. `The case is closed` under a
    condition ends the process."""
    for found in _AND.finditer(action):
        rest = action[found.end() :]
        away = _end(rest, closed=True)
        if away is not None:
            return action[: found.start()], away
        if jump_target(rest) is not None:
            return action[: found.start()], rest[:1].upper() + rest[1:]
    away = _end(action, closed=condition is not None)
    return (away, None) if away is not None else (action, None)


def _end(text: str, *, closed: bool) -> str | None:
    name = ending_name(text)
    if name is not None:
        return f"End the process ({name})" if name else "End the process"
    found = _CLOSED.match(text.strip().rstrip(".")) if closed else None
    return f"End the process ({found.group('what').lower()} {found.group('how').lower()})" if found else None


def repeated(sentence: str) -> tuple[str | None, str] | None:
    """`Repeat steps 2 to 4 until the balance matches` as (2, the balance matches); without a number it is the step before."""
    found = _REPEAT.match(sentence.strip().rstrip(".;, "))
    return (found.group("step"), found.group("until").strip()) if found else None


def pieces_of(sentence: str) -> list[str]:
    """`If one holds, do this; if the other holds, do that` as two sentences."""
    starts = re.match(r"(?i)(?:if|unless)\b", sentence)
    pieces = _SEVERAL.split(sentence) if starts else [sentence]
    if len(pieces) > 1 and re.search(r"(?i)\b(?:otherwise|else)\b", pieces[-1]):
        # The last alternative is for none of them: each is the other one's otherwise.
        return ["; otherwise ".join(piece.strip() for piece in pieces)]
    return [piece[:1].upper() + piece[1:] for piece in pieces]
