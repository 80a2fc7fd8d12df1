"""The diagram as a picture: SVG in black on white, for documents."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from symphainy.enabling_services.operations.layout import Box, Frame, Layout, Point, layout
from symphainy.enabling_services.operations.process import Node, NodeKind, Process

_INK: Final = "#1f2933"
_LINE: Final = f'fill="none" stroke="{_INK}" stroke-width="1.5"'
_FONT: Final = 'font-family="Arial, Helvetica, sans-serif"'


def draw_svg(process: Process) -> str:
    """Self-contained: no script, no outside font, no link."""
    placed = layout(process)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{placed.width}" height="{placed.height}" '
        f'viewBox="0 0 {placed.width} {placed.height}">',
        '<defs><marker id="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto">'
        f'<path d="M0 0L10 5L0 10z" fill="{_INK}"/></marker></defs>',
        f'<rect width="{placed.width}" height="{placed.height}" fill="#ffffff"/>',
        *_lanes(process, placed),
        *(part for frame in placed.frames for part in _frame(frame)),
        *(_flow(placed.edges[edge.edge_id], edge.name, placed.names.get(edge.edge_id)) for edge in process.flows),
        *(
            part
            for node in process.nodes
            for part in _node(node, placed.nodes[node.node_id], placed.names.get(node.node_id))
        ),
        "</svg>",
    ]
    return "\n".join(parts)


def _lanes(process: Process, placed: Layout) -> list[str]:
    if placed.pool is None:
        return []
    pool = placed.pool
    parts = [_rect(pool, ""), _upright(process.title, Box(pool.x, pool.y, 30, pool.height))]
    for name, box in placed.lanes.items():
        parts += [_rect(box, ""), _upright(name, Box(box.x, box.y, 30, box.height))]
    return parts


def _rect(box: Box, more: str, fill: str = "none") -> str:
    return (
        f'<rect x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" {more} fill="{fill}" '
        f'stroke="{_INK}" stroke-width="1.2"/>'
    )


def _upright(text: str, box: Box) -> str:
    """In the strip on the left of a lane or the pool, in up to two lines."""
    x, y = box.middle
    lines = wrapped(text, max(6, box.height // 7), 2)
    return "".join(
        f'<text x="{x}" y="{y + 4 + 13 * number - 6 * (len(lines) - 1)}" transform="rotate(-90 {x} {y})" text-anchor="middle" '
        f'font-size="12" {_FONT} fill="{_INK}">{escape(line)}</text>'
        for number, line in enumerate(lines)
    )


def _frame(frame: Frame) -> list[str]:
    label = frame.label
    most = max(4, label.width // 6)
    name = frame.name if len(frame.name) <= most else frame.name[: most - 1] + "\N{HORIZONTAL ELLIPSIS}"
    return [
        _rect(frame.box, 'rx="10" stroke-dasharray="8 4 1 4"'),
        f'<text x="{label.x + 6}" y="{label.y + 11}" font-size="11" font-weight="bold" {_FONT} fill="{_INK}">{escape(name)}</text>',
    ]


def _flow(points: Sequence[Point], name: str, place: Box | None) -> str:
    line = " ".join(f"{x},{y}" for x, y in points)
    drawn = f'<polyline points="{line}" {_LINE} marker-end="url(#arrow)"/>'
    if place is None:
        return drawn
    lines = wrapped(name, 15, 6)
    return "".join(
        (
            drawn,
            *(
                f'<text x="{place.x}" y="{place.y + 11 + 13 * number}" font-size="11" {_FONT} fill="{_INK}">{escape(text)}</text>'
                for number, text in enumerate(lines)
            ),
        )
    )


def _node(node: Node, box: Box, label: Box | None) -> list[str]:
    x, y = box.middle
    if node.kind.is_work:
        fill = "#eef4fb" if node.kind is NodeKind.SERVICE else "#ffffff"
        parts = [_rect(box, 'rx="10"', fill), *_text(wrapped(node.name, 17, 5), x, y, middle=True)]
        if node.systems:
            parts += _text([", ".join(node.systems)[:20]], x, box.y + box.height - 7, size=9)
        return parts
    named = _text(wrapped(node.name, 18, 6), x, label.y + 11) if label is not None else []
    if node.kind.is_gateway:
        half = box.width // 2
        mark = {NodeKind.PARALLEL: "+", NodeKind.INCLUSIVE: "\N{WHITE CIRCLE}"}.get(
            node.kind, "\N{MULTIPLICATION SIGN}"
        )
        corners = f"M{x} {box.y}L{x + half} {y}L{x} {box.y + box.height}L{x - half} {y}z"
        diamond = f'<path d="{corners}" fill="#ffffff" stroke="{_INK}" stroke-width="1.5"/>'
        return [diamond, *_text([mark], x, y + 8, size=24), *named]
    return [*_event(node.kind, x, y, box.width // 2), *named]


def _event(kind: NodeKind, x: int, y: int, radius: int) -> list[str]:
    width = "3" if kind.is_end else "1.5"
    parts = [f'<circle cx="{x}" cy="{y}" r="{radius}" fill="#ffffff" stroke="{_INK}" stroke-width="{width}"/>']
    if kind is NodeKind.TERMINATE:
        parts.append(f'<circle cx="{x}" cy="{y}" r="{radius - 7}" fill="{_INK}"/>')
    if kind in (NodeKind.TIMER, NodeKind.EVENT):
        parts.append(f'<circle cx="{x}" cy="{y}" r="{radius - 3}" {_LINE}/>')
    if kind is NodeKind.TIMER:
        parts.append(f'<path d="M{x} {y - radius + 7}V{y}L{x + 6} {y + 4}" {_LINE}/>')
    return parts


def _text(lines: Sequence[str], x: int, y: int, *, size: int = 11, middle: bool = False) -> list[str]:
    """`y` is the first line's base, or the middle of all lines."""
    first = y - (len(lines) - 1) * 13 // 2 + 4 if middle else y
    return [
        f'<text x="{x}" y="{first + number * 13}" text-anchor="middle" font-size="{size}" {_FONT} fill="{_INK}">{escape(line)}</text>'
        for number, line in enumerate(lines)
    ]


def wrapped(text: str, width: int, most: int) -> list[str]:
    """Lines of at most `width` characters; what does not fit into `most` lines is cut with an ellipsis."""
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    lines = [line if len(line) <= width + 3 else line[: width + 2] + "\N{HORIZONTAL ELLIPSIS}" for line in lines]
    if len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1] + "\N{HORIZONTAL ELLIPSIS}"]
    return lines
