"""LeaseLoop: the dispatcher without a queue. What is submitted to a process is executed in it, and what another one
dropped is found in the store."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Mapping
from contextvars import Context
from typing import Final

from symphainy.dispatch.lanes import Key, LaneKind, Lanes
from symphainy.errors import StoreUnavailable

logger = logging.getLogger(__name__)

RECOVER_SECONDS: Final = 60.0
SHARED_RECOVER_SECONDS: Final = 1.0
RETRY_SECONDS: Final = 1.0
LOOK_SECONDS: Final = 0.5
SOONEST_LOOK: Final = 0.1
LONGEST_PAUSE: Final = 60.0


class LeaseLoop:
    """What a crashed process left open is found at the start and every `recover_seconds`, and goes on here once the old
    lease has ended.

    Open work with nothing to execute (it waits for an answer) is looked at more and more seldom, up to once a minute.
    """

    def __init__(self, lanes: Lanes, *, recover_seconds: float = RECOVER_SECONDS) -> None:
        self.lanes = lanes
        self._recover_seconds = recover_seconds
        self._soon = min(recover_seconds, lanes.lease_seconds / 2)
        """A lease that is renewed ends later than this."""
        self._tasks: dict[Key, asyncio.Task[None]] = {}
        self._again: set[Key] = set()
        self._idle: dict[Key, tuple[float, float]] = {}
        """Open lanes in which there was nothing to execute: when each is looked at next, and after what pause."""
        self._held: set[Key] = set()
        self._watch: asyncio.Task[None] | None = None
        self._closing = False

    async def start(self, kinds: Mapping[str, LaneKind]) -> None:
        """Begins with what earlier processes left open."""
        self.lanes.serve(kinds)
        self._watch = asyncio.create_task(self._recover_always())

    async def close(self) -> None:
        """Stops executing. Nothing is lost: open work goes on in another process, or in the next."""
        self._closing = True
        self.lanes.close()
        tasks = [*self._tasks.values(), *([self._watch] if self._watch else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def submit(self, session_id: str, lane: str) -> None:
        """Executes the lane soon. If it is being executed already, it is looked at once more afterwards."""
        self._idle.pop((session_id, lane), None)
        self._begin((session_id, lane), looks=self.lanes.lease_seconds + LOOK_SECONDS)

    def interrupt(self, session_id: str, lane: str) -> None:
        """Stops executing the lane here, now. What its records say decides what becomes of it."""
        self.lanes.interrupt(session_id, lane)

    def _begin(self, key: Key, *, looks: float) -> None:
        if self._closing or not self.lanes.knows(key[1]):
            return
        if key in self._tasks:
            self._again.add(key)
            return
        # the lane may execute what many requests sent; each turn and workflow knows from the log whose it is
        task = asyncio.create_task(self._execute(key, looks), context=Context())
        self._tasks[key] = task
        task.add_done_callback(lambda done: self._ended(key, done))

    def _ended(self, key: Key, task: asyncio.Task[None]) -> None:
        self._tasks.pop(key, None)
        if not task.cancelled() and task.exception() is not None:
            logger.error("lane %s of %s failed", key[1], key[0], exc_info=task.exception())
        if key in self._again:
            self._again.discard(key)
            self.submit(*key)

    async def _execute(self, key: Key, looks: float) -> None:
        """Where somebody else holds the lease, tries again for `looks` seconds, and when it ends before the next look at
        all lanes: whoever renews it meanwhile, lives."""
        looks_until = time.monotonic() + looks
        while True:
            outcome = await self.lanes.execute(*key, was_held=key in self._held)
            self._held.discard(key)
            if outcome.kind == "away":
                await asyncio.sleep(RETRY_SECONDS)
            elif outcome.kind == "held" and (outcome.seconds < self._soon or time.monotonic() < looks_until):
                self._held.add(key)
                await asyncio.sleep(min(max(outcome.seconds, SOONEST_LOOK), LOOK_SECONDS))
            else:
                break
        if outcome.kind == "held":
            self._held.add(key)
            self._idle.pop(key, None)
        else:
            pause = min(2 * self._idle.get(key, (0.0, self._recover_seconds / 2))[1], LONGEST_PAUSE)
            self._idle[key] = (time.monotonic() + pause, pause)

    async def _recover_always(self) -> None:
        while True:
            try:
                await self._recover()
            except StoreUnavailable:
                logger.warning("the store is away; open work is looked for again")
            await asyncio.sleep(self._recover_seconds * random.uniform(0.9, 1.1))

    async def _recover(self) -> None:
        idle, held = self._idle, self._held
        self._idle, self._held = {}, set()
        async for work in self.lanes.open_work():
            key = (work.session_id, work.lane)
            if key in held:
                self._held.add(key)
            if key in idle:
                self._idle.setdefault(key, idle[key])
            if key not in self._tasks and self._idle.get(key, (0.0, 0.0))[0] <= time.monotonic():
                self._begin(key, looks=0.0)
