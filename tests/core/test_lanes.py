"""Which lane a process executes next: what another process has begun, and left, waits behind nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from symphainy.dispatch import LaneKind, Lanes
from symphainy.dispatch.slots import Slots
from symphainy.sessions import SessionManagerService
from symphainy.stores.base import Lease
from symphainy.traffic_cop import TrafficCop

from .conftest import eventually


class Work:
    """Lanes of one session that each execute until they are let go."""

    def __init__(self) -> None:
        self.order: list[str] = []
        self.begun: set[str] = set()
        self.ended: set[str] = set()
        self._free = asyncio.Event()

    def let_go(self) -> None:
        self._free.set()

    async def handle(self, session_id: str, name: str, lease: Lease) -> None:
        self.order.append(name)
        await self._free.wait()
        self.ended.add(name)

    async def is_pending(self, session_id: str, name: str) -> bool:
        return name not in self.ended

    async def has_begun(self, session_id: str, name: str) -> bool:
        return name in self.begun and name not in self.ended

    async def executes(self, *names: str) -> None:
        async def all_of_them() -> bool:
            return set(self.order) == set(names)

        await eventually(all_of_them)


@pytest.fixture
async def work() -> AsyncIterator[Work]:
    found = Work()
    yield found
    found.let_go()


@pytest.fixture
def lanes(cop: TrafficCop, work: Work) -> Lanes:
    found = Lanes(cop, lease_seconds=5.0)
    found.serve({"work": LaneKind(work.handle, 1, work.is_pending, work.has_begun)})
    return found


@pytest.fixture
async def session_id(sessions: SessionManagerService) -> str:
    return (await sessions.create_session("ada")).session_id


async def test_what_was_left_does_not_wait_for_new_work(lanes: Lanes, work: Work, session_id: str) -> None:
    work.begun.add("left")
    async with asyncio.TaskGroup() as group:
        for name in ("first", "second"):
            group.create_task(lanes.execute(session_id, f"work:{name}"))
        await work.executes("first")
        group.create_task(lanes.execute(session_id, "work:left"))
        await work.executes("first", "left")
        assert lanes.count() == {("work", True): 2, ("work", False): 1}
        work.let_go()
    assert work.order == ["first", "left", "second"]


async def test_where_all_slots_are_taken_a_held_lane_is_still_looked_at(
    cop: TrafficCop, lanes: Lanes, work: Work, session_id: str
) -> None:
    work.begun.add("held")
    await cop.acquire_lease(session_id, "work:held", "another", 60)
    async with asyncio.TaskGroup() as group:
        group.create_task(lanes.execute(session_id, "work:first"))
        await work.executes("first")
        outcome = await asyncio.wait_for(lanes.execute(session_id, "work:held"), 2)
        assert (outcome.kind, outcome.seconds) == ("held", lanes.lease_seconds)
        work.let_go()


async def test_what_waits_here_and_is_begun_and_left_by_another_process_goes_on_at_once(
    lanes: Lanes, work: Work, session_id: str
) -> None:
    async with asyncio.TaskGroup() as group:
        for name in ("first", "second", "third"):
            group.create_task(lanes.execute(session_id, f"work:{name}"))
        await work.executes("first")
        work.begun.add("third")
        await work.executes("first", "third")
        work.let_go()
    assert work.order == ["first", "third", "second"]


async def test_what_waits_here_and_is_ended_by_another_process_is_done(
    lanes: Lanes, work: Work, session_id: str
) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(lanes.execute(session_id, "work:first"))
        await work.executes("first")
        waiting = group.create_task(lanes.execute(session_id, "work:second"))
        work.ended.add("second")
        assert (await asyncio.wait_for(waiting, 5)).kind == "done"
        work.let_go()


async def test_a_takeover_is_counted_once(cop: TrafficCop, lanes: Lanes, work: Work, session_id: str) -> None:
    work.let_go()
    await lanes.execute(session_id, "work:left", was_held=True)
    await lanes.execute(session_id, "work:left", was_held=True)
    assert (work.order, lanes.taken_over) == (["left"], 1)


async def test_slots_are_twice_as_many_for_what_has_begun_and_come_back() -> None:
    slots = Slots(2)
    new = [slots.join(begun=False) for _ in range(4)]
    begun = [slots.join(begun=True) for _ in range(3)]
    assert [turn.done() for turn in new] == [True, True, False, False]
    assert [turn.done() for turn in begun] == [True, True, False]
    slots.quit(new[0])
    assert (begun[2].done(), new[2].done()) == (True, False)
    for turn in begun:
        slots.quit(turn)
    assert (new[2].done(), new[3].done()) == (True, False)
    slots.quit(new[3])
    slots.quit(new[1])
    slots.quit(new[2])
    assert [slots.join(begun=False).done() for _ in range(3)] == [True, True, False]
