"""Contract: who may write. Leases with fences, and the runs and workflows that are open."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from symphainy.errors import LeaseHeld, LeaseLost, WorkClosed, WorkExists
from symphainy.ids import new_id
from symphainy.stores.base import Appended, Lease, OpenWork, Store
from symphainy.testing.clock import ManualClock
from symphainy.testing.store_contract.fixtures import (
    LONG,
    ContractFixtures,
    line,
    open_work_of,
    texts,
    whole_log,
    work,
)


@pytest.mark.asyncio
class ExclusionContract(ContractFixtures):
    async def test_a_live_lease_is_held_by_one_owner_who_can_renew_it(
        self, store: Store, session_id: str, clock: ManualClock
    ) -> None:
        lease = await store.acquire_lease(session_id, "lane", "a", 10)
        assert lease == Lease(session_id, "lane", "a", lease.fence, clock.now() + 10)
        clock.advance(9)
        assert await store.acquire_lease(session_id, "lane", "a", 10) == replace(lease, expires_at=clock.now() + 10)
        clock.advance(9)
        with pytest.raises(LeaseHeld):
            await store.acquire_lease(session_id, "lane", "b", 10)
        assert (await store.acquire_lease(session_id, "other lane", "b", 10)).owner == "b"

    @pytest.mark.parametrize(("seconds", "ended"), [(9, False), (10, True), (11, True)])
    async def test_a_lease_ends_at_its_end(
        self, store: Store, session_id: str, clock: ManualClock, seconds: float, ended: bool
    ) -> None:
        first = await store.acquire_lease(session_id, "lane", "a", 10)
        clock.advance(seconds)
        if ended:
            assert (await store.acquire_lease(session_id, "lane", "b", 10)).fence == first.fence + 1
        else:
            with pytest.raises(LeaseHeld):
                await store.acquire_lease(session_id, "lane", "b", 10)

    async def test_a_stalled_owner_that_wakes_up_is_refused(
        self, store: Store, session_id: str, clock: ManualClock
    ) -> None:
        stalled = await store.acquire_lease(session_id, "lane", "a", 10)
        await store.append(session_id, [line("by a")], fence=stalled)
        clock.advance(11)
        await store.append(session_id, [line("late, but nobody took over")], fence=stalled)
        newest = await store.acquire_lease(session_id, "lane", "b", 10)
        with pytest.raises(LeaseLost):
            await store.append(session_id, [line("too late")], op_id="op", fence=stalled)
        await store.append(session_id, [line("by b")], op_id="op", fence=newest)
        clock.advance(11)
        again = await store.acquire_lease(session_id, "lane", "a", 10)
        assert stalled.fence < newest.fence < again.fence
        for old in (stalled, newest):
            with pytest.raises(LeaseLost):
                await store.append(session_id, [line("too late")], fence=old)
        assert texts(await whole_log(store, session_id)) == ["by a", "late, but nobody took over", "by b"]

    async def test_a_fence_is_good_for_its_own_lane_and_session(
        self, store: Store, session_id: str, user_id: str
    ) -> None:
        other = await store.create(new_id("session"), user_id, LONG, [])
        lease = await store.acquire_lease(session_id, "lane", "a", 10)
        for wrong in (replace(lease, lane="never leased"), replace(lease, fence=lease.fence + 1)):
            with pytest.raises(LeaseLost):
                await store.append(session_id, [line()], fence=wrong)
        with pytest.raises(LeaseLost):
            await store.append(other.session_id, [line()], fence=lease)
        await store.append(session_id, [line("without a fence")])

    async def test_a_released_lane_is_free_at_once_and_its_fence_never_comes_again(
        self, store: Store, session_id: str
    ) -> None:
        first = await store.acquire_lease(session_id, "lane", "a", 10)
        await store.release_lease(first)
        second = await store.acquire_lease(session_id, "lane", "b", 10)
        await store.release_lease(first)
        with pytest.raises(LeaseHeld):
            await store.acquire_lease(session_id, "lane", "a", 10)
        await store.release_lease(second)
        third = await store.acquire_lease(session_id, "lane", "b", 10)
        assert first.fence < second.fence < third.fence

    async def test_an_owner_whose_lease_has_ended_gets_a_new_fence(
        self, store: Store, session_id: str, clock: ManualClock
    ) -> None:
        first = await store.acquire_lease(session_id, "lane", "a", 10)
        clock.advance(10)
        assert (await store.acquire_lease(session_id, "lane", "a", 10)).fence == first.fence + 1

    async def test_of_many_who_want_a_lane_one_gets_it(self, store: Store, session_id: str) -> None:
        done = await asyncio.gather(
            *(store.acquire_lease(session_id, "lane", f"owner {n}", 10) for n in range(20)), return_exceptions=True
        )
        assert sum(isinstance(item, Lease) for item in done) == 1
        assert sum(isinstance(item, LeaseHeld) for item in done) == 19

    async def test_work_is_written_to_only_while_it_is_open(self, store: Store, session_id: str) -> None:
        for early in (work("within", "w"), work("close", "w")):
            with pytest.raises(WorkClosed):
                await store.append(session_id, [early])
        await store.append(session_id, [work("open", "w")])
        await store.append(session_id, [work("within", "w"), line("beside")])
        await store.append(session_id, [work("within", "w"), work("close", "w")])
        for late in (work("within", "w"), work("close", "w")):
            with pytest.raises(WorkClosed):
                await store.append(session_id, [late])
        assert len(await whole_log(store, session_id)) == 5

    async def test_work_is_opened_once_for_ever(self, store: Store, session_id: str, user_id: str) -> None:
        await store.append(session_id, [work("open", "w")])
        with pytest.raises(WorkExists):
            await store.append(session_id, [work("open", "w")])
        await store.append(session_id, [work("close", "w")])
        with pytest.raises(WorkExists):
            await store.append(session_id, [work("open", "w")])
        other = await store.create(new_id("session"), user_id, LONG, [work("open", "w")])
        assert other.seq == 1

    async def test_one_append_can_open_use_and_close(self, store: Store, session_id: str) -> None:
        await store.append(session_id, [work("open", "w"), work("within", "w"), work("close", "w")])
        with pytest.raises(WorkClosed):
            await store.append(session_id, [work("open", "v"), work("close", "v"), work("within", "v")])
        with pytest.raises(WorkExists):
            await store.append(session_id, [work("open", "u"), work("close", "u"), work("open", "u")])
        assert len(await whole_log(store, session_id)) == 3
        assert await open_work_of(store, session_id) == []

    async def test_of_many_who_open_or_close_the_same_work_one_does(self, store: Store, session_id: str) -> None:
        for phase, refusal in (("open", WorkExists), ("close", WorkClosed)):
            done = await asyncio.gather(
                *(store.append(session_id, [work(phase, "w")]) for _ in range(20)),  # type: ignore[arg-type]
                return_exceptions=True,
            )
            assert sum(isinstance(item, Appended) for item in done) == 1
            assert sum(isinstance(item, refusal) for item in done) == 19
        assert len(await whole_log(store, session_id)) == 2

    @pytest.mark.parametrize("limit", [1, 2, 500])
    async def test_open_work_is_listed_in_log_order(
        self, store: Store, session_id: str, user_id: str, limit: int
    ) -> None:
        other = (await store.create(new_id("session"), user_id, LONG, [work("open", "z", "lane z")])).session_id
        await store.append(session_id, [work("open", "c", "lane 1"), work("open", "b"), work("open", "a", "lane 1")])
        await store.append(other, [work("open", "y")])
        await store.append(session_id, [work("close", "b"), work("within", "a")])
        found = await open_work_of(store, session_id, other, limit=limit)
        assert [item for item in found if item.session_id == session_id] == [
            OpenWork(session_id, "c", "lane 1"),
            OpenWork(session_id, "a", "lane 1"),
        ]
        assert [item for item in found if item.session_id == other] == [
            OpenWork(other, "z", "lane z"),
            OpenWork(other, "y", ""),
        ]
