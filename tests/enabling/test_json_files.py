"""JSON and JSON Lines as tables."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from symphainy.enabling_services import FileKind, Limits, ServiceError

from .conftest import Bench, types_of


async def test_objects_become_columns_and_lists_stay_json(bench: Bench) -> None:
    records = [
        {"id": 1, "who": {"name": "Ann", "at/home": True}, "tags": ["a", "b"], "code": "007", "on": "2024-01-02"},
        {"id": 2, "who": {"name": 'Bo"b', "at/home": False}, "tags": [], "code": "12", "on": "2024-01-03", "late": 1.5},
    ]
    parsed = await bench.parse("people.json", json.dumps(records))
    assert types_of(parsed) == {
        "id": "integer",
        "who.name": "text",
        "who.at/home": "boolean",
        "tags": "json",
        "code": "text",
        "on": "date",
        "late": "decimal",
    }
    rows = await bench.cells(parsed)
    assert rows[0][:6] == [1, "Ann", True, '["a","b"]', "007", dt.date(2024, 1, 2)]
    assert rows[1][1] == 'Bo"b'
    assert rows[0][6] is None


async def test_json_lines_are_read_whatever_the_name_says(bench: Bench) -> None:
    parsed = await bench.parse("x.json", '{"a": 1, "b": "x"}\n{"a": null, "b": "y"}\n')
    assert parsed.kind is FileKind.JSONL
    assert await bench.cells(parsed) == [[1, "x"], [None, "y"]]
    parsed = await bench.parse("x.jsonl", '\ufeff{"a": 1}\n\n{"a": 2}\n')
    assert await bench.cells(parsed) == [[1], [2]]


async def test_a_wrapping_object_gives_a_table_for_each_list_of_objects(bench: Bench) -> None:
    data = {"orders": [{"id": 1}, {"id": 2}], "customers": [{"name": "Ann"}], "total": 2, "page": {"next": None}}
    parsed = await bench.parse("api.json", json.dumps(data))
    assert {table.name: table.rows for table in parsed.tables} == {"orders": 2, "customers": 1, "api": 1}
    assert await bench.cells(parsed, 0) == [[1], [2]]
    assert types_of(parsed, 2) == {"total": "integer", "page.next": "text"}


async def test_values_of_several_kinds_become_text(bench: Bench) -> None:
    parsed = await bench.parse("x.json", '[{"v": 1}, {"v": "one"}, {"v": true}]')
    assert types_of(parsed) == {"v": "text"}
    assert await bench.cells(parsed) == [["1"], ["one"], ["true"]]


async def test_names_that_differ_only_in_case_are_kept_apart(bench: Bench) -> None:
    parsed = await bench.parse("x.json", '[{"a": 1, "A": 2}]')
    assert await bench.cells(parsed) == [[1, 2]]
    assert [column.name for column in parsed.tables[0].columns] == ["a", "A_2"]


async def test_a_list_of_plain_values_is_one_column(bench: Bench) -> None:
    parsed = await bench.parse("x.json", "[3, 1, 2]")
    assert await bench.cells(parsed) == [[3], [1], [2]]
    assert types_of(parsed) == {"value": "integer"}


async def test_utf_16_is_read(bench: Bench) -> None:
    parsed = await bench.parse("x.json", '[{"ort": "Köln"}]'.encode("utf-16"))
    assert await bench.cells(parsed) == [["Köln"]]


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("x.json", '[{"a": 1}, {"a": 2', "truncated"),
        ("x.json", '[{"a": 1}, {"a" 2}]', "not_a_json"),
        ("x.jsonl", '{"a": 1}\n{"a" 2}\n', "not_a_jsonl"),
        ("x.json", "hello", "not_a_json"),
        ("x.json", "[]", "empty"),
        ("x.json", "{}", "empty"),
        ("x.json", '[{"a":' + '{"a":' * 3_000 + "1" + "}" * 3_001 + "]", "unsupported"),
        ("x.json", "[" * 200_000 + "]" * 200_000, "unsupported"),
        ("x.json", '{"a":' * 200_000 + "1" + "}" * 200_000, "unsupported"),
        ("x.json", json.dumps([{f"k{number}": 1 for number in range(2_001)}]), "too_many_columns"),
        ("x.json", b"\x00\x01\x02" * 100, "not_a_json"),
    ],
)
async def test_what_is_no_json_is_refused_and_the_next_file_is_read(
    bench: Bench, name: str, data: str | bytes, code: str
) -> None:
    with pytest.raises(ServiceError) as caught:
        await bench.parse(name, data)
    assert caught.value.service_code == code
    assert bench.leftovers() == []
    assert (await bench.parse("next.json", '[{"a": 1}]')).tables[0].rows == 1


async def test_a_number_of_two_million_digits_stays_text(bench: Bench) -> None:
    parsed = await bench.parse("x.json", '[{"a": ' + "9" * 2_000_000 + "}]", limits=Limits())
    assert types_of(parsed) == {"a": "text"}
