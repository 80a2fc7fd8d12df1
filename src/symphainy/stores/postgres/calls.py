"""The writing calls other than appends: one function of the database each, and what its outcome means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from symphainy.errors import LeaseHeld, SessionExists, TooMany
from symphainy.stores.base import Durability, Head, Lease, Lifetime, Record, StoredSnapshot
from symphainy.stores.checks import not_found
from symphainy.stores.postgres.appends import columns_of, refused
from symphainy.stores.postgres.database import Connection
from symphainy.stores.postgres.rows import HEAD, head_of, snapshot_checksum

DELETE_SECONDS: Final = 120.0

_HEAD: Final = ", ".join(f"(f.head).{name}" for name in HEAD.split(", "))
CREATE: Final = (
    f"SELECT f.outcome, f.detail, {_HEAD}, true AS is_whole FROM symphainy.create_session("
    + ", ".join(f"${number}" for number in range(1, 15))
    + ") AS f"
)
TOUCH: Final = f"SELECT f.outcome, {_HEAD}, true AS is_whole FROM symphainy.touch($1, $2) AS f"
ACQUIRE: Final = "SELECT outcome, owner, fence, expires_at FROM symphainy.acquire_lease($1, $2, $3, $4, $5)"
RELEASE: Final = (
    "UPDATE symphainy.leases SET expires_at = least(expires_at, symphainy.instant($1))"
    " WHERE session = (SELECT number FROM symphainy.sessions WHERE session_id = $2)"
    " AND lane = $3 AND owner = $4 AND fence = $5"
)
SAVE_SNAPSHOT: Final = """
WITH head AS (SELECT number FROM symphainy.sessions WHERE session_id = $1 FOR KEY SHARE)
INSERT INTO symphainy.snapshots AS kept (session, seq, chain, checksum, data)
SELECT number, $2, $3, $4, $5 FROM head
ON CONFLICT (session) DO UPDATE
SET seq = excluded.seq, chain = excluded.chain, checksum = excluded.checksum, data = excluded.data
WHERE excluded.seq > kept.seq
"""
"""A session that is being deleted waits for it, or is gone."""

PROBE: Final = """
INSERT INTO symphainy.meta AS m (name, value) VALUES ('probed', 1)
ON CONFLICT (name) DO UPDATE SET value = m.value + 1
RETURNING current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS synchronous_commit,
    extract(epoch FROM current_setting('wal_writer_delay')::interval)::double precision AS wal_writer_delay
"""


async def create(
    connection: Connection,
    now: float | None,
    request: str,
    session_id: str,
    user_id: str,
    lifetime: Lifetime,
    records: Sequence[Record],
    max_sessions: int | None,
) -> Head:
    span = len(records)
    rows = [columns_of(session_id, None, 0 if place else span, record) for place, record in enumerate(records)]
    columns = [list(column) for column in zip(*rows, strict=True)] or [list[object]() for _ in range(7)]
    row = await connection.fetchrow(
        CREATE, now, request, session_id, user_id, lifetime.idle, lifetime.absolute, max_sessions, *columns
    )
    assert row is not None
    match row["outcome"]:
        case "created":
            return head_of(row)
        case "exists":
            raise SessionExists(f"There is a session {session_id!r} already.")
        case "too_many":
            raise TooMany(f"No more than {max_sessions} sessions at a time.", details={"max_sessions": max_sessions})
        case outcome:
            raise refused(outcome, session_id, row["detail"], None)


async def touch(connection: Connection, now: float | None, session_id: str) -> Head:
    row = await connection.fetchrow(TOUCH, now, session_id)
    assert row is not None
    if row["outcome"] != "touched":
        raise refused(row["outcome"], session_id, None, None)
    return head_of(row)


async def acquire_lease(
    connection: Connection, now: float | None, session_id: str, lane: str, owner: str, seconds: float
) -> Lease:
    row = await connection.fetchrow(ACQUIRE, now, session_id, lane, owner, float(seconds))
    assert row is not None
    match row["outcome"]:
        case "acquired":
            return Lease(session_id, lane, owner, row["fence"], row["expires_at"])
        case "held":
            raise LeaseHeld(
                f"{row['owner']!r} holds {lane!r}.",
                details={"owner": row["owner"], "expires_at": row["expires_at"]},
            )
        case outcome:
            raise refused(outcome, session_id, None, None)


async def release_lease(connection: Connection, now: float | None, lease: Lease) -> None:
    await connection.execute(RELEASE, now, lease.session_id, lease.lane, lease.owner, lease.fence)


async def save_snapshot(connection: Connection, session_id: str, snapshot: StoredSnapshot) -> None:
    kept = snapshot_checksum(session_id, snapshot)
    await connection.execute(SAVE_SNAPSHOT, session_id, snapshot.seq, snapshot.chain, kept, snapshot.data)


class Deletion:
    """A repeat that finds nothing follows an attempt whose answer was lost: the session is gone, as was asked."""

    def __init__(self, session_id: str) -> None:
        self._session_id = session_id
        self._attempts = 0

    async def __call__(self, connection: Connection) -> None:
        self._attempts += 1
        async with connection.transaction():
            await connection.execute(f"SET LOCAL statement_timeout = {round(DELETE_SECONDS * 1000)}")
            existed = await connection.fetchval("SELECT symphainy.delete_session($1)", self._session_id)
        if not existed and self._attempts == 1:
            raise not_found(self._session_id)


async def probe(connection: Connection) -> Durability:
    row = await connection.fetchrow(PROBE)
    assert row is not None
    if row["fsync"] != "on":
        return "none"
    if row["synchronous_commit"] != "off":
        return "fsync"
    # What a crash can take is at most three times the delay (PostgreSQL's manual, "Asynchronous Commit").
    return "<=1s" if 3 * row["wal_writer_delay"] <= 1 else "none"
