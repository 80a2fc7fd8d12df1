"""The outbox: which sessions this process is writing to, kept in the hot store so that another process can go on when
this one dies.

It is a session of the hot store whose log names sessions. A session is named before it is written to, so whatever was
acknowledged and not drained is named in an outbox; and an outbox whose lease has ended is taken over by whoever sees it
first. It begins anew now and then, with what is still undrained, so that it stays short.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import orjson

from symphainy.errors import Conflict, LeaseHeld, SessionNotFound
from symphainy.ids import new_id
from symphainy.stores.base import Record, Store
from symphainy.stores.tiered.names import FOREVER, SYSTEM_USER

PREFIX: Final = "outbox"
LANE: Final = "outbox"
LEASE_SECONDS: Final = 15.0
MARGIN_SECONDS: Final = 3.0
"""A lease that ends so soon counts as ended."""
ANEW_SECONDS: Final = 60.0


@dataclass(slots=True)
class Undrained:
    """Names of sessions to drain, and of those to erase."""

    drain: set[str] = field(default_factory=set[str])
    erase: set[str] = field(default_factory=set[str])

    def records(self) -> list[Record]:
        return [_record(kind, names) for kind, names in (("drain", self.drain), ("erase", self.erase)) if names]


def _record(kind: str, names: Iterable[str]) -> Record:
    return Record(orjson.dumps({kind: sorted(names)}))


class Outbox:
    """`undrained` says what must stand in an outbox that begins."""

    def __init__(self, hot: Store, undrained: Callable[[], Undrained]) -> None:
        self._hot = hot
        self._undrained = undrained
        self._owner = new_id("tier")
        self._session_id: str | None = None
        self._begun_at = 0.0
        self._held_until = 0.0
        self._named: set[str] = set()
        self._waiting: set[str] = set()
        self._lock = asyncio.Lock()

    def names(self, session_id: str) -> bool:
        """Whether another process would find the session, if this one ended now."""
        return session_id in self._named and time.monotonic() < self._held_until - MARGIN_SECONDS

    async def name(self, session_id: str) -> None:
        """Returns when `names` is true of the session. Those of many callers are written together."""
        if self.names(session_id):
            return
        self._waiting.add(session_id)
        async with self._lock:
            if self.names(session_id):
                return
            names, self._waiting = self._waiting | {session_id}, set()
            if not await self._write([_record("drain", names)]):
                await self._begin(names)
            self._named |= names

    async def intend_erasure(self, session_id: str) -> None:
        """Another process would erase the session, if this one ended now."""
        async with self._lock:
            if not await self._write([_record("erase", [session_id])]):
                await self._begin()

    async def erased(self, session_id: str) -> None:
        async with self._lock:
            await self._write([_record("erased", [session_id])])

    async def _write(self, records: list[Record]) -> bool:
        """False if there is no outbox (any more) that would surely be found in time."""
        if self._session_id is None or time.monotonic() >= self._held_until - MARGIN_SECONDS:
            return False
        try:
            await self._hot.append(self._session_id, records)
        except SessionNotFound:
            return False
        return True

    async def _begin(self, names: Iterable[str] = ()) -> None:
        """A new outbox in place of this one, which is gone, lost, or long."""
        undrained = self._undrained()
        undrained.drain |= set(names)
        while True:
            session_id, now = new_id(PREFIX), time.monotonic()
            await self._hot.create(session_id, SYSTEM_USER, FOREVER, undrained.records())
            try:
                await self._hot.acquire_lease(session_id, LANE, self._owner, LEASE_SECONDS)
            except (LeaseHeld, SessionNotFound):
                continue  # taken over already, by one that was quicker
            break
        old, self._session_id = self._session_id, session_id
        self._begun_at, self._held_until = now, now + LEASE_SECONDS
        self._named = undrained.drain
        if old is not None:
            await self._discard(old)

    async def keep(self) -> bool:
        """Renews the lease, or begins anew. False if the outbox was gone: the hot store has lost something, or this process
        was away for too long."""
        async with self._lock:
            if self._session_id is None:
                return True
            now = time.monotonic()
            try:
                await self._hot.acquire_lease(self._session_id, LANE, self._owner, LEASE_SECONDS)
                self._held_until = now + LEASE_SECONDS
            except (SessionNotFound, Conflict):
                self._session_id = None
                await self._begin()
                return False
            if now - self._begun_at >= ANEW_SECONDS and self._named:
                await self._begin()
            return True

    async def close(self) -> None:
        """For when nothing is undrained. Otherwise it is left to whoever finds it."""
        async with self._lock:
            if self._session_id is not None:
                await self._discard(self._session_id)
                self._session_id = None

    async def _discard(self, session_id: str) -> None:
        with suppress(SessionNotFound):
            await self._hot.delete(session_id)

    async def abandoned(self) -> list[str]:
        """Outboxes of processes that are gone. They are ours from now on, until `done`."""
        found: list[str] = []
        for session_id in await own_sessions(self._hot, PREFIX):
            if session_id == self._session_id:
                continue
            try:
                await self._hot.acquire_lease(session_id, LANE, self._owner, LEASE_SECONDS)
            except (SessionNotFound, Conflict):
                continue
            found.append(session_id)
        return found

    async def done(self, session_id: str) -> None:
        """Everything in that outbox is in this one."""
        await self._discard(session_id)


async def own_sessions(hot: Store, prefix: str) -> list[str]:
    """The sessions of the pair itself, by the beginning of their names."""
    found: list[str] = []
    cursor: str | None = None
    while True:
        heads, cursor = await hot.list_sessions(user_id=SYSTEM_USER, cursor=cursor, limit=500)
        found += [head.session_id for head in heads if head.session_id.startswith(f"{prefix}_")]
        if cursor is None:
            return found


async def undrained_of(hot: Store, session_id: str) -> Undrained:
    """What an outbox names. Raises SessionNotFound."""
    found, after = Undrained(), 0
    while batch := await hot.read(session_id, after=after):
        for item in batch:
            after = item.seq
            said: dict[str, list[str]] = orjson.loads(item.data)
            found.drain.update(said.get("drain", ()))
            found.erase.update(said.get("erase", ()))
            found.erase.difference_update(said.get("erased", ()))
    return found
