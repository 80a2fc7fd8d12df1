"""Proof that a database is as it was written: every entry, every gap, every head, every snapshot, every page."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from symphainy.errors import DataDamaged
from symphainy.stores.base import READ_LIMIT, Damage, Stored, StoredSnapshot, roll
from symphainy.stores.sqlite.readers import Readers, read_exactly, read_one
from symphainy.stores.sqlite.rows import (
    HEAD,
    SNAPSHOT,
    TOKEN,
    Row,
    entry_id,
    entry_ids,
    head_of,
    snapshot_of,
    token_of,
)
from symphainy.stores.sqlite.schema import mapped

SESSIONS_AT_A_TIME: Final = 100
PAGES_REPORTED: Final = 100


@dataclass(frozen=True, slots=True)
class _Session:
    number: int
    session_id: str
    seq: int
    snapshot: StoredSnapshot | None
    damage: tuple[Damage, ...]


async def verify(readers: Readers) -> AsyncIterator[Damage]:
    """In slices, each on its own view, so that a server at work is not kept from emptying its log."""
    for damage in await readers.run(_check_pages):
        yield damage
    async for damage in _verify_tokens(readers):
        yield damage
    last = 0
    while True:
        try:
            numbers = await readers.run(lambda connection, after=last: _numbers(connection, after))
        except DataDamaged as error:
            yield Damage(None, None, f"the list of sessions cannot be read: {error.message}")
            return
        for number in numbers:
            orphan = await readers.run(lambda connection, low=last, high=number: _orphan(connection, low, high))
            if orphan is not None:
                yield orphan
            async for damage in _verify_session(readers, number):
                yield damage
            last = number
        if not numbers:
            orphan = await readers.run(lambda connection, low=last: _orphan(connection, low, None))
            if orphan is not None:
                yield orphan
            return


async def _verify_tokens(readers: Readers) -> AsyncIterator[Damage]:
    last = ""
    while True:
        try:
            rows = await readers.run(lambda connection, after=last: _tokens(connection, after))
        except DataDamaged as error:
            yield Damage(None, None, f"the tokens cannot be read: {error.message}")
            return
        for row in rows:
            if token_of(row) is None:
                session_id = row[2] if isinstance(row[2], str) else None
                yield Damage(session_id, None, "a token is not as it was written; it opens nothing")
        if not rows:
            return
        last = rows[-1][0]


def _tokens(connection: sqlite3.Connection, after: str) -> list[Row]:
    return connection.execute(
        f"SELECT {TOKEN} FROM tokens WHERE token_hash > ? ORDER BY token_hash LIMIT ?", (after, READ_LIMIT)
    ).fetchall()


def _check_pages(connection: sqlite3.Connection) -> list[Damage]:
    try:
        with mapped():
            rows: list[Row] = connection.execute(f"PRAGMA integrity_check({PAGES_REPORTED})").fetchall()
    except DataDamaged as error:
        return [Damage(None, None, error.message)]
    return [Damage(None, None, f"database page: {text}") for (text,) in rows if text != "ok"]


def _numbers(connection: sqlite3.Connection, after: int) -> list[int]:
    rows = connection.execute(
        "SELECT number FROM sessions WHERE number > ? ORDER BY number LIMIT ?", (after, SESSIONS_AT_A_TIME)
    )
    return [number for (number,) in rows]


def _orphan(connection: sqlite3.Connection, low: int, high: int | None) -> Damage | None:
    """Whether there are entries between two sessions, which belong to none."""
    end = (1 << 63) - 1 if high is None else entry_id(high, 0)
    try:
        with mapped():
            row = connection.execute(
                "SELECT id FROM entries WHERE id > ? AND id < ? AND id >> 32 NOT IN (SELECT number FROM sessions)"
                " LIMIT 1",
                (entry_ids(low)[1], end),
            ).fetchone()
    except DataDamaged as error:
        return Damage(None, None, error.message)
    return None if row is None else Damage(None, None, f"entries of a session that does not exist (row {row[0]})")


async def _verify_session(readers: Readers, number: int) -> AsyncIterator[Damage]:
    session = await readers.run(lambda connection: _open(connection, number))
    if session is None:
        return
    for damage in session.damage:
        yield damage
    chain: bytes | None = b""
    for first in range(1, session.seq + 1, READ_LIMIT):
        wanted = range(first, min(first + READ_LIMIT, session.seq + 1))
        found = await readers.run(lambda connection, wanted=wanted: _slice(connection, session, wanted))
        if found is None:
            return
        for item in found:
            if isinstance(item, Damage):
                yield item
                chain = None
                continue
            chain = None if chain is None else roll(chain, item)
            if chain is not None and session.snapshot is not None and item.seq == session.snapshot.seq:
                damage = _check_chain(session.session_id, session.snapshot, chain)
                if damage is not None:
                    yield damage


def _check_chain(session_id: str, snapshot: StoredSnapshot, chain: bytes) -> Damage | None:
    if chain == snapshot.chain:
        return None
    return Damage(session_id, None, f"the snapshot at {snapshot.seq} was made from another log")


def _open(connection: sqlite3.Connection, number: int) -> _Session | None:
    """None if the session has just been deleted."""
    try:
        with mapped():
            row = connection.execute(f"SELECT {HEAD} FROM sessions WHERE number = ?", (number,)).fetchone()
        if row is None:
            return None
        _, head = head_of(row)
    except DataDamaged as error:
        damage = (Damage(error.session_id or None, None, error.message),)
        # how long the log is, the head cannot say: as long as there are entries
        return _Session(number, error.session_id, _last(connection, number) or 0, None, damage)
    session_id, seq, damage = head.session_id, head.seq, list[Damage]()
    snapshot = None
    try:
        with mapped():
            kept = connection.execute(f"SELECT {SNAPSHOT} FROM snapshots WHERE session = ?", (number,)).fetchone()
            snapshot = snapshot_of(session_id, kept)
            if kept is not None and snapshot is None:
                damage.append(Damage(session_id, None, "the snapshot is not as it was written"))
            elif snapshot is not None and snapshot.seq > seq:
                damage.append(Damage(session_id, None, f"the snapshot is ahead of the log ({snapshot.seq})"))
            beyond = _last(connection, number, after=seq)
            if beyond is not None:
                damage.append(Damage(session_id, beyond, f"the log goes on after the head ({seq})"))
    except DataDamaged as error:
        damage.append(Damage(session_id, None, error.message))
    return _Session(number, session_id, seq, snapshot, tuple(damage))


def _last(connection: sqlite3.Connection, number: int, *, after: int = 0) -> int | None:
    """The seq of the session's last entry after this one. None if there is none, or none that can be read."""
    try:
        with mapped():
            (last,) = connection.execute(
                "SELECT max(id) FROM entries WHERE id BETWEEN ? AND ?",
                (entry_id(number, after + 1), entry_ids(number)[1]),
            ).fetchone()
    except DataDamaged:
        return None
    return None if last is None else last - entry_id(number, 0)


def _is_gone(connection: sqlite3.Connection, session: _Session) -> bool:
    query = "SELECT 1 FROM sessions WHERE number = ? AND session_id = ?"
    try:
        with mapped():
            return connection.execute(query, (session.number, session.session_id)).fetchone() is None
    except DataDamaged:
        return False


def _slice(connection: sqlite3.Connection, session: _Session, wanted: range) -> list[Stored | Damage] | None:
    """None if the session has been deleted in the meantime."""
    try:
        return list(read_exactly(connection, session.session_id, session.number, wanted))
    except DataDamaged:
        pass
    if _is_gone(connection, session):
        return None
    found: list[Stored | Damage] = []
    for seq in wanted:
        try:
            found.append(read_one(connection, session.session_id, session.number, seq))
        except DataDamaged as error:
            found.append(Damage(session.session_id, seq, error.message))
    return found
