"""The numbers of a profile against numbers counted here, and the findings against the rows that they name."""

from __future__ import annotations

import datetime as dt
import json
import math
import random
import statistics
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

import duckdb
import pytest

from symphainy.enabling_services import Limits, ParsedFile, Profile, ServiceError
from symphainy.enabling_services.profile import ColumnProfile, Finding, FindingCode

from .conftest import Bench
from .office_files import Value, xlsx


def column(profile: Profile, name: str) -> ColumnProfile:
    return next(column for column in profile.tables[0].columns if column.name == name)


def finding(profile: Profile, code: str, name: str | None = None) -> Finding:
    return next(f for f in profile.tables[0].findings if f.code == code and f.column == name)


def codes(profile: Profile) -> set[tuple[str, str | None]]:
    return {(found.code.value, found.column) for found in profile.tables[0].findings}


def evidence(bench: Bench, parsed: ParsedFile, sql: str) -> list[tuple[object, ...]]:
    table = parsed.tables[0]
    name = table.name.replace('"', '""')
    with duckdb.connect() as connection:
        connection.execute(f"CREATE VIEW \"{name}\" AS SELECT * FROM read_parquet('{bench.output / table.file_name}')")
        return connection.execute(sql).fetchall()


def csv_text(header: list[str], rows: list[list[str]]) -> str:
    return "\n".join(",".join(row) for row in [header, *rows]) + "\n"


@pytest.mark.parametrize(("seed", "copies"), [(0, 1), (1, 1), (2, 1), (3, 1), (4, 12), (5, 13)])
async def test_numbers_equal_those_computed_in_python(bench: Bench, seed: int, copies: int) -> None:
    """Once with few rows, and once with many whose values repeat: those are computed from how often each one occurs."""
    chooser = random.Random(seed)
    size = chooser.randrange(50, 3000) if copies == 1 else 1_700 + seed
    whole = [chooser.randrange(-1000, 1_000_000) if chooser.random() > 0.1 else None for _ in range(size)]
    money = [Decimal(chooser.randrange(-10_000, 10_000_000)) / 100 for _ in range(size)]
    real = [chooser.gauss(0, 1) * 10 ** chooser.randrange(-3, 12) for _ in range(size)]
    days = [dt.date(2020, 1, 1) + dt.timedelta(days=chooser.randrange(2000)) for _ in range(size)]
    words = ["w" * chooser.randrange(1, 6) + str(chooser.randrange(9)) for _ in range(size)]
    rows = [
        ["" if a is None else str(a), f"{b:.2f}", repr(c), d.isoformat(), e]
        for a, b, c, d, e in zip(whole, money, real, days, words, strict=True)
    ]
    rows = rows * copies + rows[:7]
    parsed = await bench.parse("t.csv", csv_text(["whole", "money", "real", "day", "word"], rows))
    profile = await bench.profile(parsed)
    table = profile.tables[0]
    assert (table.rows, table.duplicate_rows) == (len(rows), len(rows) - len(set(map(tuple, rows))))
    for name, raw in (("whole", whole), ("money", money), ("real", real)):
        values = [float(value) for value in raw * copies + raw[:7] if value is not None]
        got = column(profile, name)
        assert got.nulls == len(rows) - len(values)
        assert got.distinct == len(set(values))
        assert got.distinct_exact
        assert float(got.minimum) == min(values)
        assert float(got.maximum) == max(values)
        assert got.mean == pytest.approx(statistics.fmean(values), rel=1e-9, abs=1e-9)
        assert got.median == pytest.approx(statistics.median(values), rel=1e-12)
        assert got.deviation == pytest.approx(statistics.stdev(values), rel=1e-9)
        check_histogram(got, values)
    got = column(profile, "day")
    assert (got.minimum, got.maximum) == (min(days).isoformat(), max(days).isoformat())
    assert sum(bin.count for bin in got.histogram) == len(rows)
    assert len(got.histogram) == 12
    for bin in got.histogram[:-1]:
        assert bin.count == sum(bin.start <= day.isoformat() < bin.end for day in days * copies + days[:7])
    got = column(profile, "word")
    counted = Counter(words * copies + words[:7])
    assert got.distinct == len(counted)
    assert (got.shortest, got.longest) == (min(map(len, words)), max(map(len, words)))
    expected = sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:10]
    assert [(top.value, top.count) for top in got.top_values] == expected


def check_histogram(got: ColumnProfile, values: list[float]) -> None:
    assert len(got.histogram) == 12
    assert (got.histogram[0].start, got.histogram[-1].end) == (min(values), max(values))
    assert sum(bin.count for bin in got.histogram) == len(values)
    for number, bin in enumerate(got.histogram):
        last = number == 11
        inside = sum(bin.start <= value < bin.end or (last and value == bin.end) for value in values)
        assert bin.count == inside
        if not last:
            assert bin.end == got.histogram[number + 1].start


async def test_few_whole_numbers_get_a_bin_each_and_constants_a_single_one(bench: Bench) -> None:
    parsed = await bench.parse("t.csv", "stars,same,on\n1,7.5,2024-01-01\n5,7.5,2024-01-01\n5,7.5,2024-01-01\n")
    profile = await bench.profile(parsed)
    stars = column(profile, "stars").histogram
    assert [(bin.start, bin.count) for bin in stars] == [(1, 1), (2, 0), (3, 0), (4, 0), (5, 2)]
    assert [bin.count for bin in column(profile, "same").histogram] == [3]
    assert [(bin.start, bin.count) for bin in column(profile, "on").histogram] == [("2024-01-01", 3)]


async def test_every_finding_names_its_rows_and_its_sql_shows_them(bench: Bench) -> None:
    chooser = random.Random(2)
    header = ["id", "code", "city", "price", "amount", "due", "flat", "void", "note"]
    rows = [
        [
            str(number),
            f"{number * 37}",
            chooser.choice(["Berlin", "Paris"]),
            f"{chooser.randrange(10, 99)}.50",
            str(chooser.randrange(90, 110)),
            f"2024-0{chooser.randrange(1, 3)}-11",
            "x",
            "",
            "n",
        ]
        for number in range(200)
    ]
    rows[3][3], rows[4][3] = "n. a.", "12 EUR"
    rows[5][4] = "100000"
    rows[6][5], rows[7][5] = "2024-03-09", "2031-01-01"
    rows[8][2], rows[9][2], rows[10][2] = "berlin", "PARIS", "Paris "
    rows[11][8] = ""
    parsed = await bench.parse("odd table.csv", csv_text(header, rows + [rows[20]] * 2 + [["short"]]))
    profile = await bench.profile(parsed)
    assert codes(profile) == {
        ("rejected_rows", None),
        ("duplicate_rows", None),
        ("nearly_unique", "id"),
        ("nearly_unique", "code"),
        ("inconsistent_case", "city"),
        ("surrounding_spaces", "city"),
        ("text_numbers", "price"),
        ("outliers", "amount"),
        ("future_dates", "due"),
        ("constant_column", "flat"),
        ("empty_column", "void"),
        ("missing_values", "note"),
        ("constant_column", "note"),
    }
    counts = {
        ("duplicate_rows", None): 2,
        ("nearly_unique", "id"): 2,
        ("nearly_unique", "code"): 2,
        ("inconsistent_case", "city"): 3,
        ("surrounding_spaces", "city"): 1,
        ("text_numbers", "price"): 2,
        ("outliers", "amount"): 1,
        ("future_dates", "due"): 1,
        ("empty_column", "void"): 202,
        ("missing_values", "note"): 1,
    }
    for (code, name), count in counts.items():
        found = finding(profile, code, name)
        assert found.count == count, code
        assert found.sql is not None
        shown = evidence(bench, parsed, found.sql)
        if code == "inconsistent_case":
            assert sum(int(str(row[1])) for row in shown) == count
        elif code in ("duplicate_rows", "nearly_unique"):
            assert sum(int(str(row[-1])) - 1 for row in shown) == count
        else:
            assert len(shown) == count
    assert set(finding(profile, "text_numbers", "price").examples) == {"n. a.", "12 EUR"}
    assert finding(profile, "rejected_rows").examples == ("line 204 has fewer values than the table has columns",)
    severities = [found.severity.value for found in profile.tables[0].findings]
    assert severities == sorted(severities, key=["warning", "notice", "info"].index)


async def test_a_clean_table_has_nothing_but_its_key(bench: Bench) -> None:
    rows = [[str(number), f"name {number % 7}", str(100 + number % 13)] for number in range(60)]
    profile = await bench.profile(await bench.parse("t.csv", csv_text(["id", "name", "n"], rows)))
    assert codes(profile) == {("possible_key", "id")}


async def test_outliers_follow_the_modified_z_score(bench: Bench) -> None:
    chooser = random.Random(9)
    values = [round(chooser.gauss(50, 5), 3) for _ in range(500)] + [90.0, 120.5, -40.25]
    profile = await bench.profile(await bench.parse("t.csv", "v,k\n" + "".join(f"{value},x\n" for value in values)))
    median = statistics.median(values)
    mad = statistics.median(abs(value - median) for value in values)
    expected = [value for value in values if 0.6745 * abs(value - median) / mad > 3.5]
    assert finding(profile, "outliers", "v").count == len(expected) >= 3


async def test_numbers_that_a_workbook_stores_as_text_are_a_finding_and_postcodes_are_not(bench: Bench) -> None:
    rows: list[Sequence[Value]] = [["price", "zip", "on"]]
    rows += [[f"{number}.5", f"0{number}", f"2024-01-{number}"] for number in range(10, 28)]
    profile = await bench.profile(await bench.parse("book.xlsx", xlsx({"S": rows})))
    assert ("text_numbers", "price") in codes(profile)
    assert ("text_dates", "on") in codes(profile)
    assert ("text_numbers", "zip") not in codes(profile)


async def test_distinct_values_of_very_long_tables_are_estimated_and_marked(bench: Bench) -> None:
    parsed = await bench.parse("t.csv", "id,k\n" + "".join(f"{number},{number % 5}\n" for number in range(20_000)))
    profile = await bench.profile(parsed, limits=Limits(exact_distinct_rows=10_000))
    got = column(profile, "id")
    assert not got.distinct_exact
    assert got.distinct == pytest.approx(20_000, rel=0.1)
    assert not any(found.code is FindingCode.POSSIBLE_KEY for found in profile.tables[0].findings)
    assert [(top.value, top.count) for top in column(profile, "k").top_values] == [(n, 4000) for n in range(5)]


async def test_very_wide_tables_keep_details_of_the_first_columns_only(bench: Bench) -> None:
    parsed = await bench.parse(
        "t.csv", ",".join(f"c{n}" for n in range(30)) + "\n" + ",".join("12" for _ in range(30)) + "\n"
    )
    profile = await bench.profile(parsed, limits=Limits(detailed_columns=10))
    assert [bool(got.top_values) for got in profile.tables[0].columns] == [True] * 10 + [False] * 20
    assert [got.detailed for got in profile.tables[0].columns] == [True] * 10 + [False] * 20


async def test_extreme_and_odd_values_give_finite_numbers(bench: Bench) -> None:
    parsed = await bench.parse(
        "t.csv", "a,b,c\n1e308,999999999999999999,0001-01-01\n-1e308,-999999999999999999,9999-12-31\n"
    )
    profile = await bench.profile(parsed)
    text = json.dumps(profile.to_json(), allow_nan=False)
    assert Profile.from_json(json.loads(text)) == profile
    got = column(profile, "b")
    assert (got.minimum, got.maximum) == ("-999999999999999999", "999999999999999999")
    assert all(math.isfinite(bin.start) and math.isfinite(bin.end) for bin in column(profile, "a").histogram)
    assert column(profile, "c").maximum == "9999-12-31"


async def test_numbers_too_large_to_be_added_up_are_finite_however_often_they_occur(bench: Bench) -> None:
    parsed = await bench.parse("t.csv", "a,b\n" + "1e308,5\n-1e308,7\n1.5e300,7\n" * 7_000)
    got = column(await bench.profile(parsed), "a")
    assert (got.nulls, got.distinct, got.minimum, got.maximum) == (0, 3, -1e308, 1e308)
    assert got.deviation is None
    assert sum(bin.count for bin in got.histogram) == 21_000


async def test_spellings_are_counted_in_long_tables_as_in_short_ones(bench: Bench) -> None:
    parsed = await bench.parse("t.csv", "city,v\n" + ("Rome,1\nRome,2\nParis,3\n" * 100 + "rome,4\nParis ,5\n") * 70)
    profile = await bench.profile(parsed)
    found = finding(profile, "inconsistent_case", "city")
    assert found.count == 140
    assert found.sql is not None
    assert sorted(evidence(bench, parsed, found.sql)) == [("Paris ", 70), ("rome", 70)]
    assert finding(profile, "surrounding_spaces", "city").count == 70


async def test_an_empty_table_and_several_tables_have_profiles(bench: Bench) -> None:
    profile = await bench.profile(await bench.parse("t.csv", "a,b\n"))
    assert codes(profile) == {("no_rows", None)}
    profile = await bench.profile(await bench.parse("b.xlsx", xlsx({"A": [["x"], [1]], "B": [["y"], ["v"], ["w"]]})))
    assert [(table.name, table.rows) for table in profile.tables] == [("A", 1), ("B", 2)]


async def test_a_table_that_was_removed_is_said_plainly(bench: Bench) -> None:
    parsed = await bench.parse("t.csv", "a,b\n1,2\n")
    (bench.output / parsed.tables[0].file_name).unlink()
    with pytest.raises(ServiceError) as caught:
        await bench.profile(parsed)
    assert caught.value.service_code == "missing_input"


@pytest.mark.parametrize("far", [19.0, 30.0, 1000.0])
async def test_outliers_are_counted_wherever_the_histogram_does_not_rule_them_out(bench: Bench, far: float) -> None:
    """By hand: the median of 0, 0.01, ..., 9.99 and the far values is 5.0, half of the values are nearer to it than 2.505."""
    values = [number / 100 for number in range(1000)] + [far] * 3
    median = sorted(values)[501]
    deviation = sorted(abs(value - median) for value in values)[501]
    expected = sum(0.6745 * abs(value - median) / deviation > 3.5 for value in values)
    parsed = await bench.parse("t.csv", "x\n" + "".join(f"{value}\n" for value in values))
    profile = await bench.profile(parsed)
    found = [finding.count for finding in profile.tables[0].findings if finding.code is FindingCode.OUTLIERS]
    assert found == ([expected] if expected else [])
