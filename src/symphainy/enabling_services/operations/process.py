"""A workflow as a graph: what a BPMN diagram says, without its drawing."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from symphainy.enabling_services.json_values import Json, decode, encode


class NodeKind(StrEnum):
    START = "start"
    END = "end"
    TASK = "task"
    SERVICE = "service_task"
    SUB_PROCESS = "sub_process"
    EXCLUSIVE = "exclusive_gateway"
    INCLUSIVE = "inclusive_gateway"
    PARALLEL = "parallel_gateway"
    EVENT_BASED = "event_based_gateway"
    EVENT = "event"
    TIMER = "timer_event"
    TERMINATE = "terminate_end"

    @property
    def is_gateway(self) -> bool:
        return self in _GATEWAYS

    @property
    def is_end(self) -> bool:
        return self in (NodeKind.END, NodeKind.TERMINATE)

    @property
    def is_work(self) -> bool:
        return self in (NodeKind.TASK, NodeKind.SERVICE, NodeKind.SUB_PROCESS)


_GATEWAYS = frozenset({NodeKind.EXCLUSIVE, NodeKind.INCLUSIVE, NodeKind.PARALLEL, NodeKind.EVENT_BASED})


@dataclass(frozen=True, slots=True)
class Node:
    """`lane` is the role in whose lane it stands. `parent` is the sub-process that holds it."""

    node_id: str
    kind: NodeKind
    name: str = ""
    lane: str | None = None
    systems: tuple[str, ...] = ()
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Edge:
    """A sequence flow; `name` is the answer to its gateway's question."""

    edge_id: str
    source: str
    target: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Nodes that belong together under a name, whatever their lanes."""

    group_id: str
    name: str
    node_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Process:
    """`groups` that share a node lie one within the other, the outer one first."""

    title: str
    nodes: tuple[Node, ...]
    flows: tuple[Edge, ...]
    lanes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    groups: tuple[Group, ...] = ()

    def to_json(self) -> Json:
        return encode(self)

    @classmethod
    def from_json(cls, data: Json) -> Self:
        return decode(cls, data)


class Graph:
    """A process by its neighbours."""

    def __init__(self, process: Process) -> None:
        self.nodes = {node.node_id: node for node in process.nodes}
        self.outgoing: dict[str, list[Edge]] = defaultdict(list)
        self.incoming: dict[str, list[Edge]] = defaultdict(list)
        for edge in process.flows:
            self.outgoing[edge.source].append(edge)
            self.incoming[edge.target].append(edge)
        self.backward = self._backward(process)

    def _backward(self, process: Process) -> frozenset[str]:
        """The edges that close a loop, found by a depth-first walk from the starts."""
        back: set[str] = set()
        done: set[str] = set()
        starts = [node.node_id for node in process.nodes if not self.incoming[node.node_id]]
        for root in (*starts, *self.nodes):
            open_nodes: dict[str, int] = {}
            stack = [root] if root not in done else []
            while stack:
                here = stack[-1]
                at = open_nodes.setdefault(here, 0)
                edges = self.outgoing[here]
                if at == len(edges):
                    done.add(here)
                    del open_nodes[here]
                    stack.pop()
                    continue
                open_nodes[here] += 1
                edge = edges[at]
                if edge.target in open_nodes:
                    back.add(edge.edge_id)
                elif edge.target not in done:
                    stack.append(edge.target)
        return frozenset(back)

    def forward(self, node_id: str) -> list[Edge]:
        return [edge for edge in self.outgoing[node_id] if edge.edge_id not in self.backward]

    def order(self) -> list[str]:
        """Every node after those that lead to it, loops aside; otherwise in the order of the document."""
        waiting = {
            node_id: sum(edge.edge_id not in self.backward for edge in self.incoming[node_id]) for node_id in self.nodes
        }
        ready = [node_id for node_id, count in waiting.items() if not count]
        found: list[str] = []
        while ready:
            here = ready.pop(0)
            found.append(here)
            fresh: list[str] = []
            for edge in self.forward(here):
                waiting[edge.target] -= 1
                if not waiting[edge.target]:
                    fresh.append(edge.target)
            ready[:0] = fresh
        return found

    def reach(self, node_id: str) -> frozenset[str]:
        """The node and all that come after it, loops aside."""
        found = {node_id}
        stack = [node_id]
        while stack:
            for edge in self.forward(stack.pop()):
                if edge.target not in found:
                    found.add(edge.target)
                    stack.append(edge.target)
        return frozenset(found)
