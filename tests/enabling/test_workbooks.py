"""Excel and OpenDocument workbooks."""

from __future__ import annotations

import datetime as dt

import pytest

from symphainy.enabling_services import FileKind, Limits, ServiceError

from .binary_files import encrypted_package, xls
from .conftest import Bench, types_of
from .moments import at
from .office_files import Value, archive, ods, ods_parts, sheet_xml, xlsx, xlsx_parts

ROWS: list[list[Value]] = [
    ["id", "name", "price", "on", "at", "ok", "mixed"],
    [1, "Ann", 1.5, dt.date(2024, 1, 31), at(2024, 1, 31, 12), True, 5],
    [2, "Bob, Jr.", 2, dt.date(2024, 2, 1), at(2024, 2, 1, 6, 30), False, "five"],
    [None, None, None, None, None, None, None],
    [3, None, None, None, None, None, None],
]
TYPES = {
    "id": "integer",
    "name": "text",
    "price": "number",
    "on": "date",
    "at": "timestamp",
    "ok": "boolean",
    "mixed": "text",
}
CELLS = [
    [1, "Ann", 1.5, dt.date(2024, 1, 31), at(2024, 1, 31, 12), True, "5"],
    [2, "Bob, Jr.", 2.0, dt.date(2024, 2, 1), at(2024, 2, 1, 6, 30), False, "five"],
    [3, None, None, None, None, None, None],
]


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
async def test_every_sheet_is_a_table_with_the_types_of_its_cells(bench: Bench, kind: str) -> None:
    make = xlsx if kind == "xlsx" else ods
    parsed = await bench.parse(f"book.{kind}", make({"First": ROWS, "Second": [["k"], ["v"]], "Blank": []}))
    assert parsed.kind is FileKind(kind)
    assert [(table.name, table.rows) for table in parsed.tables] == [("First", 3), ("Second", 1)]
    assert types_of(parsed) == TYPES
    assert await bench.cells(parsed) == CELLS
    assert any("Blank" in warning for warning in parsed.warnings)


async def test_an_old_workbook_is_read(bench: Bench) -> None:
    parsed = await bench.parse(
        "old.xls", xls("Tab", [["name", "n", "on"], ["Ann", 1.0, 45322.0], ["Bob", 2.5, 45323.0]])
    )
    assert parsed.kind is FileKind.XLS
    assert types_of(parsed) == {"name": "text", "n": "number", "on": "date"}
    assert await bench.cells(parsed) == [["Ann", 1.0, dt.date(2024, 1, 31)], ["Bob", 2.5, dt.date(2024, 2, 1)]]


async def test_titles_above_the_header_and_a_table_that_starts_elsewhere(bench: Bench) -> None:
    rows: list[list[Value]] = [
        [None, "Sales report", None, None],
        [None, None, None, None],
        [None, "region", "year", "total"],
        [None, "North", 2024, 10.5],
        [None, "South", 2023, 9],
    ]
    parsed = await bench.parse("book.xlsx", archive(xlsx_parts({"S": sheet_xml(rows, merged="B1:D1")})))
    assert types_of(parsed) == {"region": "text", "year": "integer", "total": "number"}
    assert await bench.cells(parsed) == [["North", 2024, 10.5], ["South", 2023, 9.0]]
    assert any("above the table" in warning for warning in parsed.warnings)


async def test_numbers_stored_as_text_stay_text(bench: Bench) -> None:
    parsed = await bench.parse("book.xlsx", xlsx({"S": [["zip", "n"], ["01234", 1], ["99999", 2]]}))
    assert types_of(parsed) == {"zip": "text", "n": "integer"}


async def test_hidden_sheets_are_read_and_said(bench: Bench) -> None:
    parsed = await bench.parse("book.xlsx", xlsx({"A": [["x"], ["1"]], "B": [["y"], ["2"]]}, hidden=["B"]))
    assert [table.name for table in parsed.tables] == ["A", "B"]
    assert any("hidden" in warning for warning in parsed.warnings)


def _far_corner() -> bytes:
    sheet = (
        '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
        "</sheetData></worksheet>"
    )
    return archive(xlsx_parts({"S": sheet}))


@pytest.mark.parametrize(
    ("name", "data", "limits", "code"),
    [
        ("x.xlsx", xlsx({"S": []}), Limits(), "empty"),
        ("x.xlsx", xlsx({"S": ROWS})[:-200], Limits(), "truncated"),
        ("x.xlsx", archive(xlsx_parts({"S": "<worksheet><sheetData><row r="})), Limits(), "not_a_xlsx"),
        ("x.xlsx", encrypted_package(), Limits(), "encrypted"),
        ("x.ods", ods({"S": ROWS}, encrypted=True), Limits(), "encrypted"),
        ("x.ods", archive(ods_parts({"S": ROWS}) | {"content.xml": "<broken"}), Limits(), "not_a_ods"),
        ("x.xls", xls("S", [["a"], [1.0]], password=True), Limits(), "encrypted"),
        ("x.xls", xls("S", [["a"], [1.0]])[:600], Limits(), "truncated"),
        ("x.xlsx", xlsx({"S": [["n"], *([number] for number in range(200))]}), Limits(rows=100), "too_many_rows"),
        ("x.xlsx", xlsx({"S": [["n"] * 30, ["v"] * 30]}), Limits(columns=20), "too_many_columns"),
        ("x.xlsx", _far_corner(), Limits(), "memory_limit"),
    ],
)
async def test_what_is_no_workbook_is_refused_and_the_next_file_is_read(
    bench: Bench, name: str, data: bytes, limits: Limits, code: str
) -> None:
    with pytest.raises(ServiceError) as caught:
        await bench.parse(name, data, limits=limits)
    assert caught.value.service_code == code
    assert bench.leftovers() == []
    assert (await bench.parse("next.xlsx", xlsx({"S": ROWS}))).tables[0].rows == 3
