"""BPMN 2.0 XML of any tool into a process: pools, lanes, sub-processes, gateways, events."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bpmn_io import BpmnModdle, ParseError

from symphainy.enabling_services.errors import ServiceError
from symphainy.enabling_services.operations.bpmn_elements import Element, is_element, is_kind, many, text_of
from symphainy.enabling_services.operations.bpmn_writing import SYSTEMS
from symphainy.enabling_services.operations.process import Edge, Group, Node, NodeKind, Process
from symphainy.enabling_services.operations.to_process import UNASSIGNED

MOST_CHARACTERS: Final = 5_000_000
MOST_NODES: Final = 2_000
_KINDS: Final = (
    ("bpmn:StartEvent", NodeKind.START),
    ("bpmn:EndEvent", NodeKind.END),
    ("bpmn:SubProcess", NodeKind.SUB_PROCESS),
    ("bpmn:ServiceTask", NodeKind.SERVICE),
    ("bpmn:ScriptTask", NodeKind.SERVICE),
    ("bpmn:BusinessRuleTask", NodeKind.SERVICE),
    ("bpmn:SendTask", NodeKind.TASK),
    ("bpmn:Activity", NodeKind.TASK),
    ("bpmn:ParallelGateway", NodeKind.PARALLEL),
    ("bpmn:InclusiveGateway", NodeKind.INCLUSIVE),
    ("bpmn:EventBasedGateway", NodeKind.EVENT_BASED),
    ("bpmn:Gateway", NodeKind.EXCLUSIVE),
    ("bpmn:Event", NodeKind.EVENT),
)
_SYSTEMS: Final = re.compile(rf"(?im)^{SYSTEMS}(.+)$")


def read_bpmn(xml: str, fallback_title: str) -> Process:
    """What is odd but readable is said in the process's warnings. Raises ServiceError `not_a_bpmn` for anything that is no
    BPMN with at least one activity, `too_large`."""
    if len(xml) > MOST_CHARACTERS:
        raise ServiceError(
            "too_large", f"This diagram has {len(xml):,} characters; at most {MOST_CHARACTERS:,} can be read."
        )
    try:
        result = BpmnModdle().from_xml(xml)
    except ParseError as error:
        reason = error.message.split("\n")[0].strip()
        raise _not_bpmn(f"it cannot be read as BPMN ({reason})") from error
    except RecursionError as error:
        raise _not_bpmn("it is nested too deeply") from error
    definitions: Element = result.root_element
    processes = [item for item in many(definitions, "rootElements") if is_kind(item, "bpmn:Process")]
    reader = _Reader(definitions)
    for process in processes:
        reader.read(process)
    reader.read_groups(definitions)
    if not any(node.kind.is_work for node in reader.nodes):
        raise _not_bpmn("there is no activity in it")
    broken = [item.message for item in result.warnings if "unresolved reference" in item.message]
    if broken:
        reader.warnings.append(f"{len(broken)} references lead nowhere and were left out: {broken[0]}.")
    if len(processes) > 1:
        reader.warnings.append(f"{len(processes)} processes are drawn; they are read one after the other.")
    return reader.process(fallback_title)


def has_drawing(xml: str) -> bool:
    return re.search(r"<(?:\w+:)?BPMNShape\b", xml) is not None


class _Reader:
    def __init__(self, definitions: Element) -> None:
        self.nodes: list[Node] = []
        self.flows: list[Edge] = []
        self.warnings: list[str] = []
        self._lanes: dict[str, str] = {}
        self._names: list[str] = []
        self._titles: list[str] = []
        self._pools: dict[int, str] = {}
        self._held: dict[str, list[str]] = {}
        self._groups: list[Group] = []
        for item in many(definitions, "rootElements"):
            if is_kind(item, "bpmn:Collaboration"):
                self._titles += [text_of(item, "name")] if text_of(item, "name") else []
                self._participants(item)

    def _participants(self, collaboration: Element) -> None:
        pools = many(collaboration, "participants")
        for pool in pools:
            process = pool.get("processRef")
            name = text_of(pool, "name")
            if is_element(process) and name:
                self._pools[id(process)] = name
            elif name:
                self.warnings.append(f"The pool “{name}” shows no steps of its own.")

    def read(self, process: Element) -> None:
        title = text_of(process, "name") or self._pools.get(id(process), "")
        self._titles += [title] if title else []
        pool = self._pools.get(id(process)) if len(self._pools) > 1 else None
        for lanes in many(process, "laneSets"):
            self._lane_set(lanes)
        self._elements(process, pool, None)
        if pool and pool not in self._names and any(node.lane == pool for node in self.nodes):
            self._names.append(pool)

    def _lane_set(self, lanes: Element) -> None:
        for lane in many(lanes, "lanes"):
            inner = lane.get("childLaneSet")
            if is_element(inner):
                self._lane_set(inner)
            name = text_of(lane, "name")
            if not name:
                continue
            if name not in self._names and many(lane, "flowNodeRef"):
                self._names.append(name)
            for node in many(lane, "flowNodeRef"):
                if is_element(node):
                    self._lanes.setdefault(text_of(node, "id"), name)

    def _elements(self, owner: Element, lane: str | None, parent: str | None) -> None:
        for item in many(owner, "flowElements"):
            if len(self.nodes) > MOST_NODES:
                raise ServiceError(
                    "too_large", f"This diagram has more than {MOST_NODES:,} elements, which is too many to read."
                )
            if is_kind(item, "bpmn:SequenceFlow"):
                self._flow(item)
                continue
            kind = next((kind for name, kind in _KINDS if is_kind(item, name)), None)
            if kind is None:
                continue
            node_id = text_of(item, "id") or f"Element_{len(self.nodes) + 1}"
            within = self._lanes.get(node_id) or lane
            kind = _event_kind(item, kind)
            self.nodes.append(Node(node_id, kind, text_of(item, "name"), within, _systems(item), parent))
            for value in many(item, "categoryValueRef"):
                if is_element(value):
                    self._held.setdefault(text_of(value, "id"), []).append(node_id)
            if is_kind(item, "bpmn:BoundaryEvent"):
                self._boundary(item, node_id)
            if kind is NodeKind.SUB_PROCESS:
                self._elements(item, within, node_id)

    def read_groups(self, definitions: Element) -> None:
        """The categories that nodes refer to, the widest first."""
        for category in many(definitions, "rootElements"):
            if is_kind(category, "bpmn:Category"):
                for value in many(category, "categoryValue"):
                    name, held = text_of(value, "value"), self._held.get(text_of(value, "id"), [])
                    if name and held:
                        self._groups.append(Group(f"Group_{len(self._groups) + 1}", name, tuple(held)))
        self._groups.sort(key=lambda group: -len(group.node_ids))

    def _boundary(self, event: Element, node_id: str) -> None:
        host = event.get("attachedToRef")
        if is_element(host):
            self.flows.append(Edge(f"{node_id}_from_host", text_of(host, "id"), node_id, text_of(event, "name")))

    def _flow(self, flow: Element) -> None:
        source, target = flow.get("sourceRef"), flow.get("targetRef")
        if not (is_element(source) and is_element(target)):
            self.warnings.append(
                f"The flow “{text_of(flow, 'name') or text_of(flow, 'id')}” has no start or no end and was left out."
            )
            return
        condition = flow.get("conditionExpression")
        name = text_of(flow, "name")
        if not name and is_element(condition):
            name = text_of(condition, "body").strip().strip("${}= ")
        self.flows.append(Edge(text_of(flow, "id"), text_of(source, "id"), text_of(target, "id"), name))

    def process(self, fallback_title: str) -> Process:
        known = {node.node_id for node in self.nodes}
        flows = tuple(edge for edge in self.flows if edge.source in known and edge.target in known)
        unnamed = sum(node.kind.is_work and not node.name for node in self.nodes)
        if unnamed:
            self.warnings.append(f"{unnamed} {'activity has' if unnamed == 1 else 'activities have'} no name.")
        title = next((title for title in self._titles if title), "") or fallback_title
        lanes = tuple(
            name for name in self._names if name != UNASSIGNED or any(node.lane == name for node in self.nodes)
        )
        return Process(title, tuple(self.nodes), flows, lanes, tuple(self.warnings), tuple(self._groups))


def _event_kind(element: Element, kind: NodeKind) -> NodeKind:
    """An event in the flow that waits for a time is a timer; one on the edge of an activity interrupts it."""
    definitions = many(element, "eventDefinitions")
    if is_kind(element, "bpmn:IntermediateCatchEvent"):
        return NodeKind.TIMER if any(is_kind(item, "bpmn:TimerEventDefinition") for item in definitions) else kind
    ends_all = kind is NodeKind.END and any(is_kind(item, "bpmn:TerminateEventDefinition") for item in definitions)
    return NodeKind.TERMINATE if ends_all else kind


def _systems(element: Element) -> tuple[str, ...]:
    return tuple(
        name.strip() for text in _documentation(element) for line in _SYSTEMS.findall(text) for name in line.split(",")
    )


def _documentation(element: Element) -> Iterator[str]:
    for item in many(element, "documentation"):
        value = item.get("text")
        if isinstance(value, str):
            yield value


def _not_bpmn(reason: str) -> ServiceError:
    return ServiceError(
        "not_a_bpmn",
        f"This file is no BPMN diagram: {reason}. Nothing was read from it. "
        "Save the diagram as BPMN 2.0 (.bpmn) in the tool that made it and upload that file.",
    )
