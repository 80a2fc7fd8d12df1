"""What lies on what in a drawn process. An empty list is a clean drawing."""

from __future__ import annotations

from itertools import combinations, pairwise

from symphainy.enabling_services.operations.layout import Box, Point, layout
from symphainy.enabling_services.operations.process import Process

Segment = tuple[Point, Point]


def overlaps(process: Process) -> list[str]:
    placed = layout(process)
    ends = {edge.edge_id: (edge.source, edge.target) for edge in process.flows}
    found: list[str] = []
    segments = {name: list(pairwise(points)) for name, points in placed.edges.items()}
    assert all(a[0] == b[0] or a[1] == b[1] for pieces in segments.values() for a, b in pieces)
    for (one, box), (other, second) in combinations(placed.nodes.items(), 2):
        if _touch(box, second):
            found.append(f"{one} lies on {other}")
    for name, pieces in segments.items():
        found += [
            f"{name} runs through {node}"
            for node, box in placed.nodes.items()
            if any(_through(piece, box) for piece in pieces)
        ]
    for one, other in combinations(segments, 2):
        meet = any(ends[one][side] == ends[other][side] for side in (0, 1))
        if not meet and any(_along(a, b) for a in segments[one] for b in segments[other]):
            found.append(f"{one} lies on {other}")
    texts = {**placed.names, **{frame.frame_id: frame.label for frame in placed.frames}}
    for (one, box), (other, second) in combinations(texts.items(), 2):
        if _touch(_narrow(box), _narrow(second)):
            found.append(f"the name of {one} lies on the name of {other}")
    for name, box in placed.names.items():
        found += [
            f"the name of {name} lies on {node}" for node, other in placed.nodes.items() if _touch(_narrow(box), other)
        ]
    return found


def _touch(one: Box, other: Box) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def _narrow(box: Box) -> Box:
    return Box(box.x + 2, box.y + 1, max(1, box.width - 4), max(1, box.height - 2))


def _through(piece: Segment, box: Box) -> bool:
    (ax, ay), (bx, by) = piece
    return (
        min(ax, bx) < box.x + box.width - 1
        and max(ax, bx) > box.x + 1
        and min(ay, by) < box.y + box.height - 1
        and max(ay, by) > box.y + 1
    )


def _along(one: Segment, other: Segment) -> bool:
    """Whether two pieces lie on each other over some length."""
    for axis in (0, 1):
        across = 1 - axis
        if one[0][across] == one[1][across] == other[0][across] == other[1][across]:
            low = max(min(one[0][axis], one[1][axis]), min(other[0][axis], other[1][axis]))
            high = min(max(one[0][axis], one[1][axis]), max(other[0][axis], other[1][axis]))
            if high - low > 1:
                return True
    return False
