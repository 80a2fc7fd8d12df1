"""The store itself: the contract's methods, each an operation of the server."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from typing import Self

from symphainy.errors import InvalidInput, LeaseHeld, NotAllowed, SessionExists
from symphainy.ids import Clock
from symphainy.stores.base import (
    READ_LIMIT,
    Appended,
    Damage,
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
    Verifiable,
)
from symphainy.stores.checks import (
    SEQ_END,
    check_append,
    check_records,
    check_texts,
    check_work,
    not_found,
    page,
)
from symphainy.stores.redis import durability
from symphainy.stores.redis.address import parse
from symphainy.stores.redis.appends import Append, Appends, Seqs
from symphainy.stores.redis.calls import Caller
from symphainy.stores.redis.copies import Copies
from symphainy.stores.redis.failures import refusal_of
from symphainy.stores.redis.hints import Hints
from symphainy.stores.redis.keys import Keys, lists_of_session, snapshot_of_session
from symphainy.stores.redis.rows import (
    head_of,
    pack_records,
    pack_snapshot,
    pack_times,
    seconds_of,
    snapshot_of,
    stored_of,
)
from symphainy.stores.redis.sessions import CREATION_BYTES, Place, Sessions, member_of, place_of
from symphainy.stores.redis.tokens import Tokens
from symphainy.stores.redis.verify import Verifier
from symphainy.stores.waiters import Waiters


class RedisStore(Store, Replicable, Verifiable):
    """See the package's docstring for the URL. Entering raises StoreUnavailable if the server does not answer, must
    not be used, or does not say what its acknowledgement is worth."""

    def __init__(self, url: str, *, clock: Clock | None = None, read_only: bool = False) -> None:
        self._address = parse(url)
        self._clock = clock
        self._read_only = read_only
        self._caller = Caller(self._address)
        self._keys = Keys(self._address.prefix)
        self._sessions = Sessions(self._caller, self._keys)
        self._tokens = Tokens(self._caller, self._keys)
        self._waiters = Waiters()
        self._hints = Hints(self._caller, self._keys, self._waiters)
        self._seqs = Seqs()
        self._appends = Appends(self._caller, self._seqs, self._now)
        self._copies = Copies(self._caller, self._keys, self._sessions)
        self._durability: Durability = "none"
        # of 64 bits, so that those of two processes do not meet
        self._request = int.from_bytes(os.urandom(8))

    async def __aenter__(self) -> Self:
        self._caller.open()
        try:
            sharded = await self._look_at_servers()
        except BaseException:
            await self._caller.close()
            raise
        self._hints.open(sharded=sharded)
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._hints.close()
        await self._caller.close()
        await self._appends.close()
        self._waiters.wake_all()

    async def _look_at_servers(self) -> bool:
        """Whether all of them are new enough for functions and sharded hints."""
        found: list[Durability] = []
        modern = True
        for host in await self._caller.masters():
            server = await durability.ask(self._caller, host)
            found.append(durability.judge(self._address, host, server))
            modern = modern and server.version >= (7,)
        self._durability = min(found, key=durability.ORDER.index)
        self._appends.synced = self._durability == "fsync"
        self._caller.functions = self._caller.functions and modern
        return modern

    def _now(self) -> bytes:
        return b"" if self._clock is None else pack_times(self._clock.now())

    def _writable(self) -> None:
        if self._read_only:
            raise NotAllowed("The store was opened for reading only.")

    async def create(
        self,
        session_id: str,
        user_id: str,
        lifetime: Lifetime,
        records: Sequence[Record],
        *,
        max_sessions: int | None = None,
    ) -> Head:
        self._writable()
        check_texts(session_id, user_id)
        check_records(records)
        check_work(records, is_open=lambda _: False, was_opened=lambda _: False)
        creation = os.urandom(CREATION_BYTES)
        member, now = member_of(creation, session_id), None if self._clock is None else self._clock.now()
        if max_sessions is not None and await self._sessions.head(session_id) is not None:
            raise SessionExists(f"There is a session {session_id!r} already.")
        reserved_at = await self._sessions.expect(user_id, member, lifetime, max_sessions, now)
        if any(record.work is not None for record in records):
            await self._sessions.expect_work(session_id, again=True)
        key = self._keys.session(session_id)
        packed = pack_records(session_id, records, creation, None)
        args = (self._now(), creation, user_id.encode(), b"", pack_times(lifetime.idle, lifetime.absolute), reserved_at)
        keys = (key, *lists_of_session(key, 1, len(records)))
        done, *reply = await self._caller.run("create", keys, (*args, *packed))
        if done != b"ok":
            await self._sessions.forget(user_id, member)
            raise SessionExists(f"There is a session {session_id!r} already.")
        kept = head_of(session_id, key, reply)
        assert kept is not None
        self._seqs.saw(session_id, kept.head.seq)
        self._hints.wake(session_id)
        return kept.head

    async def append(
        self,
        session_id: str,
        records: Sequence[Record],
        *,
        op_id: str | None = None,
        expected_seq: int | None = None,
        fence: Lease | None = None,
    ) -> Appended:
        self._writable()
        check_append(session_id, records, op_id)
        self._request = (self._request + 1) % (1 << 64)
        append = Append(session_id, self._keys.session(session_id), records, self._request.to_bytes(8), op_id)
        opens = not append.plain and any(record.work is not None and record.work.phase == "open" for record in records)
        if opens or fence is not None or expected_seq is not None:
            append.set_conditions(expected_seq, fence, await self._sessions.expect_work(session_id) if opens else b"")
        answer = await self._appends.ask(append)
        if not isinstance(answer, int) and answer[0] == b"Stale":
            append.set_conditions(expected_seq, fence, await self._sessions.expect_work(session_id, again=True))
            answer = await self._appends.ask(append)
        if isinstance(answer, int):
            done = Appended(answer, answer + len(records) - 1)
        elif answer[0] == b"ok":
            done = Appended(answer[1], answer[2], answer[3] == 1)
        else:
            raise refusal_of(answer[0], answer[1:], session_id, expected_seq, fence)
        self._seqs.saw(session_id, done.last_seq)
        self._hints.wake(session_id)
        return done

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
        check_texts(session_id, topic)
        low = min(max(after, 0), SEQ_END)
        high = SEQ_END if before is None else min(max(before, 0), SEQ_END)
        size = max(0, min(limit, READ_LIMIT))
        args = [self._now(), *(b"%d" % number for number in (low, high, size)), b"1" if newest else b"0"]
        seen = min(self._seqs.get(session_id), high)
        first, last = (
            (seen - size, seen) if newest or topic is not None else (low + 1, max(low + 1, min(low + size, seen)))
        )
        if topic is not None:
            args.append(b"t" + topic.encode())
        key = self._keys.session(session_id)
        done, *reply = await self._caller.run("read", (key, *lists_of_session(key, first, last)), args, durable=False)
        if done != b"ok":
            raise not_found(session_id)
        seq, place, entries = reply
        self._seqs.saw(session_id, seq)
        if topic is None:
            wanted: Sequence[int] = page(seq, after=after, before=before, limit=limit, newest=newest)
        else:
            wanted = [int.from_bytes(place[at : at + 4]) for at in range(0, len(place), 4)]
        owner = session_id.encode()
        entries += [None] * (len(wanted) - len(entries))
        return [stored_of(session_id, owner, seq, entry) for seq, entry in zip(wanted, entries, strict=True)]

    async def load(self, session_id: str) -> tuple[Head, StoredSnapshot | None]:
        check_texts(session_id)
        key = self._keys.session(session_id)
        keys = (key, snapshot_of_session(key))
        done, *reply = await self._caller.run("load", keys, (self._now(),), durable=False)
        kept = head_of(session_id, key, reply[0]) if done == b"ok" else None
        if kept is None:
            raise not_found(session_id)
        self._seqs.saw(session_id, kept.head.seq)
        return kept.head, snapshot_of(session_id, reply[1])

    async def save_snapshot(self, session_id: str, snapshot: StoredSnapshot) -> None:
        self._writable()
        check_texts(session_id)
        key = self._keys.session(session_id)
        keys, packed = (key, snapshot_of_session(key)), pack_snapshot(session_id, snapshot)
        await self._caller.run("save_snapshot", keys, (packed,), durable=False)

    async def acquire_lease(self, session_id: str, lane: str, owner: str, seconds: float) -> Lease:
        self._writable()
        check_texts(session_id, lane, owner)
        args = (self._now(), b"l" + lane.encode(), owner.encode(), repr(seconds).encode())
        done, *reply = await self._caller.run("acquire_lease", (self._keys.session(session_id),), args)
        if done == b"LeaseHeld":
            holder = reply[0].decode()
            raise LeaseHeld(
                f"{holder!r} holds {lane!r}.", details={"owner": holder, "expires_at": seconds_of(reply[1])}
            )
        if done != b"ok":
            raise not_found(session_id)
        return Lease(session_id, lane, owner, reply[0], seconds_of(reply[1]))

    async def release_lease(self, lease: Lease) -> None:
        self._writable()
        args = (self._now(), b"l" + lease.lane.encode(), lease.owner.encode(), b"%d" % lease.fence)
        await self._caller.run("release_lease", (self._keys.session(lease.session_id),), args)

    async def list_sessions(
        self, *, user_id: str | None = None, expired: bool = False, cursor: str | None = None, limit: int = 50
    ) -> tuple[list[Head], str | None]:
        """Live sessions of all users, which no page shows, come in the order of their expiry."""
        check_texts(user_id)
        start, size = place_of(cursor), max(1, limit)
        now = await self._time()
        found: list[tuple[Place, Head]] = []
        if user_id is not None:
            kept = [item.head for item in await self._sessions.of_user(user_id) if expired or not item.arriving]
            heads = [head for head in kept if (now >= head.expires_at) == expired]
            if not expired:
                heads.sort(key=lambda head: (-head.last_activity, head.session_id))
            places = [
                (Place(0, 0.0 if expired else -head.last_activity, head.session_id.encode()), head) for head in heads
            ]
            found = [item for item in places if cursor is None or _order(item[0]) > _order(start)][: size + 1]
        else:
            async for place, head in self._sessions.by_expiry(start, now if expired else None, now):
                if (now >= head.expires_at) == expired:
                    found.append((place, head))
                if len(found) > size:
                    break
        return [head for _, head in found[:size]], str(found[size - 1][0]) if len(found) > size else None

    async def list_open_work(self, *, cursor: str | None = None, limit: int = 500) -> tuple[list[OpenWork], str | None]:
        start, size = place_of(cursor), max(1, limit)
        found: list[tuple[Place, OpenWork]] = []
        async for item in self._sessions.with_open_work(start, self._now()):
            found.append(item)
            if len(found) > size:
                break
        return [work for _, work in found[:size]], str(found[size - 1][0]) if len(found) > size else None

    async def _time(self) -> float:
        return await self._caller.time(b"") if self._clock is None else self._clock.now()

    async def touch(self, session_id: str) -> Head:
        self._writable()
        check_texts(session_id)
        key = self._keys.session(session_id)
        done, *reply = await self._caller.run("touch", (key,), (self._now(),))
        kept = head_of(session_id, key, reply) if done == b"ok" else None
        if kept is None:
            raise not_found(session_id)
        return kept.head

    async def delete(self, session_id: str) -> None:
        self._writable()
        check_texts(session_id)
        kept = await self._sessions.head(session_id)
        if kept is None:
            raise not_found(session_id)
        # The tokens first: whatever interrupts us, none outlives its session. And again, for one made meanwhile.
        await self._tokens.delete(None, session_id, None)
        key = self._keys.session(session_id)
        keys = (key, *lists_of_session(key, 1, kept.head.seq), snapshot_of_session(key))
        done, *_ = await self._caller.run("delete", keys, (b"", kept.creation, b""), floor=b"again")
        await self._tokens.delete(None, session_id, None)
        await self._sessions.forget(kept.head.user_id, member_of(kept.creation, session_id))
        self._seqs.forget(session_id)
        self._hints.wake(session_id)
        if done != b"ok":
            raise not_found(session_id)

    async def wait(self, session_id: str, after: int) -> None:
        check_texts(session_id)
        future = self._waiters.register(session_id)
        try:
            await self._hints.listen(session_id)
            if await self._sessions.is_quiet(session_id, after, self._clock):
                self._hints.expect(session_id, after)
                await future
        finally:
            self._waiters.forget(session_id, future)

    async def probe(self) -> Durability:
        self._writable()
        await self._look_at_servers()
        await self._caller.prove_writes(self._keys)
        return self._durability

    async def put_token(self, token: Token) -> None:
        self._writable()
        check_texts(token.token_hash, token.user_id, token.session_id)
        await self._tokens.put(token)

    async def find_token(self, token_hash: str) -> Token | None:
        check_texts(token_hash)
        now = None if self._clock is None else self._clock.now()
        return await self._tokens.find(token_hash, now, use=not self._read_only)

    async def delete_tokens(
        self, *, token_hash: str | None = None, session_id: str | None = None, user_id: str | None = None
    ) -> list[str]:
        if token_hash is None and session_id is None and user_id is None:
            raise InvalidInput("Say which tokens to delete.")
        self._writable()
        check_texts(token_hash, session_id, user_id)
        return await self._tokens.delete(token_hash, session_id, user_id)

    async def copy_out(self, session_id: str, *, after: int = 0, limit: int = READ_LIMIT) -> SessionCopy:
        check_texts(session_id)
        return await self._copies.out(session_id, after, limit)

    async def copy_in(self, copy: SessionCopy) -> int:
        self._writable()
        check_texts(copy.session_id, copy.user_id)
        try:
            return await self._copies.take_in(copy, None if self._clock is None else self._clock.now())
        finally:
            self._hints.wake(copy.session_id)

    async def drop(self, head: Head) -> None:
        self._writable()
        check_texts(head.session_id)
        await self._copies.drop(head, self._now())
        self._seqs.forget(head.session_id)
        self._hints.wake(head.session_id)

    def verify(self) -> AsyncIterator[Damage]:
        return Verifier(self._caller, self._keys, self._sessions).verify()


def _order(place: Place) -> tuple[float, bytes]:
    return place.score, place.member
