"""How long the analysis of a million rows takes beside what the database alone needs for the same by hand, and a drill-down
once both are warm."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

import duckdb

from symphainy.enabling_services.insights.data_insights_query import DataInsightsQuery, TableAnswer
from symphainy.enabling_services.insights.insights_generator import InsightsGenerator
from symphainy.enabling_services.insights.query_engine import QueryEngine

ROWS = 1_000_000
MADE = f"""
SELECT range AS invoice_no, 'customer ' || (hash(range) % 5000) AS customer, 'region ' || (hash(range * 3) % 8) AS region,
  DATE '2023-01-01' + (hash(range * 5) % 730)::INTEGER AS invoice_date, (hash(range * 7) % 100000) / 100.0 AS amount,
  (hash(range * 11) % 40)::INTEGER - 5 AS days_late, (hash(range * 13) % 14)::INTEGER + 1 AS quantity
FROM range({ROWS})
"""
BY_HAND = (
    "CREATE TABLE loaded AS SELECT * FROM read_csv('{csv}')",
    "SUMMARIZE loaded",
    "SELECT corr(amount, days_late), corr(amount, quantity), corr(days_late, quantity) FROM loaded",
    "SELECT count(*) FROM loaded, (SELECT median(amount) AS m, mad(amount) AS d FROM loaded) "
    "WHERE 0.6745 * abs(amount - m) / d > 3.5",
    "SELECT date_trunc('month', invoice_date), avg(amount), regr_slope(amount, epoch(invoice_date)) FROM loaded GROUP BY 1",
    "SELECT customer, avg(days_late) FROM loaded GROUP BY 1 ORDER BY 2 DESC LIMIT 10",
)


async def main() -> None:
    reports = 0

    async def progress(fraction: float, detail: str) -> None:
        nonlocal reports
        reports += 1

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        csv, parquet = folder / "invoices.csv", folder / "invoices.parquet"
        with duckdb.connect(config={"threads": 2}) as connection:
            connection.execute(f"COPY ({MADE}) TO '{csv}' (HEADER)")
            connection.execute(f"COPY (SELECT * FROM read_csv('{csv}')) TO '{parquet}' (FORMAT parquet)")
            started = time.perf_counter()
            for statement in BY_HAND:
                connection.execute(statement.format(csv=csv)).fetchall()
            by_hand = time.perf_counter() - started
        started = time.perf_counter()
        result = await InsightsGenerator().generate(parquet, "invoices", work_dir=folder, progress=progress)
        analysed = time.perf_counter() - started
        async with QueryEngine() as engine:
            service = DataInsightsQuery(engine)
            await service.index(parquet, "invoices")
            times: list[float] = []
            for question in (
                "average days late per customer",
                "amount by region",
                "Which customers are more than 33 days late?",
            ):
                started = time.perf_counter()
                answer = await service.answer(parquet, "invoices", question)
                times.append(time.perf_counter() - started)
                assert isinstance(answer, TableAnswer), question
    print(
        f"{ROWS:,} rows by hand: {by_hand:.2f} s; analysis: {analysed:.2f} s ({analysed / by_hand:.2f} times), {reports} reports"
    )
    print(
        f"{result['tests']:,} tests, {len(result['findings'])} findings; drill-downs: {', '.join(f'{1000 * t:.0f} ms' for t in times)}"
    )


if __name__ == "__main__":
    asyncio.run(main())
