"""The future process: the steps of both documents in one, each given to people, to AI, or to both; and the hand-offs in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from symphainy.enabling_services.operations.alignment import align, units_of
from symphainy.enabling_services.operations.assignments import CONTROL, Assignment, By, assign
from symphainy.enabling_services.operations.sop import Sop, Step, jump_target, renumbered, roles_of

AI_ROLE: Final = "AI assistant"


@dataclass(frozen=True, slots=True)
class HandOff:
    """Work changes hands between two consecutive steps: `kind` is `role`, `human_to_ai` or `ai_to_human`."""

    from_step: str
    to_step: str
    giver: str
    taker: str
    kind: str
    statement: str


def merged(sop: Sop, workflow: Sop) -> Sop:
    """The SOP with the workflow's additional steps, each after the step that it follows in the workflow. Where both have a
    step, the SOP's wording stands: it is the norm, and the gaps say what is still to be decided."""
    one, other = units_of(sop), units_of(workflow)
    pairs = align(one, other)
    known = {pair.other: one[pair.one].step.no.removesuffix("b") for pair in pairs}
    following: dict[str | None, list[Step]] = {}
    after: str | None = None
    for at, unit in enumerate(other):
        if at in known:
            after = known[at]
            continue
        alternative = unit.step.no.endswith("b")
        numbered = replace(unit.step, no=f"w{unit.step.no}.1" if after and "." in after else f"w{unit.step.no}")
        if jump_target(unit.step.action) is None and not alternative:
            following.setdefault(after, []).append(numbered)
    steps = [*following.get(None, [])]
    for step in sop.steps:
        steps.append(step)
        steps += following.get(step.no, [])
    ordered = renumbered(steps)
    return replace(sop, steps=ordered, roles=roles_of(ordered), warnings=(), unread=())


def future(sop: Sop, workflow: Sop) -> tuple[Sop, tuple[Assignment, ...], tuple[HandOff, ...]]:
    """The future SOP, who does each of its steps, and where work changes hands."""
    base = merged(sop, workflow)
    assignments = tuple(assign(step) for step in base.steps)
    steps = tuple(_applied(step, given) for step, given in zip(base.steps, assignments, strict=True))
    result = replace(base, title=f"{base.title} (future state)", steps=steps, roles=roles_of(steps))
    return result, assignments, hand_offs(base.steps, assignments)


def _applied(step: Step, given: Assignment) -> Step:
    if given.rule == CONTROL:
        return step
    match given.by:
        case By.AI:
            return replace(step, role=AI_ROLE)
        case By.SHARED:
            return replace(step, action=f"{step.action} (AI prepares)")
        case By.HUMAN:
            return step


def hand_offs(steps: Sequence[Step], assignments: Sequence[Assignment]) -> tuple[HandOff, ...]:
    """In the order of the steps; steps that only lead elsewhere are passed over."""
    work = [(step, given) for step, given in zip(steps, assignments, strict=True) if given.rule != CONTROL]
    found: list[HandOff] = []
    for (step, given), (following, after) in pairwise(work):
        giver, taker = _hand(step, given), _hand(following, after)
        if giver == taker:
            continue
        kind = "human_to_ai" if after.by is By.AI else "ai_to_human" if given.by is By.AI else "role"
        statement = f"After “{step.action}” {giver} hands over to {taker} for “{following.action}”."
        found.append(HandOff(step.no, following.no, giver, taker, kind, statement))
    return tuple(found)


def _hand(step: Step, given: Assignment) -> str:
    return AI_ROLE if given.by is By.AI else step.role or "no role"
