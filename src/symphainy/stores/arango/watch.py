"""Waiting for entries: at once for what this process writes, by asking for what others write.

ArangoDB tells nobody of changes (its log of writes is for replication, and not to be had on a cluster), so one task of
each process asks for all sessions that somebody waits for, and for each of them the less often the longer it is quiet:
every 50 ms at first, every second in the end. Live deployments put Redis in front, as the tiered store.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from symphainy.errors import StoreUnavailable
from symphainy.stores.arango import statements
from symphainy.stores.arango.connection import Connection
from symphainy.stores.arango.documents import key_of
from symphainy.stores.waiters import Waiters

SOONEST: Final = 0.05
LATEST: Final = 1.0
AT_ONCE: Final = 200


@dataclass(slots=True)
class _Watched:
    session_id: str
    after: int
    pause: float
    due: float
    waiting: int = 0


class Watch:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waiters = Waiters()
        self._watched: dict[str, _Watched] = {}
        self._task: asyncio.Task[None] | None = None
        self._sooner = asyncio.Event()

    def wake(self, session_id: str) -> None:
        self._waiters.wake(session_id)

    async def close(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        self._waiters.wake_all()

    def register(self, session_id: str) -> asyncio.Future[None]:
        return self._waiters.register(session_id)

    def forget(self, session_id: str, future: asyncio.Future[None]) -> None:
        self._waiters.forget(session_id, future)

    async def until(self, future: asyncio.Future[None], session_id: str, after: int) -> None:
        """Ends when the log is longer than `after`, or the session is gone."""
        now = asyncio.get_running_loop().time()
        key = key_of(session_id)
        watched = self._watched.setdefault(key, _Watched(session_id, after, SOONEST, now + SOONEST))
        watched.after, watched.pause = min(watched.after, after), SOONEST
        watched.due = min(watched.due, now + SOONEST)
        watched.waiting += 1
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        self._sooner.set()
        try:
            await future
        finally:
            watched.waiting -= 1
            if not watched.waiting and self._watched.get(key) is watched:
                del self._watched[key]

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self._sooner.clear()
            first = min((watched.due for watched in self._watched.values()), default=None)
            try:
                async with asyncio.timeout_at(first):
                    await self._sooner.wait()
            except TimeoutError:
                pass
            now = loop.time()
            due = [key for key, watched in self._watched.items() if watched.due <= now][:AT_ONCE]
            if due:
                await self._ask(due)

    async def _ask(self, keys: list[str]) -> None:
        try:
            rows = await self._connection.run(statements.HEADS, sessions=keys)
        except StoreUnavailable:
            # Whoever waits goes on waiting: the entries that come are found when the server is back.
            rows = []
        now = asyncio.get_running_loop().time()
        for key in keys:
            watched = self._watched.get(key)
            if watched is not None:
                watched.pause = min(watched.pause * 1.5, LATEST)
                watched.due = now + watched.pause
        for row in rows:
            watched = self._watched.get(row["session"])
            gone = row["state"] not in ("live", "dropping") or row["end"]
            if watched is not None and (gone or (row["head"] or 0) > watched.after):
                self._waiters.wake(watched.session_id)
