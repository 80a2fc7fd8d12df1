"""Pictures of text, and scans: with the data of text recognition and without."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from symphainy.enabling_services import FileKind, FileParser, Limits, ParsedFile, ServiceError

from .conftest import Bench

ROOT = Path(__file__).parents[2]
FORMATS = {"PNG": "note.png", "JPEG": "note.jpg", "TIFF": "note.tiff"}


@pytest.fixture(scope="module")
def ocr_data() -> Path:
    """What `make test` has installed."""
    found = subprocess.run(["scripts/ocr-data", "--find"], cwd=ROOT, capture_output=True, text=True, check=True)
    if not found.stdout.strip():
        pytest.skip("the language data is not installed: run scripts/ocr-data")
    return Path(found.stdout.strip())


def picture(kind: str, *lines: str) -> bytes:
    image = Image.new("RGB", (900, 80 + 70 * len(lines)), "white")
    font = ImageFont.load_default(40)
    for number, line in enumerate(lines):
        ImageDraw.Draw(image).text((20, 30 + 70 * number), line, fill="black", font=font)
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


async def read(bench: Bench, name: str, data: bytes, folder: Path, limits: Limits | None = None) -> ParsedFile:
    source = bench.folder / "upload"
    source.write_bytes(data)
    return await FileParser(limits, ocr_data=folder).parse(
        source, file_name=name, media_type=None, output_dir=bench.output, progress=bench.progress
    )


@pytest.mark.parametrize("kind", FORMATS)
async def test_the_text_of_a_picture_is_recognised(bench: Bench, ocr_data: Path, kind: str) -> None:
    parsed = await read(bench, FORMATS[kind], picture(kind, "Invoice 4711 total 320.50", "Meyer and Sons"), ocr_data)
    assert parsed.kind is FileKind[kind]
    assert parsed.document is not None
    text = (bench.output / parsed.document.text_file).read_text()
    assert "Invoice 4711 total 320.50" in text
    assert "Meyer and Sons" in text
    assert "recognised from a picture" in parsed.warnings[0]


async def test_a_scanned_pdf_is_read_by_recognition(bench: Bench, ocr_data: Path) -> None:
    parsed = await read(bench, "scan.pdf", picture("PDF", "Refunds need two signatures"), ocr_data)
    assert parsed.document is not None
    assert parsed.document.pages == 1
    assert "Refunds need two signatures" in (bench.output / parsed.document.text_file).read_text()


async def test_a_picture_without_text_is_no_success(bench: Bench, ocr_data: Path) -> None:
    with pytest.raises(ServiceError) as caught:
        await read(bench, "blank.png", picture("PNG", ""), ocr_data)
    assert caught.value.service_code == "empty"


async def test_a_damaged_picture_is_refused(bench: Bench, ocr_data: Path) -> None:
    with pytest.raises(ServiceError) as caught:
        await read(bench, "damaged.png", picture("PNG", "Invoice")[:200], ocr_data)
    assert caught.value.service_code == "not_a_png"


async def test_without_the_data_the_message_names_what_to_install(bench: Bench, tmp_path: Path) -> None:
    with pytest.raises(ServiceError) as caught:
        await read(bench, "note.png", picture("PNG", "Invoice"), tmp_path)
    assert caught.value.service_code == "not_installed"
    assert "apt-get install tesseract-ocr-eng" in caught.value.message


async def test_without_the_data_a_scan_has_no_text_and_says_why(bench: Bench, tmp_path: Path) -> None:
    parsed = await read(bench, "scan.pdf", picture("PDF", "Refunds need two signatures"), tmp_path)
    assert parsed.document is not None
    assert parsed.document.words == 0
    assert "apt-get install tesseract-ocr-eng" in parsed.warnings[0]


async def test_a_picture_with_too_many_pixels_is_refused_before_it_is_unpacked(bench: Bench, ocr_data: Path) -> None:
    with pytest.raises(ServiceError) as caught:
        await read(bench, "huge.png", picture("PNG", "Invoice"), ocr_data, Limits(picture_pixels=1000))
    assert caught.value.service_code == "unpacked_too_large"
