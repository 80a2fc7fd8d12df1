"""A million invoices as a CSV, and what DuckDB needs by hand for what an analysis tells of them."""

from __future__ import annotations

import time
from pathlib import Path

import duckdb

ROWS = 1_000_000
MADE = f"""
SELECT range AS invoice_no, 'customer ' || (hash(range) % 5000) AS customer, 'region ' || (hash(range * 3) % 8) AS region,
  DATE '2023-01-01' + (hash(range * 5) % 730)::INTEGER AS invoice_date, (hash(range * 7) % 100000) / 100.0 AS amount,
  (hash(range * 11) % 40)::INTEGER - 5 AS days_late, (hash(range * 13) % 14)::INTEGER + 1 AS quantity
FROM range({ROWS})
"""
NUMBERS = ("amount", "days_late", "quantity")
COLUMNS = ("invoice_no", "customer", "region", "invoice_date", *NUMBERS)

LEAST = (
    "CREATE OR REPLACE TABLE loaded AS SELECT * FROM read_csv('{csv}')",
    "SUMMARIZE loaded",
    "SELECT corr(amount, days_late), corr(amount, quantity), corr(days_late, quantity) FROM loaded",
    "SELECT count(*) FROM loaded, (SELECT median(amount) AS m, mad(amount) AS d FROM loaded) "
    "WHERE 0.6745 * abs(amount - m) / d > 3.5",
    "SELECT date_trunc('month', invoice_date), avg(amount), regr_slope(amount, epoch(invoice_date)) FROM loaded GROUP BY 1",
    "SELECT customer, avg(days_late) FROM loaded GROUP BY 1 ORDER BY 2 DESC LIMIT 10",
)
"""A quick look: its columns, correlations, outliers, a trend, the latest payers."""

THE_SAME = (
    *LEAST,
    "COPY loaded TO '{csv}.parquet' (FORMAT parquet, COMPRESSION zstd)",
    "SELECT (SELECT count(*) FROM loaded) - (SELECT count(*) FROM (SELECT DISTINCT * FROM loaded))",
    *(f"SELECT {name}, count(*) FROM loaded GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 10" for name in COLUMNS),
    *(f"SELECT count(DISTINCT {name}) FROM loaded" for name in COLUMNS),
    *(
        f"SELECT floor(12 * ({name} - low) / (high - low)), count(*) FROM loaded, "
        f"(SELECT min({name}) AS low, max({name}) AS high FROM loaded) GROUP BY 1"
        for name in NUMBERS
    ),
    *(
        f"SELECT {group}, count(*), avg({name}), stddev_samp({name}) FROM loaded GROUP BY 1"
        for group in ("customer", "region")
        for name in NUMBERS
    ),
)
"""What an analysis keeps and tells besides: the typed table, duplicates, frequent values, histograms, groups compared."""


def write_csv(folder: Path) -> Path:
    csv = folder / "invoices.csv"
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({MADE}) TO '{csv}' (HEADER)")
    return csv


def seconds_by_hand(csv: Path, statements: tuple[str, ...]) -> float:
    with duckdb.connect(config={"threads": 2}) as connection:
        started = time.perf_counter()
        for statement in statements:
            connection.execute(statement.format(csv=csv)).fetchall()
        return time.perf_counter() - started
