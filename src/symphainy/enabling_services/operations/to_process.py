"""From a procedure to a workflow: roles as lanes, conditions as exclusive gateways, work in systems as service tasks.

Consecutive steps that depend on the same question share one gateway, each answer being a branch. `Go back to step 2` becomes
a flow to step 2, `End the process` an end event. Every branch ends in a join, an end event or a flow back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from symphainy.enabling_services.errors import ServiceError
from symphainy.enabling_services.operations.process import Edge, Node, NodeKind, Process
from symphainy.enabling_services.operations.sentences import alternative_of
from symphainy.enabling_services.operations.sop import NO, YES, Sop, Step, decision, ending_name, jump_target

UNASSIGNED: Final = "Unassigned"
OTHERWISE: Final = "Otherwise"
DONE: Final = "Done"


@dataclass(slots=True)
class _Block:
    """Steps that are done one after the other (`question` None), or the branches of one question."""

    steps: list[Step]
    question: str | None = None
    branches: dict[str, list[Step]] = field(default_factory=dict[str, list[Step]])


@dataclass(frozen=True, slots=True)
class _Open:
    """A loose end: the node, and the answer that leads away from it."""

    node_id: str
    name: str = ""


def to_process(sop: Sop) -> Process:
    """Raises ServiceError `no_steps` for a procedure without steps."""
    if not sop.steps:
        raise ServiceError(
            "no_steps", "This procedure has no steps, so there is no workflow to draw. Add steps to it first."
        )
    return _Builder(sop).build()


class _Builder:
    def __init__(self, sop: Sop) -> None:
        self._sop = sop
        self._nodes: list[Node] = []
        self._flows: list[Edge] = []
        self._warnings: list[str] = []
        self._entries: dict[str, str] = {}
        self._jumps: list[tuple[_Open, str]] = []
        self._named = any(step.role for step in sop.steps)
        known = {step.no for step in sop.steps}
        texts = [text for step in sop.steps for text in (step.action, step.otherwise or "")]
        targets = (jump_target(text) for text in texts)
        self._targets = {target for target in targets if target is not None and target in known}

    def build(self) -> Process:
        blocks = _blocks(self._sop.steps)
        first = next((step for step in self._sop.steps if step.role), self._sop.steps[0])
        start = self._node(NodeKind.START, "Start", first.role)
        loose = [_Open(start)]
        for block in blocks:
            loose = self._block(block, loose)
        if loose:
            self._connect(loose, self._node(NodeKind.END, DONE, self._last_role(loose) or first.role))
        for end, target in self._jumps:
            self._connect([end], self._entries[target])
        lanes = tuple(dict.fromkeys(node.lane for node in self._nodes if node.lane)) if self._named else ()
        ordered = tuple(role for role in self._sop.roles if role in lanes)
        return Process(
            self._sop.title,
            tuple(self._nodes),
            tuple(self._flows),
            (*ordered, *(lane for lane in lanes if lane not in ordered)),
            tuple(self._warnings),
        )

    def _block(self, block: _Block, loose: list[_Open]) -> list[_Open]:
        targets = [step.no for step in block.steps if step.no in self._targets]
        if targets:
            merge = self._node(NodeKind.EXCLUSIVE, "", block.steps[0].role)
            self._connect(loose, merge)
            loose = [_Open(merge)]
            self._entries |= dict.fromkeys(targets, merge)
        if block.question is None:
            return self._chain(block.steps, loose, straight=True)
        asked = block.question
        role = self._last_role(loose) or next((step.role for step in block.steps if step.role), None)
        gateway = self._node(NodeKind.EXCLUSIVE, f"{asked[:1].upper()}{asked[1:]}?", role)
        self._connect(loose, gateway)
        ends: list[_Open] = []
        for answer, steps in block.branches.items():
            ends += self._chain(steps, [_Open(gateway, answer)], straight=False)
        if len(ends) < 2:
            return ends
        join = self._node(NodeKind.EXCLUSIVE, "", role)
        self._connect(ends, join)
        return [_Open(join)]

    def _chain(self, steps: Sequence[Step], loose: list[_Open], *, straight: bool) -> list[_Open]:
        for step in steps:
            target, ending = jump_target(step.action), ending_name(step.action)
            if straight and (ending is not None or target is not None):
                if ending is None or step is not self._sop.steps[-1]:
                    self._warnings.append(
                        f"Step {step.no} leaves the process without a condition; it is drawn as a task."
                    )
                else:
                    continue
            elif target is not None and target in self._targets:
                self._jumps += [(end, target) for end in loose]
                return []
            elif ending is not None:
                self._connect(
                    loose, self._node(NodeKind.END, ending or "Process ends", step.role or self._last_role(loose))
                )
                return []
            task = self._node(
                NodeKind.SERVICE if step.systems else NodeKind.TASK, step.action, step.role or UNASSIGNED, step.systems
            )
            self._connect(loose, task)
            loose = [_Open(task)]
        return loose

    def _node(self, kind: NodeKind, name: str, role: str | None, systems: tuple[str, ...] = ()) -> str:
        count = sum(node.kind is kind or (kind.is_work and node.kind.is_work) for node in self._nodes) + 1
        stem = "Task" if kind.is_work else "Gateway" if kind.is_gateway else kind.value.capitalize()
        node = Node(f"{stem}_{count}", kind, name, (role or UNASSIGNED) if self._named else None, systems)
        self._nodes.append(node)
        return node.node_id

    def _connect(self, loose: Sequence[_Open], target: str) -> None:
        for end in loose:
            self._flows.append(Edge(f"Flow_{len(self._flows) + 1}", end.node_id, target, end.name))

    def _last_role(self, loose: Sequence[_Open]) -> str | None:
        node = next((node for node in self._nodes if loose and node.node_id == loose[0].node_id), None)
        return node.lane if node is not None and node.kind is not NodeKind.START else None


def _blocks(steps: Sequence[Step]) -> list[_Block]:
    blocks: list[_Block] = []
    for step in steps:
        if step.condition is None:
            blocks.append(_Block([step]))
            continue
        question, answer = decision(step.condition)
        last = blocks[-1] if blocks else None
        closed = last is not None and any(item.otherwise is not None for item in last.steps)
        if (
            last is None
            or last.question is None
            or closed
            or last.question.casefold() != question.casefold()
            or (step.otherwise is not None and len(last.branches) > 0 and answer in last.branches)
        ):
            blocks.append(_Block([step], question, {answer: [step]}))
        else:
            last.steps.append(step)
            last.branches.setdefault(answer, []).append(step)
    for block in blocks:
        if block.question is not None:
            _complete(block)
    return blocks


def _complete(block: _Block) -> None:
    """The branch that no step names: what is done otherwise, or nothing."""
    answers = {answer.casefold() for answer in block.branches}
    step = block.steps[-1]
    alternative = alternative_of(step)
    if alternative is not None:
        role, action = alternative
        other = NO if YES.casefold() in answers else YES if NO.casefold() in answers else OTHERWISE
        systems = tuple(name for name in step.systems if name.casefold() in action.casefold())
        block.branches[other] = [
            replace(step, action=action, role=role, condition=None, otherwise=None, systems=systems)
        ]
        kept = tuple(name for name in step.systems if name.casefold() in step.action.casefold() or name not in systems)
        for answer, branch in block.branches.items():
            if answer != other:
                block.branches[answer] = [replace(item, systems=kept) if item is step else item for item in branch]
    elif answers in ({YES.casefold()}, {NO.casefold()}):
        block.branches[NO if YES.casefold() in answers else YES] = []
    elif len(answers) == 1:
        block.branches[OTHERWISE] = []
