"""The indexes over sessions: of a user, of all by expiry, and of those with open work.

They are under other hash slots than the sessions, so no transaction spans both. The session's own slot is the truth;
an index entry is written before the session (an intention), is verified against the truth by everybody who reads it,
and is taken out by whoever finds that nothing stands behind it and that no intention can depend on it any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from symphainy.errors import InvalidInput, TooMany
from symphainy.ids import Clock
from symphainy.stores.base import Head, Lifetime, OpenWork
from symphainy.stores.redis.calls import Caller
from symphainy.stores.redis.keys import SHARDS, Keys, list_of_session, shard_of
from symphainy.stores.redis.rows import SEQ_BYTES, KeptHead, entry_of, head_of, pack_times

PAGE: Final = 200
CREATION_BYTES: Final = 8
INTENTION_HOLDS: Final = 300.0
EXPECTED_FOR: Final = 60.0
EXPECTATIONS_KEPT: Final = 20_000
LOOKS: Final = 3


@dataclass(frozen=True, slots=True)
class Place:
    """Of a member of an index: how far a listing has come. Members of one score are in the order of their bytes."""

    shard: int
    score: float
    member: bytes
    seq: int = 0

    def __str__(self) -> str:
        return f"{self.shard}:{self.score!r}:{self.seq}:{self.member.hex()}"


START: Final = Place(0, float("-inf"), b"")


def place_of(cursor: str | None) -> Place:
    """Raises InvalidInput for text that is no cursor."""
    if cursor is None:
        return START
    try:
        shard, score, seq, member = cursor.split(":")
        place = Place(int(shard), float(score), bytes.fromhex(member), int(seq))
    except ValueError:
        place = None
    if place is None or not 0 <= place.shard < SHARDS:
        raise InvalidInput(f"{cursor!r} is not a cursor of this list.")
    return place


def member_of(creation: bytes, session_id: str) -> bytes:
    """Of one creation of a session, so that a repeat, a failed one and a later one of the same id are three."""
    return creation + session_id.encode()


def session_of(member: bytes) -> str:
    return member[CREATION_BYTES:].decode()


class Sessions:
    def __init__(self, caller: Caller, keys: Keys) -> None:
        self._caller = caller
        self._keys = keys
        self._expected_work: dict[str, tuple[float, bytes]] = {}

    async def heads(self, session_ids: Sequence[str]) -> list[KeptHead | None]:
        """Also of expired ones."""
        return await asyncio.gather(*map(self.head, session_ids))

    async def head(self, session_id: str) -> KeptHead | None:
        key = self._keys.session(session_id)
        reply = await self._caller.command(key, b"HMGET", key, b"s", b"u", b"q", b"h", b"a", b"d", b"n")
        return head_of(session_id, key, reply)

    async def is_quiet(self, session_id: str, after: int, clock: Clock | None) -> bool:
        """Whether the session lives and its log is no longer than `after`."""
        if clock is None:
            time = self._caller.time(self._keys.session(session_id))
            kept, now = await asyncio.gather(self.head(session_id), time)
        else:
            kept, now = await self.head(session_id), clock.now()
        return kept is not None and not kept.arriving and now < kept.head.expires_at and kept.head.seq <= after

    async def reserve(self, user_id: str, member: bytes, cap: int | None, now: float | None) -> bytes:
        """Enters a session that is about to be created into its user's index. Returns when, by the server's clock.

        Raises TooMany if the user has as many live sessions as allowed: counted in one transaction, so that of any
        number of creations at once no more than the cap succeed.
        """
        keys = (self._keys.sessions_of_user(user_id), self._keys.reserved_of_user(user_id))
        limit = b"" if cap is None else b"%d" % cap
        for look in range(LOOKS):
            looked = b"1" if look else b"0"
            done, *rest = await self._caller.run("reserve", keys, (member, limit, looked))
            if done == b"ok":
                return rest[0]
            if look:
                break
            await self._verify(user_id, now)
        raise TooMany(f"No more than {cap} sessions at a time.", details={"max_sessions": cap})

    async def _verify(self, user_id: str, now: float | None) -> None:
        """Counts no session that has expired, and none that does not exist."""
        key = self._keys.sessions_of_user(user_id)
        counted = await self._caller.command(key, b"ZRANGEBYSCORE", key, b"1", b"1")
        reserved = await self._reserved(user_id)
        heads = await self.heads([session_of(member) for member in counted])
        at = await self._caller.time(key) if now is None else now
        for member, kept in zip(counted, heads, strict=True):
            if kept is None or kept.creation != member[:CREATION_BYTES]:
                if member not in reserved:
                    await self._caller.command(key, b"ZREM", key, member)
            elif at >= kept.head.expires_at:
                await self._caller.command(key, b"ZADD", key, b"XX", b"0", member)

    async def _reserved(self, user_id: str) -> set[bytes]:
        """Must be read after the index: what was in that and is not here has been there for long, and what is reserved
        in between is in neither. The other way round a session that is just being created would look abandoned."""
        key = self._keys.sessions_of_user(user_id)
        return set(await self._caller.command(key, b"ZRANGE", self._keys.reserved_of_user(user_id), b"0", b"-1"))

    async def expect_expiry(self, session_id: str, member: bytes, seconds: float, now: float | None) -> None:
        """Enters the session into the index by expiry. It only ever moves to later, so the entry stays good."""
        key = self._keys.expiries(shard_of(session_id))
        packed = b"" if now is None else pack_times(now)
        await self._caller.run("intend", (key,), (member, repr(seconds).encode(), packed))

    async def expect_work(self, session_id: str, *, again: bool = False) -> bytes:
        """Enters the session among those with open work, unless it was entered not long ago. Returns when it was, by
        the server's clock."""
        loop, kept = asyncio.get_running_loop(), self._expected_work.get(session_id)
        if kept is None or again or loop.time() - kept[0] > EXPECTED_FOR:
            if len(self._expected_work) > EXPECTATIONS_KEPT:
                self._expected_work.clear()
            key, began = self._keys.with_open_work(shard_of(session_id)), loop.time()
            reply = await self._caller.run("intend", (key,), (session_id.encode(),))
            kept = self._expected_work[session_id] = (began, reply[1])
        return kept[1]

    async def expect(
        self, user_id: str, member: bytes, lifetime: Lifetime, cap: int | None, now: float | None
    ) -> bytes:
        """Enters a session that is about to be made into the indexes. Returns when, by the server's clock. Raises
        TooMany, see `reserve`."""
        reserved_at, _ = await asyncio.gather(
            self.reserve(user_id, member, cap, now),
            self.expect_expiry(session_of(member), member, min(lifetime.idle, lifetime.absolute), now),
        )
        return reserved_at

    async def forget(self, user_id: str, member: bytes) -> None:
        """Takes a session that is gone, or was not made, out of the indexes."""
        user, reserved = self._keys.sessions_of_user(user_id), self._keys.reserved_of_user(user_id)
        expiries = self._keys.expiries(shard_of(session_of(member)))
        await asyncio.gather(
            self._caller.command(user, b"ZREM", user, member),
            self._caller.command(reserved, b"ZREM", reserved, member),
            self._caller.command(expiries, b"ZREM", expiries, member),
        )

    async def of_user(self, user_id: str) -> list[KeptHead]:
        """All of them, expired ones too, in the order of their ids."""
        key = self._keys.sessions_of_user(user_id)
        members = sorted(await self._caller.command(key, b"ZRANGE", key, b"0", b"-1"), key=session_of)
        reserved = await self._reserved(user_id)
        found: list[KeptHead] = []
        for first in range(0, len(members), PAGE):
            some = members[first : first + PAGE]
            for member, kept in zip(some, await self.heads([session_of(item) for item in some]), strict=True):
                if kept is not None and kept.creation == member[:CREATION_BYTES]:
                    found.append(kept)
                elif member not in reserved:
                    await self._caller.command(key, b"ZREM", key, member)
        return found

    async def by_expiry(self, place: Place, until: float | None, now: float) -> AsyncIterator[tuple[Place, Head]]:
        """Every session after the place, or those that have expired `until`. Expiries that have moved are put right."""
        async for some in self._pages(self._keys.expiries, place, until):
            heads = await self.heads([session_of(at.member) for at in some])
            for at, kept in zip(some, heads, strict=True):
                key = self._keys.expiries(at.shard)
                if kept is None or kept.creation != at.member[:CREATION_BYTES]:
                    if now > at.score + 2 * INTENTION_HOLDS:
                        await self._caller.command(key, b"ZREM", key, at.member)
                elif until is not None and kept.head.expires_at > until:
                    later = repr(kept.head.expires_at).encode()
                    await self._caller.command(key, b"ZADD", key, b"XX", later, at.member)
                elif until is not None or not kept.arriving:
                    yield at, kept.head

    async def every(self) -> AsyncIterator[tuple[str, bytes]]:
        """The id and the creation of all sessions, and of some that do not exist."""
        async for some in self._pages(self._keys.expiries, START, None):
            for at in some:
                yield session_of(at.member), at.member[:CREATION_BYTES]

    async def with_open_work(self, place: Place, now: bytes) -> AsyncIterator[tuple[Place, OpenWork]]:
        """Of all sessions after the place, each session's in log order. The place's own session is gone on with."""
        own = replace(place, seq=0)
        if place.member:
            async for item in self._open_work(own, await self._opened(own, now), place.seq):
                yield item
        async for some in self._pages(self._keys.with_open_work, own, None):
            for at, entries in zip(some, await asyncio.gather(*(self._opened(at, now) for at in some)), strict=True):
                async for item in self._open_work(at, entries, 0):
                    yield item

    async def _opened(self, at: Place, now: bytes) -> Sequence[bytes]:
        key = self._keys.session(at.member.decode())
        done, *rest = await self._caller.run("open_work", (key, list_of_session(key, 0)), (now,), durable=False)
        return rest[0] if done == b"ok" else ()

    async def _open_work(
        self, at: Place, entries: Sequence[bytes], after: int
    ) -> AsyncIterator[tuple[Place, OpenWork]]:
        session_id = at.member.decode()
        if not entries:
            key = self._keys.with_open_work(at.shard)
            await self._caller.run("sweep", (key,), (at.member, repr(at.score).encode()), durable=False)
        for packed in entries:
            seq = int.from_bytes(packed[:SEQ_BYTES])
            work = entry_of(session_id, seq, packed).record.work
            if work is not None and seq > after:
                yield replace(at, seq=seq), OpenWork(session_id, work.work_id, work.lane)

    async def _pages(
        self, key_of: Callable[[int], bytes], place: Place, until: float | None
    ) -> AsyncIterator[list[Place]]:
        """Of all shards of an index, after the place, with a score of at most `until`."""
        high = b"+inf" if until is None else repr(until).encode()
        for shard in range(place.shard, SHARDS):
            after = place if shard == place.shard else replace(START, shard=shard)
            while some := await self._after(key_of(shard), after, high):
                yield some
                after = some[-1]

    async def _after(self, key: bytes, after: Place, high: bytes) -> list[Place]:
        """Many may have one score: then pages of them are skipped that come before the place."""
        low = b"-inf" if after.score == START.score else repr(after.score).encode()
        skip = 0
        while True:
            limits = b"LIMIT", b"%d" % skip, b"%d" % PAGE
            reply = await self._caller.command(key, b"ZRANGEBYSCORE", key, low, high, b"WITHSCORES", *limits)
            found = [Place(after.shard, float(reply[at + 1]), reply[at]) for at in range(0, len(reply), 2)]
            beyond = [place for place in found if (place.score, place.member) > (after.score, after.member)]
            if beyond or len(found) < PAGE:
                return beyond
            skip += PAGE
