"""From a procedure to a workflow: roles as lanes, conditions as exclusive gateways, work in systems as service tasks.

Consecutive steps that depend on the same question share one gateway, each answer being a branch. Parts that are done at the same
time stand between a parallel gateway that splits and one that waits for all of them. What else has parts is a group: a frame
around their nodes, since a sub-process stands in one lane and no flow may leave it. `Go back to step 2` becomes a flow to step 2,
`End the process` an end event, `Wait 5 days` a timer. Every branch ends in a join, an end event or a flow back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from symphainy.enabling_services.errors import ServiceError
from symphainy.enabling_services.operations.nesting import Part, in_order, nested
from symphainy.enabling_services.operations.process import Edge, Group, Node, NodeKind, Process
from symphainy.enabling_services.operations.sentences import alternative_of
from symphainy.enabling_services.operations.sop import (
    NO,
    OTHERWISE,
    YES,
    Parts,
    Sop,
    Step,
    decision,
    ending_name,
    jump_target,
)
from symphainy.enabling_services.operations.waiting import wait_in

UNASSIGNED: Final = "Unassigned"
DONE: Final = "Done"
ENDED: Final = "Process ends"


@dataclass(slots=True)
class _Block:
    """What is done one after the other (`question` None), or the branches of one question."""

    parts: list[Part]
    question: str | None = None
    branches: dict[str, list[Part]] = field(default_factory=dict[str, list[Part]])


@dataclass(frozen=True, slots=True)
class _Open:
    """A loose end: the node, and the answer that leads away from it."""

    node_id: str
    name: str = ""


def to_process(sop: Sop) -> Process:
    """What cannot be drawn is named in the warnings. Raises ServiceError `no_steps` for a procedure without steps."""
    if not sop.steps:
        raise ServiceError(
            "no_steps", "This procedure has no steps, so there is no workflow to draw. Add steps to it first."
        )
    return _Builder(sop).build()


class _Builder:
    def __init__(self, sop: Sop) -> None:
        self._sop = sop
        self._parts = nested(sop.steps)
        self._nodes: list[Node] = []
        self._flows: list[Edge] = []
        self._groups: list[Group] = []
        self._warnings: list[str] = []
        self._entries: dict[str, str] = {}
        self._jumps: list[tuple[_Open, str]] = []
        self._named = any(step.role for step in sop.steps)
        self._tracks: dict[str, tuple[str, ...]] = {}
        self._find_tracks(self._parts, ())
        texts = [(step.no, text) for step in sop.steps for text in (step.action, step.otherwise or "")]
        targets = ((no, jump_target(text)) for no, text in texts)
        self._targets = {found for no, target in targets if target is not None and (found := self._entry(no, target))}
        self._track: tuple[str, ...] = ()

    def build(self) -> Process:
        first = next((step for step in self._sop.steps if step.role), self._sop.steps[0])
        start = self._node(NodeKind.START, "Start", first.role)
        loose = self._sequence(self._parts, [_Open(start)], straight=True)
        if loose:
            self._connect(loose, self._node(NodeKind.END, DONE, self._last_role(loose) or first.role))
        for end, target in self._jumps:
            self._connect([end], self._entries[target])
        self._drop_needless()
        self._name_unreachable(start)
        lanes = tuple(dict.fromkeys(node.lane for node in self._nodes if node.lane)) if self._named else ()
        ordered = tuple(role for role in self._sop.roles if role in lanes)
        return Process(
            self._sop.title,
            tuple(self._nodes),
            tuple(self._flows),
            (*ordered, *(lane for lane in lanes if lane not in ordered)),
            tuple(dict.fromkeys(self._warnings)),
            tuple(sorted(self._groups, key=lambda group: -len(group.node_ids))),
        )

    def _drop_needless(self) -> None:
        """Where flows would have come together, but only one does."""
        for merge in set(self._entries.values()):
            before = [edge for edge in self._flows if edge.target == merge]
            after = [edge for edge in self._flows if edge.source == merge]
            if len(before) != 1 or len(after) != 1:
                continue
            at = self._flows.index(before[0])
            self._flows[at] = replace(before[0], target=after[0].target)
            self._flows.remove(after[0])
            self._nodes = [node for node in self._nodes if node.node_id != merge]
            self._groups = [
                replace(group, node_ids=tuple(name for name in group.node_ids if name != merge))
                for group in self._groups
            ]

    def _name_unreachable(self, start: str) -> None:
        reached, waiting = {start}, [start]
        while waiting:
            here = waiting.pop()
            fresh = [edge.target for edge in self._flows if edge.source == here and edge.target not in reached]
            reached.update(fresh)
            waiting += fresh
        self._warnings += [
            f"“{node.name}” is drawn, but no way leads there from the start."
            for node in self._nodes
            if node.name and not node.kind.is_end and node.node_id not in reached
        ]

    def _find_tracks(self, parts: Sequence[Part], track: tuple[str, ...]) -> None:
        """Each step's branches among those that are done at the same time: a flow never leads from one into another."""
        for part in parts:
            self._tracks[part.step.no] = track
            beside = part.step.parts is Parts.PARALLEL
            for inner in part.inner:
                self._find_tracks([inner], (*track, inner.step.no) if beside else track)

    def _entry(self, no: str, target: str) -> str | None:
        """Where a flow from the one step to the other can lead: into one of several branches only by where all of them begin."""
        while target and self._tracks.get(target) != self._tracks[no]:
            target = target.rpartition(".")[0]
        return target or None

    def _sequence(self, parts: Sequence[Part], loose: list[_Open], *, straight: bool) -> list[_Open]:
        whole = in_order(parts)
        blocks = _blocks(whole)
        for number, block in enumerate(blocks):
            if not loose and not self._is_target(block):
                left = ", ".join(part.step.no for later in blocks[number:] for part in later.parts)
                self._warnings.append(f"Nothing leads to step {left} any more, so it is not drawn.")
                return []
            following = blocks[number + 1] if number + 1 < len(blocks) else None
            leads_on = following is not None and self._is_target(following)
            loose = self._block(block, loose, straight=straight and not leads_on)
        return loose

    def _is_target(self, block: _Block) -> bool:
        return any(self._targets_in(part) for part in block.parts)

    def _targets_in(self, part: Part) -> list[str]:
        """The numbers by which the beginning of a part is meant."""
        first = self._targets_in(part.inner[0]) if part.inner and part.step.parts is Parts.ORDERED else []
        return [*([part.step.no] if part.step.no in self._targets else []), *first]

    def _block(self, block: _Block, loose: list[_Open], *, straight: bool) -> list[_Open]:
        begins = [branch[0] for branch in block.branches.values() if branch] or block.parts
        loose = self._entered(begins, loose)
        if block.question is None:
            return self._chain(block.parts, loose, straight=straight)
        asked = block.question
        role = self._last_role(loose) or next((found for part in block.parts if (found := _first_role(part))), None)
        gateway = self._node(NodeKind.EXCLUSIVE, f"{asked[:1].upper()}{asked[1:]}?", role)
        self._connect(loose, gateway)
        ends: list[_Open] = []
        for answer, parts in block.branches.items():
            ends += self._chain(parts, [_Open(gateway, answer)], straight=False)
        return self._joined(ends, NodeKind.EXCLUSIVE, role)

    def _entered(self, parts: Sequence[Part], loose: list[_Open]) -> list[_Open]:
        """Where other steps lead to one of these, their flows and the loose ends come together first."""
        targets = [no for part in parts for no in self._targets_in(part) if no not in self._entries]
        if not targets:
            return loose
        merge = self._node(NodeKind.EXCLUSIVE, "", _first_role(parts[0]))
        self._connect(loose, merge)
        self._entries |= dict.fromkeys(targets, merge)
        return [_Open(merge)]

    def _joined(self, ends: list[_Open], kind: NodeKind, role: str | None) -> list[_Open]:
        if len(ends) < 2:
            return ends
        join = self._node(kind, "", role)
        self._connect(ends, join)
        return [_Open(join)]

    def _chain(self, parts: Sequence[Part], loose: list[_Open], *, straight: bool) -> list[_Open]:
        for number, part in enumerate(parts):
            loose = self._entered([part], loose) if number else loose
            if not loose:
                left = ", ".join(later.step.no for later in parts[number:])
                self._warnings.append(f"Step {left} comes after the branch has left, so it is not drawn.")
                return []
            match part.step.parts:
                case Parts.PARALLEL:
                    loose = self._side_by_side(part, loose)
                case Parts.ORDERED:
                    loose = self._group(part, loose, straight=straight)
                case None:
                    loose = self._step(part.step, loose, straight=straight)
        return loose

    def _side_by_side(self, part: Part, loose: list[_Open]) -> list[_Open]:
        role = self._last_role(loose) or _first_role(part)
        split = self._node(NodeKind.PARALLEL, part.name, role)
        self._connect(loose, split)
        ends: list[_Open] = []
        outer = self._track
        for inner in part.inner:
            self._track = (*outer, inner.step.no)
            ends += self._joined(self._sequence([inner], [_Open(split)], straight=False), NodeKind.EXCLUSIVE, role)
        self._track = outer
        return self._joined(ends, NodeKind.PARALLEL, role)

    def _group(self, part: Part, loose: list[_Open], *, straight: bool) -> list[_Open]:
        before = len(self._nodes)
        loose = self._sequence(part.inner, loose, straight=straight)
        held = tuple(node.node_id for node in self._nodes[before:])
        if part.name and held:
            self._groups.insert(0, Group(f"Group_{len(self._groups) + 1}", part.name, held))
        return loose

    def _step(self, step: Step, loose: list[_Open], *, straight: bool) -> list[_Open]:
        target, ending = jump_target(step.action), ending_name(step.action)
        last = step is self._sop.steps[-1]
        if straight and ending is not None and last:
            return loose
        if straight and step.leaves and not (ending is not None and last):
            self._warnings.append(f"Step {step.no} leaves the process without a condition; it is drawn as a task.")
        elif target is not None and (entry := self._entry(step.no, target)) is not None:
            if entry != target:
                self._warnings.append(
                    f"Step {step.no} leads to step {target}; drawn is a flow to step {entry}, since all of it begins together."
                )
            self._jumps += [(end, entry) for end in loose]
            return []
        elif target is not None:
            where = "which does not exist" if target not in self._tracks else "across what is done at the same time"
            self._warnings.append(f"Step {step.no} leads to step {target}, {where}; it is drawn as a task.")
        elif ending is not None:
            # Beside others an end event alone would only end its own branch.
            kind = NodeKind.TERMINATE if self._track else NodeKind.END
            self._connect(loose, self._node(kind, ending or ENDED, step.role or self._last_role(loose)))
            return []
        return [_Open(self._work(step, loose))]

    def _work(self, step: Step, loose: list[_Open]) -> str:
        wait = wait_in(step.action)
        if wait is not None and wait.business:
            self._warnings.append(
                f"Step {step.no} waits for working days; the timer of the diagram counts calendar days ({wait.duration})."
            )
        kind = NodeKind.TIMER if wait is not None else NodeKind.SERVICE if step.systems else NodeKind.TASK
        role = step.role or (self._last_role(loose) if wait is not None else None) or UNASSIGNED
        node = self._node(kind, step.action, role, step.systems)
        self._connect(loose, node)
        return node

    def _node(self, kind: NodeKind, name: str, role: str | None, systems: tuple[str, ...] = ()) -> str:
        stem = (
            "Task"
            if kind.is_work
            else "Gateway"
            if kind.is_gateway
            else "End"
            if kind.is_end
            else kind.value.split("_")[0].capitalize()
        )
        count = sum(node.node_id.startswith(f"{stem}_") for node in self._nodes) + 1
        node = Node(f"{stem}_{count}", kind, name, (role or UNASSIGNED) if self._named else None, systems)
        self._nodes.append(node)
        return node.node_id

    def _connect(self, loose: Sequence[_Open], target: str) -> None:
        for end in loose:
            self._flows.append(Edge(f"Flow_{len(self._flows) + 1}", end.node_id, target, end.name))

    def _last_role(self, loose: Sequence[_Open]) -> str | None:
        node = next((node for node in self._nodes if loose and node.node_id == loose[0].node_id), None)
        return node.lane if node is not None and node.kind is not NodeKind.START else None


def _first_role(part: Part) -> str | None:
    return part.step.role or next((role for inner in part.inner if (role := _first_role(inner))), None)


def _blocks(parts: Sequence[Part]) -> list[_Block]:
    blocks: list[_Block] = []
    for part in parts:
        step = part.step
        if step.condition is None:
            blocks.append(_Block([part]))
            continue
        question, answer = decision(step.condition)
        last = blocks[-1] if blocks else None
        closed = last is not None and any(item.step.otherwise is not None for item in last.parts)
        if (
            last is None
            or last.question is None
            or closed
            or last.question.casefold() != question.casefold()
            or (step.otherwise is not None and len(last.branches) > 0 and answer in last.branches)
        ):
            blocks.append(_Block([part], question, {answer: [part]}))
        else:
            last.parts.append(part)
            last.branches.setdefault(answer, []).append(part)
    for block in blocks:
        if block.question is not None:
            _complete(block)
    return blocks


def _complete(block: _Block) -> None:
    """The branch that no step names: what is done otherwise, or nothing."""
    answers = {answer.casefold() for answer in block.branches}
    last = block.parts[-1]
    step = last.step
    alternative = alternative_of(step)
    if alternative is not None:
        role, action = alternative
        other = NO if YES.casefold() in answers else YES if NO.casefold() in answers else OTHERWISE
        systems = tuple(name for name in step.systems if name.casefold() in action.casefold())
        block.branches[other] = [
            Part(replace(step, action=action, role=role, condition=None, otherwise=None, systems=systems, parts=None))
        ]
        kept = tuple(name for name in step.systems if name.casefold() in step.action.casefold() or name not in systems)
        for answer, branch in block.branches.items():
            if answer != other:
                block.branches[answer] = [
                    replace(item, step=replace(step, systems=kept)) if item is last else item for item in branch
                ]
    elif answers in ({YES.casefold()}, {NO.casefold()}):
        block.branches[NO if YES.casefold() in answers else YES] = []
    elif len(answers) == 1:
        block.branches[OTHERWISE] = []
