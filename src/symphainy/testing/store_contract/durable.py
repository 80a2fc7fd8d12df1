"""Contract: what is still there after the store was closed and opened again."""

from __future__ import annotations

import pytest

from symphainy.errors import LeaseLost, VersionConflict, WorkExists
from symphainy.ids import new_id
from symphainy.stores.base import Appended, StoredSnapshot, Token
from symphainy.testing.clock import ManualClock
from symphainy.testing.store_contract.fixtures import (
    LONG,
    ContractFixtures,
    OpenStore,
    line,
    open_work_of,
    sessions_of,
    texts,
    whole_log,
    work,
)


@pytest.mark.asyncio
class DurableContract(ContractFixtures):
    async def test_what_was_acknowledged_is_there_after_reopening(
        self, open_store: OpenStore, clock: ManualClock, user_id: str
    ) -> None:
        session_id, gone, now = new_id("session"), new_id("session"), clock.now()
        token = Token(new_id("hash"), user_id, session_id, now, 1000, now + 1000, now + 9000)
        snapshot = StoredSnapshot(2, b"chain", b"data")
        async with open_store(clock) as store:
            await store.create(session_id, user_id, LONG, [line("a", topic="t")])
            await store.create(gone, user_id, LONG, [line()])
            await store.append(session_id, [line("b", keys=("k",)), work("open", "w", "lane")], op_id="op")
            await store.append(session_id, [work("open", "done"), work("close", "done")])
            await store.put_token(token)
            await store.save_snapshot(session_id, snapshot)
            await store.delete(gone)
            clock.advance(5)
            head = await store.touch(session_id)
        async with open_store(clock) as store:
            assert await store.load(session_id) == (head, snapshot)
            assert [item.session_id for item in await sessions_of(store, user_id=user_id)] == [session_id]
            assert texts(await whole_log(store, session_id))[:2] == ["a", "b"]
            assert texts(await store.read(session_id, topic="t")) == ["a"]
            assert [item.work_id for item in await open_work_of(store, session_id)] == ["w"]
            assert await store.find_token(token.token_hash) == token
            assert await store.append(session_id, [line("b")], op_id="op") == Appended(2, 3, repeated=True)
            with pytest.raises(VersionConflict):
                await store.append(session_id, [line(keys=("k",))], expected_seq=1)
            with pytest.raises(WorkExists):
                await store.append(session_id, [work("open", "done")])
            await store.append(session_id, [work("close", "w")])
            assert (await store.append(session_id, [line("next")])).first_seq == 7

    async def test_fences_go_on_growing_after_reopening(
        self, open_store: OpenStore, clock: ManualClock, user_id: str
    ) -> None:
        session_id = new_id("session")
        async with open_store(clock) as store:
            await store.create(session_id, user_id, LONG, [])
            before = await store.acquire_lease(session_id, "lane", "a", 10)
        clock.advance(10)
        async with open_store(clock) as store:
            after = await store.acquire_lease(session_id, "lane", "b", 10)
            assert after.fence > before.fence
            with pytest.raises(LeaseLost):
                await store.append(session_id, [line()], fence=before)

    async def test_every_acknowledgement_stands_when_the_store_is_closed_at_once(
        self, open_store: OpenStore, clock: ManualClock, user_id: str
    ) -> None:
        session_id = new_id("session")
        async with open_store(clock) as store:
            await store.create(session_id, user_id, LONG, [])
            for number in range(20):
                await store.append(session_id, [line(str(number))])
        async with open_store(clock) as store:
            assert texts(await whole_log(store, session_id)) == [str(number) for number in range(20)]
