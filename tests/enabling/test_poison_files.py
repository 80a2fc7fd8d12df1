"""Files made to hurt: each is refused with its own code, costs the server nothing, and the next file is read."""

from __future__ import annotations

import io
import random
import stat
import struct
import zipfile
import zlib

import duckdb
import pytest

from symphainy.enabling_services import Limits, ServiceError

from .binary_files import pdf
from .conftest import Bench
from .office_files import archive, docx, sheet_xml, xlsx_parts

MEBIBYTE = 1024 * 1024
PARTS = xlsx_parts({"S": sheet_xml([["a"], [1]])})


def bomb() -> bytes:
    return archive(PARTS | {"xl/worksheets/sheet2.xml": b"<x>" + b" " * (200 * MEBIBYTE)})


def many_entries() -> bytes:
    return archive(PARTS | {f"junk/{number}": b"" for number in range(10_001)})


def linked() -> bytes:
    stream = io.BytesIO(archive(PARTS))
    with zipfile.ZipFile(stream, "a") as out:
        link = zipfile.ZipInfo("xl/media/link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        out.writestr(link, "/etc/passwd")
    return stream.getvalue()


def lying_directory() -> bytes:
    """The directory promises a kilobyte where sixty megabytes are."""
    data = archive(PARTS | {"xl/worksheets/sheet9.xml": b"<x>" + b" " * (60 * MEBIBYTE)})
    real, false = struct.pack("<I", 60 * MEBIBYTE + 3), struct.pack("<I", 1024)
    return data.replace(real, false)


def zip_encrypted() -> bytes:
    data = bytearray(archive(PARTS))
    at = data.find(b"PK\x01\x02")
    data[at + 8] |= 1
    return bytes(data)


def entities() -> bytes:
    lol = "".join(f'<!ENTITY l{number} "{("&l" + str(number - 1) + ";") * 10}">' for number in range(1, 10))
    return archive(
        PARTS
        | {
            "xl/worksheets/sheet1.xml": f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 '
            f'"lol">{lol}]><worksheet>&l9;</worksheet>'
        }
    )


def damaged_content() -> bytes:
    """The directory is whole, the compressed bytes of the largest part are not."""
    noise = random.Random(3).randbytes(200_000)
    data = bytearray(archive(PARTS | {"xl/media/image1.bin": noise}))
    at = data.find(noise[1000:1100])
    assert at > 0
    data[at : at + 50] = b"\0" * 50
    return bytes(data)


def deflated_pdf() -> bytes:
    body = zlib.compress(b"BT /F1 12 Tf " + b"(x) Tj " * 5_000_000 + b"ET", 9)
    plain = pdf(["x"])
    start, end = plain.index(b"<< /Length"), plain.index(b"endstream")
    return plain[:start] + b"<< /Filter /FlateDecode /Length %d >>\nstream\n" % len(body) + body + b"\n" + plain[end:]


REFUSED = {
    "bomb.xlsx": (bomb, "unpacked_too_large", "ratio"),
    "bomb.docx": (
        lambda: archive({"[Content_Types].xml": "", "word/document.xml": b" " * (200 * MEBIBYTE)}),
        "unpacked_too_large",
        "ratio",
    ),
    "entries.xlsx": (many_entries, "unpacked_too_large", "entries"),
    "outside.xlsx": (lambda: archive(PARTS | {"../../etc/cron.d/x": "x"}), "unpacked_too_large", "unsafe_name"),
    "absolute.xlsx": (lambda: archive(PARTS | {"/etc/passwd": "x"}), "unpacked_too_large", "unsafe_name"),
    "windows.xlsx": (lambda: archive(PARTS | {"..\\..\\x": "x"}), "unpacked_too_large", "unsafe_name"),
    "nested.xlsx": (lambda: archive(PARTS | {"xl/inner.zip": archive({"a": "b"})}), "unpacked_too_large", "nested"),
    "link.xlsx": (linked, "unpacked_too_large", "link"),
    "lying.xlsx": (lying_directory, "truncated", None),
    "locked.xlsx": (zip_encrypted, "encrypted", None),
    "entities.xlsx": (entities, "unpacked_too_large", "entities"),
    "damaged.xlsx": (damaged_content, "truncated", None),
    "noise.csv": (lambda: random.Random(4).randbytes(100_000), "not_a_csv", None),
    "noise.xlsx": (lambda: b"PK\x03\x04" + random.Random(5).randbytes(10_000), "truncated", None),
    "noise.xls": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + random.Random(6).randbytes(10_000), "truncated", None),
    "noise.parquet": (lambda: b"PAR1" + random.Random(7).randbytes(10_000) + b"PAR1", "not_a_parquet", None),
    "short.parquet": (lambda: b"PAR1" + b"x" * 100, "truncated", None),
    "locked.parquet": (lambda: b"PARE" + b"x" * 100 + b"PARE", "encrypted", None),
    "page.pdf": (lambda: b"<!DOCTYPE html><html><body>404</body></html>", "not_a_pdf", None),
    "picture.csv": (lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "not_a_csv", None),
    "picture.gif": (lambda: b"GIF89a" + b"\0" * 100, "unsupported", None),
    "word.xlsx": (lambda: docx("a", "b"), "not_a_xlsx", None),
    "plain.zip": (lambda: archive({"a.txt": "x"}), "unsupported", None),
    "rich.rtf": (lambda: b"{\\rtf1 hello}", "unsupported", None),
    "quote.csv": (lambda: b'a,b\n1,"' + b"x\n" * 5_000_000, "truncated", None),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_each_poison_file_has_its_code_and_the_next_file_is_read(bench: Bench, name: str) -> None:
    make, code, reason = REFUSED[name]
    with pytest.raises(ServiceError) as caught:
        await bench.parse(name, make())
    assert caught.value.service_code == code
    assert caught.value.details.get("reason") == reason
    assert caught.value.message.endswith(".")
    assert str(bench.folder) not in caught.value.message
    assert bench.leftovers() == []
    assert (await bench.parse("next.csv", "a,b\n1,2\n")).tables[0].rows == 1


async def test_bombs_are_refused_before_any_child_is_started(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("a child was started")

    monkeypatch.setattr("asyncio.create_subprocess_exec", forbidden)
    for make in (bomb, many_entries, linked):
        with pytest.raises(ServiceError, match="refused before it was unpacked"):
            await bench.parse("x.xlsx", make())


async def test_a_pdf_stream_that_unpacks_to_much_ends_within_its_limits(bench: Bench) -> None:
    with pytest.raises(ServiceError) as caught:
        await bench.parse(
            "x.pdf", deflated_pdf(), limits=Limits(cpu_seconds=2, wall_seconds=8, address_space=768 * MEBIBYTE)
        )
    assert caught.value.service_code in ("time_limit", "memory_limit")
    assert (await bench.parse("next.csv", "a,b\n1,2\n")).tables[0].rows == 1


async def test_a_parquet_file_is_judged_by_its_own_directory(bench: Bench) -> None:
    path = bench.folder / "x.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT 0 AS a FROM range(1_000_000)) TO '{path}' (FORMAT parquet)")
    with pytest.raises(ServiceError) as caught:
        await bench.parse_path(path, "x.parquet", limits=Limits(rows=999_999))
    assert caught.value.service_code == "too_many_rows"
    with pytest.raises(ServiceError) as caught:
        await bench.parse_path(path, "x.parquet", limits=Limits(unpacked_bytes=100))
    assert caught.value.service_code == "unpacked_too_large"


async def test_the_eicar_text_is_only_text(bench: Bench) -> None:
    parsed = await bench.parse("x.txt", r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*")
    assert parsed.document is not None


async def test_cells_that_look_like_formulas_are_values(bench: Bench) -> None:
    cells = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)"]
    parsed = await bench.parse("x.csv", "a,b\n" + "".join(f'"{cell}",x\n' for cell in cells))
    assert [row[0] for row in await bench.cells(parsed)] == cells


async def test_the_name_of_a_file_never_becomes_a_path_or_sql(bench: Bench) -> None:
    for name in ("../../x.csv", "a'); DROP TABLE x; --.csv", "\u202ecsv.exe.csv", "x" * 400 + ".csv", ".csv"):
        parsed = await bench.parse(name, "a,b\n1,2\n3,4\n")
        assert (await bench.profile(parsed)).tables[0].rows == 2
        assert bench.leftovers() == ["table-001.parquet", "table-index.json"]


async def test_hostile_column_names_are_only_names(bench: Bench) -> None:
    header = '"a""b","x\'; DROP TABLE y","{x}","%s","é\u202e"'
    parsed = await bench.parse("x.csv", header + "\n1,2,3,4,5\n6,7,8,9,10\n")
    assert await bench.cells(parsed) == [[1, 2, 3, 4, 5], [6, 7, 8, 9, 10]]
    profile = await bench.profile(parsed)
    assert [column.maximum for column in profile.tables[0].columns] == [6, 7, 8, 9, 10]
