"""Sessions copied out of the database, into it, and dropped: `Replicable`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from symphainy.errors import LeaseHeld, SessionExists, VersionConflict
from symphainy.stores.base import AppendCopy, Head, Lifetime, SessionCopy
from symphainy.stores.checks import SEQ_END, not_found
from symphainy.stores.postgres.appends import columns_of, refused
from symphainy.stores.postgres.database import Connection
from symphainy.stores.postgres.readers import exactly
from symphainy.stores.postgres.rows import ENTRY, HEAD, Row, head_of, op_id_of, operation_of, record_of

COPY_OUT: Final = f"""
WITH head AS (
    SELECT {HEAD.replace("seq", "s.seq AS head_seq")}, s.number, s.idle, s.absolute,
        symphainy.is_whole(s) AS is_whole,
        greatest(s.fence, (SELECT max(l.fence) FROM symphainy.leases AS l WHERE l.session = s.number)) AS newest_fence
    FROM symphainy.sessions AS s
    WHERE s.session_id = $1),
stretch AS (
    SELECT CASE WHEN $3 <= 0 THEN $2::bigint ELSE coalesce((
        SELECT e.seq - 1
        FROM symphainy.entries AS e
        WHERE e.session = head.number AND e.seq > least($2 + $3::bigint, head.head_seq) AND e.span > 0
        ORDER BY e.seq LIMIT 1), head.head_seq) END AS last_seq
    FROM head)
SELECT head.*, found.*
FROM head CROSS JOIN stretch LEFT JOIN LATERAL (
    SELECT {ENTRY}
    FROM symphainy.entries AS e
    WHERE e.session = head.number AND e.seq > $2 AND e.seq <= stretch.last_seq
) AS found ON true
ORDER BY found.seq
"""
"""As far as the last entry of the append that brings the page to its limit."""

COPY_IN: Final = (
    "SELECT outcome, detail, seq FROM symphainy.copy_in(" + ", ".join(f"${number}" for number in range(1, 21)) + ")"
)
DROP: Final = "SELECT outcome, detail, seq FROM symphainy.drop_session($1, $2, $3, $4)"


async def copy_out(connection: Connection, session_id: str, after: int, limit: int) -> SessionCopy:
    first = min(max(after, 0), SEQ_END) + 1
    rows = await connection.fetch(COPY_OUT, session_id, first - 1, max(0, min(limit, SEQ_END)))
    if not rows:
        raise not_found(session_id)
    row = rows[0]
    head = head_of({**row, "seq": row["head_seq"]})
    entries = [item for item in rows if item["seq"] is not None]
    last = entries[-1]["seq"] if entries else first - 1
    if limit > 0:
        last = max(last, min(first - 1 + limit, head.seq))
    exactly(session_id, entries, range(first, last + 1))
    return SessionCopy(
        session_id,
        head.user_id,
        Lifetime(row["idle"], row["absolute"]),
        head.created_at,
        head.last_activity,
        head.seq,
        row["newest_fence"],
        tuple(_appends(entries)),
    )


def _appends(entries: list[Row]) -> Iterator[AppendCopy]:
    """`span` of an append's first entry says how many it has."""
    begin = 0
    while begin < len(entries):
        first = entries[begin]
        end = begin + max(1, first["span"])
        records = tuple(record_of(row) for row in entries[begin:end])
        yield AppendCopy(first["seq"], records, op_id_of(first["operation"]))
        begin = end


async def copy_in(connection: Connection, copy: SessionCopy) -> int:
    lifetime = copy.lifetime
    facts = (copy.session_id, copy.user_id, lifetime.idle, lifetime.absolute, copy.created_at, copy.last_activity)
    appends = ([append.first_seq for append in copy.appends], [append.last_seq for append in copy.appends])
    row = await connection.fetchrow(COPY_IN, *facts, copy.seq, copy.fence, *appends, *_columns(copy))
    assert row is not None
    match row["outcome"]:
        case "copied":
            return row["seq"]
        case "exists":
            raise SessionExists(f"There is another session {copy.session_id!r}.")
        case "differs":
            raise VersionConflict(
                f"The copy of entry {row['detail']} differs from what is there, or leaves a gap.",
                details={"seq": row["seq"]},
            )
        case outcome:
            raise refused(outcome, copy.session_id, None, None)


def _columns(copy: SessionCopy) -> list[list[object]]:
    rows: list[tuple[object, ...]] = []
    for append in copy.appends:
        span = len(append.records)
        operation = None if append.op_id is None else operation_of(append.op_id)
        for seq, record in enumerate(append.records, append.first_seq):
            rows.append((seq, span, operation, *columns_of(copy.session_id, operation, span, record)))
            span, operation = 0, None
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(10)]


class Drop:
    """A repeat that finds nothing follows an attempt whose answer was lost: the copy is gone, as was asked."""

    def __init__(self, head: Head, now: float | None) -> None:
        self._head = head
        self._now = now
        self._attempts = 0

    async def __call__(self, connection: Connection) -> None:
        self._attempts += 1
        head = self._head
        row = await connection.fetchrow(DROP, self._now, head.session_id, head.seq, head.last_activity)
        assert row is not None
        match row["outcome"]:
            case "dropped":
                return
            case "held":
                raise LeaseHeld(f"{row['detail']!r} holds a lease of the session.", details={"owner": row["detail"]})
            case "conflict":
                raise VersionConflict(f"The session has changed after {head.seq}.", details={"seq": row["seq"]})
            case _:
                if self._attempts == 1:
                    raise not_found(head.session_id)
