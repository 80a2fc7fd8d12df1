"""What was put in is found; what was shuffled away is not reported; every number comes from its SQL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from symphainy.enabling_services.errors import ServiceError
from symphainy.enabling_services.insights.insights_generator import InsightsGenerator
from tests.insights.planted_tables import (
    Table,
    broken_trend,
    denying_adjusters,
    late_payers,
    linked,
    odd_adjusters,
    outliers,
)


async def no_progress(fraction: float, detail: str) -> None:
    """Nobody looks."""


async def found_in(table: Table, folder: Path) -> dict[str, Any]:
    path = table.write(folder)
    return await InsightsGenerator().generate(path, table.name, work_dir=folder, progress=no_progress)


def titles(result: dict[str, Any], kind: str) -> list[str]:
    return [finding["title"] for finding in result["findings"] if finding["type"] == kind]


@pytest.mark.parametrize(("rows", "customers", "late"), [(5_000, 200, 6), (500, 25, 3)])
async def test_late_payers_are_named(tmp_path: Path, rows: int, customers: int, late: int) -> None:
    result = await found_in(late_payers(rows, 1, customers=customers, late=late), tmp_path)
    (title,) = titles(result, "anomaly")
    assert all(f"Debtor {number:03}" in title for number in range(late))
    assert f"Debtor {late:03}" not in title
    assert any("How late" in item["title"] for item in result["distributions"])


@pytest.mark.parametrize(("rows", "people", "tail_only"), [(5_000, 20, False), (600, 10, False), (20_000, 40, True)])
async def test_three_people_who_behave_differently_are_named(
    tmp_path: Path, rows: int, people: int, tail_only: bool
) -> None:
    result = await found_in(odd_adjusters(rows, 5, people=people, odd=3, tail_only=tail_only), tmp_path)
    (title,) = titles(result, "anomaly")
    assert all(name in title for name in ("H-A0", "H-B1", "H-C2"))
    assert "H-D3" not in title


async def test_three_people_with_another_share_of_outcomes_are_named(tmp_path: Path) -> None:
    result = await found_in(denying_adjusters(3_000, 7, people=15, odd=3), tmp_path)
    assert titles(result, "anomaly")[0] == "P0, P1 and P2 stand out in clerk: decision = denied"


@pytest.mark.parametrize("turn", [True, False])
async def test_a_broken_trend_is_dated(tmp_path: Path, turn: bool) -> None:
    result = await found_in(broken_trend(3_000, 8, turn=turn), tmp_path)
    (title,) = titles(result, "trend")
    month = title.removeprefix("The trend of yield kg breaks at ")[:7]
    assert month in (("2023-08", "2023-09", "2023-10") if turn else ("2023-05", "2023-06"))


@pytest.mark.parametrize(("rows", "count"), [(5_000, 8), (500, 3)])
async def test_outliers_are_counted_and_ordinary_long_tails_are_not(tmp_path: Path, rows: int, count: int) -> None:
    result = await found_in(outliers(rows, 11, count=count), tmp_path)
    assert titles(result, "anomaly") == [f"{count} outliers in mass"]


async def test_correlation_comparison_and_concentration(tmp_path: Path) -> None:
    result = await found_in(linked(4_000, 13), tmp_path)
    assert titles(result, "correlation") == ["Flow rises with pressure"]
    assert titles(result, "comparison") == ["Lifetime differs by grade"]
    assert titles(result, "concentration") == ["Few of maker hold most of turnover"]


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(
    "table",
    [
        late_payers(900, 1, customers=40, late=4),
        odd_adjusters(600, 4, people=10, odd=3, tail_only=True),
        denying_adjusters(1_000, 7, people=15, odd=3),
        broken_trend(800, 8),
        linked(800, 13),
        outliers(800, 11, count=0),
    ],
    ids=lambda table: table.name,
)
async def test_nothing_is_found_in_shuffled_columns(tmp_path: Path, table: Table, seed: int) -> None:
    result = await found_in(table.shuffled(seed), tmp_path)
    assert result["tests"] > 20
    assert result["findings"] == []


async def test_every_number_is_what_its_sql_gives(tmp_path: Path) -> None:
    for table in (linked(2_000, 13), late_payers(1_500, 3, customers=60, late=4), broken_trend(1_500, 8)):
        result = await found_in(table, tmp_path)
        assert result["findings"]
        with duckdb.connect() as connection:
            path = tmp_path / f"{table.name}.parquet"
            connection.execute(f"CREATE VIEW \"{table.name}\" AS SELECT * FROM read_parquet('{path}')")
            for finding in (*result["findings"], *result["distributions"]):
                cursor = connection.execute(finding["sql"])
                names = [column[0] for column in cursor.description or []]
                (row,) = cursor.fetchall()
                assert dict(zip(names, row, strict=True)) == pytest.approx(finding["numbers"], rel=1e-9)
                assert finding["formula"]
                assert connection.execute(finding["rows_sql"]).fetchone() is not None


async def test_too_few_rows_are_refused_with_a_reason(tmp_path: Path) -> None:
    with pytest.raises(ServiceError) as refused:
        await found_in(linked(12, 1), tmp_path)
    assert refused.value.service_code == "too_few_rows"
