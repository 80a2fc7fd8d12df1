"""Processes that share one hot and one durable store, and what can happen to them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Self

from symphainy.stores.base import Lifetime, Record, SessionCopy
from symphainy.stores.memory import MemoryStore
from symphainy.stores.tiered import TieredStore
from symphainy.testing import FaultyStore, ManualClock

LIFE = Lifetime(1e6, 1e7)
LEASE_SECONDS = 16


class Connection(FaultyStore):
    """One process's way to a store that others use too."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        return None


class Process(TieredStore):
    def __init__(self, hot: MemoryStore, durable: MemoryStore, **bounds: float) -> None:
        self.hot = Connection(hot)
        self.durable = Connection(durable)
        super().__init__(
            self.hot,
            self.durable,
            clock=ManualClock(),
            sweep_seconds=0.02,
            **bounds,  # type: ignore[arg-type]
        )

    async def kill(self) -> None:
        """As if the process had ended: nothing that it was doing goes on."""
        tasks = [*self._drainer._workers, *([self._sweeper] if self._sweeper else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._sweeper = None
        self.hot.away = self.durable.away = True


class Pair:
    """The two stores. The clock is that of both."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.hot = MemoryStore(clock=self.clock)
        self.durable = MemoryStore(clock=self.clock)

    @asynccontextmanager
    async def process(self, **bounds: float) -> AsyncIterator[Process]:
        async with Process(self.hot, self.durable, **bounds) as process:
            yield process

    def flush(self) -> None:
        """The hot store is empty: FLUSHALL, or a restart without persistence."""
        self.hot._sessions.clear()
        self.hot._tokens.clear()

    def owners_are_gone(self) -> None:
        """The leases of processes that ended have ended too."""
        self.clock.advance(LEASE_SECONDS)

    async def kept(self, session_id: str) -> SessionCopy:
        """What the durable store has, but for how far the fences are."""
        return replace(await self.durable.copy_out(session_id, limit=10**6), fence=0)

    async def is_drained(self, session_id: str) -> bool:
        hot = await self.hot.copy_out(session_id, limit=10**6)
        return await self.kept(session_id) == replace(hot, fence=0)


@asynccontextmanager
async def open_pair() -> AsyncIterator[Pair]:
    pair = Pair()
    async with pair.hot, pair.durable:
        yield pair


async def eventually(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(10):
        while not await condition():
            await asyncio.sleep(0.01)


def line(text: str) -> Record:
    return Record(text.encode())


async def texts(store: TieredStore | MemoryStore, session_id: str) -> list[str]:
    found: list[str] = []
    while batch := await store.read(session_id, after=len(found)):
        found += [item.data.decode() for item in batch]
    return found
