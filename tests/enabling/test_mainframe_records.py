"""COBOL copybooks and the EBCDIC records they describe."""

from __future__ import annotations

import struct
import time
from decimal import Decimal

import pytest

from symphainy.enabling_services import FileKind, FileParser, Limits, ParsedFile, ServiceError, sniff
from symphainy.enabling_services.cobol.layouts import lay_out
from symphainy.enabling_services.cobol.pictures import BadPicture, read_picture
from symphainy.enabling_services.cobol.record_parsing import Copybook, parse_records
from symphainy.enabling_services.reporting import Reporter, Stage

from .conftest import Bench, types_of
from .ebcdic_files import COPYBOOK, LENGTH, packed, policies, zoned


async def read(
    bench: Bench, data: bytes, copybook: str = COPYBOOK, name: str = "policies.dat", code_page: str | None = None
) -> ParsedFile:
    """As the orchestrator reads it, in a child process."""
    source, layout = bench.folder / "upload", bench.folder / "copybook"
    source.write_bytes(data)
    layout.write_text(copybook)
    return await FileParser().parse(
        source,
        file_name=name,
        media_type=None,
        output_dir=bench.output,
        progress=bench.progress,
        copybook=layout,
        code_page=code_page,
    )


def read_here(bench: Bench, data: bytes, copybook: str) -> ParsedFile:
    """In this process, which is quicker."""
    source = bench.folder / "upload"
    source.write_bytes(data)
    silent = Stage(Reporter(lambda data: None), 0, 1, "")
    return parse_records(source, Copybook(copybook, None), "t", Limits(), bench.output, silent)


async def refused(bench: Bench, data: bytes, copybook: str = COPYBOOK) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        await read(bench, data, copybook)
    assert bench.leftovers() == []
    return caught.value


def record(fields: str) -> str:
    return f"       01  REC.\n{fields}"


@pytest.mark.parametrize("page", ["cp037", "cp500", "cp1140", "cp273"])
async def test_every_value_of_every_record_is_right_in_every_code_page(bench: Bench, page: str) -> None:
    data, rows = policies(500, page=page)
    assert len(data) == 500 * LENGTH
    parsed = await read(bench, data, code_page=page)
    assert await bench.cells(parsed) == rows
    assert (parsed.kind, parsed.encoding) == (FileKind.RECORDS, page)
    assert types_of(parsed) == {
        "POLICY-NUMBER": "integer",
        "HOLDER": "text",
        "PREMIUM": "decimal",
        "BALANCE": "decimal",
        "CLAIMS": "integer",
        "COVER-CODE(1)": "text",
        "COVER-SUM(1)": "integer",
        "COVER-CODE(2)": "text",
        "COVER-SUM(2)": "integer",
        "COVER-CODE(3)": "text",
        "COVER-SUM(3)": "integer",
        "CONTACT-DATA": "text",
        "CONTACT-NUMBER": "integer",
        "ADJUSTMENT": "integer",
    }
    assert [note for note in parsed.warnings if "REDEFINES" in note] == [
        "CONTACT-NUMBER: 250 records use its bytes for another field (REDEFINES); it is missing there."
    ]


async def test_more_than_ten_thousand_records_a_second(bench: Bench) -> None:
    data, rows = policies(40_000)
    started = time.perf_counter()
    parsed = await read(bench, data)
    seconds = time.perf_counter() - started
    print(f"{len(rows) / seconds:,.0f} records a second")
    assert parsed.tables[0].rows == len(rows)
    assert seconds < 4


async def test_a_copybook_that_does_not_divide_the_file_is_refused(bench: Bench) -> None:
    error = await refused(bench, policies(10)[0][:-3])
    assert error.service_code == "copybook_mismatch"
    assert error.details == {"reason": "length", "record_bytes": 85, "file_bytes": 847, "rest": 82}


async def test_invalid_packed_digits_name_record_offset_field_and_bytes(bench: Bench) -> None:
    data = bytearray(policies(10)[0])
    data[3 * LENGTH + 28] = 0xAB
    error = await refused(bench, bytes(data))
    assert error.service_code == "copybook_mismatch"
    assert {key: error.details[key] for key in ("record", "offset", "field")} == {
        "record": 4,
        "offset": 3 * LENGTH + 28,
        "field": "PREMIUM",
    }
    assert str(error.details["bytes"]).startswith("ab ")
    assert "record 4" in error.message
    assert "PREMIUM" in error.message


@pytest.mark.parametrize(
    ("field", "good", "value", "bad"),
    [
        ("PIC 9(3)", "012".encode("cp037"), 12, "0A2".encode("cp037")),
        ("PIC S9(3)", zoned(-12, 3), -12, b"\xf0\xf1\x12"),
        ("PIC S9(3) SIGN LEADING", b"\xd0\xf1\xf2", -12, b"\xd0\xe1\xf2"),
        ("PIC S9(3) SIGN TRAILING SEPARATE", "012-".encode("cp037"), -12, "012X".encode("cp037")),
        ("PIC 9(3) COMP-3", b"\x01\x2f", 12, b"\x01\x2d"),
        ("PIC S9(4) COMP-3", packed(-1234, 4), -1234, b"\x11\x23\x4d"),
        ("PIC S9(4) COMP", b"\xff\xfe", -2, b"\x40\x40"),
        ("PIC 9(4) COMP-5", b"\x40\x40", 0x4040, None),
        ("PIC S9(9) BINARY", (-(10**9) + 1).to_bytes(4, "big", signed=True), -(10**9) + 1, b"\x7f\xff\xff\xff"),
        ("PIC S9(12)V9(3) USAGE IS PACKED-DECIMAL", packed(5, 15), Decimal("0.005"), b"\x40" * 7 + b"\x41"),
        ("COMP-1", b"\xc2\x76\xa0\x00", -118.625, None),
        ("COMP-2", b"\x41\x10\x00\x00\x00\x00\x00\x00", 1.0, None),
        ("PIC Z,ZZ9.99-", "   12.50-".encode("cp037"), Decimal("-12.50"), "abc".ljust(9).encode("cp037")),
        ("PIC 9(3)PP", "012".encode("cp037"), 1200, "  x".encode("cp037")),
        ("PIC VPP99", "12".encode("cp037"), Decimal("0.0012"), "x1".encode("cp037")),
        ("PIC X(3)", "a b".encode("cp037"), "a b", None),
    ],
)
async def test_each_kind_of_field(bench: Bench, field: str, good: bytes, value: object, bad: bytes | None) -> None:
    copybook = record(f"           05 KEY-FIELD PIC X(4).\n           05 AMOUNT {field}.\n")
    name = "key1".encode("cp037")
    parsed = read_here(bench, name + good + name + good, copybook)
    assert await bench.cells(parsed) == [["key1", value], ["key1", value]]
    if bad is not None:
        with pytest.raises(ServiceError) as caught:
            read_here(bench, name + good + name + bad, copybook)
        error = caught.value
        assert (error.service_code, error.details["record"], error.details["field"]) == (
            "copybook_mismatch",
            2,
            "AMOUNT",
        )
        assert error.details["offset"] == 8 + len(good)


async def test_a_number_of_spaces_is_missing_and_counted(bench: Bench) -> None:
    copybook = record("           05 ID-NO PIC 9(2).\n           05 AMOUNT PIC S9(3) COMP-3.\n")
    data = "01".encode("cp037") + packed(5, 3) + "02".encode("cp037") + b"\x40\x40"
    parsed = read_here(bench, data, copybook)
    assert await bench.cells(parsed) == [[1, 5], [2, None]]
    assert "AMOUNT: 1 records have nothing in this number" in parsed.warnings[1]


async def test_records_with_descriptor_words_and_a_varying_table(bench: Bench) -> None:
    copybook = record(
        "           05 ID-NO PIC 9(2).\n           05 HOW-MANY PIC 9.\n"
        "           05 ITEM OCCURS 0 TO 3 TIMES DEPENDING ON HOW-MANY.\n              10 QTY PIC 9(2).\n"
    )
    bodies = [text.encode("cp037") for text in ("0121122", "020", "033112233")]
    rows = [[1, 2, 11, 22, None], [2, 0, None, None, None], [3, 3, 11, 22, 33]]
    words = b"".join((len(body) + 4).to_bytes(2) + b"\0\0" + body for body in bodies)
    block = (len(words) + 4).to_bytes(2) + b"\0\0" + words
    for data in (words, block, block + block, b"".join(bodies)):
        parsed = read_here(bench, data, copybook)
        assert await bench.cells(parsed) == (rows * 2 if data == block + block else rows)


async def test_ascii_records_in_lines_are_told_by_the_data(bench: Bench) -> None:
    copybook = record("           05 WHO PIC X(5).\n           05 AMOUNT PIC S9(3)V99.\n")
    parsed = await read(bench, b"Meyer0123D\nAnn  0001}\n", copybook, "old.txt")
    assert await bench.cells(parsed) == [["Meyer", Decimal("12.34")], ["Ann", Decimal("-0.10")]]
    assert parsed.encoding == "ascii"


async def test_a_copybook_is_recognised_and_shows_its_fields(bench: Bench) -> None:
    for name in ("policy.cpy", "policy.cob", "policy.txt", "policy"):
        parsed = await bench.parse(name, COPYBOOK)
        assert parsed.kind is FileKind.COPYBOOK
    assert parsed.tables[0].name == "POLICY-RECORD"
    assert (await bench.cells(parsed))[2] == ["PREMIUM", 29, 5, "packed number", 9, 2]


async def test_binary_data_without_a_copybook_asks_for_one(bench: Bench) -> None:
    data, _ = policies(20)
    for name in ("policies.dat", "policies.bin", "POLICIES"):
        with pytest.raises(ServiceError) as caught:
            await bench.parse(name, data)
        assert caught.value.service_code == "needs_copybook"
        assert await sniff(bench.folder / "upload", name) is FileKind.RECORDS


@pytest.mark.parametrize("text", ["1 apple\n2 pears\n", "01 January was cold.\nNothing happened.\n", "a;b\n1;2\n"])
async def test_ordinary_text_is_no_copybook(bench: Bench, text: str) -> None:
    assert (await bench.parse("note.txt", text)).kind is not FileKind.COPYBOOK


@pytest.mark.parametrize(
    ("copybook", "line", "why"),
    [
        ("       01  REC.\n           05 A PIC Q(3).\n", 2, "PICTURE"),
        ("       01  REC.\n           05 A.\n", 2, "neither a PICTURE"),
        ("       01  REC.\n           05 A PIC X.\n           05 B REDEFINES C PIC X.\n", 3, "redefines C"),
        ("       01  REC.\n           05 A PIC 9(4) SYNC.\n", 2, "SYNC"),
        ("       01  REC.\n           COPY OTHER.\n", 2, "COPY"),
        ("       01  REC.\n           05 A PIC X\n", 2, "period"),
        ("       01  REC.\n           05 A OCCURS 2 DEPENDING ON N PIC X.\n", 2, "depends on N"),
        ("       01  REC.\n           05 A PIC 9(40).\n", 2, "digits"),
        ("       01  REC.\n           05 A OCCURS 9999 PIC X.\n", 2, "2,000"),
    ],
)
async def test_a_wrong_copybook_names_its_line(bench: Bench, copybook: str, line: int, why: str) -> None:
    with pytest.raises(ServiceError) as caught:
        read_here(bench, b"\xf1" * 10, copybook)
    error = caught.value
    assert (error.service_code, error.details) == ("not_a_copybook", {"line": line})
    assert why in error.message


def test_layouts_follow_the_compiler() -> None:
    free = (
        "01 R.\n 05 G USAGE COMP-3.\n  10 A PIC 9(3).\n  10 B PIC 9(4).\n 05 C PIC 9(5) COMP OCCURS 2.\n"
        " 05 D PIC S9(2)\n  SIGN TRAILING SEPARATE.\n"
    )
    layout = lay_out(free)
    assert [(field.name, field.offset, field.length) for field in layout.fields] == [
        ("A", 0, 2),
        ("B", 2, 3),
        ("C(1)", 5, 4),
        ("C(2)", 9, 4),
        ("D", 13, 3),
    ]
    assert layout.length == 16


def test_names_that_groups_share_are_told_apart() -> None:
    layout = lay_out("01 R.\n 05 HOME.\n  10 CITY PIC X.\n 05 WORK.\n  10 CITY PIC X.\n")
    assert [field.name for field in layout.fields] == ["CITY #1", "CITY #2"]


@pytest.mark.parametrize("clause", ["9(99999)", "N(3)", "X(0)", "9V9V9", "", "Z(40)"])
def test_pictures_that_cannot_be_read(clause: str) -> None:
    with pytest.raises(BadPicture):
        read_picture(clause)


def test_a_file_packed_in_another_way_than_its_copybook_says_is_refused(bench: Bench) -> None:
    data = b"".join(struct.pack("<I7f", number, *[number * 1.5] * 7) for number in range(49))
    with pytest.raises(ServiceError) as caught:
        read_here(bench, data, record("           05 T PIC 9(8) COMP.\n           05 V PIC S9(9) COMP-3 OCCURS 9.\n"))
    assert caught.value.service_code == "copybook_mismatch"
