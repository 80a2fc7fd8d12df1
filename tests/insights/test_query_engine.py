"""The query engine sees one table, reads, and nothing else; what runs away is ended and the next question works."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from symphainy.enabling_services.errors import ServiceError
from symphainy.enabling_services.insights.query_engine import QUERY_LIMITS, QueryEngine


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "t.parquet"
    duckdb.sql(f"COPY (SELECT range AS n, 'v' || range % 7 AS v FROM range(1000)) TO '{path}' (FORMAT parquet)")
    return path


@pytest.fixture
async def engine() -> AsyncIterator[QueryEngine]:
    async with QueryEngine(replace(QUERY_LIMITS, wall_seconds=1.5)) as running:
        yield running


def ticks_of_children() -> int:
    """Processor time that the children of this process have used, in hundredths of a second."""
    used = 0
    for task in Path(f"/proc/{os.getpid()}/task").iterdir():
        for child in (task / "children").read_text().split():
            fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
            used += int(fields[11]) + int(fields[12])
    return used


async def test_rows_and_their_number(engine: QueryEngine, table: Path) -> None:
    answered = await engine.query(table, "my table", 'SELECT v, n FROM "my table" WHERE n < 700 ORDER BY n', limit=10)
    assert answered.columns == ("v", "n")
    assert answered.rows[:2] == (("v0", 0), ("v1", 1))
    assert (len(answered.rows), answered.rows_total) == (10, 700)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM glob('/*')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM read_parquet('/tmp/other.parquet')",
        "SELECT * FROM read_csv('http://127.0.0.1:1/x.csv')",
        "COPY (SELECT 1) TO '/tmp/written.csv'",
        "ATTACH '/tmp/other.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "RESET memory_limit",
        "PRAGMA enable_external_access",
        "CREATE TABLE x AS SELECT 1",
        "DROP VIEW t",
        "INSERT INTO t VALUES (1, 'x')",
        "DELETE FROM t",
        "SELECT 1; SELECT 2",
        "SELECT 1; DROP VIEW t",
        "EXPORT DATABASE '/tmp/out'",
        "CALL pragma_version()",
        "",
        "SELECT",
        "SELECT nothing FROM t",
    ],
)
async def test_hostile_sql_is_refused_and_the_table_stays(engine: QueryEngine, table: Path, sql: str) -> None:
    with pytest.raises(ServiceError) as refused:
        await engine.query(table, "t", sql)
    assert refused.value.service_code == "query_refused"
    assert (await engine.query(table, "t", "SELECT count(*) FROM t")).rows == ((1000,),)


async def test_another_file_is_not_seen_beside_the_named_one(engine: QueryEngine, table: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.parquet"
    duckdb.sql(f"COPY (SELECT 1 AS x) TO '{secret}' (FORMAT parquet)")
    with pytest.raises(ServiceError):
        await engine.query(table, "t", f"SELECT * FROM read_parquet('{secret}')")


async def test_a_runaway_query_is_ended_and_the_next_one_works(engine: QueryEngine, table: Path) -> None:
    with pytest.raises(ServiceError) as ended:
        await engine.query(
            table, "t", "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range * b.range % 7 = 3"
        )
    assert ended.value.service_code == "time_limit"
    assert (await engine.query(table, "t", "SELECT max(n) FROM t")).rows == ((999,),)


async def test_too_much_memory_is_ended_and_the_next_one_works(table: Path) -> None:
    limits = replace(QUERY_LIMITS, database_memory=32 * 1024 * 1024, spill_bytes=1024 * 1024)
    async with QueryEngine(limits) as engine:
        with pytest.raises(ServiceError) as ended:
            await engine.query(table, "t", "SELECT list(a.n || b.v || a.v) FROM t a, t b, range(20) c")
        assert ended.value.service_code == "memory_limit"
        assert (await engine.query(table, "t", "SELECT max(n) FROM t")).rows == ((999,),)


async def test_a_cancelled_question_leaves_nothing_behind(engine: QueryEngine, table: Path) -> None:
    sql = "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range * b.range % 7 = 3"
    await engine.query(table, "t", "SELECT 1")
    idle = ticks_of_children()
    asking = asyncio.create_task(engine.query(table, "t", sql))
    async with asyncio.timeout(10):
        while ticks_of_children() < idle + 10:
            await asyncio.sleep(0.005)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert (await engine.query(table, "t", "SELECT count(*) FROM t")).rows == ((1000,),)


async def test_a_warm_engine_answers_at_once(engine: QueryEngine, table: Path) -> None:
    await engine.query(table, "t", "SELECT 1")
    started = time.perf_counter()
    await engine.query(table, "t", "SELECT v, sum(n) FROM t GROUP BY 1")
    assert time.perf_counter() - started < 0.3


async def test_a_removed_file_is_said_to_be_missing(engine: QueryEngine, tmp_path: Path) -> None:
    for asked in (
        engine.index(tmp_path / "gone.parquet", "t"),
        engine.query(tmp_path / "gone.parquet", "t", "SELECT 1"),
    ):
        with pytest.raises(ServiceError) as missing:
            await asked
        assert missing.value.service_code == "missing_input"
