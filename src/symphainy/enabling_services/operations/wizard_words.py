"""What a message to the wizard names: steps, and which step is meant; and a step in words."""

from __future__ import annotations

import re
from typing import Final

from symphainy.enabling_services.operations.blocks import Block, BlockKind, plain
from symphainy.enabling_services.operations.sop import Parts, Sop, Step
from symphainy.enabling_services.operations.sop_reading import read_steps

_ORDINALS: Final = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
}  # fmt: skip
NAMED: Final = "|".join(_ORDINALS)
_MARK: Final = re.compile(r"(?i)^\s*(?:[-*\u2022]|\d+[.)]|[a-z][.)]|step\s+\d+\s*[:.)-])\s+")
_FIRST: Final = re.compile(r"(?i)^(?:first|first of all|then|next|after that|finally|and then)\s*,?\s+")
_THEN: Final = re.compile(
    r"(?i)(?<=[^,\s])[,;.]?\s+(?:and\s+)?(?:then|after that|afterwards|next)\s*,?\s+(?=\w)(?!if\b)"
)


def position_of(sop: Sop, named: str) -> int | None:
    """The index of the step that is meant; None if there is none."""
    words = named.lower()
    if "last" in words or "final" in words or "previous" in words:
        return len(sop.steps) - 1 if sop.steps else None
    number = re.search(r"\d+(?:\.\d+)*", words)
    wanted = (
        number.group()
        if number
        else next((str(n) for word, n in _ORDINALS.items() if re.search(rf"\b{word}\b", words)), "")
    )
    return next((at for at, step in enumerate(sop.steps) if step.no == wanted), None)


def steps_from(text: str, sop: Sop) -> tuple[Step, ...]:
    """The steps that a message names: one for each line or sentence, one after `then`."""
    pieces: list[str] = []
    for line in text.splitlines():
        line = _FIRST.sub("", _MARK.sub("", line).strip())
        conditional = re.match(r"(?i)(?:if|when|in case|unless)\b", line)
        pieces += [line] if conditional else [piece for piece in _THEN.split(line) if piece.strip()]
    blocks = [
        Block(BlockKind.ITEM, plain(sentence), numbered=True)
        for piece in pieces
        for sentence in re.split(r"(?<=[.!])\s+(?=[A-Z])|;\s+(?!otherwise|else)", piece)
    ]
    return read_steps(blocks, sop.roles)


def said_step(step: Step) -> str:
    """A step in one line: `**Manager**: Approve the refund, if the amount exceeds 500; otherwise ...`."""
    who = f"**{step.role}**: " if step.role else ""
    condition = f", if {step.condition}" if step.condition else ""
    otherwise = f"; otherwise {step.otherwise}" if step.otherwise else ""
    systems = [name for name in step.systems if name.casefold() not in step.action.casefold()]
    used = f" (in {', '.join(systems)})" if systems else ""
    if step.parts is not None:
        told = step.parts is Parts.PARALLEL and "same time" not in step.action
        return f"{who}{step.action}{condition}{otherwise}{' (at the same time)' if told else ''}:"
    return f"{who}{step.action}{condition}{otherwise}{used}"
