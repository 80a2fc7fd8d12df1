"""Credentials: one document each, found by the hash of the token."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Final

from symphainy.stores.arango import statements
from symphainy.stores.arango.connection import Changed, Connection
from symphainy.stores.arango.documents import Document, key_of, token_checksum, token_document, token_of
from symphainy.stores.base import Token
from symphainy.stores.checks import token_lives, token_use_due

SWEPT_AFTER: Final = 86400.0
"""Seconds after its end that the TTL index may take a token away. It has not opened anything since its end."""


class Tokens:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def put(self, token: Token) -> None:
        await self._connection.run(statements.PUT_TOKEN, document=token_document(token, token.expires_at + SWEPT_AFTER))

    async def find(self, token_hash: str, now: float | None, *, uses: bool) -> Token | None:
        rows = await self._connection.run(statements.TOKEN, key=key_of(token_hash), now=now)
        token = token_of(rows[0]["token"]) if rows else None
        if token is None or token.token_hash != token_hash or not token_lives(token, rows[0]["now"]):
            return None
        if uses and token_use_due(token, rows[0]["now"]):
            token = replace(token, idle_expires_at=rows[0]["now"] + token.idle_seconds)
            await self._used(token, rows[0]["token"])
        return token

    async def _used(self, token: Token, document: Document) -> None:
        changes = {"idle_expires_at": token.idle_expires_at, "checksum": token_checksum(token)}
        # Used elsewhere at the same time, which counts as well; or deleted, which stands.
        with suppress(Changed):
            await self._connection.swap(
                statements.USE_TOKEN, key=document["_key"], rev=document["_rev"], changes=changes
            )

    async def delete(self, token_hash: str | None, session_id: str | None, user_id: str | None) -> list[str]:
        run = self._connection.run
        if token_hash is not None:
            rows = await run(statements.TOKEN_OF_HASH, key=key_of(token_hash))
        elif session_id is not None:
            rows = await run(statements.TOKENS_OF_SESSION, session_id=session_id)
        else:
            rows = await run(statements.TOKENS_OF_USER, user_id=user_id)
        wanted = [
            row
            for row in rows
            if token_hash in (None, row["token_hash"])
            and session_id in (None, row["session_id"])
            and user_id in (None, row["user_id"])
        ]
        if wanted:
            await run(statements.ERASE_TOKENS, keys=[row["key"] for row in wanted])
        return [row["token_hash"] for row in wanted]
