"""The readers: a few threads with a read-only connection each, so that no query holds up the event loop or the
writer."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from symphainy.errors import DataDamaged, StoreUnavailable
from symphainy.stores.base import READ_LIMIT, Head, OpenWork, Stored, StoredSnapshot
from symphainy.stores.checks import SEQ_END, cursor_of, not_found, page, pair_of
from symphainy.stores.sqlite.rows import (
    ENTRY,
    HEAD,
    SNAPSHOT,
    Row,
    entry_id,
    head_of,
    snapshot_of,
    stored_of,
)
from symphainy.stores.sqlite.schema import connect_reader, mapped

T = TypeVar("T")
Query = Callable[[sqlite3.Connection], T]

THREADS: Final = 3


class Readers:
    """Runs queries, each on one consistent view of the database, which holds everything acknowledged before it
    began."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._own = threading.local()
        self._connections: set[sqlite3.Connection] = set()
        self._pool: ThreadPoolExecutor | None = None

    def open(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="symphainy-sqlite-reader")

    async def close(self) -> None:
        """After the queries that have begun."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await asyncio.to_thread(pool.shutdown)
            while self._connections:
                self._connections.pop().close()

    async def run(self, query: Query[T], session_id: str = "") -> T:
        """Raises StoreUnavailable, and DataDamaged of `session_id` if SQLite finds its own pages damaged."""
        if self._pool is None:
            raise StoreUnavailable("The store is closed.")
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._query, query, session_id)

    def _query(self, query: Query[T], session_id: str) -> T:
        try:
            with mapped(session_id):
                connection: sqlite3.Connection | None = getattr(self._own, "connection", None)
                if connection is None:
                    connection = self._own.connection = connect_reader(self._path)
                    self._connections.add(connection)
                connection.execute("BEGIN")
                try:
                    return query(connection)
                finally:
                    connection.execute("ROLLBACK")
        except StoreUnavailable:
            self._forget()
            raise

    def _forget(self) -> None:
        connection: sqlite3.Connection | None = getattr(self._own, "connection", None)
        if connection is not None:
            self._own.connection = None
            self._connections.discard(connection)
            connection.close()


def find_row(connection: sqlite3.Connection, session_id: str) -> Row | None:
    return connection.execute(f"SELECT {HEAD} FROM sessions WHERE session_id = ?", (session_id,)).fetchone()


def find_head(connection: sqlite3.Connection, session_id: str) -> Head | None:
    """Of a session that can be found."""
    row = find_row(connection, session_id)
    return None if row is None or row[10] else head_of(row)[1]


def live_head(connection: sqlite3.Connection, session_id: str, now: float) -> tuple[int, Head]:
    row = find_row(connection, session_id)
    if row is not None:
        number, head = head_of(row)
        if not row[10] and now < head.expires_at:
            return number, head
    raise not_found(session_id)


@dataclass(frozen=True, slots=True)
class Page:
    """What `Store.read` is asked for."""

    session_id: str
    after: int
    before: int | None
    limit: int
    topic: str | None
    newest: bool

    def read(self, connection: sqlite3.Connection, now: float) -> list[Stored]:
        number, head = live_head(connection, self.session_id, now)
        if self.topic is not None:
            return self._read_topic(connection, number, self.topic)
        wanted = page(head.seq, after=self.after, before=self.before, limit=self.limit, newest=self.newest)
        return read_exactly(connection, self.session_id, number, wanted)

    def _read_topic(self, connection: sqlite3.Connection, number: int, topic: str) -> list[Stored]:
        low = entry_id(number, min(max(self.after, 0), SEQ_END - 1))
        high = entry_id(number, SEQ_END if self.before is None else min(max(self.before, 0), SEQ_END))
        direction = "DESC" if self.newest else "ASC"
        rows = connection.execute(
            f"SELECT {ENTRY} FROM entries WHERE session = ? AND topic = ? AND id > ? AND id < ?"
            f" ORDER BY id {direction} LIMIT ?",
            (number, topic, low, high, max(0, min(self.limit, READ_LIMIT))),
        )
        found = [stored_of(self.session_id, row) for row in rows]
        return found[::-1] if self.newest else found


def read_exactly(connection: sqlite3.Connection, session_id: str, number: int, wanted: range) -> list[Stored]:
    """Those entries, all of them. Raises DataDamaged naming the first that is damaged or missing."""
    return [stored_of(session_id, row) for row in read_rows(connection, session_id, number, wanted)]


def read_rows(connection: sqlite3.Connection, session_id: str, number: int, wanted: range) -> list[Row]:
    """The rows of those entries, as `stored_of` has accepted them. Raises as `read_exactly` does."""
    if not wanted:
        return []
    try:
        with mapped(session_id):
            rows: list[Row] = connection.execute(
                f"SELECT {ENTRY} FROM entries WHERE id BETWEEN ? AND ? ORDER BY id",
                (entry_id(number, wanted[0]), entry_id(number, wanted[-1])),
            ).fetchall()
    except DataDamaged:
        rows = []
    if len(rows) == len(wanted):
        found = [stored_of(session_id, row) for row in rows]
        if all(stored.seq == seq for stored, seq in zip(found, wanted, strict=True)):
            return rows
    return [_read_row(connection, session_id, number, seq) for seq in wanted]


def read_one(connection: sqlite3.Connection, session_id: str, number: int, seq: int) -> Stored:
    """Raises DataDamaged naming the entry if it is damaged, unreadable or missing."""
    return stored_of(session_id, _read_row(connection, session_id, number, seq))


def _read_row(connection: sqlite3.Connection, session_id: str, number: int, seq: int) -> Row:
    """Raises DataDamaged naming the entry if it is damaged, unreadable or missing."""
    try:
        with mapped(session_id):
            row = connection.execute(f"SELECT {ENTRY} FROM entries WHERE id = ?", (entry_id(number, seq),)).fetchone()
    except DataDamaged as error:
        raise DataDamaged(
            f"Entry {seq} of {session_id!r} cannot be read.", session_id=session_id, seq=seq
        ) from error.__cause__
    if row is None:
        raise DataDamaged(f"Entry {seq} of {session_id!r} is missing.", session_id=session_id, seq=seq)
    stored_of(session_id, row)
    return row


def load(connection: sqlite3.Connection, session_id: str, now: float) -> tuple[Head, StoredSnapshot | None]:
    number, head = live_head(connection, session_id, now)
    try:
        with mapped(session_id):
            row = connection.execute(f"SELECT {SNAPSHOT} FROM snapshots WHERE session = ?", (number,)).fetchone()
    except DataDamaged:
        row = None
    return head, snapshot_of(session_id, row)


def list_sessions(
    connection: sqlite3.Connection, user_id: str | None, expired: bool, cursor: str | None, limit: int, now: float
) -> tuple[list[Head], str | None]:
    conditions, values = ["arriving = 0", "expires_at <= ?" if expired else "expires_at > ?"], [now]
    parameters: list[float | int | str] = list(values)
    if user_id is not None:
        conditions.append("user_id = ?")
        parameters.append(user_id)
    start = pair_of(cursor)
    if start is not None:
        conditions.append("number > ?" if expired else "(last_activity, number) < (?, ?)")
        parameters += [start[1]] if expired else start
    size = max(1, limit)
    order = "number" if expired else "last_activity DESC, number DESC"
    rows: list[Row] = connection.execute(
        f"SELECT {HEAD} FROM sessions WHERE {' AND '.join(conditions)} ORDER BY {order} LIMIT ?",
        (*parameters, size + 1),
    ).fetchall()
    found = [head_of(row) for row in rows]
    last_number, last = found[size - 1] if len(found) > size else (0, None)
    more = None if last is None else cursor_of(0.0 if expired else last.last_activity, last_number)
    return [head for _, head in found[:size]], more


def list_open_work(
    connection: sqlite3.Connection, cursor: str | None, limit: int, now: float
) -> tuple[list[OpenWork], str | None]:
    number, opened = pair_of(cursor) or (0.0, 0)
    size = max(1, limit)
    rows: list[Row] = connection.execute(
        "SELECT session_id, work_id, lane, session, opened FROM work JOIN sessions ON number = session"
        " WHERE is_open = 1 AND arriving = 0 AND expires_at > ? AND (session, opened) > (?, ?) ORDER BY session, opened LIMIT ?",
        (now, int(number), opened, size + 1),
    ).fetchall()
    more = cursor_of(float(rows[size - 1][3]), rows[size - 1][4]) if len(rows) > size else None
    return [OpenWork(*row[:3]) for row in rows[:size]], more
