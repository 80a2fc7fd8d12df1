"""BPMN 2.0 XML of a process with its drawing, built in bpmn-io's model and written by it."""

from __future__ import annotations

import re
from typing import Final

from bpmn_io import BpmnModdle

from symphainy.enabling_services.operations.bpmn_elements import Element
from symphainy.enabling_services.operations.layout import Box, Layout, layout
from symphainy.enabling_services.operations.process import Node, NodeKind, Process
from symphainy.enabling_services.operations.waiting import wait_in

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
    NodeKind.TIMER: "bpmn:IntermediateCatchEvent",
    NodeKind.TERMINATE: "bpmn:EndEvent",
}


def write_bpmn(process: Process) -> str:
    """Executable BPMN 2.0 with a diagram; the same process gives the same text. A gateway's flows carry the condition
    `decision_<gateway> == "<answer>"`, the last one is its default. A group is a category that its nodes refer to, drawn as
    one frame, or as several where others stand between them."""
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
        categories = self._categories()
        self._nodes(root)
        self._flows(root)
        groups = self._groups(root)
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
        for category in categories:
            self._add(definitions, "rootElements", category)
        planes += groups
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
            self._event_kind(node, element)
            within = [group for group in self._process.groups if node.node_id in group.node_ids]
            for group in within:
                element.get("categoryValueRef").append(self._made[f"{group.group_id}_value"])
            self._made[node.node_id] = element
            self._add(root, "flowElements", element)

    def _event_kind(self, node: Node, element: Element) -> None:
        if node.kind is NodeKind.TERMINATE:
            self._add(element, "eventDefinitions", self._new("bpmn:TerminateEventDefinition"))
        wait = wait_in(node.name) if node.kind is NodeKind.TIMER else None
        if wait is not None:
            duration = self._new("bpmn:FormalExpression", body=wait.duration)
            self._add(element, "eventDefinitions", self._new("bpmn:TimerEventDefinition", timeDuration=duration))

    def _categories(self) -> list[Element]:
        found: list[Element] = []
        for group in self._process.groups:
            category = self._new("bpmn:Category", id=f"{group.group_id}_category")
            value = self._new("bpmn:CategoryValue", id=f"{group.group_id}_value", value=group.name)
            self._made[f"{group.group_id}_value"] = value
            self._add(category, "categoryValue", value)
            found.append(category)
        return found

    def _groups(self, root: Element) -> list[Element]:
        shapes: list[Element] = []
        for frame in self._layout.frames:
            element = self._new("bpmn:Group", id=frame.frame_id, categoryValueRef=self._made[f"{frame.group_id}_value"])
            self._add(root, "artifacts", element)
            label = self._new("bpmndi:BPMNLabel", bounds=self._bounds(frame.label))
            shapes.append(self._shape(element, frame.box, label=label))
        return shapes

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
            if node.node_id in self._layout.names:
                label = self._layout.names[node.node_id]
                more["label"] = self._new("bpmndi:BPMNLabel", bounds=self._bounds(label))
            shapes.append(self._shape(self._made[node.node_id], box, **more))
        for edge in self._process.flows:
            points = self._layout.edges[edge.edge_id]
            made = [self._new("dc:Point", x=x, y=y) for x, y in points]
            drawn = self._new(
                "bpmndi:BPMNEdge", id=f"{edge.edge_id}_di", bpmnElement=self._made[edge.edge_id], waypoint=made
            )
            if edge.edge_id in self._layout.names:
                bounds = self._bounds(self._layout.names[edge.edge_id])
                drawn.set("label", self._new("bpmndi:BPMNLabel", bounds=bounds))
            shapes.append(drawn)
        return shapes

    def _bounds(self, box: Box) -> Element:
        return self._new("dc:Bounds", x=box.x, y=box.y, width=box.width, height=box.height)

    def _shape(self, element: Element, box: Box, **more: object) -> Element:
        return self._new(
            "bpmndi:BPMNShape", id=f"{element.get('id')}_di", bpmnElement=element, bounds=self._bounds(box), **more
        )


def file_stem(title: str) -> str:
    """A title as the stem of a file's name."""
    return re.sub(r"[^\w]+", "-", title.lower()).strip("-")[:60] or "process"
