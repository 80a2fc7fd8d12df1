"""The queue that server processes share, when its Redis dies, and when one of them dies."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from symphainy.dispatch import LaneKind, Lanes
from symphainy.dispatch.docket import DocketDispatcher
from symphainy.files.folder import FolderFileStore
from symphainy.sessions import SessionManagerService
from symphainy.stores import open_store
from symphainy.stores.base import Lease, Store
from symphainy.testing import FaultyStore
from symphainy.traffic_cop import TrafficCop
from tests.servers import valkey


@pytest.fixture(scope="module")
def server() -> Iterator[valkey.ValkeyServer]:
    with valkey.running() as running:
        yield running


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    async with open_store("memory://") as opened:
        yield opened


@pytest.fixture
async def cop(store: Store) -> AsyncIterator[TrafficCop]:
    traffic_cop = TrafficCop(store)
    yield traffic_cop
    await traffic_cop.close()


@pytest.fixture
async def session_id(cop: TrafficCop, tmp_path_factory: pytest.TempPathFactory) -> str:
    files = FolderFileStore(tmp_path_factory.mktemp("files"))
    return (await SessionManagerService(cop, files).create_session("ada")).session_id


class Work:
    """`long` executes until it is let go, everything else has ended at once."""

    def __init__(self) -> None:
        self.executed: Counter[str] = Counter()
        self.free = asyncio.Event()

    async def handle(self, session_id: str, name: str, lease: Lease) -> None:
        self.executed[name] += 1
        if name.startswith("long"):
            await self.free.wait()

    async def is_pending(self, session_id: str, name: str) -> bool:
        return not self.executed[name] or (name.startswith("long") and not self.free.is_set())

    async def until_executed(self, name: str, times: int = 1) -> None:
        async with asyncio.timeout(30):
            while self.executed[name] < times:
                await asyncio.sleep(0.02)


@asynccontextmanager
async def dispatcher(cop: TrafficCop, url: str, work: Work) -> AsyncIterator[DocketDispatcher]:
    found = DocketDispatcher(Lanes(cop, lease_seconds=1.0), url)
    await found.start({"work": LaneKind(work.handle, 8, work.is_pending)})
    try:
        yield found
    finally:
        await found.close()


async def test_a_queue_that_comes_back_is_served_while_what_was_begun_before_still_runs(
    cop: TrafficCop, server: valkey.ValkeyServer, session_id: str
) -> None:
    work = Work()
    async with dispatcher(cop, server.url, work) as first:
        first.submit(session_id, "work:long")
        await work.until_executed("long")
        server.kill()
        await asyncio.to_thread(server.start)
        first.submit(session_id, "work:short")
        await work.until_executed("short")
        assert work.executed == {"long": 1, "short": 1}
        work.free.set()


async def test_a_lane_goes_on_elsewhere_once_its_lease_ends_however_long_ago_its_message_was_let_go(
    store: Store, cop: TrafficCop, server: valkey.ValkeyServer, session_id: str
) -> None:
    work, dying = Work(), FaultyStore(store)
    async with dispatcher(TrafficCop(dying), server.url, work) as first:
        first.submit(session_id, "work:long")
        await work.until_executed("long")
        async with dispatcher(cop, server.url, work) as second:
            async with asyncio.timeout(30):
                while second.lanes.outcomes["held"] < 2:
                    await asyncio.sleep(0.02)
            assert work.executed["long"] == 1
            dying.away = True
            await work.until_executed("long", 2)
            assert (first.lanes.taken_over, second.lanes.taken_over) == (0, 1)
            work.free.set()
