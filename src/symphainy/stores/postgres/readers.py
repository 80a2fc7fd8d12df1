"""Queries. Each is one statement, and so one view of the database, which holds everything acknowledged before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from symphainy.errors import DataDamaged
from symphainy.stores.base import READ_LIMIT, Head, OpenWork, Stored, StoredSnapshot
from symphainy.stores.checks import SEQ_END, cursor_of, not_found, page, pair_of
from symphainy.stores.postgres.database import Connection
from symphainy.stores.postgres.rows import ENTRY, HEAD, Row, head_damaged, head_of, snapshot_of, stored_of

LIVE_HEAD: Final = """
WITH head AS (
    SELECT s.number, s.seq AS head_seq, symphainy.is_whole(s) AS is_whole
    FROM symphainy.sessions AS s
    WHERE s.session_id = $1 AND symphainy.is_live(s, $2))
"""

LOAD: Final = f"""
SELECT {", ".join(f"s.{name}" for name in HEAD.split(", "))}, symphainy.is_whole(s) AS is_whole,
    kept.seq AS kept_seq, kept.chain, kept.checksum AS kept_checksum, kept.data
FROM symphainy.sessions AS s
LEFT JOIN symphainy.snapshots AS kept ON kept.session = s.number
WHERE s.session_id = $1 AND symphainy.is_live(s, $2)
"""

OPEN_WORK: Final = """
SELECT s.session_id, w.work_id, w.lane, w.session, w.opened
FROM symphainy.work AS w JOIN symphainy.sessions AS s ON s.number = w.session
WHERE w.is_open AND (w.session, w.opened) > ($1, $2) AND NOT s.arriving AND s.expires_at > (SELECT symphainy.instant($3))
ORDER BY w.session, w.opened LIMIT $4
"""


def _page_query(topic: bool, newest: bool) -> str:
    condition = "AND e.topic = $6" if topic else ""
    return f"""{LIVE_HEAD}
SELECT head.head_seq, head.is_whole, found.*
FROM head LEFT JOIN LATERAL (
    SELECT {ENTRY}
    FROM symphainy.entries AS e
    WHERE e.session = head.number AND e.seq > $3 AND e.seq < $4 {condition}
    ORDER BY e.seq {"DESC" if newest else "ASC"} LIMIT $5
) AS found ON true
ORDER BY found.seq
"""


PAGES: Final = {(topic, newest): _page_query(topic, newest) for topic in (False, True) for newest in (False, True)}


@dataclass(frozen=True, slots=True)
class Page:
    """What `Store.read` is asked for."""

    session_id: str
    after: int
    before: int | None
    limit: int
    topic: str | None
    newest: bool

    async def read(self, connection: Connection, now: float | None) -> list[Stored]:
        after = min(max(self.after, 0), SEQ_END)
        before = SEQ_END if self.before is None else min(max(self.before, 0), SEQ_END)
        limit = max(0, min(self.limit, READ_LIMIT))
        query = PAGES[self.topic is not None, self.newest]
        more = () if self.topic is None else (self.topic,)
        rows = await connection.fetch(query, self.session_id, now, after, before, limit, *more)
        if not rows:
            raise not_found(self.session_id)
        if not rows[0]["is_whole"]:
            raise head_damaged(self.session_id)
        entries = [row for row in rows if row["seq"] is not None]
        if self.topic is not None:
            return [stored_of(self.session_id, row) for row in entries]
        head = rows[0]["head_seq"]
        wanted = page(head, after=self.after, before=self.before, limit=self.limit, newest=self.newest)
        return exactly(self.session_id, entries, wanted)


def exactly(session_id: str, entries: list[Row], wanted: range) -> list[Stored]:
    """Those entries, all of them. Raises DataDamaged naming the first that is damaged or missing."""
    by_seq = {row["seq"]: row for row in entries}
    found: list[Stored] = []
    for seq in wanted:
        row = by_seq.get(seq)
        if row is None:
            raise DataDamaged(f"Entry {seq} of {session_id!r} is missing.", session_id=session_id, seq=seq)
        found.append(stored_of(session_id, row))
    return found


async def load(connection: Connection, session_id: str, now: float | None) -> tuple[Head, StoredSnapshot | None]:
    row = await connection.fetchrow(LOAD, session_id, now)
    if row is None:
        raise not_found(session_id)
    head = head_of(row)
    return head, snapshot_of(session_id, row["kept_seq"], row["chain"], row["kept_checksum"], row["data"])


@dataclass(frozen=True, slots=True)
class Sessions:
    """What `Store.list_sessions` is asked for."""

    user_id: str | None
    expired: bool
    cursor: str | None
    limit: int

    async def read(self, connection: Connection, now: float | None) -> tuple[list[Head], str | None]:
        size = max(1, self.limit)
        arguments: list[Any] = [now, size + 1]
        conditions = ["NOT s.arriving", f"s.expires_at {'<=' if self.expired else '>'} (SELECT symphainy.instant($1))"]
        if self.expired:
            conditions.append("s.sweep_at <= (SELECT symphainy.instant($1))")
        if self.user_id is not None:
            arguments.append(self.user_id)
            conditions.append(f"s.user_id = ${len(arguments)}")
        place, sign, order = ("sweep_at", ">", "ASC") if self.expired else ("last_activity", "<", "DESC")
        start = pair_of(self.cursor)
        if start is not None:
            arguments += start
            conditions.append(f"(s.{place}, s.number) {sign} (${len(arguments) - 1}, ${len(arguments)})")
        rows = await connection.fetch(
            f"SELECT {HEAD}, sweep_at, number, symphainy.is_whole(s) AS is_whole FROM symphainy.sessions AS s"
            f" WHERE {' AND '.join(conditions)} ORDER BY s.{place} {order}, s.number {order} LIMIT $2",
            *arguments,
        )
        heads = [head_of(row) for row in rows]
        if len(heads) <= size:
            return heads, None
        last = rows[size - 1]
        return heads[:size], cursor_of(last[place], last["number"])


async def list_open_work(
    connection: Connection, cursor: str | None, limit: int, now: float | None
) -> tuple[list[OpenWork], str | None]:
    number, opened = pair_of(cursor) or (0.0, 0)
    size = max(1, limit)
    rows = await connection.fetch(OPEN_WORK, int(number), opened, now, size + 1)
    more = cursor_of(float(rows[size - 1]["session"]), rows[size - 1]["opened"]) if len(rows) > size else None
    return [OpenWork(row["session_id"], row["work_id"], row["lane"]) for row in rows[:size]], more
