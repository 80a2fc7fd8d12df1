"""Where everything stands in the picture: one band for each lane, one column for each position in the flow.

Columns are longest paths from the start, loops aside (Sugiyama layering). Rows and columns are as large as their nodes, names and
frames, the channels between them as wide as the flows in them need. bpmn-io's own layout knows no lanes.
"""

from __future__ import annotations

import textwrap
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from symphainy.enabling_services.operations.process import Graph, Group, Node, NodeKind, Process
from symphainy.enabling_services.operations.routing import (
    Cell,
    Corner,
    Line,
    Place,
    Route,
    Router,
    Tracks,
    pieces_of,
    tracks_of,
)

Point = tuple[int, int]

LANE_TITLE: Final = 30
MARGIN: Final = 30
LINE: Final = 14
"""The height of a line of text."""
_COLUMN: Final = 110
_TASK: Final = (110, 80)
_GATEWAY: Final = (50, 50)
_EVENT: Final = (36, 36)
_GATEWAY_NAME: Final = 108
_EVENT_NAME: Final = 96
_FLOW_NAME: Final = 92
_TRACK: Final = 8
_CHANNEL: Final = 18
"""Free of flows on either side of a channel between columns: frames stand there."""
_FRAME_TITLE: Final = 20
_FRAME_EDGE: Final = 8


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
class Frame:
    """Around nodes of one group. `label` is the place of its name."""

    frame_id: str
    group_id: str
    name: str
    box: Box
    label: Box


@dataclass(frozen=True, slots=True)
class Layout:
    """Pixels. `lanes` has a box for each lane, from top to bottom; `pool` holds them all, None without lanes. `names` are the
    places of the texts beside nodes and flows, by their ids."""

    width: int
    height: int
    nodes: dict[str, Box]
    edges: dict[str, tuple[Point, ...]]
    lanes: dict[str, Box]
    pool: Box | None
    frames: tuple[Frame, ...] = ()
    names: dict[str, Box] = field(default_factory=dict[str, Box])


@dataclass(frozen=True, slots=True)
class _Span:
    """The cells of a frame, and how many frames around it begin in its first row."""

    group: Group
    left: int
    right: int
    top: int
    bottom: int
    level: int = 0


def layout(process: Process) -> Layout:
    """A place for every node and name and a way for every flow; no two nodes overlap, and no two flows lie on each other unless
    they come from, or lead to, the same node."""
    return _Layouter(process).layout()


class _Layouter:
    def __init__(self, process: Process) -> None:
        self._process = process
        self._graph = Graph(process)
        self._lanes: Sequence[str | None] = process.lanes or (None,)
        self._cells: dict[str, Cell] = {}
        self._heights: list[int] = []
        self._left = MARGIN + (2 * LANE_TITLE if process.lanes else 0)

    def layout(self) -> Layout:
        order = self._graph.order()
        self._place(order)
        self._columns = max((column for column, _ in self._cells.values()), default=0) + 1
        self._rows = sum(self._heights)
        self._spans = _spans(self._process, self._cells)
        self._router = Router(self._graph, self._cells)
        self._routes = self._router.routes(self._process.flows)
        self._across = {index: tracks_of(pieces) for index, pieces in pieces_of(self._routes, across=True).items()}
        self._down = {index: tracks_of(pieces) for index, pieces in pieces_of(self._routes, across=False).items()}
        self._set_columns()
        self._set_rows()
        boxes = {node_id: self._box(node_id) for node_id in order}
        edges = {
            route.edge.edge_id: tuple(self._point(route, corner, boxes) for corner in route.corners)
            for route in self._routes
        }
        width, height = self._xs[-1] + MARGIN, self._ys[-1] + MARGIN
        lanes = self._lane_boxes(width)
        pool = Box(MARGIN, MARGIN, width - 2 * MARGIN, height - 2 * MARGIN) if lanes else None
        frames = tuple(self._frame(number, span) for number, span in enumerate(self._spans, 1))
        names = self._names(boxes, edges)
        return Layout(
            width, height, boxes, {name: _plain(points) for name, points in edges.items()}, lanes, pool, frames, names
        )

    def _place(self, order: Sequence[str]) -> None:
        """A column for every node, and a row within its lane; the heights of the lanes, in rows."""
        columns: dict[str, int] = {}
        for node_id in order:
            before = [edge.source for edge in self._graph.incoming[node_id] if edge.edge_id not in self._graph.backward]
            columns[node_id] = max((columns[source] + 1 for source in before), default=0)
        local: dict[str, int] = {}
        taken: dict[tuple[str | None, int], set[int]] = defaultdict(set)
        for node_id in order:
            lane = self._lane(node_id)
            column = columns[node_id]
            wanted = self._wanted(node_id, lane, local)
            free = next(row for row in (*range(wanted, wanted + 200), *range(200)) if row not in taken[lane, column])
            local[node_id] = free
            taken[lane, column].add(free)
        self._heights = [
            max((row for node_id, row in local.items() if self._lane(node_id) == lane), default=0) + 1
            for lane in self._lanes
        ]
        tops = {lane: sum(self._heights[:at]) for at, lane in enumerate(self._lanes)}
        self._cells = {node_id: (columns[node_id], tops[self._lane(node_id)] + row) for node_id, row in local.items()}

    def _wanted(self, node_id: str, lane: str | None, local: dict[str, int]) -> int:
        """The row of the first node that leads here; further branches of a gateway in its own lane go below."""
        edges = [edge for edge in self._graph.incoming[node_id] if edge.edge_id not in self._graph.backward]
        here = [edge for edge in edges if self._lane(edge.source) == lane]
        if not here:
            return 0
        if len(edges) > 1:
            return min(local[edge.source] for edge in here)
        source = here[0].source
        beside = [edge for edge in self._graph.forward(source) if self._lane(edge.target) == lane]
        return local[source] + (beside.index(here[0]) if here[0] in beside else 0)

    def _lane(self, node_id: str) -> str | None:
        lane = self._graph.nodes[node_id].lane
        return lane if lane in self._lanes else self._lanes[0]

    def _set_columns(self) -> None:
        """Where each channel and each column begins, in turns; and where the last channel ends."""
        self._xs: list[int] = []
        at = self._left
        for column in range(self._columns + 1):
            self._xs.append(at)
            at += 2 * _CHANNEL + max(14, _TRACK * self._down.get(column, Tracks()).count) + self._named_in(column)
            self._xs.append(at)
            at += _COLUMN if column < self._columns else 0

    def _named_in(self, column: int) -> int:
        """How much the names of flows need that stand in the channel."""
        named = (
            min(_FLOW_NAME, 8 + 7 * len(route.edge.name))
            for route in self._routes
            if route.edge.name and route.corners[route.named] == ((Line.CHANNEL, column), route.corners[route.named][1])
        )
        return max(named, default=0)

    def _set_rows(self) -> None:
        """The same for rows, and the middle of each."""
        self._ys: list[int] = []
        self._middles: list[int] = []
        self._track_ys: dict[int, list[int]] = {}
        at = MARGIN
        for row in range(self._rows + 1):
            self._ys.append(at)
            at += 6
            self._track_ys[row] = []
            for height in self._track_heights(row):
                at += height
                self._track_ys[row].append(at)
            at += 8
            self._ys.append(at)
            if row < self._rows:
                titles = max((span.level + 1 for span in self._spans if span.top == row), default=0)
                above, below = self._room(row)
                at += titles * _FRAME_TITLE + above
                self._middles.append(at)
                at += below + (_FRAME_EDGE + 4 * self._closing(row) if self._closing(row) else 0)

    def _closing(self, row: int) -> int:
        return sum(span.bottom == row for span in self._spans)

    def _track_heights(self, row: int) -> list[int]:
        """Room for each track's flow, and for the names that stand above it."""
        tracks = self._across.get(row, Tracks())
        heights = [_TRACK] * tracks.count
        for route in self._routes:
            track = tracks.of_edge.get(route.edge.edge_id)
            named = route.corners[route.named][1] if route.named else None
            if track is not None and route.edge.name and named == (Line.CHANNEL, row):
                heights[track] = max(heights[track], _lines(route.edge.name, _FLOW_NAME) * LINE + 6)
        return heights

    def _room(self, row: int) -> tuple[int, int]:
        """How much a row's nodes and their names need above and below its middle."""
        above, below = [_TASK[1] // 2], [_TASK[1] // 2]
        for node_id, (_, at) in self._cells.items():
            node = self._graph.nodes[node_id]
            if at != row or not node.name or node.kind.is_work:
                continue
            half = size_of(node.kind)[1] // 2
            is_above = node.kind.is_gateway and node_id not in self._router.labels_below
            (above if is_above else below).append(half + 4 + _name_height(node))
        for route in self._routes:
            corner = route.corners[route.named]
            if route.edge.name and corner[1] == (Line.MIDDLE, row):
                above.append(4 + LINE * _lines(route.edge.name, _FLOW_NAME))
        return max(above) + 4, max(below) + 4

    def _box(self, node_id: str) -> Box:
        column, row = self._cells[node_id]
        width, height = size_of(self._graph.nodes[node_id].kind)
        return Box(self._x_of((Line.MIDDLE, column)) - width // 2, self._middles[row] - height // 2, width, height)

    def _x_of(self, place: Place, track: int = 0) -> int:
        line, index = place
        if line is Line.CHANNEL:
            return self._xs[2 * index] + _CHANNEL + _TRACK // 2 + _TRACK * track
        return self._xs[2 * index + 1] + _COLUMN // 2

    def _point(self, route: Route, corner: Corner, boxes: dict[str, Box]) -> Point:
        (across, column), (down, row) = corner
        edge = route.edge
        first = corner is route.corners[0]
        box = boxes[edge.source if first else edge.target]
        x = self._x_of((across, column), self._down.get(column, Tracks()).of_edge.get(edge.edge_id, 0))
        y = (
            self._middles[row]
            if down is not Line.CHANNEL
            else self._track_ys[row][self._across[row].of_edge[edge.edge_id]]
        )
        if across in (Line.PORT_BEFORE, Line.PORT_AFTER):
            x = box.x if across is Line.PORT_BEFORE else box.x + box.width
        if down in (Line.PORT_BEFORE, Line.PORT_AFTER):
            y = box.y if down is Line.PORT_BEFORE else box.y + box.height
        return x, y

    def _lane_boxes(self, width: int) -> dict[str, Box]:
        boxes: dict[str, Box] = {}
        row = 0
        if self._process.lanes:
            for lane, height in zip(self._process.lanes, self._heights, strict=True):
                top = self._ys[2 * row]
                row += height
                bottom = self._ys[2 * row] if row < self._rows else self._ys[-1]
                boxes[lane] = Box(MARGIN + LANE_TITLE, top, width - 2 * MARGIN - LANE_TITLE, bottom - top)
        return boxes

    def _frame(self, number: int, span: _Span) -> Frame:
        inner = _CHANNEL - _FRAME_EDGE + 3 * span.level
        left = self._xs[2 * span.left + 1] - _CHANNEL + inner // 2
        right = self._xs[2 * span.right + 2] + _CHANNEL - inner // 2
        top = self._ys[2 * span.top + 1] + span.level * _FRAME_TITLE
        around = sum(other.bottom == span.bottom and other.level < span.level for other in self._spans)
        bottom = self._ys[2 * span.bottom + 2] - 2 - 4 * around
        label = Box(left + 6, top + 3, min(right - left - 8, 12 + 6 * len(span.group.name)), LINE)
        return Frame(
            f"Frame_{number}", span.group.group_id, span.group.name, Box(left, top, right - left, bottom - top), label
        )

    def _names(self, boxes: dict[str, Box], edges: dict[str, tuple[Point, ...]]) -> dict[str, Box]:
        names: dict[str, Box] = {}
        for node_id, box in boxes.items():
            node = self._graph.nodes[node_id]
            if not node.name or node.kind.is_work:
                continue
            height = _name_height(node)
            width = _GATEWAY_NAME if node.kind.is_gateway else _EVENT_NAME
            above = node.kind.is_gateway and node_id not in self._router.labels_below
            y = box.y - height - 4 if above else box.y + box.height + 4
            names[node_id] = Box(box.middle[0] - width // 2, y, width, height)
        for route in self._routes:
            if route.edge.name:
                points = edges[route.edge.edge_id]
                (x, y), (to_x, _) = points[route.named], points[route.named + 1]
                width = min(_FLOW_NAME, 8 + 7 * len(route.edge.name))
                height = LINE * _lines(route.edge.name, _FLOW_NAME)
                names[route.edge.edge_id] = Box(x + 6 if to_x > x else x - width - 6, y - height - 4, width, height)
        return names


def _spans(process: Process, cells: dict[str, Cell]) -> list[_Span]:
    """One frame for each group, or one for each of its rows where others stand between them; none where it cannot be drawn. Ends
    of the process may stand outside."""
    found: list[_Span] = []
    ends = {node.node_id for node in process.nodes if node.kind.is_end}
    for group in process.groups:
        held = [cells[node_id] for node_id in group.node_ids if node_id in cells and node_id not in ends]
        if not held:
            continue
        others = [cell for node_id, cell in cells.items() if node_id not in group.node_ids]
        whole = _around(group, held)
        if not any(_holds(whole, cell) for cell in others):
            pieces = [whole]
        else:
            rows = sorted({row for _, row in held})
            pieces = [_around(group, [cell for cell in held if cell[1] == row]) for row in rows]
        found += [span for span in pieces if not any(_holds(span, cell) for cell in others)]
    return [
        _Span(
            span.group, span.left, span.right, span.top, span.bottom,
            sum(
                other.top == span.top and other.left <= span.left and other.right >= span.right
                for other in found[:at]
                if other.group is not span.group and set(span.group.node_ids) <= set(other.group.node_ids)
            ),
        )
        for at, span in enumerate(found)
    ]  # fmt: skip


def _around(group: Group, cells: Sequence[Cell]) -> _Span:
    columns, rows = [column for column, _ in cells], [row for _, row in cells]
    return _Span(group, min(columns), max(columns), min(rows), max(rows))


def _holds(span: _Span, cell: Cell) -> bool:
    return span.left <= cell[0] <= span.right and span.top <= cell[1] <= span.bottom


def _plain(points: Sequence[Point]) -> tuple[Point, ...]:
    """Without corners that are none."""
    kept: list[Point] = []
    for point in points:
        if kept and point == kept[-1]:
            continue
        if len(kept) > 1 and (kept[-2][0] == kept[-1][0] == point[0] or kept[-2][1] == kept[-1][1] == point[1]):
            kept.pop()
        kept.append(point)
    return tuple(kept)


def _lines(text: str, width: int) -> int:
    return max(1, len(textwrap.wrap(text, max(8, width // 6))))


def _name_height(node: Node) -> int:
    return LINE * _lines(node.name, _GATEWAY_NAME if node.kind.is_gateway else _EVENT_NAME)


def size_of(kind: NodeKind) -> Point:
    if kind.is_work:
        return _TASK
    return _GATEWAY if kind.is_gateway else _EVENT
