"""From what was found in a document to its procedure: numbered, with the warnings about what is missing or not understood."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from symphainy.enabling_services.operations.drafting import Draft
from symphainy.enabling_services.operations.nesting import Part, flat, nested, tidied
from symphainy.enabling_services.operations.sop import Parts, Sop, Step, jump_target, renumbered, roles_of
from symphainy.enabling_services.operations.waiting import wait_in


@dataclass(frozen=True, slots=True)
class Found:
    """`unread` are sentences with their places, `missed` those about several steps that no step could be found for."""

    title: str
    purpose: str | None
    scope: str | None
    draft: Draft
    declared: Sequence[str]
    responsible: Mapping[str, str]
    unread: Sequence[tuple[str, str]]
    missed: Sequence[str]


def finished(found: Found) -> Sop:
    draft = found.draft
    steps = [_with_responsible(step, found.responsible) for step in draft.steps]
    whole = flat(tuple(_whole(part, draft) for part in nested(steps)))
    steps = tidied(whole) if any(step.parts for step in whole) else renumbered(whole)
    used = roles_of(steps)
    listed = [role for role in found.declared if role in used]
    return Sop(
        found.title,
        found.purpose,
        found.scope,
        roles_of(steps, listed),
        steps,
        tuple(_warnings(steps, found)),
        tuple(text for text, _ in found.unread),
    )


def _whole(part: Part, draft: Draft) -> Part:
    """Lists of things are put back into the step that names them; a step that holds parts has no system of its own, and a role
    only where none of them has it;
    where a part leads away, that comes after all of them."""
    step = part.step
    if step.parts is None:
        return Part(step, tuple(_whole(inner, draft) for inner in part.inner))
    named = [inner.step for inner in part.inner]
    if Part(step).name and named and all(item.leaves for item in named):
        # What only leads away is no part of the work, but comes after it.
        return Part(replace(step, parts=None), part.inner)
    if (
        step.parts is Parts.ORDERED
        and named
        and all(item.no in draft.listed and item.condition is None for item in named)
        and not any(inner.inner for inner in part.inner)
    ):
        things = ", ".join(_lowered(item.action) for item in named)
        return Part(replace(step, action=f"{step.action}: {things}", parts=None))
    ends = [inner for inner in part.inner if inner.step.leaves and inner is part.inner[0]]
    inner = tuple(_whole(one, draft) for one in (*(one for one in part.inner if one not in ends), *ends))
    covered = not Part(step).name or step.role in {one.step.role for one in inner}
    return Part(replace(step, role=None if covered else step.role, systems=()), inner)


def _lowered(text: str) -> str:
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def _warnings(steps: Sequence[Step], found: Found) -> list[str]:
    warnings = [
        f"{sentence} says that something is done at the same time, but not with what; it is read as a step of its own."
        for sentence in found.draft.doubts.values()
    ]
    warnings += [
        f"{sentence} names steps that do not stand next to each other; nothing was changed for it."
        for sentence in found.missed
    ]
    without = [step.no for step in steps if step.role is None and step.is_work and wait_in(step.action) is None]
    if without:
        many = f"Steps {', '.join(without[:8])} name" if len(without) > 1 else f"Step {without[0]} names"
        warnings.append(f"{many} no role.")
    numbers = {step.no for step in steps}
    for step in steps:
        for text in (step.action, step.otherwise or ""):
            target = jump_target(text)
            if target is not None and target not in numbers:
                warnings.append(f"Step {step.no} refers to step {target}, which does not exist.")
    if found.unread:
        count = len(found.unread)
        places = list(dict.fromkeys(place for _, place in found.unread if place))
        where = f" ({', '.join(places[:8])})" if places else ""
        warnings.append(f"{count} {'sentence was' if count == 1 else 'sentences were'} not read as a step{where}.")
    return warnings


def _with_responsible(step: Step, responsible: Mapping[str, str]) -> Step:
    if step.role is not None or step.parts is not None:
        return step
    words = set(re.findall(r"\w+", step.action.lower()))
    for activity, role in responsible.items():
        named = set(re.findall(r"\w+", activity.lower()))
        if named and len(named & words) >= 0.6 * len(named):
            return replace(step, role=role)
    return step
