"""Proof that what is stored is as it was written: every token, every head, every entry, every gap, every snapshot.

The pages underneath are the server's own business: its data checksums and `pg_amcheck`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from symphainy.errors import DataDamaged
from symphainy.stores.base import READ_LIMIT, Damage, Stored, StoredSnapshot, roll
from symphainy.stores.postgres.database import Connection, Database
from symphainy.stores.postgres.rows import ENTRY, TOKEN, Row, head_damaged, snapshot_of, stored_of, token_of

SESSIONS_AT_A_TIME: Final = 100

TOKENS: Final = f"SELECT {TOKEN} FROM symphainy.tokens WHERE token_hash > $1 ORDER BY token_hash LIMIT {READ_LIMIT}"
NUMBERS: Final = f"SELECT number FROM symphainy.sessions WHERE number > $1 ORDER BY number LIMIT {SESSIONS_AT_A_TIME}"
ORPHAN: Final = """
SELECT e.session FROM symphainy.entries AS e
WHERE e.session > $1 AND e.session < $2
    AND NOT EXISTS (SELECT FROM symphainy.sessions AS s WHERE s.number = e.session)
LIMIT 1
"""
SESSION: Final = """
SELECT s.session_id, s.seq, symphainy.is_whole(s) AS is_whole,
    (SELECT e.seq FROM symphainy.entries AS e WHERE e.session = s.number ORDER BY e.seq DESC LIMIT 1) AS last_seq,
    kept.seq AS kept_seq, kept.chain, kept.checksum AS kept_checksum, kept.data
FROM symphainy.sessions AS s LEFT JOIN symphainy.snapshots AS kept ON kept.session = s.number
WHERE s.number = $1
"""
SLICE: Final = f"""
SELECT {ENTRY} FROM symphainy.entries WHERE session = $1 AND seq > $2 AND seq <= $3 ORDER BY seq
"""
EXISTS: Final = "SELECT true FROM symphainy.sessions WHERE number = $1"

LAST_NUMBER: Final = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class _Session:
    number: int
    session_id: str
    seq: int
    snapshot: StoredSnapshot | None
    damage: tuple[Damage, ...]


async def verify(database: Database) -> AsyncIterator[Damage]:
    """In slices, each on its own view, so that a server at work is not held up."""
    async for damage in _verify_tokens(database):
        yield damage
    last = 0
    while True:
        numbers = [row["number"] for row in await _fetch(database, NUMBERS, last)]
        for number in [*numbers, *([] if numbers else [LAST_NUMBER])]:
            for row in await _fetch(database, ORPHAN, last, number):
                yield Damage(None, None, f"entries of a session that does not exist (number {row['session']})")
            last = number
            if numbers:
                async for damage in _verify_session(database, number):
                    yield damage
        if not numbers:
            return


async def _fetch(database: Database, query: str, *arguments: object) -> list[Row]:
    async def call(connection: Connection) -> list[Row]:
        return await connection.fetch(query, *arguments)

    return await database.run(call)


async def _verify_tokens(database: Database) -> AsyncIterator[Damage]:
    rows = await _fetch(database, TOKENS, "")
    while rows:
        for row in rows:
            if token_of(row) is None:
                yield Damage(row["session_id"], None, "a token is not as it was written; it opens nothing")
        rows = await _fetch(database, TOKENS, rows[-1]["token_hash"])


async def _verify_session(database: Database, number: int) -> AsyncIterator[Damage]:
    rows = await _fetch(database, SESSION, number)
    if not rows:
        return
    session = _session_of(number, rows[0])
    for damage in session.damage:
        yield damage
    chain: bytes | None = b""
    for after in range(0, session.seq, READ_LIMIT):
        wanted = range(after + 1, min(after + READ_LIMIT, session.seq) + 1)
        found = _checked(session.session_id, await _fetch(database, SLICE, number, after, wanted[-1]), wanted)
        if any(isinstance(item, Damage) for item in found) and not await _fetch(database, EXISTS, number):
            # deleted meanwhile
            return
        for item in found:
            if isinstance(item, Damage):
                yield item
                chain = None
                continue
            chain = None if chain is None else roll(chain, item)
            kept = session.snapshot
            if chain is not None and kept is not None and item.seq == kept.seq and chain != kept.chain:
                yield Damage(session.session_id, None, f"the snapshot at {kept.seq} was made from another log")


def _session_of(number: int, row: Row) -> _Session:
    session_id, seq, last = row["session_id"], row["seq"], row["last_seq"] or 0
    if not row["is_whole"]:
        # How long the log is, the head cannot say: as long as there are entries.
        return _Session(number, session_id, last, None, (Damage(session_id, None, head_damaged(session_id).message),))
    damage: list[Damage] = []
    snapshot = snapshot_of(session_id, row["kept_seq"], row["chain"], row["kept_checksum"], row["data"])
    if row["kept_seq"] is not None and snapshot is None:
        damage.append(Damage(session_id, None, "the snapshot is not as it was written"))
    elif snapshot is not None and snapshot.seq > seq:
        damage.append(Damage(session_id, None, f"the snapshot is ahead of the log ({snapshot.seq})"))
    if last > seq:
        damage.append(Damage(session_id, seq + 1, f"the log goes on after the head ({seq})"))
    return _Session(number, session_id, seq, snapshot, tuple(damage))


def _checked(session_id: str, rows: list[Row], wanted: range) -> list[Stored | Damage]:
    by_seq = {row["seq"]: row for row in rows}
    found: list[Stored | Damage] = []
    for seq in wanted:
        row = by_seq.get(seq)
        try:
            found.append(
                Damage(session_id, seq, f"Entry {seq} of {session_id!r} is missing.")
                if row is None
                else stored_of(session_id, row)
            )
        except DataDamaged as error:
            found.append(Damage(session_id, seq, error.message))
    return found
