"""When each initiative can begin and end, given what comes after what and how many can be worked on at once.

Rule: `people_each` people work together on one initiative, so it takes effort / people_each working days, rounded up;
`team // people_each` initiatives are worked on at the same time. Whenever a place is free, the initiative whose
remaining chain of dependencies is the longest begins (list scheduling by critical-path priority; Graham, 1969).
Days are Monday to Friday; public holidays and absences are not known and not taken off.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from symphainy.enabling_services.errors import ServiceError

_FRIDAY: Final = 4


@dataclass(frozen=True, slots=True)
class Task:
    """`after` maps the name of what must be done before to the reason. `days` is a whole number of working days."""

    name: str
    days: int
    after: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Slot:
    """Working days from the start of the plan: `begins` 0 is its first day, `ends` is the first day after it.

    `waited_for` is what it began right after, by a dependency or for want of a free place; None if it began at once.
    `level` is the length of the longest chain of dependencies before it.
    """

    name: str
    begins: int
    ends: int
    level: int
    waited_for: str | None
    waited_because: str
    critical: bool = False


def days_of_work(effort: float, people_each: int) -> int:
    """Working days; an initiative with any effort takes at least one."""
    return math.ceil(round(effort / people_each, 9))


def ordered(tasks: Sequence[Task]) -> list[Task]:
    """What comes before stands before; otherwise the given order. Raises ServiceError `dependency_cycle` naming the
    cycle."""
    by_name = {task.name: task for task in tasks}
    done: dict[str, Task] = {}
    path: list[str] = []

    def visit(task: Task) -> None:
        if task.name in done:
            return
        if task.name in path:
            cycle = [*path[path.index(task.name) :], task.name]
            raise ServiceError(
                "dependency_cycle",
                f"These initiatives wait for each other, so none of them can begin: {' after '.join(cycle)}. "
                "Take one of these dependencies out.",
                {"cycle": cycle},
            )
        path.append(task.name)
        for name in task.after:
            if name in by_name:
                visit(by_name[name])
        path.pop()
        done[task.name] = task

    for task in tasks:
        visit(task)
    return list(done.values())


def schedule(tasks: Sequence[Task], places: int) -> list[Slot]:
    """One slot for each task, in the order in which they begin; `places` tasks at most at the same time.

    Raises ServiceError `dependency_cycle`.
    """
    order = ordered(tasks)
    levels, remaining = _levels(order), _remaining(order)
    waiting = sorted(order, key=lambda task: -remaining[task.name])
    ends: dict[str, int] = {}
    slots: list[Slot] = []
    now = 0
    while waiting:
        busy = sum(end > now for end in ends.values())
        able = [task for task in waiting if all(ends.get(name, now + 1) <= now for name in _within(task, order))]
        for task in able[: places - busy]:
            waiting.remove(task)
            name, why = _cause(task, now, ends)
            slots.append(Slot(task.name, now, now + task.days, levels[task.name], name, why))
            ends[task.name] = now + task.days
        now = min((end for end in ends.values() if end > now), default=now)
    return _with_critical(slots)


def _within(task: Task, tasks: Sequence[Task]) -> list[str]:
    """What it comes after, as far as it is part of the plan."""
    return [other.name for other in tasks if other.name in task.after]


def _cause(task: Task, begins: int, ends: Mapping[str, int]) -> tuple[str | None, str]:
    """Why it begins then and not earlier: a dependency that ended, else whoever became free."""
    if not begins:
        return None, ""
    ended = [name for name, end in ends.items() if end == begins]
    name = next((name for name in ended if name in task.after), ended[0])
    return name, task.after.get(name, "the people are free then")


def _levels(order: Sequence[Task]) -> dict[str, int]:
    levels: dict[str, int] = {}
    for task in order:
        levels[task.name] = max((levels[name] + 1 for name in task.after if name in levels), default=0)
    return levels


def _remaining(order: Sequence[Task]) -> dict[str, int]:
    """Working days from the beginning of a task to the end of the longest chain that hangs on it."""
    remaining: dict[str, int] = {}
    for task in reversed(order):
        later = (remaining[other.name] for other in order if task.name in other.after and other.name in remaining)
        remaining[task.name] = task.days + max(later, default=0)
    return remaining


def _with_critical(slots: list[Slot]) -> list[Slot]:
    """Marks the chain that decides the end: from what ends last, back through what each waited for."""
    by_name = {slot.name: slot for slot in slots}
    critical: set[str] = set()
    slot = max(slots, key=lambda item: item.ends, default=None)
    while slot is not None and slot.name not in critical:
        critical.add(slot.name)
        slot = by_name.get(slot.waited_for) if slot.waited_for else None
    return [replace(slot, critical=slot.name in critical) for slot in slots]


def working_day(start: date, number: int) -> date:
    """The working day `number` (from 0) of a plan that starts on the first working day at or after `start`."""
    while start.weekday() > _FRIDAY:
        start += timedelta(days=1)
    weeks, days = divmod(start.weekday() + number, _FRIDAY + 1)
    return start - timedelta(days=start.weekday()) + timedelta(weeks=weeks, days=days)


def working_days_between(first: date, last: date) -> int:
    """Working days after `first` up to and with `last`; negative if `last` is earlier."""
    if last < first:
        return -working_days_between(last, first)
    whole, rest = divmod((last - first).days, 7)
    return whole * 5 + sum((first + timedelta(days=offset)).weekday() <= _FRIDAY for offset in range(1, rest + 1))
