"""Checking what was read, and writing it in other formats."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from decimal import Decimal

import duckdb
import pytest

from symphainy.enabling_services import DataQuality, FormatComposer, MetadataExtractor, ParsedFile, ServiceError
from symphainy.enabling_services.content.stored import KeptTable
from symphainy.enabling_services.content.validation import Validation

from .conftest import Bench

CLAIMS = (
    "claim,policy,amount,note,email\n"
    "C1,7,10.50,ok,a@example.org\n"
    "C2,8,20.25,,b@example.org\n"
    "C3,8,30.00,x|y,\n"
    "C3,8,30.00,x|y,\n"
    'C4,nine,5.00,"two\nlines",c@example.org\n'
    "C5,10\n"
)


def tables(bench: Bench, parsed: ParsedFile) -> list[KeptTable]:
    return [KeptTable(table.name, bench.output / table.file_name, table.rows, table.columns) for table in parsed.tables]


async def validate(bench: Bench, text: str, rules: list[object] | None = None, sha256: str = "") -> Validation:
    parsed = await bench.parse("claims.csv", text)
    source = bench.folder / "upload"
    metadata = await MetadataExtractor().extract(source, parsed, file_name="claims.csv", progress=bench.progress)
    return await DataQuality().validate(
        source,
        tables(bench, parsed),
        file_id="file_1",
        sha256=sha256 or hashlib.sha256(text.encode()).hexdigest(),
        metadata=metadata,
        rules=rules or [],
        output_dir=bench.output,
        progress=bench.progress,
    )


def by_name(report: Validation, name: str) -> list[tuple[str, str | None, int]]:
    return [(check.outcome.value, check.column, check.count) for check in report.checks if check.name == name]


async def test_every_planted_fault_is_found_with_its_rows(bench: Bench) -> None:
    report = await validate(bench, CLAIMS)
    assert (report.rows, report.rejected_count) == (5, 1)
    assert [(row.line, row.reason) for row in report.rejected] == [(8, report.rejected[0].reason)]
    assert by_name(report, "rows") == [("failed", None, 1)]
    assert by_name(report, "integrity") == [("passed", None, 0)]
    assert by_name(report, "duplicates") == [("failed", None, 1)]
    assert by_name(report, "missing") == [("failed", "note", 1), ("failed", "email", 2)]
    drift = next(check for check in report.checks if check.name == "type")
    assert (drift.column, drift.count) == ("policy", 1)
    assert [(example.row, example.value) for example in drift.examples] == [(5, "nine")]
    assert by_name(report, "key") == [("notice", None, 0)]


async def test_a_clean_table_passes_and_its_key_is_named(bench: Bench) -> None:
    report = await validate(bench, "region,month,sales\nN,1,5\nN,2,6\nS,1,5\nS,2,5\n")
    assert report.failed == ()
    assert [key.columns for key in report.keys] == [("region", "month")]


async def test_rules_of_the_user_name_the_rows_that_break_them(bench: Bench) -> None:
    report = await validate(
        bench,
        CLAIMS,
        [
            {"column": "email", "rule": "required"},
            {"column": "claim", "rule": "unique"},
            {"column": "amount", "rule": "maximum", "value": 30},
            {"column": "amount", "rule": "minimum", "value": 10.5},
            {"column": "policy", "rule": "one_of", "value": ["7", "8"]},
            {"column": "email", "rule": "matches", "value": "[a-c]@example\\.org"},
        ],
    )
    assert [
        (check.outcome.value, check.count, [example.row for example in check.examples])
        for check in sorted(
            (check for check in report.checks if check.name == "rule"), key=lambda check: check.statement
        )
    ] == [
        ("failed", 1, [5]),
        ("passed", 0, []),
        ("failed", 2, [3, 4]),
        ("failed", 2, [3, 4]),
        ("passed", 0, []),
        ("failed", 1, [5]),
    ]


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ({"column": "amount"}, "it needs `column`"),
        ({"column": "amount", "rule": "shiny"}, "it needs `column`"),
        ({"column": "amount", "rule": "minimum", "value": "much"}, "a number or a date"),
        ({"column": "nothing", "rule": "required"}, "no column 'nothing'"),
        ({"column": "email", "rule": "matches", "value": "("}, "does not go with"),
        ({"column": "note", "rule": "minimum", "value": 3}, "does not go with"),
    ],
)
async def test_a_rule_that_cannot_be_checked_says_why(bench: Bench, rule: object, why: str) -> None:
    with pytest.raises(ServiceError) as caught:
        await validate(bench, CLAIMS, [rule])
    assert caught.value.service_code == "bad_rule"
    assert why in caught.value.message


async def test_another_file_in_the_place_of_the_upload_is_noticed(bench: Bench) -> None:
    assert by_name(await validate(bench, CLAIMS, sha256="0" * 64), "integrity") == [("failed", None, 1)]


async def converted(bench: Bench, form: str) -> bytes:
    parsed = await bench.parse("claims.csv", CLAIMS)
    target = bench.output / "export"
    await FormatComposer().compose(tables(bench, parsed)[0], form, target=target, progress=bench.progress)
    return target.read_bytes()


async def test_csv_json_parquet_and_markdown_hold_every_row(bench: Bench) -> None:
    rows = list(csv.reader(io.StringIO((await converted(bench, "csv")).decode())))
    assert rows[0] == ["claim", "policy", "amount", "note", "email"]
    assert rows[5] == ["C4", "nine", "5.00", "two\nlines", "c@example.org"]
    found = json.loads(await converted(bench, "json"))
    assert [row["amount"] for row in found] == [10.5, 20.25, 30.0, 30.0, 5.0]
    assert found[1]["note"] is None
    await converted(bench, "parquet")
    with duckdb.connect() as connection:
        sums = connection.execute(
            f"SELECT sum(amount), count(*) FROM read_parquet('{bench.output / 'export'}')"
        ).fetchall()
    assert sums == [(Decimal("95.75"), 5)]
    lines = (await converted(bench, "markdown")).decode().splitlines()
    assert lines[:2] == ["| claim | policy | amount | note | email |", "| --- | --- | ---: | --- | --- |"]
    assert lines[4] == "| C3 | 8 | 30.00 | x\\|y |  |"
    assert lines[6] == "| C4 | nine | 5.00 | two lines | c@example.org |"
