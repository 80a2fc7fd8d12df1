"""A report as Markdown (CommonMark with tables). Pictures stand in the file itself, as data at its end."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from typing import Final, assert_never

from symphainy.enabling_services.reports.drawing import Drawn
from symphainy.enabling_services.reports.report import (
    Block,
    Facts,
    Heading,
    List,
    Paragraph,
    Picture,
    Report,
    Table,
    Tone,
)

_SPECIAL: Final = re.compile(r"([\\`*_\[\]<>|])")
_OPENING: Final = re.compile(r"^(\s*)([#+\-=~]|\d+(?=[.)]))")


def to_markdown(report: Report, pictures: Sequence[Drawn]) -> str:
    """`pictures` are those of `report.pictures`, in order."""
    drawn = dict(zip(map(id, report.pictures), enumerate(pictures, 1), strict=True))
    blocks = [
        _picture(block, *drawn[id(block)]) if isinstance(block, Picture) else _block(block) for block in report.blocks
    ]
    data = [
        f"[picture-{number}]: data:image/png;base64,{base64.b64encode(picture.png).decode()}"
        for number, picture in drawn.values()
        if picture.png is not None
    ]
    return "\n\n".join(part for part in (f"# {escaped(report.title)}", *blocks, "\n".join(data)) if part) + "\n"


def escaped(text: str) -> str:
    """Text of which nothing is read as Markdown."""
    line = " ".join(text.split())
    return _OPENING.sub(_quoted, _SPECIAL.sub(r"\\\1", line))


def _quoted(found: re.Match[str]) -> str:
    """`1.` at the start of a line would be a list: the dot is what must be quoted, not the digit."""
    space, sign = found.groups()
    return f"{space}{sign}\\" if sign.isdigit() else f"{space}\\{sign}"


def _block(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"{'#' * (level + 1)} {escaped(text)}"
        case Paragraph(text, tone):
            return f"> {escaped(text)}" if tone is Tone.NOTE else escaped(text)
        case List(items, numbered):
            return "\n".join(
                f"{f'{number}.' if numbered else '-'} {escaped(item)}" for number, item in enumerate(items, 1)
            )
        case Facts(items):
            return "\n".join(f"- **{escaped(name)}:** {escaped(value)}" for name, value in items)
        case Table():
            return _table(block)
        case Picture():
            raise ValueError("a picture needs what was drawn of it")
        case _:
            assert_never(block)


def _table(table: Table) -> str:
    rule = ["---:" if column in table.numeric else "---" for column in range(len(table.columns))]
    lines = [[escaped(name) for name in table.columns], rule]
    lines += [[escaped(cell) for cell in row] for row in table.rows]
    text = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"*{escaped(table.caption)}*\n\n{text}" if table.caption else text


def _picture(picture: Picture, number: int, drawn: Drawn) -> str:
    if drawn.png is None:
        return f"> {escaped(picture.alt)}\n>\n> {escaped(drawn.reason)}"
    return f"![{escaped(picture.alt)}][picture-{number}]"
