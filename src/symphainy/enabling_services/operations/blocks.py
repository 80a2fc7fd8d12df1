"""A document as the blocks that its writer made: headings, list items with their numbers, paragraphs, tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from symphainy.enabling_services.errors import ServiceError, not_a
from symphainy.enabling_services.kinds import FileKind
from symphainy.enabling_services.operations.sections import section_of

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

_HEADING: Final = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$")
_ITEM: Final = re.compile(
    r"^(?P<indent>\s*)(?:(?P<number>\d{1,3}(?:\.\d{1,3})*)(?P<sub>\.?[a-h])?[.)]?(?<=[.)\da-h])\s+|\(?(?P<letter>[a-z]|[ivx]{1,4})[.)]\s+|(?P<bullet>[-*+\u2022\u25aa\u25e6\u00b7\u2013])\s+)"
    r"(?P<text>\S.*)$"
)
_STEP: Final = re.compile(
    r"(?i)^(?P<indent>\s*)(?:\*\*)?step\s+(?P<number>\d{1,3}(?:\.\d{1,3})*)\s*(?:[:.)\u2013\u2014-]\s*)?(?P<text>\S.*)$"
)
_RULE: Final = re.compile(r"^\s*\|?[\s:|-]+\|?\s*$")
_EMPHASIS: Final = re.compile(r"(\*\*|__|`|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w))")
_ESCAPE: Final = re.compile(r"\\([\\`*_{}\[\]()#+.!|>-])")
_LIST_LEVEL: Final = re.compile(r"(\d+)$")
MOST_BLOCKS: Final = 5_000


class BlockKind(StrEnum):
    HEADING = "heading"
    ITEM = "item"
    PARAGRAPH = "paragraph"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Block:
    """`level` is the depth of a heading or list item, from 1. `numbered` items are steps rather than remarks. `place` says where
    it begins: `line 12`, or `paragraph 12` of a Word document."""

    kind: BlockKind
    text: str = ""
    level: int = 1
    number: str | None = None
    numbered: bool = False
    rows: tuple[tuple[str, ...], ...] = ()
    place: str = ""


def blocks_of_text(text: str) -> list[Block]:
    """Of plain text or Markdown. Lines that belong together are joined."""
    found: list[Block] = []
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ").split("\n")
    at = 0
    open_block = False
    while at < len(lines) and len(found) < MOST_BLOCKS:
        line = lines[at]
        if line.lstrip().startswith("|") and line.count("|") >= 2:
            place = f"line {at + 1}"
            at, rows = _table(lines, at)
            found.append(Block(BlockKind.TABLE, rows=rows, place=place))
            open_block = False
            continue
        at += 1
        if not line.strip() or re.fullmatch(r"\s*(?:-{3,}|={3,}|\*{3,}|_{3,})\s*", line):
            if (
                line.strip().startswith(("---", "==="))
                and open_block
                and found
                and found[-1].kind is BlockKind.PARAGRAPH
            ):
                level = 1 if "=" in line else 2
                found[-1] = Block(BlockKind.HEADING, found[-1].text, level, place=found[-1].place)
            open_block = False
            continue
        block = _block(line)
        if block.kind is BlockKind.PARAGRAPH and open_block and _goes_on(found[-1], block.text):
            found[-1] = replace(found[-1], text=f"{found[-1].text} {block.text}")
            continue
        found.append(replace(block, place=f"line {at}"))
        open_block = block.kind in (BlockKind.ITEM, BlockKind.PARAGRAPH)
    return found


def blocks_of_docx(source: Path) -> list[Block]:
    """Of a Word document, with list numbers and styles. Raises ServiceError `not_a_docx`."""
    from zipfile import BadZipFile

    from docx import Document as open_document
    from docx.opc.exceptions import PackageNotFoundError

    try:
        document = open_document(str(source))
        return list(_docx_blocks(document))[:MOST_BLOCKS]
    except (PackageNotFoundError, BadZipFile, KeyError, ValueError, SyntaxError) as error:
        raise not_a(
            FileKind.DOCX,
            "This Word document is damaged, so its steps cannot be read. Open it in Word, save it again and upload that copy.",
        ) from error
    except RecursionError as error:
        raise ServiceError("unsupported", "This Word document is nested too deeply to be read.") from error


def plain(text: str) -> str:
    """Without Markdown's emphasis and escapes, in one line."""
    return " ".join(_ESCAPE.sub(r"\1", _EMPHASIS.sub("", text)).replace("\u00a0", " ").split())


def _block(line: str) -> Block:
    heading = _HEADING.match(line)
    if heading:
        return Block(BlockKind.HEADING, plain(heading.group(2)), len(heading.group(1)))
    step = _STEP.match(line)
    if step:
        return Block(BlockKind.ITEM, plain(step.group("text")), 1, step.group("number"), numbered=True)
    item = _ITEM.match(line)
    if item and not re.match(r"^\s*\*\*", line):
        number = item.group("number")
        if number and item.group("sub"):
            number = f"{number}.{'abcdefgh'.index(item.group('sub')[-1]) + 1}"
        depth = number.count(".") + 1 if number else 1 + min(len(item.group("indent")) // 2, 4)
        depth += 1 if number and "." not in number and len(item.group("indent")) >= 2 else 0
        depth += 1 if item.group("letter") and len(item.group("indent")) < 2 else 0
        return Block(BlockKind.ITEM, plain(item.group("text")), depth, number, numbered=item.group("bullet") is None)
    return Block(BlockKind.PARAGRAPH, plain(line))


def _goes_on(last: Block, text: str) -> bool:
    """Whether a line continues the block before it; a label such as `Purpose:` begins a new one."""
    if section_of(last.text) is not None:
        return False
    label = re.match(r"^[A-Z][\w &/-]{2,30}:(\s|$)", text)
    return not label and not (last.kind is BlockKind.PARAGRAPH and last.text.endswith(":"))


def _table(lines: list[str], at: int) -> tuple[int, tuple[tuple[str, ...], ...]]:
    rows: list[tuple[str, ...]] = []
    while at < len(lines) and lines[at].lstrip().startswith("|"):
        line = lines[at].strip()
        if not _RULE.match(line):
            cells = re.split(r"(?<!\\)\|", line.strip("|"))
            rows.append(tuple(plain(cell) for cell in cells))
        at += 1
    return at, tuple(rows)


def _docx_blocks(document: Document) -> Iterator[Block]:
    from docx.table import Table

    for number, part in enumerate(document.iter_inner_content(), 1):
        place = f"paragraph {number}"
        if isinstance(part, Table):
            rows = tuple(tuple(plain(cell.text) for cell in row.cells) for row in part.rows)
            yield Block(BlockKind.TABLE, rows=rows, place=place)
            continue
        block = _docx_paragraph(part)
        if block is not None:
            yield replace(block, place=place)


def _docx_paragraph(paragraph: Paragraph) -> Block | None:
    text = " ".join(paragraph.text.split())
    if not text:
        return None
    style = (paragraph.style.name or "") if paragraph.style is not None else ""
    level = _LIST_LEVEL.search(style)
    depth = int(level.group(1)) if level else 1
    if style == "Title":
        return Block(BlockKind.HEADING, text, 1)
    if style.startswith("Heading"):
        step = _STEP.match(text)
        return Block(BlockKind.HEADING, text, depth + 1, step.group("number") if step else None)
    listed = paragraph._p.xpath("./w:pPr/w:numPr")  # pyright: ignore[reportPrivateUsage]  # no public way to list numbers
    levels = paragraph._p.xpath("./w:pPr/w:numPr/w:ilvl/@w:val")  # pyright: ignore[reportPrivateUsage]
    if style.startswith("List") or listed:
        depth = int(str(levels[0])) + 1 if levels else depth
        written = _block(text)
        words = written.text if written.kind is BlockKind.ITEM else text
        return Block(BlockKind.ITEM, words, depth, None, numbered="Bullet" not in style)
    written = _block(text)
    return written if written.kind is BlockKind.ITEM else Block(BlockKind.PARAGRAPH, text)
