"""CSV and TSV: what is read is what was written, and what was assumed is said."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal

import pytest

from symphainy.enabling_services import Limits, ServiceError

from .conftest import Bench, types_of
from .moments import at


async def test_types_are_the_most_exact_that_fit_every_value(bench: Bench) -> None:
    parsed = await bench.parse(
        "sales.csv",
        "id,zip,amount,rate,on,at,paid,name\n"
        "1,01234,12.50,1.5e3,2024-01-31,2024-01-31 10:00:00,true,Ann\n"
        "2,99999,-0.25,2,2024-02-29,2024-02-29T23:59:59.5,false,Bob\n",
    )
    assert types_of(parsed) == {
        "id": "integer",
        "zip": "text",
        "amount": "decimal",
        "rate": "number",
        "on": "date",
        "at": "timestamp",
        "paid": "boolean",
        "name": "text",
    }
    assert parsed.tables[0].name == "sales"
    assert await bench.cells(parsed) == [
        [1, "01234", Decimal("12.50"), 1500.0, dt.date(2024, 1, 31), at(2024, 1, 31, 10), True, "Ann"],
        [
            2,
            "99999",
            Decimal("-0.25"),
            2.0,
            dt.date(2024, 2, 29),
            at(2024, 2, 29, 23, 59, 59, 500000),
            False,
            "Bob",
        ],
    ]
    assert parsed.warnings == ()


@pytest.mark.parametrize(
    ("encoding", "reported"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16"),
        ("utf-16-be", "utf-16"),
        ("cp1252", "cp1252"),
    ],
)
async def test_the_encoding_is_found_and_no_letter_is_lost(bench: Bench, encoding: str, reported: str) -> None:
    parsed = await bench.parse("städte.csv", "name,größe\nKöln,1\nMálaga,2\n".encode(encoding))
    assert parsed.encoding == reported
    assert types_of(parsed) == {"name": "text", "größe": "integer"}
    assert await bench.cells(parsed) == [["Köln", 1], ["Málaga", 2]]


async def test_a_byte_that_cp1252_lacks_makes_latin_1(bench: Bench) -> None:
    parsed = await bench.parse("x.csv", b"a,b\ncaf\xe9 is a place to drink\x81,1\n")
    assert parsed.encoding == "latin-1"
    assert any("encoding" in warning for warning in parsed.warnings)


@pytest.mark.parametrize(
    ("delimiter", "name"), [(",", "x.csv"), (";", "x.csv"), ("\t", "x.tsv"), ("|", "x.csv"), ("\t", "x.csv")]
)
async def test_the_delimiter_is_found(bench: Bench, delimiter: str, name: str) -> None:
    lines = ["a", "b", "c"], ["1", "x y", "2.5"], ["2", "z", "3.5"]
    parsed = await bench.parse(name, "\n".join(delimiter.join(line) for line in lines))
    assert parsed.dialect is not None
    assert parsed.dialect.delimiter == delimiter
    assert types_of(parsed) == {"a": "integer", "b": "text", "c": "decimal"}


async def test_semicolons_bring_decimal_commas_and_thousands_dots(bench: Bench) -> None:
    parsed = await bench.parse("x.csv", "preis;menge;datum\n1.234,50;1;03.02.2024\n-0,5;2;28.02.2024\n")
    assert parsed.dialect is not None
    assert parsed.dialect.decimal == ","
    assert await bench.cells(parsed) == [
        [Decimal("1234.50"), 1, dt.date(2024, 2, 3)],
        [Decimal("-0.50"), 2, dt.date(2024, 2, 28)],
    ]


async def test_grouped_thousands_in_quotes_are_numbers(bench: Bench) -> None:
    parsed = await bench.parse("x.csv", 'city,people\nA,"1,234"\nB,"12,345,678"\nC,7\n')
    assert [row[1] for row in await bench.cells(parsed)] == [1234, 12345678, 7]


async def test_semicolons_with_decimal_points_keep_points(bench: Bench) -> None:
    parsed = await bench.parse("x.csv", "a;b\n1.5;x\n2.25;y\n")
    assert [row[0] for row in await bench.cells(parsed)] == [Decimal("1.50"), Decimal("2.25")]


async def test_slashed_dates_follow_the_column_that_settles_it(bench: Bench) -> None:
    parsed = await bench.parse("x.csv", "a,b\n03/04/2024,25/12/2024\n05/06/2024,01/01/2024\n")
    assert (await bench.cells(parsed))[0] == [dt.date(2024, 4, 3), dt.date(2024, 12, 25)]
    assert parsed.warnings == ()


async def test_ambiguous_dates_are_read_month_first_and_said(bench: Bench) -> None:
    parsed = await bench.parse("x.csv", "a,b\n03/04/2024,x\n05/06/2024,y\n")
    assert (await bench.cells(parsed))[0][0] == dt.date(2024, 3, 4)
    assert any("month/day/year" in warning for warning in parsed.warnings)


async def test_times_with_an_offset_become_utc(bench: Bench) -> None:
    parsed = await bench.parse("x.csv", "a,b\n2024-01-01T10:00:00+02:00,1\n2024-01-01T10:00:00Z,2\n")
    assert [row[0] for row in await bench.cells(parsed)] == [at(2024, 1, 1, 8), at(2024, 1, 1, 10)]
    assert any("UTC" in warning for warning in parsed.warnings)


async def test_a_value_that_does_not_fit_anywhere_in_the_file_keeps_the_column_text(bench: Bench) -> None:
    rows = [str(number) for number in range(30_000)]
    rows[25_000] = "unknown"
    parsed = await bench.parse("x.csv", "n,k\n" + "".join(f"{row},1\n" for row in rows))
    assert types_of(parsed) == {"n": "text", "k": "integer"}


async def test_words_for_missing_are_missing_in_numbers_and_stay_in_text(bench: Bench) -> None:
    parsed = await bench.parse("x.csv", "n,t\n1,NA\nN/A,x\n,y\n3,\n")
    assert await bench.cells(parsed) == [[1, "NA"], [None, "x"], [None, "y"], [3, None]]
    assert any("missing" in warning for warning in parsed.warnings)


async def test_codes_longer_than_eighteen_digits_stay_text(bench: Bench) -> None:
    parsed = await bench.parse("x.csv", "code,n\n1234567890123456789,1\n2234567890123456789,2\n")
    assert types_of(parsed)["code"] == "text"


async def test_ragged_rows_are_left_out_and_named_by_their_line(bench: Bench) -> None:
    parsed = await bench.parse("x.csv", 'a,b\n1,x\n2,"two\nlines"\n3\n4,y\n5,z,extra\n6,w\n')
    assert parsed.rejected_rows.count == 2
    assert [row.line for row in parsed.rejected_rows.first] == [5, 7]
    assert [row.reason.split()[1] for row in parsed.rejected_rows.first] == ["fewer", "more"]
    assert await bench.cells(parsed) == [[1, "x"], [2, "two\nlines"], [4, "y"], [6, "w"]]
    assert any("line 5" in warning for warning in parsed.warnings)


async def test_only_the_first_twenty_rejected_rows_are_named(bench: Bench) -> None:
    body = "".join(f"{number},x\n" + (f"{number}\n" if number % 2 else "") for number in range(100))
    parsed = await bench.parse("x.csv", "a,b\n" + body)
    assert parsed.rejected_rows.count == 50
    assert len(parsed.rejected_rows.first) == 20


async def test_quotes_delimiters_and_newlines_inside_values_survive(bench: Bench) -> None:
    parsed = await bench.parse("x.csv", 'a,b\n"say ""hi"", ok","1\r\n2"\n5" pipe,x\n')
    assert await bench.cells(parsed) == [['say "hi", ok', "1\n2"], ['5" pipe', "x"]]


async def test_single_quotes_and_backslashes_are_found(bench: Bench) -> None:
    parsed = await bench.parse("x.csv", "a,b\n'x,1',2\n'y,2',3\n'z',4\n")
    assert await bench.cells(parsed) == [["x,1", 2], ["y,2", 3], ["z", 4]]
    parsed = await bench.parse("y.csv", 'a,b\n"x \\"one\\", 1",2\n"y, 2",3\n"z",4\n')
    assert await bench.cells(parsed) == [['x "one", 1', 2], ["y, 2", 3], ["z", 4]]


async def test_names_are_repaired_and_said(bench: Bench) -> None:
    parsed = await bench.parse("x.csv", "id,,Name,name, two  words ,file_row_number\n1,2,3,4,5,6\n")
    assert [column.name for column in parsed.tables[0].columns] == [
        "id",
        "column_2",
        "Name",
        "name_2",
        "two words",
        "file_row_number_2",
    ]
    assert len(parsed.warnings) == 2


async def test_a_delimiter_at_the_end_of_each_line_makes_no_column(bench: Bench) -> None:
    parsed = await bench.parse("x.csv", "a,b,\n1,2,\n3,4,\n")
    assert types_of(parsed) == {"a": "integer", "b": "integer"}


async def test_a_header_one_name_short_names_the_columns_after_the_first(bench: Bench) -> None:
    parsed = await bench.parse("x.csv", "height,weight\nann,170,60\nbob,180,80\n")
    assert types_of(parsed) == {"column_1": "text", "height": "integer", "weight": "integer"}


async def test_a_file_without_a_header_gets_numbered_columns(bench: Bench) -> None:
    parsed = await bench.parse("x.csv", "1,ann,2024-01-01\n2,bob,2024-01-02\n")
    assert types_of(parsed) == {"column_1": "integer", "column_2": "text", "column_3": "date"}
    assert parsed.tables[0].rows == 2


async def test_one_column_header_only_and_titles_above(bench: Bench) -> None:
    one = await bench.parse("x.csv", "name\nAnn, the first\nBob\n")
    assert await bench.cells(one) == [["Ann, the first"], ["Bob"]]
    header = await bench.parse("x.csv", "a,b,c\n")
    assert (header.tables[0].rows, len(header.tables[0].columns)) == (0, 3)
    assert any("no rows" in warning for warning in header.warnings)
    titled = await bench.parse("x.csv", "Report of May\n\nid;name;n\n1;x;2\n2;y;3\nbad\n")
    assert types_of(titled) == {"id": "integer", "name": "text", "n": "integer"}
    assert titled.rejected_rows.first[0].line == 6


async def test_the_separator_line_of_excel_is_obeyed_and_skipped(bench: Bench) -> None:
    parsed = await bench.parse("x.csv", "sep=;\r\na;b\r\n1,5;x\r\n")
    assert await bench.cells(parsed) == [[Decimal("1.5"), "x"]]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
async def test_every_newline_style_gives_the_same_rows(bench: Bench, newline: str) -> None:
    parsed = await bench.parse("x.csv", newline.join(["a,b", "1,x", "2,y", ""]))
    assert await bench.cells(parsed) == [[1, "x"], [2, "y"]]


async def test_the_order_of_rows_is_kept_in_a_file_read_in_several_places_at_once(bench: Bench) -> None:
    numbers = list(range(400_000))
    parsed = await bench.parse("x.csv", "n,filler\n" + "".join(f"{number},{'v' * 60}\n" for number in numbers))
    assert [row[0] for row in await bench.cells(parsed)] == numbers
    shown = await bench.preview(parsed, rows=3)
    assert [row[0] for row in shown.tables[0].cells] == [0, 1, 2]


async def test_newlines_and_quotes_in_values_survive_reading_in_several_places_at_once(bench: Bench) -> None:
    chooser = random.Random(11)
    rows = [
        (number, chooser.choice(['two\nlines, "quoted"', "a,b\n\n", "plain text " * 5, '"']))
        for number in range(350_000)
    ]
    quoted = "".join(f'{number},"{text.replace(chr(34), chr(34) * 2)}"\n' for number, text in rows)
    assert len(quoted) > 10_000_000
    parsed = await bench.parse("x.csv", "number,text\n" + quoted)
    assert [tuple(row) for row in await bench.cells(parsed)] == rows


@pytest.mark.parametrize("filler", ["x\n", "x,y\n", "longer line, with more, values\n"])
async def test_a_quote_that_never_closes_is_found_in_a_large_file(bench: Bench, filler: str) -> None:
    with pytest.raises(ServiceError) as caught:
        await bench.parse("x.csv", 'a,b\n0,z\n1,"' + filler * (20_000_000 // len(filler)))
    assert (caught.value.service_code, caught.value.details) == ("truncated", {"line": 3})


async def test_a_quote_in_the_wrong_place_costs_one_row(bench: Bench) -> None:
    parsed = await bench.parse("x.csv", 'a,b\n1,x\n2,"in"side"\n3,y\n')
    assert parsed.rejected_rows.first[0].line == 3
    assert [row[0] for row in await bench.cells(parsed)] == [1, 3]


async def test_random_tables_come_back_as_they_were_written(bench: Bench) -> None:
    chooser = random.Random(5)
    alphabet = 'ab ,;"\n\té€x'
    for _ in range(5):
        rows = [
            (number, "k" + "".join(chooser.choice(alphabet) for _ in range(chooser.randrange(12))) + "k")
            for number in range(1, 300)
        ]
        quoted = "".join(f'{number},"{text.replace(chr(34), chr(34) * 2)}"\n' for number, text in rows)
        parsed = await bench.parse("x.csv", "number,text\n" + quoted)
        assert [tuple(row) for row in await bench.cells(parsed)] == rows
        assert parsed.rejected_rows.count == 0


@pytest.mark.parametrize(
    ("data", "limits", "code"),
    [
        (",".join(f"c{number}" for number in range(1_000_000)), Limits(), "too_many_columns"),
        ("a,b\n" + "1,2\n" * 101, Limits(rows=100), "too_many_rows"),
        ("a,b\n" + "1,2\n" * 101, Limits(file_bytes=100), "too_large"),
        ("", Limits(), "empty"),
        (" \n\n \n", Limits(), "empty"),
        ('a,b\n1,"x\n' + "2,y\n" * 1000, Limits(), "truncated"),
        ("a,b\n1,Köln\n".encode() + b"2,K\xf6ln\n" + "3,Zürich\n4,Málaga\n".encode(), Limits(), "encoding"),
        (random.Random(1).randbytes(5000), Limits(), "not_a_csv"),
        ("a,b\n" + "1,2\n" * 20_000 + "\0\1\2\3" * 100, Limits(), "not_a_csv"),
        ("<!DOCTYPE html><html><body>x</body></html>", Limits(), "not_a_csv"),
        ('[{"a": 1}]', Limits(), "not_a_csv"),
    ],
)
async def test_what_is_no_table_is_refused_and_the_next_file_is_read(
    bench: Bench, data: str | bytes, limits: Limits, code: str
) -> None:
    with pytest.raises(ServiceError) as caught:
        await bench.parse("x.csv", data, limits=limits)
    assert caught.value.service_code == code
    assert bench.leftovers() == []
    assert (await bench.parse("next.csv", "a,b\n1,2\n")).tables[0].rows == 1


async def test_a_wide_table_is_read_like_a_narrow_one(bench: Bench) -> None:
    """The columns of a wide table are tried together, those of a narrow one by themselves."""
    columns = {
        "whole": ["1", "22", "-3"],
        "exact": ["1.50", "2.25", "N/A"],
        "grouped": ["1,234", "5", "12,345,678"],
        "code": ["007", "1", "2"],
        "day": ["2024-01-31", "", "2024-02-29"],
        "slashed": ["31/01/2024", "01/02/2024", "-"],
        "moment": ["2024-01-31T10:00:00Z", "2024-01-31 10:00:00+02:00", ""],
        "truth": ["true", "FALSE", "null"],
        "answer": ["yes", "no", "yes"],
        "power": ["1e3", "2", "0.5"],
        "long": ["1234567890123456789", "1", "2"],
        "empty": ["", "", ""],
        "words": ["NA", "n/a", ""],
        "text": ["a", " b ", "1"],
    }

    def table(times: int) -> str:
        names = [f"{name}_{number}" for number in range(times) for name in columns]
        rows = [[f'"{values[row]}"' for _ in range(times) for values in columns.values()] for row in range(3)]
        return "\n".join(",".join(row) for row in [names, *rows]) + "\n"

    narrow, wide = await bench.parse("narrow.csv", table(1)), None
    expected, values = types_of(narrow), (await bench.cells(narrow))
    wide = await bench.parse("wide.csv", table(6))
    found = types_of(wide)
    assert {name: found[name] for name in expected} == expected
    assert [row[: len(columns)] for row in await bench.cells(wide)] == values
    assert all(found[f"{name}_5"] == expected[f"{name}_0"] for name in columns)


async def test_a_line_without_quotes_is_not_said_to_have_an_open_one(bench: Bench) -> None:
    parsed = await bench.parse("long.csv", "name,amount\n" + "x" * 3_000_000 + ",1\nb,2\n")
    assert parsed.rejected_rows.count == 1
    assert await bench.cells(parsed) == [["b", 2]]
