"""A disk that fails or is full: nothing is acknowledged that is not certain, and nobody else's write suffers."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from symphainy.errors import DataDamaged, StorageFull, StoreUnavailable, SymphainyError
from symphainy.stores.base import Appended, Lifetime, Record
from symphainy.stores.sqlite import SQLiteStore, writer
from symphainy.stores.sqlite.rows import HEAD, head_checksum, head_of, lifetime_of
from symphainy.stores.sqlite.schema import connect_writer, ours

LIFETIME = Lifetime(1e6, 1e7)


class FailingConnection:
    """A connection whose next statement of a kind fails: before it does anything, or after it has done it."""

    def __init__(self, real: sqlite3.Connection) -> None:
        self._real = real
        self._planned: tuple[str, int, bool] | None = None

    def plan(self, statement: str, code: int, *, done: bool = False) -> None:
        self._planned = (statement, code, done)

    def execute(self, sql: str, *arguments: Any) -> sqlite3.Cursor:
        return self._run(self._real.execute, sql, *arguments)

    def executemany(self, sql: str, *arguments: Any) -> sqlite3.Cursor:
        return self._run(self._real.executemany, sql, *arguments)

    def _run(self, run: Any, sql: str, *arguments: Any) -> sqlite3.Cursor:
        if self._planned is None or not sql.startswith(self._planned[0]):
            return run(sql, *arguments)
        (_, code, done), self._planned = self._planned, None
        if done:
            run(sql, *arguments)
        raise error_of(code)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def error_of(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError(f"planned failure {code}")
    error.sqlite_errorcode = code
    error.sqlite_errorname = "PLANNED"
    return error


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[FailingConnection]:
    """The connections that the writer has opened, the newest last."""
    opened: list[FailingConnection] = []

    def connect(path: Path) -> FailingConnection:
        opened.append(FailingConnection(connect_writer(path)))
        return opened[-1]

    monkeypatch.setattr(writer, "connect_writer", connect)
    return opened


async def texts(store: SQLiteStore, session_id: str) -> list[str]:
    return [item.data.decode() for item in await store.read(session_id)]


def record(text: str) -> Record:
    return Record(text.encode())


@pytest.mark.parametrize("statement", ["BEGIN", "INSERT INTO entries", "UPDATE sessions", "COMMIT"])
async def test_when_a_batch_fails_all_of_it_is_refused_and_the_next_one_works(
    tmp_path: Path, connections: list[FailingConnection], statement: str
) -> None:
    async with SQLiteStore(tmp_path / "symphainy.db") as store:
        await store.create("s", "user", LIFETIME, [record("before")])
        connections[-1].plan(statement, sqlite3.SQLITE_IOERR_WRITE)
        done = await asyncio.gather(
            *(store.append("s", [record(str(n))], op_id=str(n)) for n in range(5)), return_exceptions=True
        )
        assert all(isinstance(item, StoreUnavailable) for item in done)
        assert await texts(store, "s") == ["before"]
        assert await store.append("s", [record("3")], op_id="3") == Appended(2, 2)
        assert await texts(store, "s") == ["before", "3"]
        assert [damage async for damage in store.verify()] == []


async def test_a_commit_that_happened_but_looked_failed_is_found_by_the_repeat(
    tmp_path: Path, connections: list[FailingConnection]
) -> None:
    async with SQLiteStore(tmp_path / "symphainy.db") as store:
        await store.create("s", "user", LIFETIME, [])
        connections[-1].plan("COMMIT", sqlite3.SQLITE_IOERR_CLOSE, done=True)
        with pytest.raises(StoreUnavailable):
            await store.append("s", [record("a")], op_id="a")
        assert await store.append("s", [record("a")], op_id="a") == Appended(1, 1, repeated=True)
        assert await store.append("s", [record("b")]) == Appended(2, 2)


@pytest.mark.parametrize("code", [sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC])
async def test_after_a_failed_sync_nothing_is_acknowledged_until_the_store_is_opened_again(
    tmp_path: Path, connections: list[FailingConnection], code: int
) -> None:
    async with SQLiteStore(tmp_path / "symphainy.db") as store:
        await store.create("s", "user", LIFETIME, [record("before")])
        connections[-1].plan("COMMIT", code)
        for _ in range(3):
            for write in (store.append("s", [record("after")]), store.probe(), store.touch("s")):
                with pytest.raises(StoreUnavailable):
                    await write
        assert await texts(store, "s") == ["before"]
    async with SQLiteStore(tmp_path / "symphainy.db") as store:
        assert await store.append("s", [record("after")]) == Appended(2, 2)


async def test_a_full_disk_refuses_writes_keeps_everything_and_recovers_by_itself(tmp_path: Path) -> None:
    async with SQLiteStore(tmp_path / "symphainy.db") as store:
        await store.create("s", "user", LIFETIME, [])
        acknowledged: list[str] = []
        await limit_pages(store, 60)
        refused = 0
        for number in range(40):
            try:
                await store.append("s", [record(f"{number} {'x' * 8_000}")], op_id=str(number))
                acknowledged.append(str(number))
            except StorageFull:
                refused += 1
        assert acknowledged
        assert refused
        assert [text.split()[0] for text in await texts(store, "s")] == acknowledged
        with pytest.raises(StorageFull):
            await store.append("s", [record("y" * 400_000)])
        await limit_pages(store, 1_000_000)
        assert await store.append("s", [record("after")]) == Appended(len(acknowledged) + 1, len(acknowledged) + 1)
        assert [damage async for damage in store.verify()] == []


async def limit_pages(store: SQLiteStore, pages: int) -> None:
    """SQLite's own way of having no more space."""
    assert store._writer is not None
    await store._writer.submit("", lambda log: log.connection.execute(f"PRAGMA max_page_count = {pages}").fetchone())


@pytest.mark.parametrize("own_checksum", [False, True], ids=["found in the head", "found in the log"])
async def test_one_sessions_damage_does_not_refuse_the_others_in_its_batch(tmp_path: Path, own_checksum: bool) -> None:
    """The head is behind its log: its checksum says so, or the number of an entry that is there already."""
    path = tmp_path / "symphainy.db"
    async with SQLiteStore(path) as store:
        for session_id in ("good", "bad"):
            await store.create(session_id, "user", LIFETIME, [record("1"), record("2")])
    connection = sqlite3.connect(path)
    with connection:
        row = connection.execute(f"SELECT {HEAD} FROM sessions WHERE session_id = 'bad'").fetchone()
        number, head = head_of(row)
        digest = head_checksum(number, replace(head, seq=1), lifetime_of(row)) if own_checksum else row[-1]
        connection.execute("UPDATE sessions SET seq = 1, checksum = ? WHERE session_id = 'bad'", (digest,))
    connection.close()
    async with SQLiteStore(path) as store:
        done = await asyncio.gather(
            *(store.append(name, [record("3")], op_id=str(n)) for n in range(3) for name in ("good", "bad")),
            return_exceptions=True,
        )
        assert done[::2] == [Appended(3, 3), Appended(4, 4), Appended(5, 5)]
        for refused in done[1::2]:
            assert isinstance(refused, DataDamaged)
            assert refused.session_id == "bad"
        assert await store.append("good", [record("6")]) == Appended(6, 6)


async def test_a_failed_checkpoint_loses_nothing_and_refuses_nobody(
    tmp_path: Path, connections: list[FailingConnection], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "ROWS_PER_CHECKPOINT", 1)
    async with SQLiteStore(tmp_path / "symphainy.db") as store:
        await store.create("s", "user", LIFETIME, [])
        for number in range(10):
            connections[-1].plan("PRAGMA wal_checkpoint", sqlite3.SQLITE_IOERR_WRITE)
            assert await store.append("s", [record(str(number))]) == Appended(number + 1, number + 1)
        assert len(connections) > 1
    async with SQLiteStore(tmp_path / "symphainy.db") as store:
        assert await texts(store, "s") == [str(number) for number in range(10)]


async def test_when_the_disk_cannot_keep_up_more_callers_are_refused_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "MOST_WAITING", 10)
    async with SQLiteStore(tmp_path / "symphainy.db") as store:
        await store.create("s", "user", LIFETIME, [])
        done = await asyncio.gather(*(store.append("s", [record(str(n))]) for n in range(25)), return_exceptions=True)
        assert sum(isinstance(item, Appended) for item in done) == 10
        assert sum(isinstance(item, StoreUnavailable) for item in done) == 15
        assert len(await store.read("s")) == 10
        await store.append("s", [record("next")])


async def test_nobody_waits_for_a_writer_that_has_died(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    died: list[type[BaseException]] = []
    monkeypatch.setattr("threading.excepthook", lambda event: died.append(event.exc_type))
    async with SQLiteStore(tmp_path / "symphainy.db") as store:
        await store.create("s", "user", LIFETIME, [])
        assert store._writer is not None
        broken = store._writer.submit("s", lambda log: 1 // 0)
        beside = asyncio.create_task(store.append("s", [record("beside")]))
        for lost in (broken, beside, store.append("s", [record("later")])):
            with pytest.raises(StoreUnavailable):
                await lost
        assert await store.read("s") == []
    assert died == [ZeroDivisionError]


def test_every_error_of_the_driver_has_one_of_ours() -> None:
    classes = [
        item
        for item in vars(sqlite3).values()
        if isinstance(item, type) and issubclass(item, sqlite3.Error | sqlite3.Warning)
    ]
    assert len(classes) >= 9
    for error_class in classes:
        assert isinstance(ours(error_class("without a code"), "s"), SymphainyError)
    codes = {
        value
        for name, value in vars(sqlite3).items()
        if name.startswith("SQLITE_") and isinstance(value, int) and name not in ("SQLITE_OK", "SQLITE_DENY")
    }
    for code in codes:
        error = ours(error_of(code), "s")
        assert isinstance(error, SymphainyError)
        assert error.code in ("store_unavailable", "storage_full", "data_damaged", "too_large")
    assert isinstance(ours(error_of(sqlite3.SQLITE_FULL), "s"), StorageFull)
    assert isinstance(ours(error_of(sqlite3.SQLITE_CORRUPT), "s"), DataDamaged)
