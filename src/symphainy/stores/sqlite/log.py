"""What the writer thread does to the database: one operation after the other, inside the batch's transaction.

Every operation first checks, and raises before it has written anything; so the refusal of one caller needs no savepoint
and never touches the others in its batch. This connection is the only one that writes, so what it has once read of a
session it may keep.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from symphainy.errors import Conflict, LeaseHeld, LeaseLost, SessionExists, TooMany, VersionConflict
from symphainy.ids import Clock
from symphainy.stores.base import Appended, Head, Lease, Lifetime, Record, StoredSnapshot
from symphainy.stores.checks import check_work, expiry, not_found
from symphainy.stores.sqlite.rows import (
    HEAD,
    Row,
    checksum,
    entry_id,
    entry_ids,
    head_of,
    lifetime_of,
    marks_of,
    snapshot_checksum,
)
from symphainy.stores.sqlite.session import WrittenSession

KEPT_SESSIONS: Final = 4096

INSERT_ENTRY: Final = (
    "INSERT INTO entries (id, session, topic, op_id, span, marks, checksum, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
UPDATE_HEAD: Final = (
    "UPDATE sessions SET seq = ?, last_activity = ?, expires_at = ?, fence = ?, arriving = ?, checksum = ?"
    " WHERE number = ?"
)


class RepeatedOperation(Exception):
    """The batch holds an operation that an earlier batch has written: it must be begun again, with `careful`."""


class Log:
    """Belongs to the writer thread. `changed` says, for the batch, which sessions have a new head (None: deleted);
    `erased`, that something was deleted; `bytes_written` counts up."""

    def __init__(self, connection: sqlite3.Connection, clock: Clock) -> None:
        self.connection = connection
        self._clock = clock
        self._sessions: dict[str, WrittenSession] = {}
        self._entries: list[Row] = []
        self._operations: dict[tuple[int, str], Appended] = {}
        self._moved: dict[int, WrittenSession] = {}
        self._careful = True
        self.changed: dict[str, Head | None] = {}
        self.erased = False
        self.bytes_written = 0

    def begin(self, *, careful: bool) -> None:
        """Repeats are rare, and a query for each operation is dear. So an operation is taken to be new unless a check
        refuses it; the unique index knows better, and then RepeatedOperation calls for a `careful` second try."""
        self.connection.execute("BEGIN IMMEDIATE")
        self._careful = careful
        self.changed = {}

    def commit(self) -> None:
        """Everything since `begin`, synced."""
        self.flush()
        for session in self._moved.values():
            self.changed[session.session_id] = None if session.arriving else session.head()
        self.connection.execute("COMMIT")
        self._operations.clear()
        self._moved.clear()
        if len(self._sessions) > KEPT_SESSIONS:
            self._sessions.clear()

    def end_leases(self) -> None:
        """No owner outlived the lock on the data folder. Fences go on from where they were."""
        self.connection.execute("UPDATE leases SET expires_at = 0")

    def flush(self) -> None:
        """What has been written so far can be read, by this connection."""
        if self._entries:
            try:
                self.connection.executemany(INSERT_ENTRY, self._entries)
            except sqlite3.IntegrityError:
                if self._careful:
                    raise
                raise RepeatedOperation from None
            self._entries.clear()
        if self._moved:
            self.connection.executemany(
                UPDATE_HEAD,
                [(*item.head_row(), item.number) for item in self._moved.values()],
            )

    def moved(self, session: WrittenSession) -> None:
        """The head is to be written."""
        self._moved[session.number] = session

    def find(self, session_id: str) -> WrittenSession | None:
        session = self._sessions.get(session_id)
        if session is None:
            query = f"SELECT {HEAD} FROM sessions WHERE session_id = ?"
            row = self.connection.execute(query, (session_id,)).fetchone()
            if row is None:
                return None
            session = self._session_of(row)
            self._sessions[session_id] = session
        return session

    def _session_of(self, row: Row) -> WrittenSession:
        number, head = head_of(row)
        return WrittenSession(
            number,
            head.session_id,
            head.user_id,
            head.seq,
            head.created_at,
            head.last_activity,
            head.expires_at,
            lifetime_of(row),
            self._open_work(number),
            self._leases(head.session_id, number),
            row[9],
            row[10],
        )

    def _open_work(self, number: int) -> set[str]:
        rows = self.connection.execute("SELECT work_id FROM work WHERE session = ? AND is_open = 1", (number,))
        return {work_id for (work_id,) in rows}

    def _leases(self, session_id: str, number: int) -> dict[str, Lease]:
        rows = self.connection.execute("SELECT lane, owner, fence, expires_at FROM leases WHERE session = ?", (number,))
        return {row[0]: Lease(session_id, *row) for row in rows}

    def _live(self, session_id: str, now: float) -> WrittenSession:
        session = self.find(session_id)
        if session is None or session.arriving or now >= session.expires_at:
            raise not_found(session_id)
        return session

    def create(
        self, session_id: str, user_id: str, lifetime: Lifetime, records: Sequence[Record], max_sessions: int | None
    ) -> Head:
        now = self._clock.now()
        if self.find(session_id) is not None:
            raise SessionExists(f"There is a session {session_id!r} already.")
        if max_sessions is not None and self._count_live(user_id, now) >= max_sessions:
            raise TooMany(f"No more than {max_sessions} sessions at a time.", details={"max_sessions": max_sessions})
        check_work(records, is_open=lambda _: False, was_opened=lambda _: False)
        session = self.add(session_id, user_id, lifetime, now, now)
        self.write(session, records, None)
        return session.head()

    def add(
        self, session_id: str, user_id: str, lifetime: Lifetime, created_at: float, last_activity: float
    ) -> WrittenSession:
        """A session with an empty log."""
        expires_at = expiry(lifetime, created_at=created_at, last_activity=last_activity)
        times = (created_at, last_activity, expires_at)
        cursor = self.connection.execute(
            "INSERT INTO sessions (session_id, user_id, seq, created_at, last_activity, expires_at, idle, absolute)"
            " VALUES (?, ?, 0, ?, ?, ?, ?, ?)",
            (session_id, user_id, *times, lifetime.idle, lifetime.absolute),
        )
        number = cursor.lastrowid
        assert number is not None
        session = WrittenSession(number, session_id, user_id, 0, *times, lifetime, set(), {})
        self._sessions[session_id] = self._moved[number] = session
        return session

    def _count_live(self, user_id: str, now: float) -> int:
        self.flush()
        (count,) = self.connection.execute(
            "SELECT count(*) FROM sessions WHERE user_id = ? AND expires_at > ? AND arriving = 0", (user_id, now)
        ).fetchone()
        return count

    def append(
        self,
        session_id: str,
        records: Sequence[Record],
        op_id: str | None,
        expected_seq: int | None,
        fence: Lease | None,
    ) -> Appended:
        now = self._clock.now()
        session = self._live(session_id, now)
        if op_id is not None and (earlier := self._earlier(session.number, op_id, self._careful)) is not None:
            return earlier
        try:
            self._check(session, records, expected_seq, fence)
        except Conflict:
            if op_id is not None and (earlier := self._earlier(session.number, op_id, True)) is not None:
                return earlier
            raise
        session.active(now)
        return self.write(session, records, op_id)

    def _earlier(self, number: int, op_id: str, look_up: bool) -> Appended | None:
        here = self._operations.get((number, op_id))
        if here is not None:
            return replace(here, repeated=True)
        if not look_up:
            return None
        row = self.connection.execute(
            "SELECT id, span FROM entries WHERE session = ? AND op_id = ?", (number, op_id)
        ).fetchone()
        if row is None:
            return None
        first = row[0] - entry_id(number, 0)
        return Appended(first, first + row[1] - 1, repeated=True)

    def _check(
        self, session: WrittenSession, records: Sequence[Record], expected_seq: int | None, fence: Lease | None
    ) -> None:
        if fence is not None:
            newest = session.leases.get(fence.lane)
            if newest is None or (newest.fence, newest.owner) != (fence.fence, fence.owner):
                raise LeaseLost(f"The lease on {fence.lane!r} has a newer owner.", details={"lane": fence.lane})
        if expected_seq is not None and self._changed_after(session, expected_seq, records):
            raise VersionConflict(f"The session has changed after {expected_seq}.", details={"seq": session.seq})
        check_work(
            records,
            is_open=session.open_work.__contains__,
            was_opened=lambda work_id: self._was_opened(session.number, work_id),
        )

    def _changed_after(self, session: WrittenSession, seq: int, records: Sequence[Record]) -> bool:
        keys = {key for record in records for key in record.keys}
        if not keys:
            return session.seq > seq
        newest = 0
        for key in keys:
            row = self.connection.execute(
                "SELECT seq FROM keys WHERE session = ? AND key = ?", (session.number, key)
            ).fetchone()
            newest = max(newest, 0 if row is None else row[0])
        return newest > seq

    def _was_opened(self, number: int, work_id: str) -> bool:
        query = "SELECT 1 FROM work WHERE session = ? AND work_id = ?"
        return self.connection.execute(query, (number, work_id)).fetchone() is not None

    def write(self, session: WrittenSession, records: Sequence[Record], op_id: str | None) -> Appended:
        first = session.seq + 1
        number, span, name = session.number, len(records), op_id
        for seq, record in enumerate(records, first):
            topic, data = record.topic, record.data
            marks = marks_of(record.keys, record.work)
            digest = checksum(session.session_id, seq, topic, name, span, marks, data)
            self._entries.append((entry_id(number, seq), number, topic, name, span, marks, digest, data))
            self.bytes_written += len(data)
            name, span = None, 0
            if marks is not None:
                self._index(session, record, seq)
        appended = Appended(first, session.seq + len(records))
        session.seq = appended.last_seq
        self._moved[number] = session
        if op_id is not None:
            self._operations[number, op_id] = appended
        return appended

    def _index(self, session: WrittenSession, record: Record, seq: int) -> None:
        for key in record.keys:
            self.connection.execute(
                "INSERT INTO keys (session, key, seq) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET seq = excluded.seq",
                (session.number, key, seq),
            )
        work = record.work
        if work is None or work.phase == "within":
            return
        if work.phase == "open":
            session.open_work.add(work.work_id)
            self.connection.execute(
                "INSERT INTO work (session, work_id, lane, opened, is_open) VALUES (?, ?, ?, ?, 1)",
                (session.number, work.work_id, work.lane, seq),
            )
        else:
            session.open_work.discard(work.work_id)
            self.connection.execute(
                "UPDATE work SET is_open = 0 WHERE session = ? AND work_id = ?", (session.number, work.work_id)
            )

    def touch(self, session_id: str) -> Head:
        now = self._clock.now()
        session = self._live(session_id, now)
        session.active(now)
        self._moved[session.number] = session
        return session.head()

    def save_snapshot(self, session_id: str, snapshot: StoredSnapshot) -> None:
        session = self.find(session_id)
        if session is not None:
            self.connection.execute(
                "INSERT INTO snapshots (session, seq, chain, checksum, data) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET seq = excluded.seq, chain = excluded.chain, checksum = excluded.checksum,"
                " data = excluded.data WHERE excluded.seq > seq",
                (
                    session.number,
                    snapshot.seq,
                    snapshot.chain,
                    snapshot_checksum(session_id, snapshot),
                    snapshot.data,
                ),
            )

    def acquire_lease(self, session_id: str, lane: str, owner: str, seconds: float) -> Lease:
        now = self._clock.now()
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
        self._put_lease(session, lease)
        return lease

    def release_lease(self, lease: Lease) -> None:
        session = self.find(lease.session_id)
        newest = session.leases.get(lease.lane) if session is not None else None
        if session is not None and newest is not None and (newest.fence, newest.owner) == (lease.fence, lease.owner):
            self._put_lease(session, replace(newest, expires_at=min(newest.expires_at, self._clock.now())))

    def _put_lease(self, session: WrittenSession, lease: Lease) -> None:
        session.leases[lease.lane] = lease
        self.connection.execute(
            "INSERT INTO leases (session, lane, owner, fence, expires_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
            " SET owner = excluded.owner, fence = excluded.fence, expires_at = excluded.expires_at",
            (session.number, lease.lane, lease.owner, lease.fence, lease.expires_at),
        )

    def delete(self, session_id: str) -> None:
        session = self.find(session_id)
        if session is None:
            raise not_found(session_id)
        self.connection.execute("DELETE FROM tokens WHERE session_id = ?", (session_id,))
        self.erase(session)

    def erase(self, session: WrittenSession) -> None:
        """All of it but its tokens."""
        self.flush()
        self.connection.execute("DELETE FROM entries WHERE id BETWEEN ? AND ?", entry_ids(session.number))
        for table in ("keys", "work", "leases", "snapshots"):
            self.connection.execute(f"DELETE FROM {table} WHERE session = ?", (session.number,))
        self.connection.execute("DELETE FROM sessions WHERE number = ?", (session.number,))
        del self._sessions[session.session_id]
        self._moved.pop(session.number, None)
        self._operations = {key: value for key, value in self._operations.items() if key[0] != session.number}
        self.changed[session.session_id] = None
        self.erased = True

    def probe(self) -> None:
        self.connection.execute(
            "INSERT INTO meta (name, value) VALUES ('probed', 1) ON CONFLICT DO UPDATE SET value = value + 1"
        )
