"""Damage of every kind in PostgreSQL's tables is named, never served, and a store at work is found whole."""

from __future__ import annotations

import asyncio

import pytest

from symphainy.errors import DataDamaged
from symphainy.stores.base import READ_LIMIT, Appended, Damage, Lifetime, Record, StoredSnapshot, Token, roll
from symphainy.stores.postgres import PostgresStore
from tests.servers.postgres import execute

LIFETIME = Lifetime(1e6, 1e7)
LENGTH = READ_LIMIT + 20


@pytest.fixture
async def url(postgres_url: str) -> str:
    """Two sessions of more than one page, the first with a snapshot."""
    async with PostgresStore(postgres_url) as store:
        for session_id in ("one", "two"):
            await store.create(session_id, "user", LIFETIME, [Record(b"%d" % n, "t") for n in range(1, LENGTH + 1)])
        chain = b""
        for after in (0, READ_LIMIT):
            for item in await store.read("one", after=after):
                chain = roll(chain, item)
        await store.save_snapshot("one", StoredSnapshot(LENGTH, chain, b"fold"))
    return postgres_url


def change(url: str, statement: str) -> None:
    execute(url, f"SET search_path = symphainy; {statement}")


async def verified(url: str) -> list[tuple[str | None, int | None]]:
    async with PostgresStore(url, read_only=True) as store:
        return [place(damage) async for damage in store.verify()]


def place(damage: Damage) -> tuple[str | None, int | None]:
    return damage.session_id, damage.seq


TWO = "(SELECT number FROM sessions WHERE session_id = 'two')"


async def test_a_store_as_it_was_written_is_whole(url: str) -> None:
    assert await verified(url) == []


@pytest.mark.parametrize(
    "column", ["user_id = 'thief'", "created_at = 1.0", "idle = 9e9", "fence = 9", "checksum = ''"]
)
async def test_a_changed_head_is_named_and_not_served(url: str, column: str) -> None:
    change(url, f"UPDATE sessions SET {column} WHERE session_id = 'two'")
    assert await verified(url) == [("two", None)]
    async with PostgresStore(url) as store:
        copy = await store.copy_out("one", limit=0)
        for refused in (
            store.read("two"),
            store.append("two", [Record(b"x")]),
            store.load("two"),
            store.touch("two"),
            store.acquire_lease("two", "lane", "a", 1),
            store.copy_out("two"),
        ):
            with pytest.raises(DataDamaged) as refusal:
                await refused
            assert refusal.value.session_id == "two"
        assert await store.append("one", [Record(b"x")]) == Appended(copy.seq + 1, copy.seq + 1)


async def test_a_head_that_is_behind_its_log_refuses_nobody_else(url: str) -> None:
    """Its checksum is right: whoever changed it knew how it is made."""
    change(url, "UPDATE sessions SET seq = seq - 1 WHERE session_id = 'two'")
    change(url, "UPDATE sessions AS s SET checksum = head_checksum(s)")
    assert await verified(url) == [("two", LENGTH)]
    async with PostgresStore(url) as store:
        done = await asyncio.gather(
            *(store.append(name, [Record(b"x")], op_id=str(n)) for n in range(3) for name in ("one", "two")),
            return_exceptions=True,
        )
        assert done[::2] == [Appended(LENGTH + n, LENGTH + n) for n in (1, 2, 3)]
        assert all(isinstance(item, DataDamaged) and item.session_id == "two" for item in done[1::2])


@pytest.mark.parametrize("column", ["user_id = 'thief'", "session_id = NULL", "expires_at = 9e9", "checksum = ''"])
async def test_a_changed_token_is_named_and_opens_nothing(url: str, column: str) -> None:
    async with PostgresStore(url) as store:
        now = (await store.load("one"))[0].created_at
        await store.put_token(Token("hash", "user", "one", now, 1000.0, now + 1000, now + 9000))
        await store.put_token(Token("other", "user", "one", now, 1000.0, now + 1000, now + 9000))
        change(url, f"UPDATE tokens SET {column} WHERE token_hash = 'hash'")
        assert await store.find_token("hash") is None
        assert await store.find_token("other") is not None
    assert len(await verified(url)) == 1


@pytest.mark.parametrize(
    "column",
    [
        "data = ''",
        "checksum = ''",
        "topic = 'other'",
        "operation = '=op'",
        "span = 9",
        "keys = '[\"k\"]'",
        "keys = 'no JSON'",
        "work_id = 'w', work_phase = 'close', work_lane = ''",
    ],
)
async def test_a_changed_entry_is_named_and_not_served(url: str, column: str) -> None:
    change(url, f"UPDATE entries SET {column} WHERE session = {TWO} AND seq = 7")
    assert await verified(url) == [("two", 7)]
    async with PostgresStore(url, read_only=True) as store:
        for topic in (None, "t", "other"):
            if topic == "other" and not column.startswith("topic"):
                continue
            if topic == "t" and column.startswith("topic"):
                continue
            with pytest.raises(DataDamaged) as refusal:
                await store.read("two", topic=topic)
            assert (refusal.value.session_id, refusal.value.seq) == ("two", 7)
        assert len(await store.read("two", after=7)) == READ_LIMIT


@pytest.mark.parametrize("seq", [1, READ_LIMIT, READ_LIMIT + 1, LENGTH])
async def test_a_missing_entry_is_named_and_reading_over_it_refused(url: str, seq: int) -> None:
    change(url, f"DELETE FROM entries WHERE session = {TWO} AND seq = {seq}")
    assert await verified(url) == [("two", seq)]
    async with PostgresStore(url, read_only=True) as store:
        for refused in (
            store.read("two", after=max(0, seq - 10), limit=20),
            store.copy_out("two", after=0, limit=LENGTH),
        ):
            with pytest.raises(DataDamaged) as refusal:
                await refused
            assert (refusal.value.session_id, refusal.value.seq) == ("two", seq)


async def test_two_entries_that_changed_places_are_named(url: str) -> None:
    for source, target in ((7, -1), (8, 7), (-1, 8)):
        change(url, f"UPDATE entries SET seq = {target} WHERE session = {TWO} AND seq = {source}")
    assert await verified(url) == [("two", 7), ("two", 8)]


async def test_an_entry_taken_from_another_session_is_named(url: str) -> None:
    change(url, f"DELETE FROM entries WHERE session = {TWO} AND seq = 7")
    change(url, f"UPDATE entries SET session = {TWO} WHERE session <> {TWO} AND seq = 7")
    assert await verified(url) == [("one", 7), ("two", 7)]


@pytest.mark.parametrize("column", ["data = ''", "chain = ''", "seq = 5", "checksum = ''"])
async def test_a_changed_snapshot_is_named_and_not_served(url: str, column: str) -> None:
    change(url, f"UPDATE snapshots SET {column}")
    assert await verified(url) == [("one", None)]
    async with PostgresStore(url, read_only=True) as store:
        assert (await store.load("one"))[1] is None


async def test_a_snapshot_of_another_log_is_named(url: str) -> None:
    async with PostgresStore(url) as store:
        await store.append("one", [Record(b"more")])
        await store.save_snapshot("one", StoredSnapshot(LENGTH + 1, b"another chain", b"fold"))
        (found,) = [damage async for damage in store.verify()]
    assert place(found) == ("one", None)
    assert "another log" in found.what


async def test_entries_without_a_session_are_named(url: str) -> None:
    change(url, "DELETE FROM sessions WHERE session_id = 'one'; DELETE FROM snapshots")
    assert await verified(url) == [(None, None)]
    change(url, "DELETE FROM sessions")
    assert set(await verified(url)) == {(None, None)}


async def test_a_store_at_work_is_found_whole(url: str) -> None:
    async def work(store: PostgresStore, number: int) -> None:
        for turn in range(6):
            session_id = f"{number} {turn}"
            await store.create(session_id, "user", LIFETIME, [Record(b"x")] * 30)
            for _ in range(4):
                await store.append(session_id, [Record(b"y")] * 5)
            if turn % 2:
                await store.delete(session_id)

    async with PostgresStore(url) as store, PostgresStore(url, read_only=True) as beside:
        workers = asyncio.gather(*(work(store, number) for number in range(6)))
        while not workers.done():
            assert [damage async for damage in beside.verify()] == []
        await workers
