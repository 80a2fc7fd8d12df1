"""Sessions that are given away to another store and taken in from one; see `Replicable`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from symphainy.errors import LeaseHeld, SessionExists, VersionConflict
from symphainy.stores.base import AppendCopy, Head, SessionCopy
from symphainy.stores.checks import SEQ_END, check_records, check_texts, not_found
from symphainy.stores.redis.calls import Caller
from symphainy.stores.redis.failures import refusal_of
from symphainy.stores.redis.keys import Keys, lists_of_session, snapshot_of_session
from symphainy.stores.redis.rows import Entry, entry_of, head_of, op_field, pack_records, pack_times
from symphainy.stores.redis.sessions import CREATION_BYTES, Sessions, member_of

NO_REQUEST = bytes(8)


class Copies:
    def __init__(self, caller: Caller, keys: Keys, sessions: Sessions) -> None:
        self._caller = caller
        self._keys = keys
        self._sessions = sessions

    async def out(self, session_id: str, after: int, limit: int) -> SessionCopy:
        key, low, size = self._keys.session(session_id), min(max(0, after), SEQ_END), max(0, min(limit, SEQ_END))
        args = (b"%d" % low, b"%d" % size)
        lists = lists_of_session(key, low + 1, low + 1)
        done, *reply = await self._caller.run("copy_out", (key, *lists), args, durable=False)
        kept = head_of(session_id, key, reply[0]) if done == b"ok" else None
        if kept is None:
            raise not_found(session_id)
        entries = [entry_of(session_id, seq, packed) for seq, packed in enumerate(reply[2], low + 1)]
        head = kept.head
        facts = (head.session_id, head.user_id, kept.lifetime, head.created_at, head.last_activity, head.seq)
        return SessionCopy(*facts, fence=reply[1], appends=tuple(_appends(entries)))

    async def take_in(self, copy: SessionCopy, now: float | None) -> int:
        records = [record for append in copy.appends for record in append.records]
        check_records(records)
        check_texts(*(append.op_id for append in copy.appends))
        creation = os.urandom(CREATION_BYTES)
        member, reserved_at, expected_at = member_of(creation, copy.session_id), b"", b""
        there = await self._sessions.head(copy.session_id) is not None
        if not there and copy.appends and copy.appends[0].first_seq != 1:
            raise _gap(copy, 0)
        opens = any(record.work is not None and record.work.phase == "open" for record in records)
        while True:
            if not there:
                reserved_at = await self._sessions.expect(copy.user_id, member, copy.lifetime, None, now)
            if opens:
                expected_at = await self._sessions.expect_work(copy.session_id, again=expected_at != b"")
            done, *reply = await self._run(copy, creation, reserved_at or pack_times(0), expected_at)
            if done != b"Stale":
                break
            # it was there, and is gone by now; or we were held up for minutes
            there = False
        if not there and (len(reply) < 2 or reply[1] != creation):
            await self._sessions.forget(copy.user_id, member)
        if done == b"SessionExists":
            raise SessionExists(f"There is another session {copy.session_id!r} already.")
        if done == b"VersionConflict":
            raise _gap(copy, reply[0])
        return reply[0]

    async def _run(self, copy: SessionCopy, creation: bytes, reserved_at: bytes, expected_at: bytes) -> list[Any]:
        key, appends = self._keys.session(copy.session_id), copy.appends
        args = [b"", creation, b"", copy.user_id.encode()]
        args.append(pack_times(copy.created_at, copy.lifetime.idle, copy.lifetime.absolute))
        args += pack_times(copy.last_activity), b"%d" % copy.seq, b"%d" % copy.fence, reserved_at, expected_at
        for append in appends:
            packed = pack_records(copy.session_id, append.records, NO_REQUEST, append.op_id)
            args += b"%d" % append.first_seq, op_field(append.op_id), b"%d" % len(packed), *packed
        lists = lists_of_session(key, appends[0].first_seq, appends[-1].last_seq) if appends else []
        return await self._caller.run("copy_in", (key, *lists), args)

    async def drop(self, head: Head, now: bytes) -> None:
        kept = await self._sessions.head(head.session_id)
        if kept is None:
            raise not_found(head.session_id)
        key = self._keys.session(head.session_id)
        keys = (key, *lists_of_session(key, 1, head.seq), snapshot_of_session(key))
        args = (now, b"", b"", b"%d" % head.seq, pack_times(head.last_activity))
        done, *reply = await self._caller.run("drop", keys, args, floor=b"again")
        if done == b"LeaseHeld":
            raise LeaseHeld(f"{reply[0].decode()!r} holds a lease of the session.")
        if done != b"ok":
            raise refusal_of(done, reply, head.session_id, head.seq, None)
        await self._sessions.forget(kept.head.user_id, member_of(kept.creation, head.session_id))


def _gap(copy: SessionCopy, seq: int) -> VersionConflict:
    message = f"The copy of {copy.session_id!r} does not fit to the log, which ends at {seq}."
    return VersionConflict(message, details={"seq": seq})


def _appends(entries: Sequence[Entry]) -> list[AppendCopy]:
    """The entries as they were appended. An append's first says how many it has."""
    appends: list[AppendCopy] = []
    at = 0
    while at < len(entries):
        first = entries[at]
        span = max(1, first.span)
        appends.append(AppendCopy(first.seq, tuple(item.record for item in entries[at : at + span]), first.op_id))
        at += span
    return appends
