"""Sessions copied out of the database, into it, and dropped: `Replicable`, on the readers' side and on the writer's."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from symphainy.stores.base import AppendCopy, Head, Record, SessionCopy
from symphainy.stores.checks import check_copy, check_same_session, check_unchanged, expiry, not_found
from symphainy.stores.sqlite.log import Log
from symphainy.stores.sqlite.readers import find_row, read_exactly, read_rows
from symphainy.stores.sqlite.rows import Row, entry_id, entry_ids, head_of, lifetime_of, record_of
from symphainy.stores.sqlite.session import WrittenSession


def copy_out(connection: sqlite3.Connection, session_id: str, after: int, limit: int) -> SessionCopy:
    row = find_row(connection, session_id)
    if row is None:
        raise not_found(session_id)
    number, head = head_of(row)
    (fence,) = connection.execute("SELECT max(fence) FROM leases WHERE session = ?", (number,)).fetchone()
    end = _end(connection, number, after, limit, head.seq)
    rows = read_rows(connection, session_id, number, range(after + 1, end + 1))
    return SessionCopy(
        session_id,
        head.user_id,
        lifetime_of(row),
        head.created_at,
        head.last_activity,
        head.seq,
        max(row[9], fence or 0),
        tuple(_appends(after + 1, rows)),
    )


def _end(connection: sqlite3.Connection, number: int, after: int, limit: int, head: int) -> int:
    """The last entry of the append that brings the page to its limit."""
    if limit <= 0:
        return after
    low, high = entry_id(number, min(after + limit, head)), entry_ids(number)[1]
    row = connection.execute(
        "SELECT id FROM entries WHERE id > ? AND id <= ? AND span > 0 ORDER BY id LIMIT 1", (low, high)
    ).fetchone()
    return head if row is None else row[0] - entry_id(number, 0) - 1


def _appends(first: int, rows: list[Row]) -> Iterator[AppendCopy]:
    """`span` of an append's first entry says how many it has."""
    begin = 0
    while begin < len(rows):
        end = begin + max(1, rows[begin][3])
        records: tuple[Record, ...] = tuple(record_of(row) for row in rows[begin:end])
        yield AppendCopy(first + begin, records, rows[begin][2])
        begin = end


def copy_in(log: Log, copy: SessionCopy) -> int:
    """Everything is checked before anything is written."""
    session = log.find(copy.session_id)
    if session is not None:
        check_same_session(copy, session.user_id, session.lifetime, session.created_at)
    seq = 0 if session is None else session.seq
    new: list[AppendCopy] = []
    for append in copy.appends:
        there = [] if session is None or append.first_seq > seq else _there(log, session, append)
        if check_copy(append, seq, there):
            new.append(append)
            seq = append.last_seq
    if session is None:
        facts = (copy.session_id, copy.user_id, copy.lifetime, copy.created_at, copy.last_activity)
        session = log.add(*facts)
        session.arriving = 1
    for append in new:
        log.write(session, append.records, append.op_id)
    session.fence = max(session.fence, copy.fence)
    session.last_activity = max(session.last_activity, copy.last_activity)
    session.expires_at = expiry(session.lifetime, created_at=session.created_at, last_activity=session.last_activity)
    if seq >= copy.seq:
        session.arriving = 0
    log.moved(session)
    return seq


def _there(log: Log, session: WrittenSession, append: AppendCopy) -> list[bytes]:
    log.flush()
    wanted = range(append.first_seq, min(append.last_seq, session.seq) + 1)
    return [item.data for item in read_exactly(log.connection, session.session_id, session.number, wanted)]


def drop(log: Log, head: Head, now: float) -> None:
    session = log.find(head.session_id)
    if session is None:
        raise not_found(head.session_id)
    check_unchanged(head, session.seq, session.last_activity, session.leases.values(), now)
    log.erase(session)
