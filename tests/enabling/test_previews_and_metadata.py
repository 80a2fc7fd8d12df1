"""What a browser is shown, and what is known about a file."""

from __future__ import annotations

import hashlib
import json

import pytest

from symphainy.enabling_services import FileMetadata, Limits, MetadataExtractor, ParsedFile, Preview, ServiceError

from .conftest import Bench
from .office_files import ods, xlsx


async def test_cells_are_json_safe_and_lose_no_digit(bench: Bench) -> None:
    parsed = await bench.parse(
        "t.csv",
        "i,big,d,n,on,at,b,t,missing\n"
        "1,999999999999999999,12.50,1e-3,2024-01-31,2024-01-31 10:00:00,true,x,\n"
        "2,9007199254740993,0.25,2.5e10,2024-02-01,2024-02-01 00:00:01,false,y,\n",
    )
    preview = await bench.preview(parsed)
    assert preview.tables[0].cells == (
        (1, "999999999999999999", "12.50", 0.001, "2024-01-31", "2024-01-31T10:00:00", True, "x", None),
        (2, "9007199254740993", "0.25", 2.5e10, "2024-02-01", "2024-02-01T00:00:01", False, "y", None),
    )
    assert Preview.from_json(json.loads(json.dumps(preview.to_json(), allow_nan=False))) == preview


async def test_long_cells_are_cut_and_marked(bench: Bench) -> None:
    parsed = await bench.parse("t.csv", f"a,b\nshort,{'y' * 200}\n{'x' * 201},z\n")
    table = (await bench.preview(parsed)).tables[0]
    assert table.cells[0][1] == "y" * 200
    assert table.cells[1][0] == "x" * 199 + "…"
    assert [(cut.row, cut.column) for cut in table.cut_cells] == [(1, 0)]


async def test_rows_columns_and_characters_are_bounded(bench: Bench) -> None:
    parsed = await bench.parse(
        "t.csv", ",".join(f"c{n}" for n in range(150)) + "\n" + (",".join(["7"] * 150) + "\n") * 500
    )
    table = (await bench.preview(parsed)).tables[0]
    assert (len(table.cells), len(table.columns), table.columns_total, table.rows_total) == (100, 100, 150, 500)
    assert len((await bench.preview(parsed, rows=7)).tables[0].cells) == 7
    assert len((await bench.preview(parsed, limits=Limits(preview_characters=8_000))).tables[0].cells) == 10


async def test_a_long_text_shows_its_beginning(bench: Bench) -> None:
    preview = await bench.preview(await bench.parse("t.txt", "é" * 5_000))
    assert preview.document is not None
    assert (preview.document.text, preview.document.characters_total, preview.document.cut) == (
        "é" * 4_000,
        5_000,
        True,
    )


async def test_metadata_tells_size_checksum_schema_and_what_the_file_states(bench: Bench) -> None:
    data = xlsx({"One": [["a", "b"], [1, "x"]], "Two": [["c"], [2.5]]})
    parsed = await bench.parse("book.xlsx", data)
    metadata = await MetadataExtractor().extract(
        bench.folder / "upload", parsed, file_name="book.xlsx", progress=bench.progress
    )
    assert (metadata.name, metadata.size, metadata.sha256) == ("book.xlsx", len(data), hashlib.sha256(data).hexdigest())
    assert (metadata.title, metadata.author, metadata.created) == ("Quarter", "Ada", "2024-01-02T03:04:05Z")
    assert metadata.sheet_names == ("One", "Two")
    assert [(table.name, table.rows, len(table.columns)) for table in metadata.tables] == [("One", 1, 2), ("Two", 1, 1)]
    assert FileMetadata.from_json(json.loads(json.dumps(metadata.to_json()))) == metadata


async def test_metadata_of_an_opendocument_spreadsheet_and_of_a_csv(bench: Bench) -> None:
    parsed = await bench.parse("b.ods", ods({"S": [["a"], [1]]}))
    extract = MetadataExtractor().extract
    metadata = await extract(bench.folder / "upload", parsed, file_name="b.ods", progress=bench.progress)
    assert (metadata.title, metadata.author, metadata.created) == ("Budget", "Grace", "2023-05-06T07:08:09")
    parsed = await bench.parse("b.csv", "a;ü\n1;2\n".encode("cp1252"))
    metadata = await extract(bench.folder / "upload", parsed, file_name="b.csv", progress=bench.progress)
    assert (metadata.encoding, metadata.title, metadata.sheet_names) == ("cp1252", None, ())


async def test_a_parsed_file_survives_the_journal(bench: Bench) -> None:
    parsed = await bench.parse("t.csv", "a;b\n1;2,5\n3\n4;5\n")
    assert ParsedFile.from_json(json.loads(json.dumps(parsed.to_json()))) == parsed
    parsed = await bench.parse("t.html", "<h1>A</h1><table><tr><th>x</th></tr><tr><td>1</td></tr></table>")
    assert ParsedFile.from_json(json.loads(json.dumps(parsed.to_json()))) == parsed


async def test_a_preview_of_removed_data_is_refused(bench: Bench) -> None:
    parsed = await bench.parse("t.txt", "hello")
    (bench.output / "document.md").unlink()
    with pytest.raises(ServiceError) as caught:
        await bench.preview(parsed)
    assert caught.value.service_code == "missing_input"
