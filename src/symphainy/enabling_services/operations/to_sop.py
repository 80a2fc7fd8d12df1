"""From a workflow to a procedure: gateways become conditions, lanes roles, loops `Go back to step ...`.

The walk follows the flows. At a split it finds where the branches meet again (the first node that all branches which go on can
reach); what lies between is conditional on the branch's name, or done at the same time. A branch that ends on its own gets
`End the process`, and the branch that remains goes on without a condition. Groups and sub-processes are steps with parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from symphainy.enabling_services.operations.nesting import AT_ONCE, IN_ORDER
from symphainy.enabling_services.operations.process import Edge, Graph, Group, Node, NodeKind, Process
from symphainy.enabling_services.operations.sop import (
    NO,
    OTHERWISE,
    YES,
    Parts,
    Sop,
    Step,
    branch_condition,
    decision,
    jump_target,
    roles_of,
)
from symphainy.enabling_services.operations.systems import systems_in
from symphainy.enabling_services.operations.to_process import DONE, UNASSIGNED

NOWHERE: Final[frozenset[str]] = frozenset()
_PLAIN_ENDS: Final = frozenset({"", "done", "end", "process ends", "ended", "finish", "finished", "process ended"})
_NO: Final = frozenset({"no", "otherwise", "else", "default", "false", "n"})
_YES: Final = frozenset({"yes", "true", "y"})


def to_sop(process: Process) -> Sop:
    """Every activity of the process is one step; sub-processes, groups and what runs side by side are steps with parts."""
    walker = _Walker(process)
    steps = _numbered(_merged(walker.walk()))
    warnings = (*process.warnings, *walker.warnings)
    return Sop(
        process.title,
        None,
        None,
        roles_of(steps, (lane for lane in process.lanes if lane != UNASSIGNED)),
        steps,
        warnings,
    )


@dataclass(slots=True)
class _Draft:
    """A step on its way: `nodes` are what it stands for, `goes_to` is the node whose step it leads to."""

    step: Step
    nodes: tuple[str, ...] = ()
    goes_to: str | None = None
    inner: list[_Draft] = field(default_factory=list["_Draft"])


@dataclass(frozen=True, slots=True)
class _Reach:
    """How far a walk goes: not to `until`, and not out of `within` (None for anywhere). `conditional` and `beside` say whether it
    is in a branch that not every case takes, and in one beside others."""

    until: frozenset[str] = NOWHERE
    within: frozenset[str] | None = None
    conditional: bool = False
    beside: bool = False

    def ends_at(self, node_id: str) -> bool:
        return node_id in self.until or (self.within is not None and node_id not in self.within)

    def also(self, join: str | None) -> _Reach:
        return replace(self, until=self.until | {join}) if join else self


class _Walker:
    def __init__(self, process: Process) -> None:
        self._process = process
        self._graph = Graph(process)
        self._seen: set[str] = set()
        self._opened: set[str] = set()
        self.warnings: list[str] = []

    def walk(self) -> list[_Draft]:
        drafts: list[_Draft] = []
        for node in self._process.nodes:
            outer = not self._graph.incoming[node.node_id] and node.parent is None
            if outer and node.node_id not in self._seen:
                drafts += self._from(node.node_id, _Reach())[0]
        for node in self._process.nodes:
            if node.kind.is_work and node.node_id not in self._seen and node.parent is None:
                self.warnings.append(f"“{node.name}” cannot be reached from a start event.")
                drafts += self._from(node.node_id, _Reach())[0]
        return drafts

    def _from(self, node_id: str | None, reach: _Reach) -> tuple[list[_Draft], str | None]:
        """The steps from the node on, and the node at which it stopped; None at an end."""
        drafts: list[_Draft] = []
        while node_id is not None and not reach.ends_at(node_id):
            if node_id in self._seen:
                return [*drafts, *self._led_to(node_id)], None
            group = next((group for group in self._groups(node_id) if group.group_id not in self._opened), None)
            if group is not None:
                self._opened.add(group.group_id)
                within = frozenset(group.node_ids) & (reach.within if reach.within is not None else set(group.node_ids))
                inner, node_id = self._from(node_id, replace(reach, within=within))
                drafts += self._held(group.name, Parts.ORDERED, inner)
                continue
            self._seen.add(node_id)
            node = self._graph.nodes[node_id]
            if node.kind.is_end:
                early = reach.conditional or (node.kind is NodeKind.TERMINATE and reach.beside)
                return [*drafts, *([_ending(node)] if early else [])], None
            drafts += self._done_at(node)
            outgoing = self._graph.outgoing[node_id]
            following = outgoing[0].target if outgoing else None
            if len(outgoing) > 1:
                branches, following = self._split(node, reach)
                drafts += branches
            node_id = following
        return drafts, node_id

    def _groups(self, node_id: str) -> Iterator[Group]:
        return (group for group in self._process.groups if node_id in group.node_ids)

    def _held(self, name: str, parts: Parts, inner: list[_Draft]) -> list[_Draft]:
        return [_Draft(Step("", name, parts=parts), inner=inner)] if inner else []

    def _done_at(self, node: Node) -> list[_Draft]:
        """The step of an activity, or of an event that says something."""
        attached = any(edge.edge_id.endswith("_from_host") for edge in self._graph.incoming[node.node_id])
        is_event = node.kind in (NodeKind.EVENT, NodeKind.TIMER)
        if not (node.kind.is_work or (is_event and node.name and not attached)):
            return []
        name = node.name or "Unnamed step"
        if is_event and not re.match(r"(?i)(wait|pause|allow|leave|send|receive)", name):
            name = f"Wait {name}" if node.kind is NodeKind.TIMER and name[0].isdigit() else f"Wait for: {name}"
        if node.kind is NodeKind.SUB_PROCESS and (inner := self._inside(node)):
            return [_Draft(Step("", name, parts=Parts.ORDERED), (node.node_id,), inner=inner)]
        found = tuple(dict.fromkeys((*node.systems, *systems_in(name))))
        role = node.lane if node.lane != UNASSIGNED else None
        return [_Draft(Step("", name, role, None, None, found), (node.node_id,))]

    def _inside(self, outer: Node) -> list[_Draft]:
        drafts: list[_Draft] = []
        for node in self._process.nodes:
            begins = node.parent == outer.node_id and not self._graph.incoming[node.node_id]
            if begins and node.node_id not in self._seen:
                drafts += self._from(node.node_id, _Reach())[0]
        return drafts

    def _split(self, node: Node, reach: _Reach) -> tuple[list[_Draft], str | None]:
        edges = self._graph.outgoing[node.node_id]
        if node.kind is NodeKind.PARALLEL or not (node.kind.is_gateway or any(edge.name for edge in edges)):
            return self._side_by_side(node, reach)
        if node.kind is NodeKind.INCLUSIVE:
            self.warnings.append(f"More than one answer to “{node.name or 'an unnamed question'}” can hold at once.")
        ahead = {edge.edge_id: self._graph.reach(edge.target) for edge in edges if self._goes_on(edge)}
        join = self._join(ahead)
        main = self._main(edges, ahead, join)
        drafts: list[_Draft] = []
        for edge in edges:
            if edge is not main:
                drafts += self._branch(node, edge, reach.also(join))
        return drafts, main.target if main is not None else join

    def _goes_on(self, edge: Edge) -> bool:
        return edge.edge_id not in self._graph.backward and edge.target not in self._seen

    def _main(self, edges: list[Edge], ahead: dict[str, frozenset[str]], join: str | None) -> Edge | None:
        """The branch that simply goes on, where every other one ends or goes back. The longest of them."""
        if join is not None or not ahead:
            return None
        longest = max(ahead, key=lambda edge_id: self._weight(ahead[edge_id]))
        return next(edge for edge in edges if edge.edge_id == longest)

    def _weight(self, nodes: frozenset[str]) -> tuple[bool, int]:
        """The end of the whole process counts most, then how much there is to do."""
        ends = [self._graph.nodes[node_id] for node_id in nodes if self._graph.nodes[node_id].kind.is_end]
        return any(node.name == DONE for node in ends), sum(
            not self._graph.nodes[node_id].kind.is_gateway for node_id in nodes
        )

    def _join(self, ahead: dict[str, frozenset[str]]) -> str | None:
        """The first node that two branches, or all of them, come to."""
        if len(ahead) < 2:
            return None
        sets = list(ahead.values())
        common = frozenset[str].intersection(*sets)
        shared = common or frozenset(
            node_id for node_id in frozenset[str].union(*sets) if sum(node_id in one for one in sets) > 1
        )
        shared = frozenset(node_id for node_id in shared if not self._graph.nodes[node_id].kind.is_end) or shared
        order = self._graph.order()
        return min(shared, key=order.index) if shared else None

    def _branch(self, node: Node, edge: Edge, reach: _Reach) -> list[_Draft]:
        own = self._condition(node, edge)
        if edge.target in reach.until:
            return []
        if edge.target in self._seen or edge.edge_id in self._graph.backward or reach.ends_at(edge.target):
            return _under(own, self._led_to(edge.target))
        drafts, stopped = self._from(edge.target, replace(reach, conditional=own is not None or reach.conditional))
        if stopped is not None and stopped not in reach.until:
            drafts += self._led_to(stopped)
        return _under(own, drafts)

    def _condition(self, node: Node, edge: Edge) -> str | None:
        target = self._graph.nodes[edge.target]
        if node.kind is NodeKind.EVENT_BASED or edge.edge_id.endswith("_from_host"):
            return edge.name or target.name or None
        question = re.sub(r"\s*\?+$", "", node.name).strip()
        if not question:
            return edge.name or None
        first = question.split()[0]
        question = question if first.isupper() and len(first) > 1 else question[:1].lower() + question[1:]
        answer = edge.name or OTHERWISE
        answer = YES if answer.casefold() in _YES else "No" if answer.casefold() == "no" else answer
        return branch_condition(question, answer)

    def _side_by_side(self, node: Node, reach: _Reach) -> tuple[list[_Draft], str | None]:
        """What runs at the same time: one part for each branch, several steps of one held together."""
        edges = self._graph.outgoing[node.node_id]
        ahead = {edge.edge_id: self._graph.reach(edge.target) for edge in edges if self._goes_on(edge)}
        join = self._join(ahead)
        inner = replace(reach.also(join), conditional=False, beside=True)
        branches: list[_Draft] = []
        for edge in edges:
            drafts = self._from(edge.target, inner)[0] if edge.edge_id in ahead else self._led_to(edge.target)
            drafts = _merged(drafts)
            branches += self._held(IN_ORDER, Parts.ORDERED, drafts) if len(drafts) > 1 else drafts
        if len(branches) < 2:
            return branches, join
        if join is not None and self._graph.nodes[join].kind not in (NodeKind.PARALLEL, NodeKind.END):
            names = ", ".join(f"“{branch.step.action}”" for branch in branches)
            self.warnings.append(f"Nothing waits for all of {names} in the diagram; the steps read as if it did.")
        name = node.name if node.kind is NodeKind.PARALLEL else ""
        nodes = (node.node_id,) if node.kind is NodeKind.PARALLEL else ()
        return [_Draft(Step("", name or AT_ONCE, parts=Parts.PARALLEL), nodes, inner=branches)], join

    def _led_to(self, node_id: str) -> list[_Draft]:
        target = self._first_step(node_id)
        return [_Draft(Step("", ""), (), target)] if target is not None else []

    def _first_step(self, node_id: str) -> str | None:
        stack, seen = [node_id], set[str]()
        while stack:
            here = stack.pop(0)
            if here in seen:
                continue
            seen.add(here)
            node = self._graph.nodes[here]
            several = node.kind is NodeKind.PARALLEL and len(self._graph.outgoing[here]) > 1
            if node.kind.is_work or several or (node.kind is NodeKind.TIMER and node.name):
                return here
            stack += [edge.target for edge in self._graph.outgoing[here]]
        return None


def _ending(node: Node) -> _Draft:
    plain = node.name.casefold() in _PLAIN_ENDS
    return _Draft(Step("", "End the process" if plain else f"End the process ({node.name})"))


def _under(condition: str | None, drafts: list[_Draft]) -> list[_Draft]:
    """What is done under a condition: each with it, or held together where some have conditions of their own."""
    if condition is None or not drafts:
        return drafts
    if any(draft.step.condition is not None for draft in drafts):
        return [_Draft(Step("", IN_ORDER, condition=condition, parts=Parts.ORDERED), inner=drafts)]
    for draft in drafts:
        draft.step = replace(draft.step, condition=condition)
    return drafts


def _merged(drafts: Sequence[_Draft]) -> list[_Draft]:
    """Two steps of which one is done if, and the other one if not, as one step with its `otherwise`."""
    merged: list[_Draft] = []
    at = 0
    while at < len(drafts):
        draft = drafts[at]
        draft.inner = _merged(draft.inner)
        if at + 1 < len(drafts) and _is_pair(drafts, at):
            step, other = draft.step, drafts[at + 1]
            role = other.step.role if other.step.role != step.role else None
            draft.step = replace(
                step,
                otherwise=f"{role}: {other.step.action}" if role else other.step.action,
                systems=tuple(dict.fromkeys((*step.systems, *other.step.systems))),
            )
            draft.nodes += other.nodes
            at += 1
        merged.append(draft)
        at += 1
    return merged


def _is_pair(drafts: Sequence[_Draft], at: int) -> bool:
    one, other = drafts[at].step, drafts[at + 1].step
    if not one.condition or not other.condition or other.parts is not None or drafts[at + 1].goes_to is not None:
        return False
    if drafts[at].goes_to is not None or jump_target(other.action) is not None:
        return False
    question, answer = decision(one.condition)
    again, opposite = decision(other.condition)
    alone = all(
        draft.step.condition is None or decision(draft.step.condition)[0] != question
        for draft in (*drafts[max(at - 1, 0) : at], *drafts[at + 2 : at + 3])
    )
    opposed = (
        (answer == YES and opposite.casefold() in _NO) or (answer == NO and opposite == YES) or opposite == OTHERWISE
    )
    return question == again and opposed and alone


def _numbered(drafts: Sequence[_Draft]) -> tuple[Step, ...]:
    """In their order; what leads elsewhere names the number of the step that it leads to."""
    placed = list(_deep(drafts, ""))
    numbers = {node_id: no for no, draft in placed for node_id in reversed(draft.nodes)}
    ordered = {no for no, draft in placed if draft.step.parts is Parts.ORDERED}
    places = {no: at for at, (no, _) in enumerate(placed)}
    found: list[Step] = []
    for no, draft in placed:
        action = draft.step.action
        if draft.goes_to is not None:
            target = _outermost(numbers.get(draft.goes_to, "1"), no, ordered)
            word = "Go back to" if places[target] < places[no] else "Continue with"
            action = f"{word} step {target}"
        found.append(replace(draft.step, no=no, action=action))
    return tuple(found)


def _deep(drafts: Iterable[_Draft], prefix: str) -> Iterator[tuple[str, _Draft]]:
    for number, draft in enumerate(drafts, 1):
        yield f"{prefix}{number}", draft
        yield from _deep(draft.inner, f"{prefix}{number}.")


def _outermost(target: str, source: str, ordered: set[str]) -> str:
    """The step that begins with the target, where it is led to from outside of it."""
    while target.endswith(".1"):
        outer = target.removesuffix(".1")
        if outer not in ordered or source.startswith(f"{outer}."):
            break
        target = outer
    return target
