"""Small but real office files, built part by part."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

from .moments import at

Value = str | int | float | bool | dt.date | dt.datetime | None

_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_SLIDES = "http://schemas.openxmlformats.org/presentationml/2006/main"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


def archive(parts: Mapping[str, str | bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in parts.items():
            out.writestr(name, content)
    return stream.getvalue()


def _package(main: str, content_type: str, overrides: Mapping[str, str]) -> dict[str, str | bytes]:
    types = "".join(
        f'<Override PartName="/{part}" ContentType="{kind}"/>'
        for part, kind in {main: content_type, **overrides}.items()
    )
    return {
        "[Content_Types].xml": f'{_XML}<Types xmlns="{_TYPES}"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{types}</Types>',
        "_rels/.rels": _relations({"rId1": ("officeDocument", main)}),
    }


def _relations(targets: Mapping[str, tuple[str, str]]) -> str:
    body = "".join(
        f'<Relationship Id="{key}" Type="{_OFFICE}/{kind}" Target="{to}"/>' for key, (kind, to) in targets.items()
    )
    return f'{_XML}<Relationships xmlns="{_RELATIONS}">{body}</Relationships>'


def core_properties(title: str, author: str, created: str) -> str:
    return (
        f'{_XML}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>{escape(title)}</dc:title>'
        f"<dc:creator>{escape(author)}</dc:creator><dcterms:created "
        f'xsi:type="dcterms:W3CDTF">{created}</dcterms:created>'
        "</cp:coreProperties>"
    )


def column_letters(index: int) -> str:
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _xlsx_cell(row: int, column: int, value: Value) -> str:
    place = f'r="{column_letters(column)}{row + 1}"'
    match value:
        case None:
            return ""
        case bool():
            return f'<c {place} t="b"><v>{int(value)}</v></c>'
        case int() | float():
            return f"<c {place}><v>{value}</v></c>"
        case dt.datetime():
            days = (value - at(1899, 12, 30)) / dt.timedelta(days=1)
            return f'<c {place} s="2"><v>{days}</v></c>'
        case dt.date():
            return f'<c {place} s="1"><v>{(value - dt.date(1899, 12, 30)).days}</v></c>'
        case str():
            return f'<c {place} t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def sheet_xml(rows: Sequence[Sequence[Value]], merged: str = "") -> str:
    body = "".join(
        f'<row r="{number + 1}">'
        + "".join(_xlsx_cell(number, column, value) for column, value in enumerate(row))
        + "</row>"
        for number, row in enumerate(rows)
    )
    merges = f'<mergeCells count="1"><mergeCell ref="{merged}"/></mergeCells>' if merged else ""
    return f'{_XML}<worksheet xmlns="{_SHEET}"><sheetData>{body}</sheetData>{merges}</worksheet>'


def xlsx_parts(sheets: Mapping[str, str], *, hidden: Sequence[str] = ()) -> dict[str, str | bytes]:
    """`sheets` maps names to worksheet XML."""
    listed = "".join(
        f'<sheet name="{escape(name)}" sheetId="{number}" '
        f'r:id="rId{number}"{" state=" + chr(34) + "hidden" + chr(34) if name in hidden else ""}/>'
        for number, name in enumerate(sheets, 1)
    )
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = _package(
        "xl/workbook.xml",
        f"{kind}.sheet.main+xml",
        {f"xl/worksheets/sheet{number}.xml": f"{kind}.worksheet+xml" for number in range(1, len(sheets) + 1)},
    )
    parts["xl/workbook.xml"] = (
        f'{_XML}<workbook xmlns="{_SHEET}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>'
    )
    parts["xl/_rels/workbook.xml.rels"] = _relations(
        {f"rId{number}": ("worksheet", f"worksheets/sheet{number}.xml") for number in range(1, len(sheets) + 1)}
        | {"rIdS": ("styles", "styles.xml")}
    )
    parts["xl/styles.xml"] = (
        f'{_XML}<styleSheet xmlns="{_SHEET}"><cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14"/><xf '
        f'numFmtId="22"/>'
        "</cellXfs></styleSheet>"
    )
    parts["docProps/core.xml"] = core_properties("Quarter", "Ada", "2024-01-02T03:04:05Z")
    for number, content in enumerate(sheets.values(), 1):
        parts[f"xl/worksheets/sheet{number}.xml"] = content
    return parts


def xlsx(sheets: Mapping[str, Sequence[Sequence[Value]]], *, hidden: Sequence[str] = ()) -> bytes:
    return archive(xlsx_parts({name: sheet_xml(rows) for name, rows in sheets.items()}, hidden=hidden))


def _ods_cell(value: Value) -> str:
    match value:
        case None:
            return "<table:table-cell/>"
        case bool():
            return f'<table:table-cell office:value-type="boolean" office:boolean-value="{str(value).lower()}"/>'
        case int() | float():
            return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
        case dt.datetime() | dt.date():
            return f'<table:table-cell office:value-type="date" office:date-value="{value.isoformat()}"/>'
        case str():
            return f'<table:table-cell office:value-type="string"><text:p>{escape(value)}</text:p></table:table-cell>'


def ods_parts(sheets: Mapping[str, Sequence[Sequence[Value]]], *, encrypted: bool = False) -> dict[str, str | bytes]:
    spaces = " ".join(
        f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for prefix, name in (("office", "office"), ("table", "table"), ("text", "text"), ("meta", "meta"))
    )
    tables = "".join(
        f'<table:table table:name="{escape(name)}">'
        + "".join("<table:table-row>" + "".join(map(_ods_cell, row)) + "</table:table-row>" for row in rows)
        + "</table:table>"
        for name, rows in sheets.items()
    )
    secret = '<manifest:encryption-data manifest:checksum="x"/>' if encrypted else ""
    return {
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "META-INF/manifest.xml": f"{_XML}<manifest:manifest "
        f'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        '<manifest:file-entry manifest:full-path="/" '
        'manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
        f'<manifest:file-entry manifest:full-path="content.xml" '
        f'manifest:media-type="text/xml">{secret}</manifest:file-entry>'
        "</manifest:manifest>",
        "content.xml": f"{_XML}<office:document-content {spaces}><office:body><office:spreadsheet>{tables}"
        "</office:spreadsheet></office:body></office:document-content>",
        "meta.xml": f'{_XML}<office:document-meta {spaces} xmlns:dc="http://purl.org/dc/elements/1.1/"><office:meta>'
        "<dc:title>Budget</dc:title><meta:initial-creator>Grace</meta:initial-creator>"
        "<meta:creation-date>2023-05-06T07:08:09</meta:creation-date></office:meta></office:document-meta>",
    }


def ods(sheets: Mapping[str, Sequence[Sequence[Value]]], *, encrypted: bool = False) -> bytes:
    return archive(ods_parts(sheets, encrypted=encrypted))


def docx(heading: str, paragraph: str, table: Sequence[Sequence[str]] = ()) -> bytes:
    rows = "".join(
        "<w:tr>" + "".join(f"<w:tc><w:p><w:r><w:t>{escape(cell)}</w:t></w:r></w:p></w:tc>" for cell in row) + "</w:tr>"
        for row in table
    )
    parts = _package(
        "word/document.xml",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
        {"word/styles.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"},
    )
    parts["word/_rels/document.xml.rels"] = _relations({"rId1": ("styles", "styles.xml")})
    parts["word/styles.xml"] = (
        f'{_XML}<w:styles xmlns:w="{_WORD}"><w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading '
        f'1"/>'
        '<w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style></w:styles>'
    )
    parts["word/document.xml"] = (
        f'{_XML}<w:document xmlns:w="{_WORD}"><w:body><w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>'
        f"{escape(heading)}</w:t></w:r></w:p><w:p><w:r><w:t>{escape(paragraph)}</w:t></w:r></w:p>"
        f"{'<w:tbl>' + rows + '</w:tbl>' if rows else ''}</w:body></w:document>"
    )
    parts["docProps/core.xml"] = core_properties("Refund policy", "Ada", "2024-01-02T03:04:05Z")
    return archive(parts)


def pptx(titles: Sequence[str]) -> bytes:
    kind = "application/vnd.openxmlformats-officedocument.presentationml"
    slides = {f"ppt/slides/slide{number}.xml": f"{kind}.slide+xml" for number in range(1, len(titles) + 1)}
    parts = _package("ppt/presentation.xml", f"{kind}.presentation.main+xml", slides)
    listed = "".join(f'<p:sldId id="{255 + number}" r:id="rId{number}"/>' for number in range(1, len(titles) + 1))
    parts["ppt/presentation.xml"] = (
        f'{_XML}<p:presentation xmlns:p="{_SLIDES}" '
        f'xmlns:r="{_OFFICE}"><p:sldIdLst>{listed}</p:sldIdLst></p:presentation>'
    )
    parts["ppt/_rels/presentation.xml.rels"] = _relations(
        {f"rId{number}": ("slide", f"slides/slide{number}.xml") for number in range(1, len(titles) + 1)}
    )
    for number, title in enumerate(titles, 1):
        parts[f"ppt/slides/slide{number}.xml"] = (
            f'{_XML}<p:sld xmlns:p="{_SLIDES}" xmlns:a="{_DRAWING}"><p:cSld><p:spTree><p:sp><p:nvSpPr>'
            '<p:cNvPr id="2" name="Title 1"/><p:cNvSpPr/><p:nvPr><p:ph type="title"/></p:nvPr></p:nvSpPr><p:spPr/>'
            f"<p:txBody><a:bodyPr/><a:p><a:r><a:t>{escape(title)}</a:t></a:r></a:p></p:txBody></p:sp></p:spTree></p:cSld></p:sld>"
        )
    return archive(parts)
