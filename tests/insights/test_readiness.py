"""What a question needs is there before it is asked: kept by the analysis, opened ahead, and again after a restart."""

from __future__ import annotations

import asyncio
from pathlib import Path

import duckdb
import orjson
import pytest

from symphainy.app import Symphainy, open_symphainy
from symphainy.config import Settings
from symphainy.enabling_services import DataAnalyzer, FileParser
from symphainy.enabling_services.data_analyzer import INDEX_FILE
from symphainy.enabling_services.insights.query_engine import QueryEngine
from symphainy.enabling_services.insights.table_index import index_document
from symphainy.enabling_services.json_values import Json
from symphainy.session import Session
from tests.agents.conftest import CLAIMS, Desk

EVERY_TYPE = "\n".join(
    [
        "whole,decimal,number,yes,day,moment,at,city,code,empty",
        "1,1.50,1e3,true,2024-01-31,2024-01-31 10:00:00,10:15,Oslo,007,",
        "2,2.25,2.5e-1,false,2024-02-29,2024-02-29 11:30:00,23:59,Rome,008,",
        ",,,,,,,,,",
    ]
)
NESTED = '[{"a": 1, "b": {"c": [1, 2]}}, {"a": 2, "b": null}]'


async def no_progress(fraction: float, detail: str) -> None:
    """Nobody looks."""


@pytest.mark.parametrize(("name", "content"), [("t.csv", EVERY_TYPE), ("t.json", NESTED)])
async def test_an_analysis_keeps_the_index_that_the_engine_would_compute(
    tmp_path: Path, name: str, content: str
) -> None:
    source = tmp_path / name
    source.write_text(content)
    parsed = await FileParser().parse(
        source, file_name=name, media_type=None, output_dir=tmp_path / "out", progress=no_progress
    )
    await DataAnalyzer().profile(parsed, output_dir=tmp_path / "out", progress=no_progress)
    (table,) = parsed.tables
    path = tmp_path / "out" / table.file_name
    async with QueryEngine() as engine, QueryEngine() as other:
        computed = await engine.index(path, table.name)
        kept = await other.index(path, table.name, tmp_path / "out" / INDEX_FILE)
        assert kept == computed
        assert orjson.loads((tmp_path / "out" / INDEX_FILE).read_bytes()) == index_document([computed])


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "t.parquet"
    duckdb.sql(f"COPY (SELECT range AS n, 'v' || range % 7 AS v FROM range(100)) TO '{path}' (FORMAT parquet)")
    return path


async def kept_at(path: Path, table: Path, **changes: object) -> Path:
    """An index that says one row more than there are, so that it shows where it was read."""
    async with QueryEngine() as engine:
        index = await engine.index(table, "t")
    document: Json = index_document([index])
    document["tables"][0]["rows"] = 101
    path.write_bytes(orjson.dumps({**document, **changes}))
    return path


async def test_a_kept_index_is_read_and_one_that_is_damaged_or_of_another_format_is_not(
    tmp_path: Path, table: Path
) -> None:
    kept = await kept_at(tmp_path / "kept.json", table)
    old = await kept_at(tmp_path / "old.json", table, format=0)
    damaged = tmp_path / "damaged.json"
    damaged.write_bytes(kept.read_bytes()[:50])
    for at, rows in ((kept, 101), (old, 100), (damaged, 100), (tmp_path / "none", 100), (None, 100)):
        async with QueryEngine() as engine:
            assert (await engine.index(table, "t", at)).rows == rows


async def test_many_tables_are_kept_at_hand_within_a_bound_and_each_answers_for_itself(tmp_path: Path) -> None:
    paths = [tmp_path / f"t{number}.parquet" for number in range(70)]
    for number, path in enumerate(paths):
        duckdb.sql(f"COPY (SELECT range AS n{number} FROM range({number + 1})) TO '{path}' (FORMAT parquet)")
    async with QueryEngine() as engine:
        for number, path in enumerate(paths):
            await engine.warm(path, "t")
            assert (await engine.index(path, "t")).rows == number + 1
        assert [engine.is_warm(path, "t") for path in (paths[0], paths[-1])] == [False, True]
        assert (await engine.index(paths[0], "t")).columns[0].name == "n0"
        duckdb.sql(f"COPY (SELECT 1 AS n) TO '{paths[-1]}' (FORMAT parquet)")
        assert not engine.is_warm(paths[-1], "t")


async def ready(app: Symphainy, session: Session) -> None:
    async with asyncio.timeout(20):
        while not await app.preparation.is_ready(session):
            await asyncio.sleep(0.01)


async def test_a_table_is_ready_once_it_was_read_and_again_when_its_session_is_opened_after_a_restart(
    tmp_path: Path,
) -> None:
    settings = Settings(data=tmp_path / "data")
    async with open_symphainy(settings) as app:
        opened = await app.sessions.create_session("ada")
        desk = Desk(app, opened.session_id)
        await desk.upload("claims.csv", CLAIMS)
        await ready(app, await desk.session())
    async with open_symphainy(settings) as app:
        session = await app.sessions.get_session(opened.session_id)
        (index,) = [item for item in session.artifacts.values() if item.kind == "table_index"]
        assert not await app.preparation.is_ready(session)
        app.preparation.begin(session)
        await ready(app, session)
        await app.uploads.remove(opened.session_id, str(index.file_id), user_id="ada")
        assert not list((tmp_path / "data" / "files").rglob(f"*{index.artifact_id}*"))
