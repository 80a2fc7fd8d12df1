"""How questions are read: each kind of structure on a table made for it, compared with SQL written by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import duckdb
import pytest

from symphainy.enabling_services.insights.data_insights_query import DataInsightsQuery, TableAnswer
from symphainy.enabling_services.insights.query import Unclear
from symphainy.enabling_services.insights.query_engine import QueryEngine

RENTALS = """
SELECT 'R' || range AS rental_no, 'guest ' || range % 6 AS customer_name, ['SUV', 'Van', 'Compact'][range % 3 + 1] AS vehicle_class,
 ['Airport', 'Harbour'][range % 2 + 1] AS branch, DATE '2024-01-01' + (range * 3)::INT AS picked_up_on,
 DATE '2024-01-01' + (range * 3 + 5)::INT AS due_back,
 CASE WHEN range % 9 > 0 THEN DATE '2024-01-01' + (range * 3 + 4 + range % 4)::INT END AS returned_on,
 20.0 + range % 11 AS daily_rate, (20.0 + range % 11) * (1 + range % 5) AS total_charge, 10 * (range % 13) AS km_driven,
 range % 10 = 0 AS damaged
FROM range(200)
"""


@pytest.fixture
async def service() -> AsyncIterator[DataInsightsQuery]:
    async with QueryEngine() as engine:
        yield DataInsightsQuery(engine)


@pytest.fixture
def rentals(tmp_path: Path) -> Path:
    path = tmp_path / "rentals.parquet"
    duckdb.sql(f"COPY ({RENTALS}) TO '{path}' (FORMAT parquet)")
    return path


@pytest.mark.parametrize(
    ("question", "sql"),
    [
        ("how many rentals per customer on average?",
         "SELECT avg(n) FROM (SELECT count(*) n FROM t GROUP BY customer_name)"),
        ("how many customers have more than 33 rentals?",
         "SELECT count(*) FROM (SELECT 1 FROM t GROUP BY customer_name HAVING count(*) > 33)"),
        ("is km driven correlated with total charge?", "SELECT corr(km_driven, total_charge), count(*) FROM t"),
        ("top 2 customers per branch by total charge",
         "SELECT branch, customer_name, sum(total_charge) FROM t GROUP BY 1, 2 QUALIFY row_number() OVER "
         "(PARTITION BY branch ORDER BY sum(total_charge) DESC) <= 2 ORDER BY 1, 3 DESC"),
        ("how many rentals were returned after they were due back?", "SELECT count(*) FROM t WHERE returned_on > due_back"),
        ("how many rentals were returned more than 1 day after the due date?",
         "SELECT count(*) FROM t WHERE date_diff('day', due_back, returned_on) > 1"),
        ("which customers have never rented a van?",
         "SELECT customer_name, count(*) FILTER (vehicle_class = 'Van') FROM t GROUP BY 1 "
         "HAVING count(*) FILTER (vehicle_class = 'Van') = 0 ORDER BY 1"),
        ("rentals per weekday", "SELECT dayname(picked_up_on), count(*) FROM t GROUP BY 1 ORDER BY min(isodow(picked_up_on))"),
        ("average rental length by vehicle class",
         "SELECT vehicle_class, avg(date_diff('day', picked_up_on, returned_on)) a FROM t GROUP BY 1 ORDER BY 2 DESC"),
        ("total charge per km driven", "SELECT sum(total_charge) / sum(km_driven) FROM t"),
        ("how many rentals have total charge > 90 and km driven <= 200?",
         "SELECT count(*) FROM t WHERE total_charge > 90 AND km_driven <= 200"),
        ("how many rentals with km driven are there?", "SELECT count(*) FROM t WHERE km_driven > 0"),
        ("how many rentals are not returned yet?", "SELECT count(*) FROM t WHERE returned_on IS NULL"),
        ("higest total chrage", "SELECT max(total_charge) FROM t"),
        ("how many rentals had a total charge above average?",
         "SELECT count(*) FROM t WHERE total_charge > (SELECT avg(total_charge) FROM t)"),
        ("total charge as a percentage of km driven by branch",
         "SELECT branch, 100.0 * sum(total_charge) / sum(km_driven) FROM t GROUP BY 1 ORDER BY 2 DESC"),
        ("how many more suv than van rentals were there?",
         "SELECT count(*) FILTER (vehicle_class = 'SUV') - count(*) FILTER (vehicle_class = 'Van'), "
         "count(*) FILTER (vehicle_class = 'SUV'), count(*) FILTER (vehicle_class = 'Van') FROM t"),
        ("number of days it takes to return a rental on average", "SELECT avg(date_diff('day', picked_up_on, returned_on)) FROM t"),
    ],
)  # fmt: skip
async def test_each_structure_gives_what_sql_by_hand_gives(
    service: DataInsightsQuery, rentals: Path, question: str, sql: str
) -> None:
    answer = await service.answer(rentals, "rentals", question)
    assert isinstance(answer, TableAnswer), answer
    with duckdb.connect() as connection:
        expected = connection.execute(sql.replace("FROM t", f"FROM '{rentals}' AS t")).fetchall()
    assert [[_same(value) for value in row] for row in answer.answered.rows] == [
        [_same(v) for v in row] for row in expected
    ]


def _same(value: object) -> object:
    return round(float(value), 9) if isinstance(value, int | float) else str(value)


async def test_growth_stands_beside_each_period(service: DataInsightsQuery, rentals: Path) -> None:
    answer = await service.answer(rentals, "rentals", "month over month growth of total charge")
    assert isinstance(answer, TableAnswer)
    assert answer.answered.columns == ("month of picked_up_on", "total total_charge", "change", "change in %")
    january, february = (
        [float(str(value)) if value is not None else None for value in row[1:]] for row in answer.answered.rows[:2]
    )
    assert january[1:] == [None, None]
    assert january[0] is not None
    assert february[0] is not None
    change = february[0] - january[0]
    assert february[1:] == [pytest.approx(change), pytest.approx(100 * change / january[0])]  # pyright: ignore[reportUnknownMemberType]
    assert "its change from one month to the next" in answer.interpretation


@pytest.mark.parametrize(
    "question",
    [
        "how many rentals were escalated?",
        "average daily rate of loyal customers",
        "total charge by branch where the mileage cap was waived",
        "which customer is the slowest?",
    ],
)
async def test_a_word_that_means_nothing_here_is_asked_about(
    service: DataInsightsQuery, rentals: Path, question: str
) -> None:
    assert isinstance(await service.answer(rentals, "rentals", question), Unclear)
