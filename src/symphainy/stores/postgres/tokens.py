"""Tokens in the database."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from symphainy.stores.base import Token
from symphainy.stores.checks import token_lives, token_use_due
from symphainy.stores.postgres.database import Connection
from symphainy.stores.postgres.rows import TOKEN, token_checksum, token_of

_NAMES: Final = TOKEN.split(", ")

PUT: Final = (
    f"INSERT INTO symphainy.tokens ({TOKEN}) VALUES ({', '.join(f'${n}' for n in range(1, len(_NAMES) + 1))})"
    f" ON CONFLICT (token_hash) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _NAMES[1:])}"
)
FIND: Final = f"SELECT {TOKEN}, symphainy.instant($2) AS now FROM symphainy.tokens WHERE token_hash = $1"
USE: Final = "UPDATE symphainy.tokens SET idle_expires_at = $2, checksum = $3 WHERE token_hash = $1 AND checksum = $4"


async def put(connection: Connection, token: Token) -> None:
    await connection.execute(PUT, *(getattr(token, name) for name in _NAMES[:-1]), token_checksum(token))


async def find(connection: Connection, token_hash: str, now: float | None, *, use: bool) -> Token | None:
    row = await connection.fetchrow(FIND, token_hash, now)
    token = None if row is None else token_of(row)
    if row is None or token is None or not token_lives(token, row["now"]):
        return None
    if use and token_use_due(token, row["now"]):
        token = replace(token, idle_expires_at=row["now"] + token.idle_seconds)
        # Nothing happens to one that has been used, exchanged or deleted meanwhile.
        await connection.execute(USE, token_hash, token.idle_expires_at, token_checksum(token), row["checksum"])
    return token


class Deletion:
    """Finds the hashes before it deletes, so that its repeat after a lost answer still knows them."""

    def __init__(self, token_hash: str | None, session_id: str | None, user_id: str | None) -> None:
        wanted = {"token_hash": token_hash, "session_id": session_id, "user_id": user_id}
        given = [(column, value) for column, value in wanted.items() if value is not None]
        self._condition = " AND ".join(f"{column} = ${number}" for number, (column, _) in enumerate(given, 1))
        self._values = [value for _, value in given]
        self._tried: set[str] = set()

    async def __call__(self, connection: Connection) -> list[str]:
        there = await self._hashes(connection, f"SELECT token_hash FROM symphainy.tokens WHERE {self._condition}")
        gone = self._tried - there
        self._tried |= there
        deleted = await self._hashes(
            connection, f"DELETE FROM symphainy.tokens WHERE {self._condition} RETURNING token_hash"
        )
        return sorted(deleted | gone)

    async def _hashes(self, connection: Connection, query: str) -> set[str]:
        return {row["token_hash"] for row in await connection.fetch(query, *self._values)}
