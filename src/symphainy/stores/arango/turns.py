"""Who goes next, inside one process: its writers of one session do not race each other for the next place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from symphainy.errors import StoreUnavailable


class Turns:
    """First come, first served, by name. Raises StoreUnavailable for one who has waited `seconds`."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def of(self, name: str, seconds: float) -> AsyncGenerator[None, None]:
        lock = self._locks.get(name)
        if lock is None:
            lock = self._locks[name] = asyncio.Lock()
        try:
            async with asyncio.timeout(seconds):
                await lock.acquire()
        except TimeoutError:
            raise StoreUnavailable(f"Others wait for ArangoDB, too: there was no turn within {seconds:g} s.") from None
        try:
            yield
        finally:
            lock.release()
