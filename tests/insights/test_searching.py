"""Questions that one reading leaves unclear: the likeliest way to settle each doubt wins if it stands out, else it is asked about."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from pathlib import Path

import duckdb
import pytest

from symphainy.enabling_services.insights.data_insights_query import DataInsightsQuery, TableAnswer
from symphainy.enabling_services.insights.phrasing import plainer
from symphainy.enabling_services.insights.query import Query, Unclear
from symphainy.enabling_services.insights.query_engine import QueryEngine

REPAIRS = """
SELECT 'J' || range AS job_no, 'owner ' || range % 9 AS owner_name, ['Ann Fox', 'Bo Lee'][range % 2 + 1] AS mechanic_name,
 ['Brakes', 'Engine', 'Tyres'][range % 3 + 1] AS work_type, DATE '2024-01-01' + range::INT AS received_on,
 CASE WHEN range % 4 > 0 THEN DATE '2024-01-01' + (range + 3)::INT END AS approved_on,
 40 + (range * 37) % 400 AS parts_cost, 1 + range % 8 AS labour_hours, 50.0 + (range * 53) % 900 AS total_charge,
 1 + range % 5 AS wheel_count, range % 7 = 0 AS under_warranty
FROM range(300)
"""


@pytest.fixture
async def service() -> AsyncIterator[DataInsightsQuery]:
    async with QueryEngine() as engine:
        yield DataInsightsQuery(engine)


@pytest.fixture
def repairs(tmp_path: Path) -> Path:
    path = tmp_path / "repairs.parquet"
    duckdb.sql(f"COPY ({REPAIRS}) TO '{path}' (FORMAT parquet)")
    return path


@pytest.mark.parametrize(
    ("question", "sql", "said"),
    [
        ("how many different clients had their brakes done?",
         "SELECT count(DISTINCT owner_name) FROM t WHERE work_type = 'Brakes'", "“clients” for owner_name"),
        ("how many different work types does each mechanic tackle?",
         "SELECT mechanic_name, count(DISTINCT work_type) FROM t GROUP BY 1", "“tackle” as saying nothing more"),
        ("how many repairs are without an approval?", "SELECT count(*) FROM t WHERE approved_on IS NULL", ""),
        ("which repairs were for 3 or 4 wheels?", "SELECT job_no FROM t WHERE wheel_count IN (3, 4)", ""),
        ("how many repairs took 6 labour hours or more?", "SELECT count(*) FROM t WHERE labour_hours >= 6", ""),
        ("what % of the engine repairs was under warranty?",
         "SELECT 100.0 * count(*) FILTER (under_warranty) / count(*) FROM t WHERE work_type = 'Engine'", ""),
        ("average total charge, under warranty vs not under warranty",
         "SELECT under_warranty, avg(total_charge) FROM t GROUP BY 1", ""),
        ("how many days after the receipt are repairs approved on average?",
         "SELECT avg(date_diff('day', received_on, approved_on)) FROM t", ""),
        ("the highest total charge in each work type", "SELECT work_type, max(total_charge) FROM t GROUP BY 1", ""),
    ],
)  # fmt: skip
async def test_doubts_are_settled_and_said(
    service: DataInsightsQuery, repairs: Path, question: str, sql: str, said: str
) -> None:
    answer = await service.answer(repairs, "repairs", question)
    assert isinstance(answer, TableAnswer), answer
    with duckdb.connect() as connection:
        expected = connection.execute(sql.replace("FROM t", f"FROM '{repairs}'")).fetchall()
    assert len(answer.answered.rows) == len(expected), answer.interpretation
    wanted = sorted(tuple(_plain(value) for value in row) for row in expected)
    columns = [{_plain(row[n]) for row in answer.answered.rows} for n in range(len(answer.answered.columns))]
    for position in range(len(wanted[0])):
        assert {row[position] for row in wanted} in columns, (answer.interpretation, answer.answered.rows)
    assert said in answer.interpretation


async def test_what_may_matter_most_is_asked_about(service: DataInsightsQuery, repairs: Path) -> None:
    for question in (
        "how many suspicious repairs are there?",  # an adjective that limits the rows
        "how many repairs were not escalated?",
        "should we close the garage?",
        "what is the total?",
    ):
        answer = await service.answer(repairs, "repairs", question)
        assert isinstance(answer, Unclear), (question, answer)


async def test_two_readings_of_about_the_same_price_are_offered_and_not_chosen(
    service: DataInsightsQuery, tmp_path: Path
) -> None:
    path = tmp_path / "visits.parquet"
    duckdb.sql(
        "COPY (SELECT 'V' || range AS visit_no, 'p' || range % 9 AS patient_name, 'g' || range % 5 AS guest_name, "
        f"range % 50 AS minutes FROM range(90)) TO '{path}' (FORMAT parquet)"
    )
    answer = await service.answer(path, "visits", "how many different clients came?")
    assert isinstance(answer, Unclear)
    questions = [option.question for option in answer.options]
    assert len(questions) > 1
    for question in questions:
        assert isinstance(await service.answer(path, "visits", question), TableAnswer)


def _plain(value: object) -> object:
    if isinstance(value, bool) or value is None:
        return value
    try:
        return round(float(str(value)), 6)
    except ValueError:
        return value


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("scored 85 or better?", "scored at least 85?"),
        ("30 days or less", "at most 30 days"),
        ("aged 30 or over and under 50", "aged at least 30 and under 50"),
        ("sales in 2024 and over 500", "sales in 2024 and over 500"),
        ("10+ years", "at least 10 years"),
        ("what % of orders", "what percentage of orders"),
        ("more than 10 % of orders", "more than 10 % of orders"),
        ("rent per square metre", "rent per sqm"),
        ("I'd like to see what they'd asked", "I'd like to see what they asked"),
        ("total unpaid, cancelled orders excluded", "total unpaid, excluding cancelled orders"),
    ],
)
def test_constructions_are_put_plainly(said: str, plain: str) -> None:
    assert plainer(said) == plain


_SAID = (
    "how many which what who total average most least highest top 3 first last not never without more than less than",
    "between and or by per each for the of in share rate ratio divided by % owner mechanic brakes engine parts cost",
    "labour hours total charge received approved on under warranty days from to after before longest latest compare vs",
    "2024 march ago 30 ranked sorted chart trend growth missing no have been were sold paid clients it, them? A 'x'",
    "> <= & / none both neither except",
)


async def test_no_words_break_the_reading(service: DataInsightsQuery, repairs: Path) -> None:
    """Whatever is typed becomes a query or a question back."""
    words = [word for phrase in _SAID for word in phrase.split()]
    rng = random.Random(7)
    index = await service.index(repairs, "repairs")
    for _ in range(250):
        question = " ".join(rng.choices(words, k=rng.randint(1, 11)))
        assert isinstance(service.understand(index, question), Query | Unclear), question
