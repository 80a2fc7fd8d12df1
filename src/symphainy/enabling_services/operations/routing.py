"""The ways of the flows through the grid of a diagram: along the middles of free rows and columns, else along the channels between
them. In a channel no two flows lie on each other unless they come from, or lead to, the same node (left-edge channel routing,
Hashimoto and Stevens 1971).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from symphainy.enabling_services.operations.process import Edge, Graph


class Line(StrEnum):
    """What a piece of a flow lies on. `channel` k is before row or column k."""

    MIDDLE = "middle"
    CHANNEL = "channel"
    PORT_BEFORE = "port_before"
    PORT_AFTER = "port_after"


Place = tuple[Line, int]
"""Where a corner is, across or down: the line and its index."""

Corner = tuple[Place, Place]
Cell = tuple[int, int]
"""Column and row."""


@dataclass(slots=True)
class Route:
    """The corners of a flow; `named` is the corner after which its name stands."""

    edge: Edge
    corners: list[Corner]
    named: int = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a flow in a channel, from `low` to `high` along it. `near` and `far` are where it leaves the channel on its two
    sides."""

    edge: Edge
    low: int
    high: int
    near: frozenset[int]
    far: frozenset[int]


@dataclass(slots=True)
class Tracks:
    """Of one channel: which track each flow has, and how many there are."""

    of_edge: dict[str, int] = field(default_factory=dict[str, int])
    count: int = 0


class Router:
    """`cells` is where each node stands. `labels_below` are the gateways whose name stands below them, as their flows leave
    upwards."""

    def __init__(self, graph: Graph, cells: Mapping[str, Cell]) -> None:
        self._graph = graph
        self._cells = cells
        self._taken = {cell: node_id for node_id, cell in cells.items()}
        self._lain: dict[tuple[str, int], list[tuple[int, int, Edge]]] = defaultdict(list)
        self._twins: set[str] = set()
        """Flows between two nodes that another one joins already."""
        self._changed: set[tuple[int, int, int]] = set()
        self.labels_below: set[str] = set()

    def routes(self, edges: Iterable[Edge]) -> list[Route]:
        """Straight flows first, so that others make room for them."""
        edges = [edge for edge in edges if edge.source in self._cells and edge.target in self._cells]
        pairs: set[tuple[str, str]] = set()
        for edge in edges:
            if (edge.source, edge.target) in pairs:
                self._twins.add(edge.edge_id)
            pairs.add((edge.source, edge.target))
        straight = [edge for edge in edges if self._is_straight(edge)]
        found = {edge.edge_id: self._straight(edge) for edge in straight}
        for edge in edges:
            if edge.edge_id not in found:
                found[edge.edge_id] = self._bent(edge)
        return [found[edge.edge_id] for edge in edges]

    def _is_straight(self, edge: Edge) -> bool:
        (sc, sr), (tc, tr) = self._cells[edge.source], self._cells[edge.target]
        alone = edge.edge_id not in self._twins
        return alone and sr == tr and tc > sc and self._free_row(sr, sc + 1, tc - 1)

    def _straight(self, edge: Edge) -> Route:
        (sc, row), (tc, _) = self._cells[edge.source], self._cells[edge.target]
        self._lay("row", row, 2 * sc + 1, 2 * tc + 1, edge)
        return Route(edge, [_right(sc, row), _left(tc, row)])

    def _bent(self, edge: Edge) -> Route:
        (sc, sr), (tc, tr) = self._cells[edge.source], self._cells[edge.target]
        side, joins = self._side(edge), self._joins(edge)
        if tc > sc and sr != tr:
            route = next(self._shortcuts(edge, side, joins), None)
            if route is not None:
                return route
        return self._around(edge, side, joins)

    def _shortcuts(self, edge: Edge, side: int, joins: bool) -> Iterator[Route]:
        (sc, sr), (tc, tr) = self._cells[edge.source], self._cells[edge.target]
        low, high = sorted((sr, tr))
        if side:
            # The cell below or above the gateway has to be free as well.
            free = self._free_row(tr, sc, tc - 1) and self._free_column(sc, low + 1, high - 1)
            if free and self._lay_both(edge, (sc, low, high), (tr, 2 * sc + 1, 2 * tc + 1)):
                yield Route(edge, [_out(sc, sr, side), ((Line.MIDDLE, sc), (Line.MIDDLE, tr)), _left(tc, tr)], 1)
            return
        if joins:
            free = self._free_row(sr, sc + 1, tc) and self._free_column(tc, low + 1, high - 1)
            if free and self._lay_both(edge, (tc, low, high), (sr, 2 * sc + 1, 2 * tc + 1)):
                end = _out(tc, tr, -1 if sr < tr else 1)
                yield Route(edge, [_right(sc, sr), ((Line.MIDDLE, tc), (Line.MIDDLE, sr)), end])
        if (
            self._free_row(tr, sc + 1, tc - 1)
            and self._changes_rows(sc + 1, sr, tr)
            and self._lay("row", tr, 2 * sc + 2, 2 * tc + 1, edge)
        ):
            at: Place = (Line.CHANNEL, sc + 1)
            yield Route(edge, [_right(sc, sr), (at, (Line.MIDDLE, sr)), (at, (Line.MIDDLE, tr)), _left(tc, tr)], 2)
        if (
            self._free_row(sr, sc + 1, tc - 1)
            and self._changes_rows(tc, sr, tr)
            and self._lay("row", sr, 2 * sc + 1, 2 * tc, edge)
        ):
            at = (Line.CHANNEL, tc)
            yield Route(edge, [_right(sc, sr), (at, (Line.MIDDLE, sr)), (at, (Line.MIDDLE, tr)), _left(tc, tr)])

    def _changes_rows(self, channel: int, one: int, other: int) -> bool:
        """Two flows that change places in one channel would lie on each other in one of the rows: the second goes elsewhere."""
        if (channel, other, one) in self._changed:
            return False
        self._changed.add((channel, one, other))
        return True

    def _around(self, edge: Edge, side: int, joins: bool) -> Route:
        """Along the channel below or above the source's row, or the one before the target's."""
        (sc, sr), (tc, tr) = self._cells[edge.source], self._cells[edge.target]
        if side:
            channel = sr + 1 if side > 0 else sr
        elif joins:
            channel = tr if sr < tr else tr + 1
        else:
            channel = tr if sr < tr else sr if tr < sr else sr + 1
        along: Place = (Line.CHANNEL, channel)
        if side:
            corners = [_out(sc, sr, side), ((Line.MIDDLE, sc), along)]
        else:
            corners = [_right(sc, sr), ((Line.CHANNEL, sc + 1), (Line.MIDDLE, sr)), ((Line.CHANNEL, sc + 1), along)]
        named = len(corners) - 1
        if joins and channel in (tr, tr + 1):
            corners += [((Line.MIDDLE, tc), along), _out(tc, tr, -1 if channel == tr else 1)]
        else:
            corners += [((Line.CHANNEL, tc), along), ((Line.CHANNEL, tc), (Line.MIDDLE, tr)), _left(tc, tr)]
        return Route(edge, corners, named)

    def _side(self, edge: Edge) -> int:
        """From where a flow leaves its node: 1 from below, -1 from above, 0 to the right."""
        node = self._graph.nodes[edge.source]
        outgoing = self._graph.outgoing[edge.source]
        if not node.kind.is_gateway or len(outgoing) < 2:
            return 0
        sides = {other.edge_id: self._wanted_side(other) for other in outgoing}
        if node.name and -1 in sides.values():
            if 1 in sides.values():
                return max(sides[edge.edge_id], 0)
            self.labels_below.add(edge.source)
        return sides[edge.edge_id]

    def _wanted_side(self, edge: Edge) -> int:
        if self._is_straight(edge):
            return 0
        return -1 if self._cells[edge.target][1] < self._cells[edge.source][1] else 1

    def _joins(self, edge: Edge) -> bool:
        """Whether a flow may enter its node from above or below: a gateway where flows only come together."""
        node = self._graph.nodes[edge.target]
        incoming, outgoing = self._graph.incoming[edge.target], self._graph.outgoing[edge.target]
        return node.kind.is_gateway and len(incoming) > 1 and len(outgoing) < 2

    def _lay_both(self, edge: Edge, column: tuple[int, int, int], row: tuple[int, int, int]) -> bool:
        at, low, high = column
        if not self._may_lie("row", *row, edge) or not self._may_lie("column", at, 2 * low + 1, 2 * high + 1, edge):
            return False
        return self._lay("row", *row, edge) and self._lay("column", at, 2 * low + 1, 2 * high + 1, edge)

    def _lay(self, kind: str, at: int, low: int, high: int, edge: Edge) -> bool:
        if not self._may_lie(kind, at, low, high, edge):
            return False
        self._lain[kind, at].append((low, high, edge))
        return True

    def _may_lie(self, kind: str, at: int, low: int, high: int, edge: Edge) -> bool:
        return not any(
            low < other_high and other_low < high and not _meet(edge, other)
            for other_low, other_high, other in self._lain[kind, at]
        )

    def _free_row(self, row: int, first: int, last: int) -> bool:
        return not any((column, row) in self._taken for column in range(first, last + 1))

    def _free_column(self, column: int, first: int, last: int) -> bool:
        return not any((column, row) in self._taken for row in range(first, last + 1))


def tracks_of(pieces: Sequence[Piece]) -> Tracks:
    """Pieces on the same track do not touch, unless they meet at a node. One that leaves the channel on its near side comes
    before one that leaves it at the same place on its far side, so that the two do not lie on each other there."""
    before: dict[str, set[str]] = defaultdict(set)
    for one in pieces:
        for other in pieces:
            if one is not other and one.near & other.far and not _meet(one.edge, other.edge):
                before[other.edge.edge_id].add(one.edge.edge_id)
    found = Tracks()
    lain: list[list[Piece]] = []
    waiting = sorted(pieces, key=lambda piece: (piece.low, piece.high))
    while waiting:
        ready = next(
            (
                piece
                for piece in waiting
                if not before[piece.edge.edge_id] & {item.edge.edge_id for item in waiting} - {piece.edge.edge_id}
            ),
            waiting[0],
        )
        waiting.remove(ready)
        least = max((found.of_edge.get(name, -1) + 1 for name in before[ready.edge.edge_id]), default=0)
        track = next(
            (at for at in range(least, len(lain)) if all(_apart(ready, other) for other in lain[at])),
            max(least, len(lain)),
        )
        while len(lain) <= track:
            lain.append([])
        lain[track].append(ready)
        found.of_edge[ready.edge.edge_id] = track
    found.count = len(lain)
    return found


def _apart(one: Piece, other: Piece) -> bool:
    """Whether two pieces may be on one track. The names of two answers to one question stand on two."""
    named = one.edge.name and other.edge.name and one.edge.source == other.edge.source
    return one.high < other.low or other.high < one.low or (_meet(one.edge, other.edge) and not named)


def _meet(one: Edge, other: Edge) -> bool:
    """Whether they come from one node, or lead to one; two that do both keep apart."""
    return (one.source == other.source) != (one.target == other.target)


def _right(column: int, row: int) -> Corner:
    return (Line.PORT_AFTER, column), (Line.MIDDLE, row)


def _left(column: int, row: int) -> Corner:
    return (Line.PORT_BEFORE, column), (Line.MIDDLE, row)


def _out(column: int, row: int, side: int) -> Corner:
    return (Line.MIDDLE, column), (Line.PORT_AFTER if side > 0 else Line.PORT_BEFORE, row)


HALVES: Final = {Line.CHANNEL: 0, Line.MIDDLE: 1, Line.PORT_BEFORE: 1, Line.PORT_AFTER: 1}


def half(place: Place) -> int:
    """A line's position among channels and middles: channel k is 2k, middle k is 2k + 1."""
    return 2 * place[1] + HALVES[place[0]]


def pieces_of(routes: Iterable[Route], *, across: bool) -> dict[int, list[Piece]]:
    """What lies in each channel: in those between rows (`across`), or in those between columns."""
    found: dict[int, list[Piece]] = defaultdict(list)
    along, through = (0, 1) if across else (1, 0)
    for route in routes:
        corners = route.corners
        for at in range(len(corners) - 1):
            one, other = corners[at], corners[at + 1]
            line, index = one[through]
            if line is not Line.CHANNEL or other[through] != one[through]:
                continue
            ends = [(half(one[along]), corners[at - 1] if at else None)]
            ends.append((half(other[along]), corners[at + 2] if at + 2 < len(corners) else None))
            # In crossing channels they have tracks of their own, so only middles count.
            middles = [(place, half(beyond[through])) for place, beyond in ends if beyond and place % 2]
            near = frozenset(place for place, beyond in middles if beyond < 2 * index)
            far = frozenset(place for place, beyond in middles if beyond > 2 * index)
            low, high = sorted((half(one[along]), half(other[along])))
            found[index].append(Piece(route.edge, low, high, near, far))
    return found
