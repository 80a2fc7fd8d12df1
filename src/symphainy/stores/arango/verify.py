"""Proof that what is stored is as it was written: every token, every entry, what each append is found by, every gap,
every snapshot. Of the newest appends of a log nothing is left that could tell of them, unless a snapshot does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Final

from symphainy.stores.arango import statements
from symphainy.stores.arango.connection import Connection
from symphainy.stores.arango.documents import (
    Document,
    Place,
    Session,
    is_intact,
    record_of,
    snapshot_of,
    token_of,
    unkept,
)
from symphainy.stores.arango.log import Log
from symphainy.stores.base import Damage, Stored, StoredSnapshot, roll

AT_A_TIME: Final = 100


async def verify(connection: Connection, log: Log) -> AsyncIterator[Damage]:
    """In pages, so that a server at work is not held up."""
    after = ""
    while rows := await connection.run(statements.ALL_TOKENS, after=after, count=AT_A_TIME):
        for row in rows:
            if token_of(row) is None:
                yield Damage(None, None, "a token is not as it was written")
        after = rows[-1]["_key"]
    after = ""
    while rows := await connection.run(statements.ALL_SESSIONS, after=after, count=AT_A_TIME, now=log.now()):
        for row in rows:
            async for damage in _verify_session(connection, log, row):
                yield damage
        after = rows[-1]["session"]["_key"]


async def _verify_session(connection: Connection, log: Log, row: Document) -> AsyncIterator[Damage]:
    try:
        session = Session.of(row)
    except (KeyError, TypeError):
        yield Damage(str(row["session"].get("session_id")), None, "the session's document is not as it was written")
        return
    if not (session.is_whole or session.state == "arriving"):
        return
    found = [damage async for damage in _verify_log(connection, session)]
    if found:
        again = await log.look(session.session_id)
        if again is None or again.life != session.life or not again.is_settled or again.newest.end:
            return
    for damage in found:
        yield damage


async def _verify_log(connection: Connection, session: Session) -> AsyncIterator[Damage]:
    session_id, head = session.session_id, session.newest.head
    kept = await connection.run(statements.SNAPSHOT, life=session.life)
    snapshot = snapshot_of(session.life, kept[0]) if kept else None
    if kept and snapshot is None:
        yield Damage(session_id, None, "the snapshot is not as it was written")
    elif snapshot is not None and snapshot.seq > head:
        yield Damage(session_id, None, f"the snapshot is ahead of the log ({snapshot.seq})")
    chain: bytes | None = b""
    seq = 0
    while seq < head:
        rows = await connection.run(
            statements.PAGE, life=session.life, low=seq + 1, end=head + 1, count=min(AT_A_TIME, head - seq)
        )
        if not rows:
            yield Damage(session_id, seq + 1, f"the entries from here to {head} are missing")
            return
        for row in rows:
            for item in _verify_append(session, row, seq + 1):
                if isinstance(item, Damage):
                    yield item
                    chain = None
                    continue
                chain = None if chain is None else roll(chain, item)
                if _is_of_another_log(snapshot, item.seq, chain):
                    yield Damage(session_id, None, f"the snapshot at {item.seq} was made from another log")
            seq = row["last"]


def _verify_append(session: Session, row: Document, first: int) -> Iterator[Stored | Damage]:
    session_id = session.session_id
    if row["first"] != first:
        yield Damage(session_id, first, f"the entries from here to {row['first'] - 1} are missing")
    entries = row["entries"]
    if len(entries) != row["last"] - row["first"] + 1:
        yield Damage(session_id, row["first"], "an append has not as many entries as were written")
    whole = True
    for seq, entry in enumerate(entries, row["first"]):
        if entry.get("seq") == seq and is_intact(row, entry):
            yield Stored(seq, unkept(entry))
        else:
            whole = False
            yield Damage(session_id, seq, f"Entry {seq} of {session_id!r} is not as it was written.")
    if whole:
        place = Place(row["session"], session.life, row["position"], row["first"], 0.0)
        again = place.append([record_of(entry) for entry in entries], row["op_id"], "")
        if any(again[name] != row[name] for name in ("_key", "marks", "seqs", "opens", "last", "head")):
            yield Damage(session_id, row["first"], "what the append is found by is not as it was written")


def _is_of_another_log(snapshot: StoredSnapshot | None, seq: int, chain: bytes | None) -> bool:
    return snapshot is not None and chain is not None and snapshot.seq == seq and snapshot.chain != chain
