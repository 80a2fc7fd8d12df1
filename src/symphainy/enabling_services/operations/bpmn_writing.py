"""BPMN 2.0 XML of a process with its drawing, built in bpmn-io's model and written by it."""

from __future__ import annotations

import re
from typing import Final

from bpmn_io import BpmnModdle

from symphainy.enabling_services.operations.bpmn_elements import Element
from symphainy.enabling_services.operations.layout import Box, Layout, Point, layout
from symphainy.enabling_services.operations.process import Node, NodeKind, Process

SYSTEMS: Final = "Systems: "
_TYPES: Final = {
    NodeKind.START: "bpmn:StartEvent",
    NodeKind.END: "bpmn:EndEvent",
    NodeKind.TASK: "bpmn:UserTask",
    NodeKind.SERVICE: "bpmn:ServiceTask",
    NodeKind.SUB_PROCESS: "bpmn:SubProcess",
    NodeKind.EXCLUSIVE: "bpmn:ExclusiveGateway",
    NodeKind.INCLUSIVE: "bpmn:InclusiveGateway",
    NodeKind.PARALLEL: "bpmn:ParallelGateway",
    NodeKind.EVENT_BASED: "bpmn:EventBasedGateway",
    NodeKind.EVENT: "bpmn:IntermediateThrowEvent",
}


def write_bpmn(process: Process) -> str:
    """Executable BPMN 2.0 with a diagram; the same process gives the same text. A gateway's flows carry the condition
    `decision_<gateway> == "<answer>"`, the last one is its default."""
    return _Writer(process).xml()


class _Writer:
    def __init__(self, process: Process) -> None:
        self._process = process
        self._layout: Layout = layout(process)
        self._moddle = BpmnModdle()
        self._made: dict[str, Element] = {}

    def xml(self) -> str:
        process = self._process
        root = self._new("bpmn:Process", id="Process_1", name=process.title, isExecutable=True)
        self._nodes(root)
        self._flows(root)
        lanes = self._lanes(root)
        definitions = self._new("bpmn:Definitions", id="Definitions_1", targetNamespace="http://bpmn.io/schema/bpmn")
        planes: list[Element] = []
        subject = root
        if lanes:
            participant = self._new("bpmn:Participant", id="Participant_1", name=process.title, processRef=root)
            subject = self._new("bpmn:Collaboration", id="Collaboration_1", participants=[participant])
            participant.parent_ = subject
            self._add(definitions, "rootElements", subject)
            assert self._layout.pool is not None
            planes.append(self._shape(participant, self._layout.pool, isHorizontal=True))
            planes += [self._shape(lanes[name], box, isHorizontal=True) for name, box in self._layout.lanes.items()]
        self._add(definitions, "rootElements", root)
        planes += self._drawn()
        plane = self._new("bpmndi:BPMNPlane", id="Plane_1", bpmnElement=subject, planeElement=planes)
        diagram = self._new("bpmndi:BPMNDiagram", id="Diagram_1", plane=plane)
        self._add(definitions, "diagrams", diagram)
        return self._moddle.to_xml(definitions, {"format": True}).xml

    def _new(self, type_name: str, **attributes: object) -> Element:
        element: Element = self._moddle.create(type_name, attributes)
        return element

    def _add(self, owner: Element, name: str, child: Element) -> None:
        child.parent_ = owner
        owner.get(name).append(child)

    def _nodes(self, root: Element) -> None:
        for node in self._process.nodes:
            attributes: dict[str, object] = {"id": node.node_id}
            if node.name:
                attributes["name"] = node.name
            if node.systems:
                text = f"{SYSTEMS}{', '.join(node.systems)}"
                attributes["documentation"] = [self._new("bpmn:Documentation", text=text)]
            element = self._new(_TYPES[node.kind], **attributes)
            self._made[node.node_id] = element
            self._add(root, "flowElements", element)

    def _flows(self, root: Element) -> None:
        kinds = {node.node_id: node.kind for node in self._process.nodes}
        splits = [edge.source for edge in self._process.flows]
        for edge in self._process.flows:
            source, target = self._made[edge.source], self._made[edge.target]
            flow = self._new("bpmn:SequenceFlow", id=edge.edge_id, sourceRef=source, targetRef=target)
            if edge.name:
                flow.set("name", edge.name)
            siblings = [item for item in self._process.flows if item.source == edge.source]
            if kinds[edge.source] in (NodeKind.EXCLUSIVE, NodeKind.INCLUSIVE) and splits.count(edge.source) > 1:
                if edge is siblings[-1]:
                    source.set("default", flow)
                else:
                    body = f'decision_{edge.source} == "{edge.name}"'
                    flow.set("conditionExpression", self._new("bpmn:FormalExpression", body=body))
            source.get("outgoing").append(flow)
            target.get("incoming").append(flow)
            self._made[edge.edge_id] = flow
            self._add(root, "flowElements", flow)

    def _lanes(self, root: Element) -> dict[str, Element]:
        if not self._process.lanes:
            return {}
        lanes: dict[str, Element] = {}
        held = self._new("bpmn:LaneSet", id="LaneSet_1")
        for number, name in enumerate(self._process.lanes, 1):
            lane = self._new("bpmn:Lane", id=f"Lane_{number}", name=name)
            for node in self._process.nodes:
                if (node.lane or self._process.lanes[0]) == name:
                    lane.get("flowNodeRef").append(self._made[node.node_id])
            lanes[name] = lane
            self._add(held, "lanes", lane)
        self._add(root, "laneSets", held)
        return lanes

    def _drawn(self) -> list[Element]:
        shapes: list[Element] = []
        for node in self._process.nodes:
            box = self._layout.nodes[node.node_id]
            more: dict[str, object] = {}
            if node.kind is NodeKind.EXCLUSIVE:
                more["isMarkerVisible"] = True
            if node.name and not node.kind.is_work:
                more["label"] = self._new("bpmndi:BPMNLabel", bounds=self._bounds(label_box(node, box)))
            shapes.append(self._shape(self._made[node.node_id], box, **more))
        for edge in self._process.flows:
            points = self._layout.edges[edge.edge_id]
            made = [self._new("dc:Point", x=x, y=y) for x, y in points]
            drawn = self._new(
                "bpmndi:BPMNEdge", id=f"{edge.edge_id}_di", bpmnElement=self._made[edge.edge_id], waypoint=made
            )
            if edge.name:
                drawn.set(
                    "label", self._new("bpmndi:BPMNLabel", bounds=self._bounds(flow_label_box(edge.name, points)))
                )
            shapes.append(drawn)
        return shapes

    def _bounds(self, box: Box) -> Element:
        return self._new("dc:Bounds", x=box.x, y=box.y, width=box.width, height=box.height)

    def _shape(self, element: Element, box: Box, **more: object) -> Element:
        return self._new(
            "bpmndi:BPMNShape", id=f"{element.get('id')}_di", bpmnElement=element, bounds=self._bounds(box), **more
        )


def label_box(node: Node, box: Box) -> Box:
    """Above a gateway, below an event."""
    lines = max(1, -(-len(node.name) // 20))
    height = 14 * min(lines, 4)
    if node.kind.is_gateway:
        return Box(box.middle[0] - 65, box.y - height - 4, 130, height)
    return Box(box.middle[0] - 45, box.y + box.height + 4, 90, height)


def flow_label_box(name: str, points: tuple[Point, ...]) -> Box:
    """Beside the flow's first piece."""
    (x, y), (to_x, to_y) = points[0], points[1]
    width = min(90, 8 + 7 * len(name))
    if y == to_y:
        return Box(x + 6 if to_x > x else x - width - 6, y - 18, width, 14)
    # Above a gateway stands its question.
    return Box(x + 6, y + (6 if to_y > y else -46), width, 14)


def file_stem(title: str) -> str:
    """A title as the stem of a file's name."""
    return re.sub(r"[^\w]+", "-", title.lower()).strip("-")[:60] or "process"
