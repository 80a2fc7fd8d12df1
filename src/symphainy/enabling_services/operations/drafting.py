"""The list of steps while a document is being read: parts find their step, and branches the steps that they run beside.

A number tells the depth by its dots; a step without one of its own, or deeper than it was written, gets one that begins with
zeros, and `renumbered` makes them whole.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from symphainy.enabling_services.operations.nesting import AT_ONCE, IN_ORDER
from symphainy.enabling_services.operations.side_by_side import Joined, announced
from symphainy.enabling_services.operations.sop import Parts, Step, written_number


@dataclass(slots=True)
class Draft:
    steps: list[Step] = field(default_factory=list[Step])
    doubts: dict[str, str] = field(default_factory=dict[str, str])
    """By the number of the step: what may have been misunderstood unless it turns out to hold parts."""
    listed: set[str] = field(default_factory=set[str])
    """Numbers of the parts that say nothing that is done: `- name and address`."""
    _count: int = 0

    def number(self, level: int, written: str | None = None) -> str:
        """A number of that depth that no other step has."""
        self._count += 1
        known = written is not None and written.count(".") < level and self.place_of(written) is None
        own = written if known and written is not None else f"0{self._count}"
        return "0." * (level - 1 - own.count(".")) + own

    def place_of(self, written: str) -> int | None:
        """Where the step stands that the document calls by that number."""
        return next((at for at, step in enumerate(self.steps) if written_number(step.no) == written), None)

    def holder_at(self, level: int) -> int | None:
        """The step that a step of that depth belongs to."""
        return next((at for at in reversed(range(len(self.steps))) if self.steps[at].depth < level), None)

    def hold(self, at: int) -> None:
        """From now on the step is done by doing its parts."""
        step = self.steps[at]
        if step.parts is None and not step.leaves:
            action, parts = announced(step.action)
            self.steps[at] = replace(step, action=action, parts=parts)
            if parts is Parts.PARALLEL:
                self.doubts.pop(step.no, None)

    def join(self, level: int, beside: Joined) -> int | None:
        """Makes the steps that `beside` names a branch, and says at which depth the other one comes; None if it names none."""
        at = self._beginning(level, beside)
        if at is None:
            return None
        step = self.steps[at]
        depth = step.depth
        if step.parts is Parts.PARALLEL and step.action == AT_ONCE and step.condition is None:
            return depth + 1
        if any(later.depth == depth for later in self.steps[at + 1 :]):
            self._wrap(at, len(self.steps), IN_ORDER, Parts.ORDERED)
        self._wrap(at, len(self.steps), AT_ONCE, Parts.PARALLEL)
        return depth + 1

    def together(self, first: str, last: str) -> bool:
        """Makes the steps from the one number to the other the branches of one; false where they are no neighbours."""
        one, other = self.place_of(first), self.place_of(last)
        if one is None or other is None or one >= other or self.steps[one].depth != self.steps[other].depth:
            return False
        depth = self.steps[one].depth
        if any(step.depth < depth for step in self.steps[one:other]):
            return False
        end = next((at for at in range(other + 1, len(self.steps)) if self.steps[at].depth <= depth), len(self.steps))
        self._wrap(one, end, AT_ONCE, Parts.PARALLEL)
        return True

    def _beginning(self, level: int, beside: Joined) -> int | None:
        if beside.first is None:
            before = self.holder_at(level + 1)
            return before if before is not None and self.steps[before].depth >= level - 1 else None
        one, other = self.place_of(beside.first), self.place_of(beside.last or beside.first)
        if one is None or other is None or one > other:
            return None
        depth = self.steps[one].depth
        return None if any(step.depth < depth for step in self.steps[one:]) else one

    def _wrap(self, start: int, end: int, action: str, parts: Parts) -> None:
        depth = self.steps[start].depth
        inner = [replace(step, no=f"0.{step.no}") for step in self.steps[start:end]]
        for old, new in zip(self.steps[start:end], inner, strict=True):
            if old.no in self.doubts:
                self.doubts[new.no] = self.doubts.pop(old.no)
            if old.no in self.listed:
                self.listed.add(new.no)
        self.steps[start:end] = [Step(self.number(depth), action, parts=parts), *inner]
