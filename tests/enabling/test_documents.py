"""PDF, Word, PowerPoint, HTML, text and Markdown."""

from __future__ import annotations

import pytest

from symphainy.enabling_services import FileKind, MetadataExtractor, ParsedFile, ServiceError

from .binary_files import pdf, pdf_of, pdf_table
from .conftest import Bench, types_of
from .office_files import docx, pptx

HTML = (
    "<!doctype html><html><head><title>Prices &amp; more</title><meta name='author' "
    "content='Bob'><style>x{}</style></head>"
    "<body><h1>Prices</h1><p>See <b>below</b>.</p><script>alert(1)</script>"
    "<table><tr><th>item</th><th>price</th></tr><tr><td>Tea</td><td>2.50</td></tr><tr><td>Cake</td><td>4.00</td></tr></table>"
    "</body></html>"
)


def text_of(bench: Bench, parsed: ParsedFile) -> str:
    assert parsed.document is not None
    return (bench.output / parsed.document.text_file).read_text(encoding="utf-8")


async def test_html_gives_text_headings_and_typed_tables(bench: Bench) -> None:
    parsed = await bench.parse("page.html", HTML)
    text = text_of(bench, parsed)
    assert text.startswith("# Prices")
    assert "alert" not in text
    assert "meta-author" not in text
    assert parsed.document is not None
    assert (parsed.document.title, parsed.document.author) == ("Prices & more", "Bob")
    assert [heading.text for heading in parsed.document.headings] == ["Prices"]
    assert [table.rows for table in parsed.tables] == [2]
    assert types_of(parsed) == {"item": "text", "price": "decimal"}


async def test_a_word_document_gives_text_headings_tables_and_properties(bench: Bench) -> None:
    data = docx("Refunds", "Check the order first.", [["role", "days"], ["Clerk", "3"], ["Lead", "10"]])
    parsed = await bench.parse("sop.docx", data)
    assert "Check the order first." in text_of(bench, parsed)
    assert parsed.document is not None
    assert [(heading.level, heading.text) for heading in parsed.document.headings] == [(1, "Refunds")]
    assert await bench.cells(parsed) == [["Clerk", 3], ["Lead", 10]]
    metadata = await MetadataExtractor().extract(
        bench.folder / "upload", parsed, file_name="sop.docx", progress=bench.progress
    )
    assert (metadata.title, metadata.author, metadata.created) == ("Refund policy", "Ada", "2024-01-02T03:04:05Z")


async def test_slides_are_read(bench: Bench) -> None:
    parsed = await bench.parse("deck.pptx", pptx(["Results", "Outlook"]))
    text = text_of(bench, parsed)
    assert text.index("Results") < text.index("Outlook")


async def test_pdf_pages_are_counted_and_read(bench: Bench) -> None:
    parsed = await bench.parse("report.pdf", pdf(["First page", "Second page"]))
    assert "Second page" in text_of(bench, parsed)
    assert parsed.document is not None
    assert (parsed.document.pages, parsed.document.title, parsed.document.author) == (2, "Quarter", "Ada")
    assert (parsed.document.created, parsed.document.words) == ("2024-01-02T03:04:05Z", 4)


async def test_a_scan_without_a_text_layer_is_a_finding_not_an_error(bench: Bench) -> None:
    parsed = await bench.parse("scan.pdf", pdf([""]))
    profile = await bench.profile(parsed)
    assert profile.document is not None
    assert [finding.code.value for finding in profile.document.findings] == ["no_text"]
    assert "scan" in profile.document.findings[0].message


async def test_tables_in_a_pdf_are_typed_and_know_their_page(bench: Bench) -> None:
    first = pdf_table([["claim", "amount"], ["C-1", "120.50"], ["C-2", "80.00"]])
    second = pdf_table([["claim", "amount"], ["C-3", "9.99"]])
    other = pdf_table([["city", "branches", "since"], ["Bern", "4", "2020-01-31"]], top=500)
    parsed = await bench.parse("claims.pdf", pdf_of([b"", first, second + b"\n" + other]))
    assert [(table.name, table.page, table.rows) for table in parsed.tables] == [
        ("Table 1 (page 2)", 2, 3),
        ("Table 2 (page 3)", 3, 1),
    ]
    assert types_of(parsed) == {"claim": "text", "amount": "decimal"}
    assert types_of(parsed, 1) == {"city": "text", "branches": "integer", "since": "date"}
    assert [row[0] for row in await bench.cells(parsed)] == ["C-1", "C-2", "C-3"]
    profile = await bench.profile(parsed)
    assert [table.name for table in profile.tables] == ["Table 1 (page 2)", "Table 2 (page 3)"]


async def test_text_and_markdown_are_kept_as_they_are(bench: Bench) -> None:
    parsed = await bench.parse("notes.md", "# Title\n\nBody é\n\n```\n# no heading\n```\n".encode("utf-8-sig"))
    assert parsed.kind is FileKind.MARKDOWN
    assert text_of(bench, parsed) == "# Title\n\nBody é\n\n```\n# no heading\n```\n"
    assert parsed.document is not None
    assert [heading.text for heading in parsed.document.headings] == ["Title"]
    parsed = await bench.parse("notes.txt", "Grüße\r\nan alle\r\n".encode("cp1252"))
    assert (parsed.kind, parsed.encoding) == (FileKind.TEXT, "cp1252")
    assert text_of(bench, parsed) == "Grüße\nan alle\n"
    shown = await bench.preview(parsed)
    assert shown.document is not None
    assert (shown.document.text, shown.document.cut) == ("Grüße\nan alle\n", False)


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("x.pdf", pdf(["text"])[:300], "truncated"),
        ("x.pdf", b"%PDF-1.7\n" + bytes(range(128, 256)) * 20 + b"\n%%EOF\n", "not_a_pdf"),
        ("x.pdf", pdf(["secret"], encrypted=True), "encrypted"),
        ("x.pdf", HTML, "not_a_pdf"),
        ("x.docx", docx("a", "b")[:900], "truncated"),
        ("x.docx", HTML, "not_a_docx"),
        ("x.pptx", docx("a", "b"), "not_a_pptx"),
        ("x.html", "just text", "not_a_html"),
        ("x.txt", b"\x00\xff\x01" * 500, "not_a_text"),
        ("x.md", "", "empty"),
    ],
)
async def test_what_is_no_document_is_refused_and_the_next_file_is_read(
    bench: Bench, name: str, data: str | bytes, code: str
) -> None:
    with pytest.raises(ServiceError) as caught:
        await bench.parse(name, data)
    assert caught.value.service_code == code
    assert bench.leftovers() == []
    assert (await bench.parse("next.md", "# ok\n")).document is not None
