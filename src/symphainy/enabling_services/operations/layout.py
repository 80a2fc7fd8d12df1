"""Where everything stands in the picture: one band for each lane, one column for each position in the flow.

Columns are longest paths from the start, loops aside (Sugiyama layering). Flows run at right angles: straight where the way
is free, else along the gaps between rows and columns. bpmn-io's own layout knows no lanes; it draws processes that have none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from symphainy.enabling_services.operations.process import Edge, Graph, Node, NodeKind, Process

Point = tuple[int, int]

COLUMN: Final = 160
ROW: Final = 140
LANE_TITLE: Final = 30
MARGIN: Final = 30
_TASK: Final = (110, 80)
_GATEWAY: Final = (50, 50)
_EVENT: Final = (36, 36)
_SPREAD: Final = 6


@dataclass(frozen=True, slots=True)
class Box:
    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> Point:
        return self.x + self.width // 2, self.y + self.height // 2


@dataclass(frozen=True, slots=True)
class Layout:
    """Pixels. `lanes` has a box for each lane, from top to bottom; `pool` holds them all, None without lanes."""

    width: int
    height: int
    nodes: dict[str, Box]
    edges: dict[str, tuple[Point, ...]]
    lanes: dict[str, Box]
    pool: Box | None


def layout(process: Process) -> Layout:
    """A place for every node and a way for every flow; no two nodes overlap."""
    return _Layouter(process).layout()


class _Layouter:
    def __init__(self, process: Process) -> None:
        self._process = process
        self._graph = Graph(process)
        self._lanes: Sequence[str | None] = process.lanes or (None,)
        self._columns: dict[str, int] = {}
        self._rows: dict[str, int] = {}
        self._taken: dict[Point, str] = {}
        self._left = MARGIN + (2 * LANE_TITLE if process.lanes else 0)

    def layout(self) -> Layout:
        order = self._graph.order()
        for node_id in order:
            before = [edge.source for edge in self._graph.incoming[node_id] if edge.edge_id not in self._graph.backward]
            self._columns[node_id] = max((self._columns[source] + 1 for source in before), default=0)
        heights = self._place(order)
        boxes = {node_id: self._box(self._graph.nodes[node_id]) for node_id in order}
        columns = max(self._columns.values(), default=0) + 1
        width = self._left + columns * COLUMN + MARGIN
        rows = sum(heights)
        lanes: dict[str, Box] = {}
        at = 0
        if self._process.lanes:
            for lane, height in zip(self._process.lanes, heights, strict=True):
                top = MARGIN + at * ROW
                lanes[lane] = Box(MARGIN + LANE_TITLE, top, width - 2 * MARGIN - LANE_TITLE, height * ROW)
                at += height
        pool = Box(MARGIN, MARGIN, width - 2 * MARGIN, rows * ROW) if lanes else None
        edges = self._route(boxes)
        return Layout(width, rows * ROW + 2 * MARGIN, boxes, edges, lanes, pool)

    def _place(self, order: Sequence[str]) -> list[int]:
        """A row for every node within its lane; the heights of the lanes, in rows."""
        local: dict[str, int] = {}
        taken: dict[tuple[str | None, int], set[int]] = defaultdict(set)
        for node_id in order:
            lane = self._lane(self._graph.nodes[node_id])
            column = self._columns[node_id]
            wanted = self._wanted(node_id, lane, local)
            free = next(row for row in (*range(wanted, wanted + 200), *range(200)) if row not in taken[lane, column])
            local[node_id] = free
            taken[lane, column].add(free)
        heights = [
            max((row for node_id, row in local.items() if self._lane(self._graph.nodes[node_id]) == lane), default=0)
            + 1
            for lane in self._lanes
        ]
        tops = {lane: sum(heights[:at]) for at, lane in enumerate(self._lanes)}
        for node_id, row in local.items():
            self._rows[node_id] = tops[self._lane(self._graph.nodes[node_id])] + row
            self._taken[self._columns[node_id], self._rows[node_id]] = node_id
        return heights

    def _wanted(self, node_id: str, lane: str | None, local: dict[str, int]) -> int:
        """The row of the first node that leads here; further branches of a gateway in its own lane go below."""
        edges = [edge for edge in self._graph.incoming[node_id] if edge.edge_id not in self._graph.backward]
        here = [edge for edge in edges if self._lane(self._graph.nodes[edge.source]) == lane]
        if not here:
            return 0
        if len(edges) > 1:
            return min(local[edge.source] for edge in here)
        source = here[0].source
        beside = [edge for edge in self._graph.forward(source) if self._lane(self._graph.nodes[edge.target]) == lane]
        return local[source] + (beside.index(here[0]) if here[0] in beside else 0)

    def _lane(self, node: Node) -> str | None:
        return node.lane if node.lane in self._lanes else self._lanes[0]

    def _box(self, node: Node) -> Box:
        width, height = size_of(node.kind)
        x = self._left + self._columns[node.node_id] * COLUMN + (COLUMN - width) // 2
        y = MARGIN + self._rows[node.node_id] * ROW + (ROW - height) // 2 + 8
        return Box(x, y, width, height)

    def _route(self, boxes: dict[str, Box]) -> dict[str, tuple[Point, ...]]:
        used: dict[tuple[str, int], int] = defaultdict(int)
        return {
            edge.edge_id: self._way(edge, boxes, used)
            for edge in self._process.flows
            if edge.source in boxes and edge.target in boxes
        }

    def _way(self, edge: Edge, boxes: dict[str, Box], used: dict[tuple[str, int], int]) -> tuple[Point, ...]:
        source, target = boxes[edge.source], boxes[edge.target]
        (sx, sy), (tx, ty) = source.middle, target.middle
        sc, tc = self._columns[edge.source], self._columns[edge.target]
        sr, tr = self._rows[edge.source], self._rows[edge.target]
        right, left = (source.x + source.width, sy), (target.x, ty)
        if tc > sc:
            if sr == tr and self._free_row(sr, sc, tc):
                return right, left
            below = tr > sr
            leaves = self._graph.nodes[edge.source].kind.is_gateway
            if leaves and sr != tr and self._free_row(tr, sc - 1, tc) and self._free_column(sc, sr, tr):
                return (sx, source.y + source.height if below else source.y), (sx, ty), left
            joins = self._graph.nodes[edge.target].kind.is_gateway
            if joins and sr != tr and self._free_row(sr, sc, tc + 1) and self._free_column(tc, tr, sr):
                return right, (tx, sy), (tx, target.y if below else target.y + target.height)
            if sr != tr and self._free_row(tr, sc, tc):
                x = self._left + (sc + 1) * COLUMN + self._offset(used, "x", sc)
                return right, (x, sy), (x, ty), left
        return self._around(edge, boxes, used)

    def _around(self, edge: Edge, boxes: dict[str, Box], used: dict[tuple[str, int], int]) -> tuple[Point, ...]:
        """Along the gap below the source's row, or above it where the target is higher."""
        source, target = boxes[edge.source], boxes[edge.target]
        sc, tc = self._columns[edge.source], self._columns[edge.target]
        sr, tr = self._rows[edge.source], self._rows[edge.target]
        backward = tc <= sc
        gap = sr + 1 if tr >= sr and not (backward and tr > sr) else sr
        y = MARGIN + gap * ROW + (4 if gap > sr else 6) * (-1 if gap > sr else 1) + self._offset(used, "y", gap) // 2
        sx, tx = source.middle[0], target.middle[0]
        start = (sx, source.y + source.height if gap > sr else source.y)
        if gap in (tr, tr + 1):
            return start, (sx, y), (tx, y), (tx, target.y + target.height if gap > tr else target.y)
        x = self._left + tc * COLUMN + 8 + self._offset(used, "x", tc - 1)
        return start, (sx, y), (x, y), (x, target.middle[1]), (target.x, target.middle[1])

    def _offset(self, used: dict[tuple[str, int], int], axis: str, at: int) -> int:
        """Neighbouring flows in one gap run side by side."""
        count = used[axis, at]
        used[axis, at] += 1
        return (count % 5 - 2 if axis == "x" else -(count % 3)) * _SPREAD

    def _free_row(self, row: int, after: int, before: int) -> bool:
        return not any((column, row) in self._taken for column in range(after + 1, before))

    def _free_column(self, column: int, one: int, other: int) -> bool:
        low, high = sorted((one, other))
        return not any((column, row) in self._taken for row in range(low + 1, high))


def size_of(kind: NodeKind) -> Point:
    if kind.is_work:
        return _TASK
    return _GATEWAY if kind.is_gateway else _EVENT
