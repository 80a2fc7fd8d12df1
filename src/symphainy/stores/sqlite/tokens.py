"""What the writer thread does to tokens."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from symphainy.stores.base import Token
from symphainy.stores.sqlite.rows import TOKEN, token_checksum, token_of


def find(connection: sqlite3.Connection, token_hash: str) -> Token | None:
    return token_of(connection.execute(f"SELECT {TOKEN} FROM tokens WHERE token_hash = ?", (token_hash,)).fetchone())


def put(connection: sqlite3.Connection, token: Token) -> None:
    connection.execute(
        f"INSERT OR REPLACE INTO tokens ({TOKEN}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            token.token_hash,
            token.user_id,
            token.session_id,
            token.created_at,
            token.idle_seconds,
            token.idle_expires_at,
            token.expires_at,
            token.rotation,
            token_checksum(token),
        ),
    )


def use(connection: sqlite3.Connection, token_hash: str, idle_expires_at: float) -> None:
    """Nothing happens to a token that has been deleted meanwhile."""
    token = find(connection, token_hash)
    if token is not None:
        put(connection, replace(token, idle_expires_at=idle_expires_at))


def delete(
    connection: sqlite3.Connection, token_hash: str | None, session_id: str | None, user_id: str | None
) -> list[str]:
    wanted = {"token_hash": token_hash, "session_id": session_id, "user_id": user_id}
    given = {column: value for column, value in wanted.items() if value is not None}
    condition = " AND ".join(f"{column} = ?" for column in given)
    rows = connection.execute(f"SELECT token_hash FROM tokens WHERE {condition}", tuple(given.values()))
    deleted = [name for (name,) in rows.fetchall()]
    connection.executemany("DELETE FROM tokens WHERE token_hash = ?", [(name,) for name in deleted])
    return deleted
