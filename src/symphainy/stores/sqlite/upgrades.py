"""How a database of an older version becomes one of this version.

Version 1 kept no checksums of sessions and tokens. Version 2 kept with an entry neither its keys nor its work: both are
put back where later writes are decided as before.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from typing import Final

from symphainy.stores.base import Head, Lifetime, Token, Work
from symphainy.stores.sqlite.rows import SEQ_BITS, TOKEN, checksum, entry_id, head_checksum, marks_of, token_checksum

HEAD_2: Final = "number, session_id, user_id, seq, created_at, last_activity, expires_at, idle, absolute"
ENTRY_2: Final = "topic, op_id, span, data, checksum"


def add_checksums(connection: sqlite3.Connection) -> None:
    for statement in (
        "ALTER TABLE sessions ADD COLUMN checksum BLOB",
        "ALTER TABLE tokens ADD COLUMN rotation TEXT",
        "ALTER TABLE tokens ADD COLUMN checksum BLOB",
    ):
        connection.execute(statement)
    for row in connection.execute(f"SELECT {HEAD_2} FROM sessions").fetchall():
        digest = head_checksum(row[0], Head(*row[1:7]), Lifetime(*row[7:9]))
        connection.execute("UPDATE sessions SET checksum = ? WHERE number = ?", (digest, row[0]))
    for row in connection.execute(f"SELECT {TOKEN} FROM tokens").fetchall():
        digest = token_checksum(Token(*row[:8]))
        connection.execute("UPDATE tokens SET checksum = ? WHERE token_hash = ?", (digest, row[0]))


def add_marks(connection: sqlite3.Connection) -> None:
    for statement in (
        "ALTER TABLE sessions ADD COLUMN fence INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE sessions ADD COLUMN arriving INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE entries ADD COLUMN marks TEXT",
    ):
        connection.execute(statement)
    for number, session_id in connection.execute("SELECT number, session_id FROM sessions").fetchall():
        keys, work = _keys(connection, number), _work(connection, number)
        for seq in sorted(keys.keys() | work.keys()):
            _mark(connection, number, session_id, seq, marks_of(keys.get(seq, ()), work.get(seq)))


def _mark(connection: sqlite3.Connection, number: int, session_id: str, seq: int, marks: str | None) -> None:
    """Damage stays damage: an entry that is not as it was written gets no new checksum."""
    row = connection.execute(f"SELECT {ENTRY_2} FROM entries WHERE id = ?", (entry_id(number, seq),)).fetchone()
    if row is None:
        return
    topic, op_id, span, data, kept = row
    if checksum(session_id, seq, topic, op_id, span, None, data) == kept:
        digest = checksum(session_id, seq, topic, op_id, span, marks, data)
        connection.execute(
            "UPDATE entries SET marks = ?, checksum = ? WHERE id = ?", (marks, digest, entry_id(number, seq))
        )


def _keys(connection: sqlite3.Connection, number: int) -> dict[int, list[str]]:
    """The last write of every key, which alone decides."""
    found: dict[int, list[str]] = {}
    for key, seq in connection.execute("SELECT key, seq FROM keys WHERE session = ? ORDER BY key", (number,)):
        found.setdefault(seq, []).append(key)
    return found


def _work(connection: sqlite3.Connection, number: int) -> dict[int, Work]:
    """Where each was opened was kept. Where it was closed: at its last entry, which a topic of its name finds; without one,
    at any entry behind its opening."""
    rows = connection.execute(
        "SELECT work_id, lane, opened, is_open FROM work WHERE session = ? ORDER BY opened", (number,)
    ).fetchall()
    found = {opened: Work(work_id, "open", lane) for work_id, lane, opened, _ in rows}
    homeless: list[tuple[str, int]] = []
    for work_id, _, opened, is_open in rows:
        if is_open:
            continue
        last = _last_of_topic(connection, number, work_id)
        if last > opened and last not in found:
            found[last] = Work(work_id, "close")
        else:
            homeless.append((work_id, opened))
    # from behind: whoever was opened later has fewer entries to choose from, all of which the others could take too
    for work_id, opened in reversed(homeless):
        seq = next((seq for seq in _later(connection, number, opened) if seq not in found), None)
        if seq is not None:
            found[seq] = Work(work_id, "close")
    return found


def _last_of_topic(connection: sqlite3.Connection, number: int, topic: str) -> int:
    query = "SELECT max(id) FROM entries WHERE session = ? AND topic = ?"
    (last,) = connection.execute(query, (number, topic)).fetchone()
    return 0 if last is None else last & (1 << SEQ_BITS) - 1


def _later(connection: sqlite3.Connection, number: int, seq: int) -> Iterator[int]:
    query = "SELECT id FROM entries WHERE id > ? AND id < ? ORDER BY id DESC"
    for (key,) in connection.execute(query, (entry_id(number, seq), entry_id(number + 1, 0))):
        yield key & (1 << SEQ_BITS) - 1


UPGRADES: Final[dict[int, Callable[[sqlite3.Connection], None]]] = {1: add_checksums, 2: add_marks}
"""From each version to the next, inside a transaction."""
