"""A procedure with steps put in, taken out, moved, and done at the same time or one after the other. What belongs to a step goes
with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from symphainy.enabling_services.operations.drafting import Draft
from symphainy.enabling_services.operations.nesting import IN_ORDER, tidied
from symphainy.enabling_services.operations.side_by_side import Joined
from symphainy.enabling_services.operations.sop import Parts, Sop, Step, renumbered, roles_of


def with_steps(sop: Sop, steps: Sequence[Step], depths: Sequence[int] | None = None) -> Sop:
    """With these steps, numbered by their depths, which are by default those of their numbers."""
    ordered = renumbered(steps, depths)
    ordered = tidied(ordered) if any(step.parts for step in ordered) else ordered
    return replace(sop, steps=ordered, roles=roles_of(ordered, sop.roles))


def placed(sop: Sop, at: int, steps: Sequence[Step], depth: int = 1) -> Sop:
    """With the steps put in before the one at `at`."""
    return with_steps(sop, [*sop.steps[:at], *_fresh(steps, depth), *sop.steps[at:]])


def whole(steps: Sequence[Step], at: int) -> range:
    """The indexes of a step and of all that belongs to it."""
    end = next((later for later in range(at + 1, len(steps)) if steps[later].depth <= steps[at].depth), len(steps))
    return range(at, end)


def without(sop: Sop, places: Sequence[int]) -> Sop:
    gone = {index for at in places for index in whole(sop.steps, at)}
    return with_steps(sop, [step for at, step in enumerate(sop.steps) if at not in gone])


def moved(sop: Sop, source: int, target: int, *, after: bool) -> Sop | None:
    """None if the target belongs to what is moved."""
    span = whole(sop.steps, source)
    if target in span:
        return None
    deeper = sop.steps[target].depth - sop.steps[source].depth
    place = whole(sop.steps, target).stop if after else target
    order = [at for at in range(place) if at not in span]
    order += [*span, *(at for at in range(place, len(sop.steps)) if at not in span)]
    return _in_this_order(sop, order, dict.fromkeys(span, deeper))


def swapped(sop: Sop, one: int, other: int) -> Sop | None:
    """None if one of them belongs to the other."""
    first, second = whole(sop.steps, min(one, other)), whole(sop.steps, max(one, other))
    if second.start in first:
        return None
    deeper = sop.steps[second.start].depth - sop.steps[first.start].depth
    between = range(first.stop, second.start)
    order = [*range(first.start), *second, *between, *first, *range(second.stop, len(sop.steps))]
    return _in_this_order(sop, order, dict.fromkeys(second, -deeper) | dict.fromkeys(first, deeper))


def _in_this_order(sop: Sop, order: Sequence[int], deeper: Mapping[int, int]) -> Sop:
    return with_steps(sop, [sop.steps[at] for at in order], [sop.steps[at].depth + deeper.get(at, 0) for at in order])


def together(sop: Sop, first: str, last: str) -> Sop | None:
    """With the steps of these numbers, and all between them, done at the same time; None where they are no neighbours."""
    draft = Draft([*sop.steps])
    return with_steps(sop, draft.steps) if draft.together(first, last) else None


def beside(sop: Sop, steps: Sequence[Step], where: Joined) -> Sop | None:
    """With new steps at the end, done at the same time as the ones that `where` names; None if there are none."""
    draft = Draft([*sop.steps])
    depth = draft.join(1, where)
    if depth is None:
        return None
    if len(steps) > 1 and steps[0].parts is None:
        holder = Step("1", IN_ORDER, parts=Parts.ORDERED)
        steps = [holder, *(replace(step, no=f"0.{step.no}") for step in steps)]
    return with_steps(sop, [*draft.steps, *_fresh(steps, depth)])


def one_after_the_other(sop: Sop, at: int) -> Sop | None:
    """With the parts of a step done in their order; None where it has none that are done at the same time."""
    step = sop.steps[at]
    if step.parts is not Parts.PARALLEL:
        return None
    name = IN_ORDER if step.action.startswith("At the same time") else step.action
    changed = replace(step, action=name, parts=Parts.ORDERED)
    return with_steps(sop, [*sop.steps[:at], changed, *sop.steps[at + 1 :]])


def _fresh(steps: Sequence[Step], depth: int) -> list[Step]:
    """With numbers that no step has yet."""
    return [replace(step, no=f"{'0.' * (depth - 1)}new{step.no}") for step in steps]
