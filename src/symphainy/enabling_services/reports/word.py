"""A report as a Word document (DOCX), by python-docx. The same report gives the same bytes."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, assert_never

from symphainy.enabling_services.reports.drawing import SCALE, Drawn
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

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import _Cell as Cell  # pyright: ignore[reportPrivateUsage]
    from docx.table import _Row as Row  # pyright: ignore[reportPrivateUsage]

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FIRST_DAY: Final = (1980, 1, 1, 0, 0, 0)
_TABLE_STYLE: Final = "Light List Accent 1"
_TEXT_WIDTH_INCHES: Final = 6.0
_PIXELS_PER_INCH: Final = 96


def to_word(report: Report, pictures: Sequence[Drawn]) -> bytes:
    """`pictures` are those of `report.pictures`, in order."""
    import docx

    document = docx.Document()
    properties = document.core_properties
    properties.title, properties.author, properties.comments = clean(report.title)[:255], "Symphainy", ""
    properties.created = properties.modified = datetime.fromisoformat(report.created_at).replace(tzinfo=None)
    document.add_heading(clean(report.title), 0)
    drawn = dict(zip(map(id, report.pictures), pictures, strict=True))
    for block in report.blocks:
        if isinstance(block, Picture):
            _add_picture(document, block, drawn[id(block)])
        else:
            _add(document, block)
    written = io.BytesIO()
    document.save(written)
    return _same_bytes(written)


def clean(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return _NOT_XML.sub("", text)


def _add(document: Document, block: Block) -> None:
    match block:
        case Heading(text, level):
            document.add_heading(clean(text), level)
        case Paragraph(text, tone):
            document.add_paragraph(clean(text), "Intense Quote" if tone is Tone.NOTE else None)
        case List(items, numbered):
            for number, item in enumerate(items, 1):
                # Word would go on counting from the list before, so numbers are written.
                text = f"{number}. {item}" if numbered else item
                document.add_paragraph(clean(text), "List" if numbered else "List Bullet")
        case Facts(items):
            for name, value in items:
                paragraph = document.add_paragraph(style="List Bullet")
                paragraph.add_run(f"{clean(name)}: ").bold = True
                paragraph.add_run(clean(value))
        case Table():
            _add_table(document, block)
        case Picture():
            raise ValueError("a picture needs what was drawn of it")
        case _:
            assert_never(block)


def _add_table(document: Document, table: Table) -> None:
    if table.caption:
        document.add_paragraph(clean(table.caption), "Caption").paragraph_format.keep_with_next = True
    made = document.add_table(1, len(table.columns), _TABLE_STYLE)
    header = made.rows[0]
    _repeat_on_each_page(header)
    for number, name in enumerate(table.columns):
        _fill(header.cells[number], name, number in table.numeric)
    for row in table.rows:
        cells = made.add_row().cells
        for number, text in enumerate(row):
            _fill(cells[number], text, number in table.numeric)
    document.add_paragraph()


def _repeat_on_each_page(header: Row) -> None:
    """Screen readers, too, call its cells the columns' names. python-docx has no setter for it."""
    from docx.oxml.parser import OxmlElement  # pyright: ignore[reportUnknownVariableType]

    properties: Any = header._tr.get_or_add_trPr()  # pyright: ignore[reportPrivateUsage]
    properties.append(OxmlElement("w:tblHeader"))


def _fill(cell: Cell, text: str, numeric: bool) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    cell.text = clean(text)
    if numeric:
        cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _add_picture(document: Document, picture: Picture, drawn: Drawn) -> None:
    from docx.shared import Inches

    if drawn.png is None:
        document.add_paragraph(clean(f"{picture.alt} {drawn.reason}"), "Intense Quote")
        return
    inches = int.from_bytes(drawn.png[16:20]) / SCALE / _PIXELS_PER_INCH
    made = document.add_picture(io.BytesIO(drawn.png), width=Inches(min(inches, _TEXT_WIDTH_INCHES)))
    inline: Any = made._inline  # pyright: ignore[reportPrivateUsage]
    inline.docPr.set("descr", clean(picture.alt))
    document.add_paragraph(clean(picture.alt), "Caption")


def _same_bytes(written: io.BytesIO) -> bytes:
    """The archive once more, without the time of its writing."""
    again = io.BytesIO()
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, _FIRST_DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, source.read(name))
    return again.getvalue()
