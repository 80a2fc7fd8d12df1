"""Which step of one procedure is which step of another: the assignment with the greatest total likeness.

Likeness of two steps = Dice coefficient of their concepts (stems, synonyms made one). Between equally alike steps place, role
and answer decide: up to 0.1 less for standing at different places, 0.05 more for the same role, 0.05 more for the same answer.
Pairs below `THRESHOLD` are not the same step. The assignment is optimal (Kuhn 1955, in the O(n^3) form with potentials).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from symphainy.enabling_services.operations.nesting import Part, in_order, nested
from symphainy.enabling_services.operations.sentences import alternative_of
from symphainy.enabling_services.operations.sop import Parts, Sop, Step, decision, ending_name, jump_target, opposite
from symphainy.enabling_services.operations.wordforms import concepts_of, dice

THRESHOLD: Final = 0.4
DISTANCE_COST: Final = 0.1
SAME: Final = 0.05


@dataclass(frozen=True, slots=True)
class Unit:
    """One thing that is done: a step, or what a step does otherwise. `label` is how it is named to people. `track` are the
    branches in which it stands among those that are done at the same time: (the step that holds them, which of them)."""

    label: str
    step: Step
    text: str
    track: tuple[tuple[str, int], ...] = ()

    def beside(self, other: Unit) -> bool:
        """Whether both are done at the same time: in two branches of one step."""
        mine = dict(self.track)
        return any(mine.get(holder, place) != place for holder, place in other.track)


@dataclass(frozen=True, slots=True)
class Pair:
    """Indexes of the two units, and their likeness (0 to 1)."""

    one: int
    other: int
    likeness: float


def units_of(sop: Sop) -> tuple[Unit, ...]:
    """Every step that is work or leads elsewhere, under all the conditions that it stands under; and every `otherwise` as a
    step of its own with the opposite condition. What only holds parts together is none: its parts are."""
    actions = {step.no: step.action for step in sop.steps}
    found: list[Unit] = []
    _units(nested(sop.steps), (), (), sop.roles, actions, found)
    return tuple(found)


def _units(
    parts: Sequence[Part],
    conditions: tuple[str, ...],
    track: tuple[tuple[str, int], ...],
    roles: Sequence[str],
    actions: dict[str, str],
    found: list[Unit],
) -> None:
    for part in in_order(parts):
        step = part.step
        own = (*conditions, step.condition) if step.condition else conditions
        if step.parts is None:
            stands = replace(step, condition=" and ".join(own) or None)
            found.append(Unit(step.no, stands, _text(step.action, actions), track))
        for place, inner in enumerate(part.inner):
            beside = step.parts is Parts.PARALLEL
            _units([inner], own, (*track, (step.no, place)) if beside else track, roles, actions, found)
        alternative = alternative_of(step, roles)
        if alternative is not None:
            role, action = alternative
            other = " and ".join((*conditions, opposite(step.condition or "")))
            stands = Step(f"{step.no}b", action, role, other, None, ())
            found.append(Unit(f"{step.no} (otherwise)", stands, _text(action, actions), track))


def _text(action: str, actions: dict[str, str]) -> str:
    """What is compared: a step that sends somewhere is likened by where it sends."""
    target = jump_target(action)
    if target is not None:
        return f"return {actions.get(target, '')}"
    return "end process" if ending_name(action) is not None else action


def align(one: Sequence[Unit], other: Sequence[Unit]) -> tuple[Pair, ...]:
    """Pairs in the order of `one`; every unit is in one pair at most."""
    if not one or not other:
        return ()
    likeness = [[_likeness(left, right) for right in other] for left in one]
    count, width = len(one), len(other)
    longest = max(count, width)

    def gain(row: int, column: int) -> float:
        value = likeness[row][column]
        if value < THRESHOLD:
            return 0.0
        place = abs(row / max(count - 1, 1) - column / max(width - 1, 1))
        return value - DISTANCE_COST * place + SAME * _agreeing(one[row].step, other[column].step)

    cost = [
        [-gain(row, column) if row < count and column < width else 0.0 for column in range(longest)]
        for row in range(longest)
    ]
    chosen = assignment(cost)
    pairs = [
        Pair(row, column, likeness[row][column]) for row, column in enumerate(chosen) if row < count and column < width
    ]
    return tuple(pair for pair in pairs if pair.likeness >= THRESHOLD)


def _agreeing(one: Step, other: Step) -> int:
    """How many of role and answer are the same."""
    same_role = (one.role or "").casefold() == (other.role or "").casefold()
    answers = [decision(step.condition)[1].casefold() if step.condition else "" for step in (one, other)]
    return same_role + (answers[0] == answers[1])


def _likeness(one: Unit, other: Unit) -> float:
    if one.step.leaves != other.step.leaves:
        return 0.0
    return round(dice(concepts_of(one.text), concepts_of(other.text)), 3)


def out_of_order(pairs: Sequence[Pair], other: Sequence[Unit]) -> frozenset[int]:
    """Which pairs (by their index) stand in another order: all that are not in the longest increasing subsequence. Branches that
    are done at the same time have no order among them."""
    pairs = _with_branches_sorted(pairs, other)
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for at, pair in enumerate(pairs):
        place = bisect_left(tails, pair.other)
        before.append(ends[place - 1] if place else -1)
        if place == len(tails):
            tails.append(pair.other)
            ends.append(at)
        else:
            tails[place], ends[place] = pair.other, at
    kept: set[int] = set()
    at = ends[-1] if ends else -1
    while at >= 0:
        kept.add(at)
        at = before[at]
    return frozenset(range(len(pairs))) - kept


def _with_branches_sorted(pairs: Sequence[Pair], other: Sequence[Unit]) -> list[Pair]:
    """The pairs as if the branches of the other one were written in the order in which the first one has them."""
    first: dict[str, int] = {}
    earliest: dict[tuple[str, int], int] = {}
    for at, unit in enumerate(other):
        for holder, _ in unit.track:
            first.setdefault(holder, at)
    for pair in pairs:
        for branch in other[pair.other].track:
            earliest[branch] = min(pair.one, earliest.get(branch, pair.one))
    unknown = len(other) + len(pairs)

    def key(at: int) -> list[int]:
        places = ((first[branch[0]], earliest.get(branch, unknown)) for branch in other[at].track)
        return [*(number for pair in places for number in pair), at]

    rank = {at: place for place, at in enumerate(sorted(range(len(other)), key=key))}
    return [replace(pair, other=rank[pair.other]) for pair in pairs]


def other_timing(pairs: Sequence[Pair], one: Sequence[Unit], other: Sequence[Unit]) -> dict[int, int]:
    """Pairs (by their index) that only one side does at the same time as an earlier pair, with that pair."""
    found: dict[int, int] = {}
    for at, pair in enumerate(pairs):
        for before, earlier in enumerate(pairs[:at]):
            if one[pair.one].beside(one[earlier.one]) != other[pair.other].beside(other[earlier.other]):
                found.setdefault(at, before)
    return found


def assignment(cost: Sequence[Sequence[float]]) -> list[int]:
    """For each row the column that makes the sum of the costs least; `cost` is square."""
    size = len(cost)
    row_potential, column_potential = [0.0] * (size + 1), [0.0] * (size + 1)
    row_of, way = [0] * (size + 1), [0] * (size + 1)
    for row in range(1, size + 1):
        row_of[0] = row
        column = 0
        least = [float("inf")] * (size + 1)
        used = [False] * (size + 1)
        while True:
            used[column] = True
            here, delta, following = row_of[column], float("inf"), 0
            for candidate in range(1, size + 1):
                if used[candidate]:
                    continue
                reduced = cost[here - 1][candidate - 1] - row_potential[here] - column_potential[candidate]
                if reduced < least[candidate]:
                    least[candidate], way[candidate] = reduced, column
                if least[candidate] < delta:
                    delta, following = least[candidate], candidate
            for candidate in range(size + 1):
                if used[candidate]:
                    row_potential[row_of[candidate]] += delta
                    column_potential[candidate] -= delta
                else:
                    least[candidate] -= delta
            column = following
            if row_of[column] == 0:
                break
        while column:
            row_of[column] = row_of[way[column]]
            column = way[column]
    chosen = [0] * size
    for column in range(1, size + 1):
        chosen[row_of[column] - 1] = column - 1
    return chosen
