"""LeaseLoop: the embedded dispatcher. It executes lanes in this process, one owner at a time, and picks up what
others dropped."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from symphainy.errors import LeaseHeld, LeaseLost, NotFound, StoreUnavailable, SymphainyError
from symphainy.ids import new_id
from symphainy.stores.base import Lease
from symphainy.traffic_cop import TrafficCop

logger = logging.getLogger(__name__)

LEASE_SECONDS: Final = 15.0
RECOVER_SECONDS: Final = 60.0
RETRY_SECONDS: Final = 1.0

Handler = Callable[[str, str, Lease], Awaitable[None]]
"""Executes one lane of a session to its end: `(session_id, what stands after the colon in the lane, lease)`."""


@dataclass(frozen=True, slots=True)
class LaneKind:
    handler: Handler
    at_once: int
    """How many lanes of this kind this process executes at the same time; the others wait in order."""
    slots: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "slots", asyncio.Semaphore(self.at_once))


class LeaseLoop:
    """Executes submitted lanes under their lease, and renews it while they run.

    A lane whose lease is lost is stopped. What a crashed process left open is found at the start and every minute,
    and goes on here once the old lease has ended.
    """

    def __init__(self, traffic_cop: TrafficCop, *, lease_seconds: float = LEASE_SECONDS) -> None:
        self._cop = traffic_cop
        self._seconds = lease_seconds
        self._owner = new_id("srv")
        self._kinds: Mapping[str, LaneKind] = {}
        self._tasks: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._again: set[tuple[str, str]] = set()
        self._watch: asyncio.Task[None] | None = None
        self._closing = False

    def start(self, kinds: Mapping[str, LaneKind]) -> None:
        """`kinds` by the part of a lane before the colon. Begins with what earlier processes left open."""
        self._kinds = kinds
        self._watch = asyncio.create_task(self._recover_always())

    async def close(self) -> None:
        """Stops executing. Nothing is lost: open work goes on in the next process."""
        self._closing = True
        tasks = [*self._tasks.values(), *([self._watch] if self._watch else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def submit(self, session_id: str, lane: str) -> None:
        """Executes the lane soon. If it is being executed already, it is looked at once more afterwards."""
        key = (session_id, lane)
        if self._closing or lane.partition(":")[0] not in self._kinds:
            return
        if key in self._tasks:
            self._again.add(key)
            return
        task = asyncio.create_task(self._execute(session_id, lane))
        self._tasks[key] = task
        task.add_done_callback(lambda done: self._ended(key, done))

    def interrupt(self, session_id: str, lane: str) -> None:
        """Stops executing the lane here, now. What its records say decides what becomes of it."""
        task = self._tasks.get((session_id, lane))
        if task is not None:
            task.cancel()

    def _ended(self, key: tuple[str, str], task: asyncio.Task[None]) -> None:
        self._tasks.pop(key, None)
        if not task.cancelled() and task.exception() is not None:
            logger.error("lane %s of %s failed", key[1], key[0], exc_info=task.exception())
        if key in self._again:
            self._again.discard(key)
            self.submit(*key)

    async def _execute(self, session_id: str, lane: str) -> None:
        kind, _, name = lane.partition(":")
        try:
            async with self._kinds[kind].slots:
                await self._under_lease(session_id, lane, name, self._kinds[kind].handler)
        except (NotFound, LeaseHeld, LeaseLost) as reason:
            logger.info("lane %s of %s is not executed here: %s", lane, session_id, reason)
        except StoreUnavailable:
            logger.warning("the store is away; lane %s of %s is tried again", lane, session_id)
            await asyncio.sleep(RETRY_SECONDS)
            self._again.add((session_id, lane))

    async def _under_lease(self, session_id: str, lane: str, name: str, handler: Handler) -> None:
        lease = await self._cop.acquire_lease(session_id, lane, self._owner, self._seconds)
        work = asyncio.ensure_future(handler(session_id, name, lease))
        heart = asyncio.create_task(self._renew(lease, work))
        try:
            await work
        except asyncio.CancelledError:
            if not work.cancelled():
                work.cancel()
                await asyncio.gather(work, return_exceptions=True)
            raise
        finally:
            heart.cancel()
            await asyncio.gather(heart, return_exceptions=True)
            await self._release(lease)

    async def _renew(self, lease: Lease, work: asyncio.Future[None]) -> None:
        while True:
            await asyncio.sleep(self._seconds / 3)
            try:
                await self._cop.acquire_lease(lease.session_id, lease.lane, self._owner, self._seconds)
            except StoreUnavailable:
                continue
            except SymphainyError:
                work.cancel()
                return

    async def _release(self, lease: Lease) -> None:
        try:
            await self._cop.release_lease(lease)
        except SymphainyError as reason:
            logger.info("lease of %s was not released, it ends by itself: %s", lease.lane, reason)

    async def _recover_always(self) -> None:
        while True:
            try:
                async for work in self._cop.open_work():
                    self.submit(work.session_id, work.lane)
            except StoreUnavailable:
                logger.warning("the store is away; open work is looked for again")
            await asyncio.sleep(RECOVER_SECONDS)
