"""Which sessions have a hot copy that may be dropped one day.

Lists of names, one for each stretch of time, kept as sessions of the hot store and shared by all processes. A session is in
the list of the stretch in which it was last written to, so when a list is old, what was not written to since is idle.
"""

from __future__ import annotations

from typing import Final

import orjson

from symphainy.errors import LeaseHeld, SessionExists, SessionNotFound
from symphainy.ids import Clock, new_id
from symphainy.stores.base import Record, Store
from symphainy.stores.tiered.names import FOREVER, SYSTEM_USER
from symphainy.stores.tiered.outbox import own_sessions
from symphainy.stores.tiered.residence import Residence

PREFIX: Final = "residents"
LANE: Final = "parking"
LEASE_SECONDS: Final = 60.0
STRETCHES: Final = 4
"""So many to `idle_hot`."""


class Residents:
    def __init__(self, hot: Store, residence: Residence, clock: Clock, idle_hot: float) -> None:
        self._hot = hot
        self._residence = residence
        self._clock = clock
        self._idle = idle_hot
        self._owner = new_id("tier")
        self._stretch = 0
        self._listed: set[str] = set()
        self._new: set[str] = set()

    def add(self, session_id: str) -> None:
        """The session was just drained. `write` puts it on the list."""
        stretch = self._stretch_of(self._clock.now())
        if stretch != self._stretch:
            self._stretch = stretch
            self._listed.clear()
        if session_id not in self._listed:
            self._new.add(session_id)

    def _stretch_of(self, now: float) -> int:
        return int(now // max(self._idle / STRETCHES, 1e-3))

    async def write(self) -> None:
        if not self._new:
            return
        names = set(self._new)
        list_id = f"{PREFIX}_{self._stretch_of(self._clock.now())}"
        record = Record(orjson.dumps(sorted(names)))
        try:
            await self._hot.append(list_id, [record])
        except SessionNotFound:
            try:
                await self._hot.create(list_id, SYSTEM_USER, FOREVER, [record])
            except SessionExists:
                await self._hot.append(list_id, [record])
        self._new -= names
        self._listed |= names

    async def park(self) -> int:
        """Drops the hot copies of sessions that nobody has written to for `idle_hot`; says how many."""
        parked = 0
        for list_id in await own_sessions(self._hot, PREFIX):
            stretch = int(list_id.rpartition("_")[2])
            if self._clock.now() < (stretch + 1) * max(self._idle / STRETCHES, 1e-3) + self._idle:
                continue
            try:
                await self._hot.acquire_lease(list_id, LANE, self._owner, LEASE_SECONDS)
                parked += await self._park_list(list_id)
                await self._hot.delete(list_id)
            except (LeaseHeld, SessionNotFound):
                continue
        return parked

    async def _park_list(self, list_id: str) -> int:
        parked, after = 0, 0
        while batch := await self._hot.read(list_id, after=after):
            for item in batch:
                after = item.seq
                for session_id in orjson.loads(item.data):
                    parked += await self._park_one(session_id)
        return parked

    async def _park_one(self, session_id: str) -> bool:
        try:
            head, _ = await self._hot.load(session_id)
        except SessionNotFound:
            return False
        if self._clock.now() - head.last_activity >= self._idle and await self._residence.park(head):
            return True
        self.add(session_id)
        return False
