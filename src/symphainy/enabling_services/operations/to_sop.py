"""From a workflow to a procedure: gateways become conditions, lanes roles, loops `Go back to step ...`.

The walk follows the flows. At a split it finds where the branches meet again (the first node that all branches which go on can
reach); what lies between is conditional on the branch's name. A branch that ends on its own gets `End the process`, and the
branch that remains goes on without a condition.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from symphainy.enabling_services.operations.process import Edge, Graph, Node, NodeKind, Process
from symphainy.enabling_services.operations.sop import (
    YES,
    Sop,
    Step,
    branch_condition,
    decision,
    jump_target,
    renumbered,
    roles_of,
)
from symphainy.enabling_services.operations.systems import systems_in
from symphainy.enabling_services.operations.to_process import DONE, OTHERWISE, UNASSIGNED

NOWHERE: Final[frozenset[str]] = frozenset()
_PLAIN_ENDS: Final = frozenset({"", "done", "end", "process ends", "ended", "finish", "finished", "process ended"})
_NO: Final = frozenset({"no", "otherwise", "else", "default", "false", "n"})
_YES: Final = frozenset({"yes", "true", "y"})


def to_sop(process: Process) -> Sop:
    """Every activity of the process is one step; a sub-process is a step with its activities as parts."""
    walker = _Walker(process)
    walker.walk()
    steps = walker.numbered()
    steps = tuple(_merged(steps))
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
    """A step on its way: `goes_to` is the node whose step it sends back to."""

    step: Step
    node_id: str | None = None
    goes_to: str | None = None
    is_part: bool = False


class _Walker:
    def __init__(self, process: Process) -> None:
        self._process = process
        self._graph = Graph(process)
        self._drafts: list[_Draft] = []
        self._seen: set[str] = set()
        self.warnings: list[str] = []

    def walk(self) -> None:
        for node in self._process.nodes:
            outer = not self._graph.incoming[node.node_id] and node.parent is None
            if outer and node.node_id not in self._seen:
                self._from(node.node_id, None, NOWHERE, None)
        left = [
            node
            for node in self._process.nodes
            if node.kind.is_work and node.node_id not in self._seen and node.parent is None
        ]
        for node in left:
            if node.node_id not in self._seen:
                self.warnings.append(f"“{node.name}” cannot be reached from a start event.")
                self._from(node.node_id, None, NOWHERE, None)

    def _from(self, node_id: str | None, condition: str | None, until: frozenset[str], parent: str | None) -> None:
        """Writes the steps from the node on, as far as a node of `until`."""
        while node_id is not None and node_id not in until:
            if node_id in self._seen:
                self._back_to(node_id, condition)
                return
            self._seen.add(node_id)
            node = self._graph.nodes[node_id]
            if node.kind is NodeKind.END:
                self._ending(node, condition)
                return
            if node.kind.is_work or (node.kind is NodeKind.EVENT and node.name and not self._attached(node)):
                self._add(node, condition, parent)
            outgoing = self._graph.outgoing[node_id]
            following = outgoing[0].target if outgoing else None
            node_id = self._split(node, condition, until, parent) if len(outgoing) > 1 else following

    def _attached(self, node: Node) -> bool:
        return any(edge.edge_id.endswith("_from_host") for edge in self._graph.incoming[node.node_id])

    def _add(self, node: Node, condition: str | None, parent: str | None) -> None:
        name = node.name or ("Unnamed step" if node.kind.is_work else "Wait")
        if node.kind is NodeKind.EVENT:
            name = name if re.match(r"(?i)(wait|send|receive)", name) else f"Wait for: {name}"
        found = tuple(dict.fromkeys((*node.systems, *systems_in(name))))
        role = node.lane if node.lane != UNASSIGNED else None
        self._drafts.append(
            _Draft(Step("", name, role, condition, None, found), node.node_id, is_part=parent is not None)
        )
        if node.kind is NodeKind.SUB_PROCESS:
            self._inside(node)

    def _inside(self, outer: Node) -> None:
        inner = [node for node in self._process.nodes if node.parent == outer.node_id]
        for node in inner:
            if not self._graph.incoming[node.node_id] and node.node_id not in self._seen:
                self._from(node.node_id, None, NOWHERE, outer.node_id)

    def _split(self, node: Node, condition: str | None, until: frozenset[str], parent: str | None) -> str | None:
        edges = self._graph.outgoing[node.node_id]
        if node.kind is NodeKind.PARALLEL or not (node.kind.is_gateway or any(edge.name for edge in edges)):
            return self._side_by_side(node, condition, until, parent)
        ahead = {edge.edge_id: self._graph.reach(edge.target) for edge in edges if self._goes_on(edge)}
        join = self._join(ahead)
        main = self._main(edges, ahead, join)
        ordered = [edge for edge in edges if edge is not main]
        for edge in ordered:
            inner = until | ({join} if join else NOWHERE)
            self._branch(node, edge, condition, inner, parent)
        if main is not None:
            return main.target
        return join

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
        ends = [self._graph.nodes[node_id] for node_id in nodes if self._graph.nodes[node_id].kind is NodeKind.END]
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
        shared = frozenset(node_id for node_id in shared if self._graph.nodes[node_id].kind is not NodeKind.END) or (
            shared if len(ahead) > 1 else NOWHERE
        )
        order = self._graph.order()
        return min(shared, key=order.index) if shared else None

    def _branch(self, node: Node, edge: Edge, condition: str | None, until: frozenset[str], parent: str | None) -> None:
        own = self._condition(node, edge)
        both = f"{condition} and {own}" if condition and own else own or condition
        if edge.target in until:
            return
        if edge.target in self._seen or edge.edge_id in self._graph.backward:
            self._back_to(edge.target, both)
            return
        self._from(edge.target, both, until, parent)

    def _condition(self, node: Node, edge: Edge) -> str | None:
        target = self._graph.nodes[edge.target]
        if node.kind is NodeKind.EVENT_BASED or edge.edge_id.endswith("_from_host"):
            return edge.name or target.name or None
        question = re.sub(r"\s*\?+$", "", node.name).strip()
        if not question:
            return edge.name or None
        question = (
            question
            if question.split()[0].isupper() and len(question.split()[0]) > 1
            else question[:1].lower() + question[1:]
        )
        answer = edge.name or OTHERWISE
        answer = YES if answer.casefold() in _YES else "No" if answer.casefold() == "no" else answer
        return branch_condition(question, answer)

    def _side_by_side(self, node: Node, condition: str | None, until: frozenset[str], parent: str | None) -> str | None:
        edges = [edge for edge in self._graph.outgoing[node.node_id] if self._goes_on(edge)]
        join = self._join({edge.edge_id: self._graph.reach(edge.target) for edge in edges})
        names = [self._graph.nodes[edge.target].name or "a branch" for edge in edges]
        self.warnings.append(
            f"These run side by side in the diagram and are listed one after the other: {', '.join(names)}."
        )
        for edge in edges:
            self._from(edge.target, condition, until | ({join} if join else NOWHERE), parent)
        return join

    def _ending(self, node: Node, condition: str | None) -> None:
        if condition is None:
            return
        plain = node.name.casefold() in _PLAIN_ENDS
        action = "End the process" if plain else f"End the process ({node.name})"
        self._drafts.append(_Draft(Step("", action, None, condition)))

    def _back_to(self, node_id: str, condition: str | None) -> None:
        work = self._first_work(node_id)
        if work is None:
            return
        earlier = any(draft.node_id == work for draft in self._drafts)
        word = "Go back to" if earlier else "Continue with"
        self._drafts.append(_Draft(Step("", word, None, condition), None, work))

    def _first_work(self, node_id: str) -> str | None:
        stack, seen = [node_id], set[str]()
        while stack:
            here = stack.pop(0)
            if here in seen:
                continue
            seen.add(here)
            if self._graph.nodes[here].kind.is_work:
                return here
            stack += [edge.target for edge in self._graph.outgoing[here]]
        return None

    def numbered(self) -> tuple[Step, ...]:
        numbers: dict[str, str] = {}
        fresh: list[str] = []
        main = part = 0
        for draft in self._drafts:
            part = part + 1 if draft.is_part else 0
            main += not draft.is_part
            fresh.append(f"{main}.{part}" if draft.is_part else str(main))
            if draft.node_id:
                numbers[draft.node_id] = fresh[-1]
        found: list[Step] = []
        for no, draft in zip(fresh, self._drafts, strict=True):
            action = draft.step.action
            if draft.goes_to:
                action = f"{action} step {numbers.get(draft.goes_to, '1')}"
            found.append(replace(draft.step, no=no, action=action))
        return tuple(found)


def _merged(steps: tuple[Step, ...]) -> list[Step]:
    """Two steps of which one is done if, and the other one if not, as one step with its `otherwise`."""
    merged: list[Step] = []
    at = 0
    while at < len(steps):
        step = steps[at]
        following = steps[at + 1] if at + 1 < len(steps) else None
        if following is not None and _is_pair(steps, at) and jump_target(following.action) is None:
            other = following.role if following.role != step.role else None
            action = f"{other}: {following.action}" if other else following.action
            systems = tuple(dict.fromkeys((*step.systems, *following.systems)))
            merged.append(replace(step, otherwise=action, systems=systems))
            at += 2
            continue
        merged.append(step)
        at += 1
    return list(renumbered(merged))


def _is_pair(steps: tuple[Step, ...], at: int) -> bool:
    one, other = steps[at], steps[at + 1]
    if not one.condition or not other.condition or "." in one.no or "." in other.no:
        return False
    question, answer = decision(one.condition)
    again, opposite = decision(other.condition)
    alone = all(
        step.condition is None or decision(step.condition)[0] != question
        for step in (*steps[max(at - 1, 0) : at], *steps[at + 2 : at + 3])
    )
    opposed = (answer == YES and opposite.casefold() in _NO) or opposite == OTHERWISE
    return question == again and opposed and alone
