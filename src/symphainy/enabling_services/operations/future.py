"""The future process: the steps of both documents in one, each given to people, to AI, or to both; and the hand-offs in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from symphainy.enabling_services.operations.alignment import align, units_of
from symphainy.enabling_services.operations.assignments import CONTROL, Assignment, By, assign
from symphainy.enabling_services.operations.nesting import Part, in_order, nested, tidied
from symphainy.enabling_services.operations.sop import Parts, Sop, Step, jump_target, renumbered, roles_of

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
    own = {step.no: step for step in workflow.steps}
    depths = _depths(nested(sop.steps))
    following: dict[str | None, list[tuple[Step, int]]] = {}
    after: str | None = None
    for at, unit in enumerate(other):
        if at in known:
            after = known[at]
            continue
        alternative = unit.step.no.endswith("b")
        depth = depths[after] if after else 1
        # Among the parts of a step its condition holds already.
        step = replace(own.get(unit.step.no, unit.step) if depth > 1 else unit.step, no=f"w{unit.step.no}")
        if jump_target(unit.step.action) is None and not alternative:
            following.setdefault(after, []).append((step, depth))
    steps = [*following.get(None, [])]
    for step in sop.steps:
        steps += [(step, step.depth), *following.get(step.no, [])]
    ordered = renumbered((step for step, _ in steps), [depth for _, depth in steps])
    ordered = tidied(ordered) if any(step.parts for step in ordered) else ordered
    return replace(sop, steps=ordered, roles=roles_of(ordered), warnings=(), unread=())


def _depths(parts: Sequence[Part], beside: bool = False) -> dict[str, int]:
    """How deep a step stands that comes after each step: in its branch where it is one beside others."""
    found: dict[str, int] = {}
    for part in parts:
        found[part.step.no] = part.step.depth + beside
        found |= _depths(part.inner, part.step.parts is Parts.PARALLEL)
    return found


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
    """In the order of the steps; what only leads elsewhere is passed over. What is done at the same time begins with a hand-off
    each from what is before it, and what is after it takes over from all of them."""
    given = dict(zip((step.no for step in steps), assignments, strict=True))
    found: list[HandOff] = []
    _handed(nested(steps), [], given, found)
    return tuple(found)


def _handed(
    parts: Sequence[Part], before: list[Step], given: Mapping[str, Assignment], found: list[HandOff]
) -> list[Step]:
    """The steps from which the next one takes over."""
    for part in in_order(parts):
        match part.step.parts:
            case Parts.PARALLEL:
                before = [last for inner in part.inner for last in _handed([inner], before, given, found)]
            case Parts.ORDERED:
                before = _handed(part.inner, before, given, found)
            case None if given[part.step.no].rule != CONTROL:
                found += [
                    handed
                    for step in before
                    if (handed := _hand_off(step, given[step.no], part.step, given[part.step.no])) is not None
                ]
                before = [part.step]
            case None:
                pass
    return list({step.no: step for step in before}.values())


def _hand_off(step: Step, given: Assignment, following: Step, after: Assignment) -> HandOff | None:
    giver, taker = _hand(step, given), _hand(following, after)
    if giver == taker:
        return None
    kind = "human_to_ai" if after.by is By.AI else "ai_to_human" if given.by is By.AI else "role"
    statement = f"After “{step.action}” {giver} hands over to {taker} for “{following.action}”."
    return HandOff(step.no, following.no, giver, taker, kind, statement)


def _hand(step: Step, given: Assignment) -> str:
    return AI_ROLE if given.by is By.AI else step.role or "no role"
