"""The store for tests and demonstrations: everything is gone when the process ends.

Every method gives way to other tasks before it does anything, so that a race that a real store would show is not hidden
here.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace
from typing import Self

from symphainy.errors import (
    InvalidInput,
    LeaseHeld,
    LeaseLost,
    SessionExists,
    StoreUnavailable,
    TooMany,
    VersionConflict,
)
from symphainy.ids import Clock, SystemClock
from symphainy.stores.base import (
    READ_LIMIT,
    Appended,
    Durability,
    Head,
    Lease,
    Lifetime,
    OpenWork,
    Record,
    Replicable,
    SessionCopy,
    Store,
    Stored,
    StoredSnapshot,
    Token,
)
from symphainy.stores.checks import (
    SEQ_END,
    check_append,
    check_records,
    check_same_session,
    check_texts,
    check_unchanged,
    check_work,
    cursor_of,
    not_found,
    page,
    pair_of,
    token_lives,
    token_use_due,
)
from symphainy.stores.memory.session import MemorySession
from symphainy.stores.waiters import Waiters


class MemoryStore(Store, Replicable):
    def __init__(self, *, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._sessions: dict[str, MemorySession] = {}
        self._tokens: dict[str, Token] = {}
        self._waiters = Waiters()
        self._created = 0
        self._is_open = False

    async def __aenter__(self) -> Self:
        self._is_open = True
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._is_open = False
        self._waiters.wake_all()

    async def _turn(self) -> float:
        """Lets the other tasks run, then says what time it is. What follows it in a method is one transaction."""
        await asyncio.sleep(0)
        if not self._is_open:
            raise StoreUnavailable("The store is closed.")
        return self._clock.now()

    def _live(self, session_id: str, now: float) -> MemorySession:
        session = self._sessions.get(session_id)
        if session is None or session.arriving or now >= session.expires_at:
            raise not_found(session_id)
        return session

    async def create(
        self,
        session_id: str,
        user_id: str,
        lifetime: Lifetime,
        records: Sequence[Record],
        *,
        max_sessions: int | None = None,
    ) -> Head:
        check_texts(session_id, user_id)
        check_records(records)
        now = await self._turn()
        if session_id in self._sessions:
            raise SessionExists(f"There is a session {session_id!r} already.")
        live = sum(1 for other in self._sessions.values() if other.user_id == user_id and now < other.expires_at)
        if max_sessions is not None and live >= max_sessions:
            raise TooMany(f"No more than {max_sessions} sessions at a time.", details={"max_sessions": max_sessions})
        session = MemorySession(self._created + 1, session_id, user_id, lifetime, created_at=now, last_activity=now)
        check_work(records, is_open=session.is_open, was_opened=session.work.__contains__)
        session.write(records, None)
        self._created += 1
        self._sessions[session_id] = session
        self._waiters.wake(session_id)
        return session.head()

    async def append(
        self,
        session_id: str,
        records: Sequence[Record],
        *,
        op_id: str | None = None,
        expected_seq: int | None = None,
        fence: Lease | None = None,
    ) -> Appended:
        check_append(session_id, records, op_id)
        now = await self._turn()
        session = self._live(session_id, now)
        earlier = None if op_id is None else session.operations.get(op_id)
        if earlier is not None:
            return replace(earlier, repeated=True)
        if fence is not None:
            newest = session.leases.get(fence.lane)
            if newest is None or (newest.fence, newest.owner) != (fence.fence, fence.owner):
                raise LeaseLost(f"The lease on {fence.lane!r} has a newer owner.", details={"lane": fence.lane})
        if expected_seq is not None and session.changed_after(expected_seq, records):
            seq = len(session.log)
            raise VersionConflict(f"The session has changed after {expected_seq}.", details={"seq": seq})
        check_work(records, is_open=session.is_open, was_opened=session.work.__contains__)
        appended = session.write(records, op_id)
        session.last_activity = now
        self._waiters.wake(session_id)
        return appended

    async def read(
        self,
        session_id: str,
        *,
        after: int = 0,
        before: int | None = None,
        limit: int = READ_LIMIT,
        topic: str | None = None,
        newest: bool = False,
    ) -> list[Stored]:
        session = self._live(session_id, await self._turn())
        if topic is None:
            numbers: Sequence[int] = page(len(session.log), after=after, before=before, limit=limit, newest=newest)
        else:
            every = session.topics.get(topic, [])
            numbers = every[bisect_right(every, after) : bisect_left(every, SEQ_END if before is None else before)]
            size = max(0, min(limit, READ_LIMIT))
            numbers = numbers[max(0, len(numbers) - size) :] if newest else numbers[:size]
        return [Stored(seq, session.log[seq - 1].data) for seq in numbers]

    async def load(self, session_id: str) -> tuple[Head, StoredSnapshot | None]:
        session = self._live(session_id, await self._turn())
        return session.head(), session.snapshot

    async def save_snapshot(self, session_id: str, snapshot: StoredSnapshot) -> None:
        await self._turn()
        session = self._sessions.get(session_id)
        if session is not None and (session.snapshot is None or session.snapshot.seq < snapshot.seq):
            session.snapshot = snapshot

    async def acquire_lease(self, session_id: str, lane: str, owner: str, seconds: float) -> Lease:
        check_texts(session_id, lane, owner)
        now = await self._turn()
        session = self._live(session_id, now)
        newest = session.leases.get(lane)
        if newest is not None and now < newest.expires_at:
            if newest.owner != owner:
                raise LeaseHeld(
                    f"{newest.owner!r} holds {lane!r}.",
                    details={"owner": newest.owner, "expires_at": newest.expires_at},
                )
            lease = replace(newest, expires_at=now + seconds)
        else:
            lease = Lease(session_id, lane, owner, session.next_fence(lane), now + seconds)
        session.leases[lane] = lease
        return lease

    async def release_lease(self, lease: Lease) -> None:
        now = await self._turn()
        session = self._sessions.get(lease.session_id)
        newest = session.leases.get(lease.lane) if session is not None else None
        if session is not None and newest is not None and (newest.fence, newest.owner) == (lease.fence, lease.owner):
            session.leases[lease.lane] = replace(newest, expires_at=min(newest.expires_at, now))

    async def list_sessions(
        self, *, user_id: str | None = None, expired: bool = False, cursor: str | None = None, limit: int = 50
    ) -> tuple[list[Head], str | None]:
        start = pair_of(cursor)
        now = await self._turn()
        found = [
            ((0.0 if expired else session.last_activity, session.number), session)
            for session in self._sessions.values()
            if not session.arriving and user_id in (None, session.user_id) and (now >= session.expires_at) == expired
        ]
        found.sort(key=lambda item: item[0], reverse=not expired)
        if start is not None:
            found = [item for item in found if (item[0] > start if expired else item[0] < start)]
        size = max(1, limit)
        more = cursor_of(*found[size - 1][0]) if len(found) > size else None
        return [session.head() for _, session in found[:size]], more

    async def list_open_work(self, *, cursor: str | None = None, limit: int = 500) -> tuple[list[OpenWork], str | None]:
        start = pair_of(cursor) or (0.0, 0)
        now = await self._turn()
        found = [
            ((float(session.number), work.opened), OpenWork(session.session_id, work_id, work.lane))
            for session in self._sessions.values()
            if not session.arriving and now < session.expires_at
            for work_id, work in session.work.items()
            if work.is_open and (session.number, work.opened) > start
        ]
        found.sort(key=lambda item: item[0])
        size = max(1, limit)
        more = cursor_of(*found[size - 1][0]) if len(found) > size else None
        return [work for _, work in found[:size]], more

    async def touch(self, session_id: str) -> Head:
        now = await self._turn()
        session = self._live(session_id, now)
        session.last_activity = now
        return session.head()

    async def delete(self, session_id: str) -> None:
        await self._turn()
        if self._sessions.pop(session_id, None) is None:
            raise not_found(session_id)
        self._tokens = {key: token for key, token in self._tokens.items() if token.session_id != session_id}
        self._waiters.wake(session_id)

    async def wait(self, session_id: str, after: int) -> None:
        future = self._waiters.register(session_id)
        try:
            now = await self._turn()
            session = self._sessions.get(session_id)
            is_live = session is not None and not session.arriving and now < session.expires_at
            if session is not None and is_live and len(session.log) <= after:
                await future
        finally:
            self._waiters.forget(session_id, future)

    async def probe(self) -> Durability:
        await self._turn()
        return "none"

    async def put_token(self, token: Token) -> None:
        check_texts(token.token_hash, token.user_id, token.session_id)
        await self._turn()
        self._tokens[token.token_hash] = token

    async def find_token(self, token_hash: str) -> Token | None:
        now = await self._turn()
        token = self._tokens.get(token_hash)
        if token is None or not token_lives(token, now):
            return None
        if token_use_due(token, now):
            token = replace(token, idle_expires_at=now + token.idle_seconds)
            self._tokens[token_hash] = token
        return token

    async def delete_tokens(
        self, *, token_hash: str | None = None, session_id: str | None = None, user_id: str | None = None
    ) -> list[str]:
        if token_hash is None and session_id is None and user_id is None:
            raise InvalidInput("Say which tokens to delete.")
        await self._turn()
        deleted = [
            key
            for key, token in self._tokens.items()
            if token_hash in (None, key) and session_id in (None, token.session_id) and user_id in (None, token.user_id)
        ]
        for key in deleted:
            del self._tokens[key]
        return deleted

    async def copy_out(self, session_id: str, *, after: int = 0, limit: int = READ_LIMIT) -> SessionCopy:
        await self._turn()
        return self._kept(session_id).copy_out(after, limit)

    async def copy_in(self, copy: SessionCopy) -> int:
        check_texts(copy.session_id, copy.user_id)
        await self._turn()
        session = self._sessions.get(copy.session_id) or self._arriving(copy)
        check_same_session(copy, session.user_id, session.lifetime, session.created_at)
        try:
            session.copy_in(copy)
        finally:
            if session.log or not copy.appends:
                self._sessions[copy.session_id] = session
            self._waiters.wake(copy.session_id)
        return len(session.log)

    def _arriving(self, copy: SessionCopy) -> MemorySession:
        self._created += 1
        facts = (copy.session_id, copy.user_id, copy.lifetime, copy.created_at, copy.last_activity)
        return MemorySession(self._created, *facts, arriving=True)

    async def drop(self, head: Head) -> None:
        now = await self._turn()
        session = self._kept(head.session_id)
        check_unchanged(head, len(session.log), session.last_activity, session.leases.values(), now)
        del self._sessions[head.session_id]
        self._waiters.wake(head.session_id)

    def _kept(self, session_id: str) -> MemorySession:
        session = self._sessions.get(session_id)
        if session is None:
            raise not_found(session_id)
        return session
