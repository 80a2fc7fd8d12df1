"""Who waits for which session, inside one process: how a store wakes a subscriber without anybody polling."""

from __future__ import annotations

import asyncio
from collections import defaultdict


class Waiters:
    """Futures by session. All methods belong to the event loop's thread.

    A subscriber registers before it looks, so that a write between its look and its wait still wakes it.
    """

    def __init__(self) -> None:
        self._waiting: defaultdict[str, set[asyncio.Future[None]]] = defaultdict(set)

    def register(self, session_id: str) -> asyncio.Future[None]:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[session_id].add(future)
        return future

    def forget(self, session_id: str, future: asyncio.Future[None]) -> None:
        """Must follow every `register`, whatever ended the wait."""
        futures = self._waiting.get(session_id)
        if futures is not None:
            futures.discard(future)
            if not futures:
                del self._waiting[session_id]

    def has(self, session_id: str) -> bool:
        return session_id in self._waiting

    def wake(self, session_id: str) -> None:
        for future in self._waiting.pop(session_id, ()):
            if not future.done():
                future.set_result(None)

    def wake_all(self) -> None:
        for session_id in list(self._waiting):
            self.wake(session_id)
