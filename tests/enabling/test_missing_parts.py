"""What is not installed is named, with the command that brings it; everything else works without it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from symphainy.enabling_services import FileKind, Limits
from symphainy.enabling_services.json_values import encode

from .binary_files import pdf_of, pdf_table
from .office_files import docx, pptx, xlsx

WITHOUT = """
import sys
for name in {hidden!r}:
    sys.modules[name] = None
from symphainy.enabling_services.worker import main
main()
"""
TABLE = pdf_of([pdf_table([["a", "b"], ["1", "2"]])])


def parse_without(hidden: list[str], folder: Path, kind: FileKind, data: bytes) -> dict[str, Any]:
    """The worker's last answer, in an interpreter that cannot import `hidden`."""
    source, work = folder / "upload", folder / "work"
    source.write_bytes(data)
    work.mkdir()
    arguments = {"source": str(source), "kind": kind.value, "table_name": "t", "ocr_data": None}
    limits = encode(Limits())
    request = json.dumps({"operation": "parse", "arguments": arguments, "work_dir": str(work), "limits": limits})
    child = subprocess.Popen(
        [sys.executable, "-c", WITHOUT.format(hidden=hidden)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    with child:
        child.stdin.write(request.encode() + b"\n")
        child.stdin.flush()
        answers = child.stdout.read().splitlines()
    return json.loads(answers[-1])


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (FileKind.PDF, TABLE),
        (FileKind.DOCX, docx("Refunds", "Check the order first.")),
        (FileKind.PPTX, pptx(["Results"])),
        (FileKind.HTML, b"<html><body>Hello</body></html>"),
    ],
)
def test_without_the_documents_extra_a_document_says_which_one_is_needed(
    tmp_path: Path, kind: FileKind, data: bytes
) -> None:
    error = parse_without(["kreuzberg", "pdfplumber"], tmp_path, kind, data)["error"]
    assert error["code"] == "not_installed"
    assert "pip install 'symphainy[documents]'" in error["message"]
    assert error["details"] == {"install": "pip install 'symphainy[documents]'"}


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (FileKind.CSV, b"a,b\n1,2\n3,4\n"),
        (FileKind.JSON, b'[{"a": 1}, {"a": 2}]'),
        (FileKind.XLSX, xlsx({"Sheet": [["a"], [1], [2]]})),
        (FileKind.TEXT, b"Nothing but text."),
        (FileKind.MARKDOWN, b"# Title\n"),
    ],
)
def test_without_any_extra_tables_and_plain_text_are_read(tmp_path: Path, kind: FileKind, data: bytes) -> None:
    result = parse_without(["kreuzberg", "pdfplumber"], tmp_path, kind, data)["result"]
    assert result["warnings"] == []
    assert result["document"] is not None or result["tables"][0]["rows"] == 2


def test_without_the_pdf_tables_extra_the_text_is_read_and_the_rest_is_named(tmp_path: Path) -> None:
    result = parse_without(["pdfplumber"], tmp_path, FileKind.PDF, TABLE)["result"]
    assert (result["document"]["words"] > 0, result["tables"]) == (True, [])
    assert "pip install 'symphainy[pdf-tables]'" in result["warnings"][0]
