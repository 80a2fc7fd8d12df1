"""`verify` of the SQLite store: every kind of damage is found and named, and a store at work is found whole."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from symphainy.errors import DataDamaged
from symphainy.stores.base import READ_LIMIT, Damage, Lifetime, Record, StoredSnapshot, Token, roll
from symphainy.stores.sqlite import SQLiteStore
from symphainy.stores.sqlite.rows import HEAD, head_checksum, head_of, lifetime_of

LIFETIME = Lifetime(1e6, 1e7)
LENGTH = READ_LIMIT + 20


@pytest.fixture
async def database(tmp_path: Path) -> Path:
    """Two sessions of more than one page, the first with a snapshot."""
    path = tmp_path / "data" / "symphainy.db"
    async with SQLiteStore(path) as store:
        for session_id in ("one", "two"):
            await store.create(session_id, "user", LIFETIME, [Record(b"%d" % n) for n in range(1, LENGTH + 1)])
        chain = b""
        for after in (0, READ_LIMIT):
            for item in await store.read("one", after=after):
                chain = roll(chain, item)
        await store.save_snapshot("one", StoredSnapshot(LENGTH, chain, b"fold"))
    return path


def change(path: Path, statement: str, *values: object) -> None:
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(statement, values)
    connection.close()


async def verified(path: Path) -> list[Damage]:
    async with SQLiteStore(path, read_only=True) as store:
        return [damage async for damage in store.verify()]


def entry(session: int, seq: int) -> int:
    return (session << 32) + seq


@pytest.mark.parametrize(
    "column",
    ["user_id = 'thief'", "seq = seq - 1", "created_at = 1.0", "expires_at = 9e9", "idle = 9e9", "checksum = NULL"],
)
async def test_a_changed_head_is_named_and_not_served(database: Path, column: str) -> None:
    change(database, f"UPDATE sessions SET {column} WHERE session_id = 'two'")
    assert {damage.session_id for damage in await verified(database)} == {"two"}
    async with SQLiteStore(database) as store:
        for refused in (store.read("two"), store.append("two", [Record(b"x")]), store.load("two")):
            with pytest.raises(DataDamaged):
                await refused
        assert (await store.append("one", [Record(b"x")])).first_seq == LENGTH + 1


@pytest.mark.parametrize("column", ["user_id = 'thief'", "session_id = NULL", "expires_at = 9e9", "checksum = NULL"])
async def test_a_changed_token_is_named_and_opens_nothing(database: Path, column: str) -> None:
    async with SQLiteStore(database) as store:
        now = (await store.load("one"))[0].created_at
        await store.put_token(Token("hash", "user", "one", now, 1000.0, now + 1000, now + 9000))
        await store.put_token(Token("other", "user", "one", now, 1000.0, now + 1000, now + 9000))
    change(database, f"UPDATE tokens SET {column} WHERE token_hash = 'hash'")
    assert ["token" in damage.what for damage in await verified(database)] == [True]
    async with SQLiteStore(database) as store:
        assert await store.find_token("hash") is None
        assert await store.find_token("other") is not None


async def test_a_store_as_it_was_written_is_whole(database: Path) -> None:
    assert await verified(database) == []


@pytest.mark.parametrize(
    "column", ["data = x'00'", "checksum = x'00'", "topic = 'other'", "op_id = 'other'", "span = 9", "data = 'text'"]
)
async def test_a_changed_entry_is_named(database: Path, column: str) -> None:
    change(database, f"UPDATE entries SET {column} WHERE id = ?", entry(2, 7))
    assert [(damage.session_id, damage.seq) for damage in await verified(database)] == [("two", 7)]


@pytest.mark.parametrize("seq", [1, 250, READ_LIMIT, READ_LIMIT + 1, LENGTH])
async def test_a_missing_entry_is_named_and_reading_over_it_refused(database: Path, seq: int) -> None:
    change(database, "DELETE FROM entries WHERE id = ?", entry(2, seq))
    assert [(damage.session_id, damage.seq) for damage in await verified(database)] == [("two", seq)]
    async with SQLiteStore(database, read_only=True) as store:
        with pytest.raises(DataDamaged) as refusal:
            await store.read("two", after=max(0, seq - 10), limit=20)
        assert (refusal.value.session_id, refusal.value.seq) == ("two", seq)


async def test_two_entries_that_changed_places_are_named(database: Path) -> None:
    for source, target in ((entry(2, 7), -1), (entry(2, 8), entry(2, 7)), (-1, entry(2, 8))):
        change(database, "UPDATE entries SET id = ? WHERE id = ?", target, source)
    assert [(damage.session_id, damage.seq) for damage in await verified(database)] == [("two", 7), ("two", 8)]


async def test_an_entry_taken_from_another_session_is_named(database: Path) -> None:
    change(database, "DELETE FROM entries WHERE id = ?", entry(2, 7))
    change(
        database,
        "INSERT INTO entries SELECT ?, 2, topic, op_id, span, marks, checksum, data FROM entries WHERE id = ?",
        entry(2, 7),
        entry(1, 7),
    )
    assert [(damage.session_id, damage.seq) for damage in await verified(database)] == [("two", 7)]


async def test_a_head_that_is_behind_its_log_is_named(database: Path) -> None:
    change(database, "UPDATE sessions SET seq = seq - 1 WHERE session_id = 'two'")
    assert [(damage.session_id, damage.seq) for damage in await verified(database)] == [("two", None)]


async def test_the_log_of_a_changed_head_is_looked_at_all_the_same(database: Path) -> None:
    change(database, "UPDATE sessions SET seq = 4000000000 WHERE session_id = 'two'")
    change(database, "DELETE FROM entries WHERE id = ?", entry(2, 7))
    assert [(damage.session_id, damage.seq) for damage in await verified(database)] == [("two", None), ("two", 7)]


async def test_a_log_that_goes_on_after_its_head_is_named(database: Path) -> None:
    connection = sqlite3.connect(database)
    row = connection.execute(f"SELECT {HEAD} FROM sessions WHERE session_id = 'two'").fetchone()
    number, head = head_of(row)
    digest = head_checksum(number, replace(head, seq=LENGTH - 1), lifetime_of(row))
    connection.close()
    change(database, "UPDATE sessions SET seq = seq - 1, checksum = ? WHERE session_id = 'two'", digest)
    assert [(damage.session_id, damage.seq) for damage in await verified(database)] == [("two", LENGTH)]


async def test_a_head_that_cannot_be_read_is_named(database: Path) -> None:
    change(database, "UPDATE sessions SET seq = 'many' WHERE session_id = 'two'")
    assert [(damage.session_id, damage.seq) for damage in await verified(database)] == [("two", None)]


@pytest.mark.parametrize("column", ["data = x'00'", "chain = x'00'", "seq = 5", "checksum = x''"])
async def test_a_changed_snapshot_is_named_and_not_served(database: Path, column: str) -> None:
    change(database, f"UPDATE snapshots SET {column}")
    assert [(damage.session_id, damage.seq) for damage in await verified(database)] == [("one", None)]
    async with SQLiteStore(database, read_only=True) as store:
        assert (await store.load("one"))[1] is None


async def test_a_snapshot_of_another_log_is_named(database: Path) -> None:
    async with SQLiteStore(database) as store:
        await store.append("one", [Record(b"more")])
        await store.save_snapshot("one", StoredSnapshot(LENGTH + 1, b"another chain", b"fold"))
    (found,) = await verified(database)
    assert (found.session_id, found.seq) == ("one", None)
    assert "another log" in found.what


async def test_entries_without_a_session_are_named(database: Path) -> None:
    change(database, "DELETE FROM sessions WHERE session_id = 'one'")
    change(database, "DELETE FROM snapshots")
    assert [(damage.session_id, damage.seq) for damage in await verified(database)] == [(None, None)]
    change(database, "DELETE FROM sessions")
    assert {(damage.session_id, damage.seq) for damage in await verified(database)} == {(None, None)}


async def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "symphainy.db"
    path.write_bytes(b"not a database" * 1000)
    assert {(damage.session_id, damage.seq) for damage in await verified(path)} == {(None, None)}


async def test_a_store_at_work_is_found_whole(tmp_path: Path) -> None:
    async def work(store: SQLiteStore, number: int) -> None:
        for turn in range(8):
            session_id = f"{number} {turn}"
            await store.create(session_id, "user", LIFETIME, [Record(b"x")] * 30)
            for _ in range(5):
                await store.append(session_id, [Record(b"y")] * 5)
            if turn % 2:
                await store.delete(session_id)

    path = tmp_path / "symphainy.db"
    async with SQLiteStore(path) as store, SQLiteStore(path, read_only=True) as beside:
        workers = asyncio.gather(*(work(store, number) for number in range(6)))
        while not workers.done():
            assert [damage async for damage in beside.verify()] == []
        await workers
