"""A standard operating procedure as a frozen value: what every part of this package reads and makes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Self

from symphainy.enabling_services.json_values import Json, decode, encode

_STEP_REFERENCE: Final = re.compile(r"(?i)\bstep\s+(\d+(?:\.\d+)*)")
_JUMP: Final = re.compile(
    r"(?i)^(?:please\s+)?(?:go|return|continue|proceed|skip|jump|move on|resume|start again|repeat)\b"
    r"(?:\s+\w+){0,4}?\s*\bsteps?\s+(\d+(?:\.\d+)*)\s*$"
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
YES: Final = "Yes"
NO: Final = "No"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that one role does. `no` is `3`, or `3.1` for a part of step 3. `condition` is a clause without its `if`;
    `otherwise` says what is done where it does not hold, None for nothing."""

    no: str
    action: str
    role: str | None = None
    condition: str | None = None
    otherwise: str | None = None
    systems: tuple[str, ...] = ()

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


def roles_of(steps: Iterable[Step], first: Iterable[str] = ()) -> tuple[str, ...]:
    """The roles in the order in which they appear, `first` ones in front."""
    return tuple(dict.fromkeys((*first, *(step.role for step in steps if step.role))))


def renumbered(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Numbered 1, 2, 3, ... with the parts of a step as n.1, n.2; references to steps follow."""
    steps = tuple(steps)
    numbers: dict[str, str] = {}
    fresh: list[str] = []
    main = part = 0
    for position, step in enumerate(steps):
        if "." in step.no and position and fresh:
            part += 1
            number = f"{main}.{part}"
        else:
            main, part = main + 1, 0
            number = str(main)
        fresh.append(number)
        numbers.setdefault(step.no, number)
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
