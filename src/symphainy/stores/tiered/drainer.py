"""The drain: what was acknowledged by the hot store goes to the durable one, in the background and again until it is there."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from symphainy.errors import StoreUnavailable, SymphainyError
from symphainy.stores.base import Lag

logger = logging.getLogger(__name__)

WORKERS: Final = 4
GATHER_SECONDS: Final = 0.03
"""A drain begins so long after a write, so that a burst of writes is one copy."""
FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 5.0
STUCK_PAUSE: Final = 30.0


@dataclass(slots=True)
class _Session:
    """`since` is when the oldest write was acknowledged that may not be drained; `stuck` says that the fault is the session's
    own, and not that of the durable store."""

    since: float
    version: int = 0
    writing: int = 0
    head: int = 0
    drained: int | None = None
    waiting: bool = False
    stuck: bool = False
    done: asyncio.Event = field(default_factory=asyncio.Event)

    def entries(self) -> int:
        return max(0, self.head - self.drained) if self.drained is not None else 0


class Drainer:
    """`drain` copies one session and says up to where it is drained, or None if it is not in the hot store any more;
    `drained` is told of sessions that are drained."""

    def __init__(
        self,
        drain: Callable[[str], Awaitable[int | None]],
        drained: Callable[[str], None],
        *,
        most_entries: int,
        most_seconds: float,
    ) -> None:
        self._drain = drain
        self._told = drained
        self._most_entries = most_entries
        self._most_seconds = most_seconds
        self._sessions: dict[str, _Session] = {}
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._workers: list[asyncio.Task[None]] = []
        self._failures = 0
        self._reason = ""
        self._settled = asyncio.Event()
        self._settled.set()

    def start(self) -> None:
        self._workers = [asyncio.create_task(self._work()) for _ in range(WORKERS)]

    async def close(self, seconds: float) -> bool:
        """Waits at most so long for `settled`, and says whether everything is drained."""
        try:
            async with asyncio.timeout(seconds):
                await self._settled.wait()
        except TimeoutError:
            pass
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        return not self._sessions

    async def settled(self) -> None:
        """Returns when everything is drained, but for sessions that cannot be."""
        await self._settled.wait()

    async def done_with(self, session_id: str) -> None:
        """Returns when no copy of the session is on its way from this process, or after a while."""
        session = self._sessions.get(session_id)
        if session is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(session.done.wait(), LONGEST_PAUSE)

    @property
    def undrained(self) -> set[str]:
        return set(self._sessions)

    def lag(self) -> Lag:
        now = time.monotonic()
        due = [item for item in self._sessions.values() if not item.stuck]
        seconds = max((now - item.since for item in due), default=0.0)
        return Lag(sum(item.entries() for item in due), seconds, self._most_entries, self._most_seconds)

    def check(self) -> None:
        """Raises StoreUnavailable at the limits of the lag."""
        lag = self.lag()
        if lag.entries < lag.most_entries and lag.seconds < lag.most_seconds:
            return
        raise StoreUnavailable(
            f"The durable store has been behind for {lag.seconds:.0f} s, by {lag.entries} entries; nothing more is taken "
            f"until it has caught up (limits: {lag.most_seconds:.0f} s, {lag.most_entries} entries). {self._reason}".strip()
        )

    def begin(self, session_id: str) -> None:
        """A write to the session begins: from now on it is undrained."""
        session = self._sessions.get(session_id)
        if session is None:
            session = self._sessions[session_id] = _Session(time.monotonic())
        session.writing += 1
        session.version += 1
        if not session.stuck:
            self._settled.clear()

    def end(self, session_id: str, first_seq: int | None = None, last_seq: int = 0) -> None:
        """It has ended. The seqs are those of what was acknowledged, if it was an append."""
        session = self._sessions[session_id]
        session.writing -= 1
        if first_seq is not None:
            session.head = max(session.head, last_seq)
            session.drained = first_seq - 1 if session.drained is None else session.drained
        self._enqueue(session_id, session, GATHER_SECONDS)

    def add(self, session_id: str) -> None:
        """The session may be undrained."""
        self.begin(session_id)
        self.end(session_id)

    def _settle(self) -> None:
        if all(session.stuck for session in self._sessions.values()):
            self._settled.set()

    def _enqueue(self, session_id: str, session: _Session, seconds: float) -> None:
        if not session.waiting:
            session.waiting = True
            asyncio.get_running_loop().call_later(seconds, self._queue.put_nowait, session_id)

    async def _work(self) -> None:
        while True:
            session_id = await self._queue.get()
            session = self._sessions.get(session_id)
            if session is not None:
                await self._drain_once(session_id, session)

    async def _drain_once(self, session_id: str, session: _Session) -> None:
        """`waiting` stays set meanwhile, so that nobody else drains the session in this process."""
        version, began = session.version, time.monotonic()
        try:
            drained = await self._drain(session_id)
        except StoreUnavailable as failure:
            self._failures += 1
            self._reason = failure.message
            if self._failures == 1:
                logger.warning("nothing is drained until the durable store answers: %s", failure)
            pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(self._failures, 10))
            session.waiting = False
            self._enqueue(session_id, session, pause)
            await asyncio.sleep(pause)
            return
        except SymphainyError as failure:
            logger.error("the session %s cannot be drained: %s", session_id, failure)
            session.stuck, session.waiting = True, False
            self._enqueue(session_id, session, STUCK_PAUSE)
            self._settle()
            return
        if self._failures:
            logger.warning("the durable store answers again")
            self._failures, self._reason = 0, ""
        self._after(session_id, session, version, began, drained)

    def _after(self, session_id: str, session: _Session, version: int, began: float, drained: int | None) -> None:
        session.waiting = session.stuck = False
        if self._sessions.get(session_id) is not session:
            return
        if drained is not None:
            self._told(session_id)
        if session.version == version and not session.writing:
            del self._sessions[session_id]
            session.done.set()
            self._settle()
            return
        session.since = began
        session.drained = session.head if drained is None else max(session.drained or 0, drained)
        self._enqueue(session_id, session, GATHER_SECONDS)
