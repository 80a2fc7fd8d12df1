"""The steps of a procedure as a tree: what is done one after the other, what belongs together, what is done at the same time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from symphainy.enabling_services.operations.sop import Parts, Step, renumbered

AT_ONCE: Final = "At the same time"
IN_ORDER: Final = "Do the following"
_NAMELESS: Final = re.compile(
    r"(?i)^(?:(?:please\s+)?(?:do|perform|follow|carry out|complete|take|execute)\s+)?(?:all\s+(?:of\s+)?)?(?:the\s+)?"
    r"(?:these|this|following|next|below)?\s*(?:steps?|tasks?|things?|actions?|activities|work|as follows)?"
    r"(?:\s+(?:are|is|must be|should be|can be|will be)"
    r"\s+(?:done|performed|carried out|completed|taken))?(?:\s+(?:in (?:this )?order|one after the other|below))?$"
)


@dataclass(frozen=True, slots=True)
class Part:
    """A step with what belongs to it."""

    step: Step
    inner: tuple[Part, ...] = ()

    @property
    def name(self) -> str:
        """What holds its parts together is called; empty where its text only announces them."""
        text = self.step.action.strip(" .:")
        return "" if text == AT_ONCE or is_nameless(text) else text


def is_nameless(text: str) -> bool:
    """Whether a text only announces parts: `Do the following`, `The following steps are done`."""
    return _NAMELESS.match(text.strip(" .:")) is not None


def nested(steps: Sequence[Step]) -> tuple[Part, ...]:
    """By the depth of their numbers."""
    found, _ = _level(steps, 0, 1)
    return found


def _level(steps: Sequence[Step], at: int, depth: int) -> tuple[tuple[Part, ...], int]:
    found: list[Part] = []
    while at < len(steps) and (steps[at].depth >= depth):
        step = steps[at]
        inner, at = _level(steps, at + 1, depth + 1)
        found.append(Part(step, inner))
    return tuple(found), at


def in_order(parts: Iterable[Part]) -> tuple[Part, ...]:
    """What is done one after the other: what follows a step that is work itself stands beside it."""
    found: list[Part] = []
    for part in parts:
        if part.step.parts is None:
            found += [Part(part.step), *in_order(part.inner)]
        else:
            found.append(part)
    return tuple(found)


def flat(parts: Iterable[Part]) -> tuple[Step, ...]:
    """The steps in their order, numbered by where they stand in the tree; references follow the old numbers."""
    deep = tuple(_deep(parts, 1))
    return renumbered((step for step, _ in deep), [depth for _, depth in deep])


def _deep(parts: Iterable[Part], depth: int) -> Iterator[tuple[Step, int]]:
    for part in parts:
        yield part.step, depth
        yield from _deep(part.inner, depth + 1)


def tidied(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The same procedure in one form. What only announces its parts (`Do the following:`) stands where it is needed: for parts
    that have conditions of their own below another one, and for several steps of one branch beside others."""
    return flat(_tidied(nested(steps)))


def _tidied(parts: Iterable[Part], *, beside: bool = False) -> tuple[Part, ...]:
    found: list[Part] = []
    for part in parts:
        inner = _tidied(part.inner, beside=part.step.parts is Parts.PARALLEL)
        step = part.step
        if step.parts is Parts.PARALLEL:
            found += _beside(step, inner)
        elif step.parts is Parts.ORDERED and not inner:
            found.append(Part(replace(step, parts=None)))
        elif step.parts is Parts.ORDERED and not Part(step).name:
            whole = _announced(step, inner)
            found += (
                [Part(replace(step, action=IN_ORDER, condition=None), tuple(whole))]
                if beside and len(whole) > 1
                else whole
            )
        else:
            found.append(Part(step, inner))
    return tuple(found)


def _beside(step: Step, inner: tuple[Part, ...]) -> list[Part]:
    branches = [_branch(part) for part in inner]
    if len(branches) > 1:
        return [Part(step, tuple(branches))]
    if not branches:
        return [Part(replace(step, parts=None))]
    if Part(step).name:
        return [Part(replace(step, parts=Parts.ORDERED), inner)]
    only = branches[0]
    nameless = only.step.parts is Parts.ORDERED and not only.name and only.step.condition is None
    return _announced(step, only.inner if nameless else (only,))


def _branch(part: Part) -> Part:
    """One branch beside others is one part."""
    if part.step.parts is not None or not part.inner:
        return part
    holder = Step(f"{part.step.no}.h", IN_ORDER, parts=Parts.ORDERED)
    return Part(holder, in_order([part]))


def _announced(step: Step, inner: tuple[Part, ...]) -> list[Part]:
    """Parts without a name in common: with its condition each where it is the only one, else held together by it."""
    if step.condition is None:
        return list(inner)
    whole = in_order(inner)
    if step.otherwise is None and all(part.step.condition is None for part in whole):
        return [Part(replace(part.step, condition=step.condition), part.inner) for part in whole]
    return [Part(replace(step, action=IN_ORDER), inner)]
