"""Contract: a session's life. Creation, caps, activity, expiry, listing, snapshots, erasure."""

from __future__ import annotations

import asyncio

import pytest

from symphainy.errors import LeaseLost, SessionExists, SessionNotFound, TooMany, WorkClosed
from symphainy.ids import new_id
from symphainy.stores.base import Appended, Head, Lease, Lifetime, Store, StoredSnapshot, Token
from symphainy.testing.clock import ManualClock
from symphainy.testing.store_contract.fixtures import (
    LONG,
    ContractFixtures,
    head_of,
    line,
    open_work_of,
    sessions_of,
    texts,
    whole_log,
    work,
)


@pytest.mark.asyncio
class LifetimeContract(ContractFixtures):
    async def test_a_new_session_has_a_head(self, store: Store, user_id: str, clock: ManualClock) -> None:
        session_id, now = new_id("session"), clock.now()
        head = await store.create(session_id, user_id, Lifetime(100, 1000), [line()])
        assert head == Head(session_id, user_id, 1, now, now, now + 100)
        assert await store.load(session_id) == (head, None)

    async def test_an_id_is_given_once(self, store: Store, user_id: str) -> None:
        session_id = new_id("session")
        done = await asyncio.gather(
            *(store.create(session_id, user_id, LONG, [line(str(n))]) for n in range(10)), return_exceptions=True
        )
        assert sum(isinstance(item, Head) for item in done) == 1
        assert sum(isinstance(item, SessionExists) for item in done) == 9
        assert len(await whole_log(store, session_id)) == 1

    async def test_a_refused_creation_leaves_nothing(self, store: Store, user_id: str) -> None:
        session_id = new_id("session")
        with pytest.raises(WorkClosed):
            await store.create(session_id, user_id, LONG, [line(), work("within", "w")])
        with pytest.raises(SessionNotFound):
            await store.load(session_id)
        assert await sessions_of(store, user_id=user_id) == []
        await store.create(session_id, user_id, LONG, [])

    async def test_a_cap_on_sessions_holds_against_concurrent_creation(self, store: Store, user_id: str) -> None:
        done = await asyncio.gather(
            *(store.create(new_id("session"), user_id, LONG, [line()], max_sessions=7) for _ in range(20)),
            return_exceptions=True,
        )
        assert sum(isinstance(item, Head) for item in done) == 7
        assert sum(isinstance(item, TooMany) for item in done) == 13
        assert len(await sessions_of(store, user_id=user_id)) == 7

    async def test_a_cap_counts_the_users_live_sessions_only(
        self, store: Store, user_id: str, clock: ManualClock
    ) -> None:
        await store.create(new_id("session"), user_id, Lifetime(10, 100), [])
        kept = await store.create(new_id("session"), user_id, LONG, [])
        await store.create(new_id("session"), new_id("user"), LONG, [], max_sessions=1)
        with pytest.raises(TooMany):
            await store.create(new_id("session"), user_id, LONG, [], max_sessions=2)
        clock.advance(10)
        await store.create(new_id("session"), user_id, LONG, [], max_sessions=2)
        await store.delete(kept.session_id)
        await store.create(new_id("session"), user_id, LONG, [], max_sessions=2)
        with pytest.raises(TooMany):
            await store.create(new_id("session"), user_id, LONG, [], max_sessions=2)

    @pytest.mark.parametrize("lifetime", [Lifetime(100, 1000), Lifetime(1000, 100)])
    @pytest.mark.parametrize(("seconds", "expired"), [(99, False), (100, True), (101, True)])
    async def test_a_session_expires_at_its_limit(
        self, store: Store, user_id: str, clock: ManualClock, lifetime: Lifetime, seconds: float, expired: bool
    ) -> None:
        head = await store.create(new_id("session"), user_id, lifetime, [line()])
        assert head.expires_at == clock.now() + 100
        clock.advance(seconds)
        live = await sessions_of(store, user_id=user_id)
        gone = await sessions_of(store, user_id=user_id, expired=True)
        assert ([item.session_id for item in live], gone) == (([], [head]) if expired else ([head.session_id], []))
        if expired:
            for asked in (store.load(head.session_id), store.append(head.session_id, [line()])):
                with pytest.raises(SessionNotFound):
                    await asked
        else:
            await store.append(head.session_id, [line()])
            assert len(await store.read(head.session_id)) == 2

    async def test_appending_and_touching_are_activity_and_reading_is_not(
        self, store: Store, user_id: str, clock: ManualClock
    ) -> None:
        head = await store.create(new_id("session"), user_id, Lifetime(100, 250), [])
        created_at = clock.now()
        clock.advance(90)
        await store.append(head.session_id, [line()])
        assert await head_of(store, head.session_id) == Head(
            head.session_id, user_id, 1, created_at, created_at + 90, created_at + 190
        )
        clock.advance(90)
        touched = await store.touch(head.session_id)
        assert touched == Head(head.session_id, user_id, 1, created_at, created_at + 180, created_at + 250)
        assert await head_of(store, head.session_id) == touched
        clock.advance(69)
        await store.read(head.session_id)
        await store.save_snapshot(head.session_id, StoredSnapshot(1, b"chain", b"data"))
        assert await head_of(store, head.session_id) == touched
        clock.advance(1)
        with pytest.raises(SessionNotFound):
            await store.touch(head.session_id)

    async def test_an_expired_session_is_found_by_no_method_and_can_be_deleted(
        self, store: Store, user_id: str, clock: ManualClock
    ) -> None:
        head = await store.create(new_id("session"), user_id, Lifetime(100, 100), [line(topic="t"), work("open", "w")])
        lease = await store.acquire_lease(head.session_id, "lane", "a", 1000)
        await store.append(head.session_id, [line()], op_id="op")
        clock.advance(100)
        for asked in (
            store.append(head.session_id, [line()], fence=lease),
            store.append(head.session_id, [line()], op_id="op"),
            store.read(head.session_id),
            store.read(head.session_id, topic="t"),
            store.load(head.session_id),
            store.touch(head.session_id),
            store.acquire_lease(head.session_id, "lane", "a", 1),
        ):
            with pytest.raises(SessionNotFound):
                await asked
        await store.wait(head.session_id, 3)
        assert await open_work_of(store, head.session_id) == []
        assert [item.session_id for item in await sessions_of(store, user_id=user_id, expired=True)] == [
            head.session_id
        ]
        assert head.session_id in {item.session_id for item in await sessions_of(store, expired=True)}
        await store.delete(head.session_id)
        assert await sessions_of(store, user_id=user_id, expired=True) == []

    @pytest.mark.parametrize("limit", [1, 2, 3, 50])
    async def test_sessions_are_listed_newest_activity_first(
        self, store: Store, user_id: str, clock: ManualClock, limit: int
    ) -> None:
        names = [new_id("session") for _ in range(6)]
        for name in names[:4]:
            await store.create(name, user_id, LONG, [])
            clock.advance(1)
        await store.create(new_id("session"), new_id("user"), LONG, [])
        for name in names[4:]:
            await store.create(name, user_id, LONG, [])
        clock.advance(1)
        await store.append(names[1], [line()])
        clock.advance(1)
        await store.touch(names[0])
        found = [item.session_id for item in await sessions_of(store, user_id=user_id, limit=limit)]
        assert found[:2] == [names[0], names[1]]
        assert sorted(found[2:4]) == sorted(names[4:])
        assert found[4:] == [names[3], names[2]]

    @pytest.mark.parametrize("limit", [1, 2, 50])
    async def test_expired_sessions_are_listed_once_even_when_deleted_page_by_page(
        self, store: Store, user_id: str, clock: ManualClock, limit: int
    ) -> None:
        names = {new_id("session") for _ in range(5)}
        for name in names:
            await store.create(name, user_id, Lifetime(10, 10), [])
        clock.advance(10)
        found: list[str] = []
        cursor: str | None = None
        while True:
            page, cursor = await store.list_sessions(user_id=user_id, expired=True, cursor=cursor, limit=limit)
            for head in page:
                found.append(head.session_id)
                await store.delete(head.session_id)
            if cursor is None:
                break
        assert sorted(found) == sorted(names)

    async def test_the_newest_snapshot_stays(self, store: Store, session_id: str) -> None:
        await store.append(session_id, [line()] * 9)
        older, newer, newest = (StoredSnapshot(seq, bytes([seq]) * 32, b"\x00 fold %d" % seq) for seq in (2, 5, 9))
        for saved, kept in ((newer, newer), (older, newer), (newest, newest), (newer, newest)):
            await store.save_snapshot(session_id, saved)
            assert (await store.load(session_id))[1] == kept

    async def test_deletion_leaves_no_trace(self, store: Store, user_id: str, clock: ManualClock) -> None:
        session_id = new_id("session")
        lease = await self._fill(store, session_id, user_id, clock)
        await store.delete(session_id)
        with pytest.raises(SessionNotFound):
            await store.delete(session_id)
        for asked in (store.load(session_id), store.read(session_id), store.read(session_id, topic="t")):
            with pytest.raises(SessionNotFound):
                await asked
        await store.save_snapshot(session_id, StoredSnapshot(3, b"late", b"late"))
        await store.release_lease(lease)
        assert await store.find_token(f"own {session_id}") is None
        assert await store.find_token(f"wide {session_id}") is not None
        assert await sessions_of(store, user_id=user_id) == []
        assert await open_work_of(store, session_id) == []

        again = await store.create(session_id, user_id, LONG, [])
        assert (again.seq, await store.load(session_id)) == (0, (again, None))
        assert await store.read(session_id, topic="t") == await store.read(session_id) == []
        with pytest.raises(LeaseLost):
            await store.append(session_id, [line()], fence=lease)
        await store.acquire_lease(session_id, "lane", "somebody else", 10)
        records = [line("new", keys=("k",)), work("open", "w")]
        assert await store.append(session_id, records, op_id="op", expected_seq=0) == Appended(1, 2)

    async def _fill(self, store: Store, session_id: str, user_id: str, clock: ManualClock) -> Lease:
        await store.create(session_id, user_id, LONG, [line("a", topic="t")])
        lease = await store.acquire_lease(session_id, "lane", "owner", 10_000)
        await store.append(session_id, [line("b", keys=("k",)), work("open", "w")], op_id="op", fence=lease)
        await store.save_snapshot(session_id, StoredSnapshot(2, b"chain", b"data"))
        now = clock.now()
        for name, only in (("own", session_id), ("wide", None)):
            await store.put_token(Token(f"{name} {session_id}", user_id, only, now, 1000, now + 1000, now + 9000))
        return lease

    async def test_deletion_leaves_the_others_alone(self, store: Store, session_id: str, user_id: str) -> None:
        gone = await store.create(new_id("session"), user_id, LONG, [line("gone"), work("open", "w")])
        after = await store.create(new_id("session"), user_id, LONG, [line("after", topic="t")])
        await store.append(session_id, [line("before", topic="t"), work("open", "w")], op_id="op")
        await store.delete(gone.session_id)
        assert texts(await store.read(session_id, topic="t")) == ["before"]
        assert texts(await whole_log(store, after.session_id)) == ["after"]
        assert len(await open_work_of(store, session_id, gone.session_id, after.session_id)) == 1
        assert (await store.append(session_id, [line()], op_id="op")).repeated

    async def test_a_session_deleted_beside_its_writers_is_gone(self, store: Store, session_id: str) -> None:
        writers = [store.append(session_id, [line(str(n))], op_id=str(n)) for n in range(20)]
        done = await asyncio.gather(*writers[:10], store.delete(session_id), *writers[10:], return_exceptions=True)
        assert all(item is None or isinstance(item, Appended | SessionNotFound) for item in done)
        with pytest.raises(SessionNotFound):
            await store.read(session_id)

    async def test_the_store_proves_that_it_can_write(self, store: Store) -> None:
        assert await store.probe() in ("fsync", "<=1s", "none")
        assert await store.probe() == await store.probe()
