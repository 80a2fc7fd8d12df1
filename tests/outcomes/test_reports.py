"""A report says the same in Markdown and in Word, with its pictures in it."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import pytest

from symphainy.enabling_services.limits import Limits
from symphainy.enabling_services.reports import (
    Facts,
    Heading,
    List,
    Paragraph,
    Picture,
    Rendition,
    Report,
    ReportGenerator,
    Table,
    drawing,
)
from symphainy.enabling_services.reports.report import Tone

CHART = {
    "data": {"values": [{"year": 1, "cash": -10}, {"year": 2, "cash": 12}]},
    "mark": "bar",
    "encoding": {"x": {"field": "year", "type": "ordinal"}, "y": {"field": "cash", "type": "quantitative"}},
}
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="40"><rect width="120" height="40" fill="#0a6670"/></svg>'
BLOCKS = (
    Heading("What was found"),
    Paragraph("1. of *all* the <b>rows</b> | 3_000 are late\x00."),
    Paragraph("From claims.csv.", Tone.NOTE),
    List(("first", "second"), numbered=True),
    List(("- a dash", "plain")),
    Facts((("Rate", "12.0 %"),)),
    Table(("year", "cash"), (("0", "-10"), ("1", "12")), "Cash flow", frozenset({1})),
    Picture("Cash flow: -10 in year 0, 12 in year 1.", chart=CHART),
    Picture("A green box.", svg=SVG),
)


async def ignore(fraction: float, detail: str) -> None: ...


async def rendered(folder: Path, *blocks: object, limits: Limits = drawing.LIMITS) -> tuple[Rendition, Rendition]:
    report = Report("Proof of concept", "2026-11-25T01:00:00Z", blocks or BLOCKS)  # type: ignore[arg-type]
    markdown, word = await ReportGenerator(limits).render(report, work_dir=folder, progress=ignore)
    return markdown, word


async def test_markdown_keeps_every_character_as_text_and_holds_the_pictures(tmp_path: Path) -> None:
    text = (await rendered(tmp_path))[0].content.decode()
    assert text.startswith(
        "# Proof of concept\n\n## What was found\n\n1\\. of \\*all\\* the \\<b\\>rows\\</b\\> \\| 3\\_000"
    )
    assert "- \\- a dash\n- plain" in text
    assert "1. first\n2. second" in text
    assert "| year | cash |\n| --- | ---: |\n| 0 | \\-10 |\n| 1 | 12 |" in text
    assert "![A green box.][picture-2]" in text
    assert text.count("data:image/png;base64,") == 2
    assert not list(tmp_path.iterdir())


async def test_word_holds_the_same_with_described_pictures_and_a_header_row_that_repeats(tmp_path: Path) -> None:
    word = (await rendered(tmp_path))[1]
    document = docx.Document(io.BytesIO(word.content))
    texts = [paragraph.text for paragraph in document.paragraphs]
    assert texts[:3] == ["Proof of concept", "What was found", "1. of *all* the <b>rows</b> | 3_000 are late."]
    assert [paragraph.style.name for paragraph in document.paragraphs if paragraph.style][:2] == ["Title", "Heading 1"]
    assert [[cell.text for cell in row.cells] for row in document.tables[0].rows] == [
        ["year", "cash"],
        ["0", "-10"],
        ["1", "12"],
    ]
    assert len(document.inline_shapes) == 2
    xml = zipfile.ZipFile(io.BytesIO(word.content)).read("word/document.xml").decode()
    assert 'descr="A green box."' in xml
    assert "<w:tblHeader/>" in xml
    assert document.core_properties.title == "Proof of concept"
    assert document.core_properties.created.isoformat() == "2026-11-25T01:00:00+00:00"  # type: ignore[union-attr]


async def test_the_same_report_gives_the_same_bytes(tmp_path: Path) -> None:
    first, again = await rendered(tmp_path), await rendered(tmp_path)
    assert first == again


async def test_without_the_extra_the_document_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "can_draw", lambda: False)
    markdown, word = await rendered(tmp_path)
    assert "> A green box.\n>\n> This picture is not drawn" in markdown.content.decode()
    texts = [paragraph.text for paragraph in docx.Document(io.BytesIO(word.content)).paragraphs]
    assert any(
        text.startswith("A green box. This picture is not drawn") and "'symphainy[pictures]'" in text for text in texts
    )


async def test_one_broken_picture_leaves_the_others(tmp_path: Path) -> None:
    broken = Picture("Broken.", svg="<svg")
    markdown = (await rendered(tmp_path, broken, Picture("A green box.", svg=SVG)))[0].content.decode()
    assert "> Broken.\n>\n> This picture could not be drawn" in markdown
    assert "![A green box.][picture-2]" in markdown


@pytest.mark.parametrize(
    "chart", [{**CHART, "data": {"url": "file:///etc/passwd"}}, {**CHART, "data": {"url": "http://127.0.0.1:9/x"}}]
)
async def test_a_chart_reads_nothing_but_its_own_data(tmp_path: Path, chart: dict[str, object]) -> None:
    markdown = (await rendered(tmp_path, Picture("Outside.", chart=chart)))[0].content.decode()
    assert "a chart must hold its own data" in markdown


async def test_a_chart_that_takes_too_long_does_not_take_the_document_with_it(tmp_path: Path) -> None:
    endless = {**CHART, "data": {"sequence": {"start": 0, "stop": 1e12}}, "mark": "point"}
    limits = Limits(
        address_space=drawing.LIMITS.address_space, private_memory=400 * 1024 * 1024, cpu_seconds=3, wall_seconds=4.0
    )
    markdown, word = await rendered(tmp_path, Paragraph("Text."), Picture("Endless.", chart=endless), limits=limits)
    assert "> Endless.\n>\n> This picture could not be drawn" in markdown.content.decode()
    assert docx.Document(io.BytesIO(word.content)).paragraphs[1].text == "Text."
