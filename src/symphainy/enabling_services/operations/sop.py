"""A standard operating procedure as a frozen value: what every part of this package reads and makes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Self

from symphainy.enabling_services.json_values import Json, decode, encode

_STEP_REFERENCE: Final = re.compile(r"(?i)\bstep\s+(\d+(?:\.\d+)*)")
_JUMP: Final = re.compile(
    r"(?i)^(?:please\s+)?(?:go|return|continue|proceed|skip|jump|loop|move on|resume|start again|repeat|restart)\b"
    r"(?:\s+\w+){0,4}?\s*\bsteps?\s+(\d+(?:\.\d+)*)(?:\s+and\s+(?:repeat|try|start|continue|proceed)(?:\s+\w+){0,3})?\s*$"
)
_END: Final = re.compile(
    r"(?i)^(?:end|stop|finish|close|terminate|abort|quit)\s+(?:the\s+|this\s+)?(?:process|procedure|workflow|case here|here)"
    r"(?:\s+here)?(?:\s*\((?P<name>[^)]+)\))?$|^(?:the\s+|this\s+)?(?:process|procedure|workflow)\s+"
    r"(?:ends|stops|is finished|is complete|is over)(?:\s+here)?$|^(?:stop|end|finish)$"
)
_BRANCH: Final = re.compile(
    "^(?P<question>.+) is \N{LEFT DOUBLE QUOTATION MARK}(?P<branch>[^\N{RIGHT DOUBLE QUOTATION MARK}]+)"
    "\N{RIGHT DOUBLE QUOTATION MARK}$"
)
_DEEPER: Final = re.compile(r"^(?:0\.)+")
YES: Final = "Yes"
NO: Final = "No"
OTHERWISE: Final = "Otherwise"


class Parts(StrEnum):
    """How the parts of a step are done."""

    ORDERED = "ordered"
    PARALLEL = "parallel"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that one role does. `condition` is a clause without its `if`; `otherwise` says what is done where it does not
    hold, None for nothing. `no` is `3`, or `3.1` for what belongs to step 3: where step 3 has `parts`, it is done by doing
    `3.1`, `3.2`, ... (in that order, or all at the same time) and is no work of its own; else `3.1` is done after it."""

    no: str
    action: str
    role: str | None = None
    condition: str | None = None
    otherwise: str | None = None
    systems: tuple[str, ...] = ()
    parts: Parts | None = None

    @property
    def depth(self) -> int:
        """1 for a step, 2 for a part of it, and so on."""
        return self.no.count(".") + 1

    @property
    def is_work(self) -> bool:
        """Whether somebody does it: not what only holds parts together, and not what only leads elsewhere."""
        return self.parts is None and not self.leaves

    @property
    def leaves(self) -> bool:
        """Whether it does nothing itself, but sends to another step or ends the process."""
        return jump_target(self.action) is not None or ending_name(self.action) is not None


@dataclass(frozen=True, slots=True)
class Sop:
    """`unread` holds, word for word, the sentences of the source that no field took up; `warnings` say in plain words what
    was left out or assumed."""

    title: str
    purpose: str | None = None
    scope: str | None = None
    roles: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    warnings: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()

    def to_json(self) -> Json:
        return encode(self)

    @classmethod
    def from_json(cls, data: Json) -> Self:
        return decode(cls, data)


def jump_target(action: str) -> str | None:
    """The number of the step that an action sends back or ahead to; None if it does something itself."""
    found = _JUMP.match(action.strip().rstrip("."))
    return found.group(1) if found else None


def ending_name(action: str) -> str | None:
    """What the end is called where an action only ends the process, empty without a name; None if it does something."""
    found = _END.match(action.strip().rstrip("."))
    return (found.groupdict().get("name") or "") if found else None


def decision(condition: str) -> tuple[str, str]:
    """The question of a condition and the answer that it asks for: `(the amount exceeds 500, Yes)`."""
    found = _BRANCH.match(condition)
    return (found.group("question"), found.group("branch")) if found else (condition, YES)


def branch_condition(question: str, branch: str) -> str:
    """The other way round."""
    if branch.casefold() == YES.casefold():
        return question
    return f"{question} is \N{LEFT DOUBLE QUOTATION MARK}{branch}\N{RIGHT DOUBLE QUOTATION MARK}"


def opposite(condition: str) -> str:
    """The condition under which the other thing is done."""
    question, answer = decision(condition)
    return question if answer == NO else branch_condition(question, NO if answer == YES else OTHERWISE)


def written_number(no: str) -> str:
    """A number as the document has it, without the zeros that put the step deeper."""
    return _DEEPER.sub("", no)


def roles_of(steps: Iterable[Step], first: Iterable[str] = ()) -> tuple[str, ...]:
    """The roles in the order in which they appear, `first` ones in front."""
    return tuple(dict.fromkeys((*first, *(step.role for step in steps if step.role))))


def renumbered(steps: Iterable[Step], depths: Iterable[int] | None = None) -> tuple[Step, ...]:
    """Numbered 1, 2, 3, ... with what belongs to a step as n.1, n.2, and so on; references to steps follow. `depths` are by
    default those of the old numbers. A step deeper than it was written has its old number after zeros: `0.3`."""
    steps = tuple(steps)
    wanted = [step.depth for step in steps] if depths is None else depths
    numbers: dict[str, str] = {}
    counts: list[int] = []
    fresh: list[str] = []
    for step, given in zip(steps, wanted, strict=True):
        depth = min(given, len(counts) + 1)
        counts = [*counts[: depth - 1], (counts[depth - 1] if depth <= len(counts) else 0) + 1]
        fresh.append(".".join(map(str, counts)))
        numbers.setdefault(written_number(step.no), fresh[-1])
    return tuple(
        replace(
            step,
            no=number,
            action=_referring(step.action, numbers),
            otherwise=_referring(step.otherwise, numbers) if step.otherwise else step.otherwise,
        )
        for step, number in zip(steps, fresh, strict=True)
    )


def _referring(text: str, numbers: Mapping[str, str]) -> str:
    def new(found: re.Match[str]) -> str:
        return found.group().replace(found.group(1), numbers.get(found.group(1), found.group(1)))

    return _STEP_REFERENCE.sub(new, text)
