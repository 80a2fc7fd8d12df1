"""Credentials: each under its own hash slot, found by its hash; and by whose they are, in an index that is written
first and verified when it is read."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from symphainy.stores.base import Token
from symphainy.stores.checks import token_lives, token_use_due
from symphainy.stores.redis.calls import Caller
from symphainy.stores.redis.keys import Keys
from symphainy.stores.redis.rows import pack_token, token_of

KEPT_AFTER_END: Final = 7 * 86_400
"""Seconds. The server drops a token so long after its end. So no jump of its clock of less ends any that is good."""

LONGEST: Final = 100 * 365 * 86_400


class Tokens:
    def __init__(self, caller: Caller, keys: Keys) -> None:
        self._caller = caller
        self._keys = keys

    def _indexes(self, token: Token) -> list[bytes]:
        indexes = [self._keys.tokens_of_user(token.user_id)]
        return indexes if token.session_id is None else [*indexes, self._keys.tokens_of_session(token.session_id)]

    async def put(self, token: Token) -> None:
        key, name = self._keys.token(token.token_hash), token.token_hash.encode()
        ends = b"%d" % int(token.expires_at + KEPT_AFTER_END)
        past = b"(%d" % int(token.created_at)
        for index in self._indexes(token):
            await self._caller.command(index, b"ZADD", index, ends, name, durable=True)
            await self._caller.command(index, b"ZREMRANGEBYSCORE", index, b"-inf", past)
        kept = max(1, min(LONGEST, int(token.expires_at - token.created_at))) + KEPT_AFTER_END
        await self._caller.command(key, b"SET", key, pack_token(token), b"EX", b"%d" % kept, durable=True)

    async def find(self, token_hash: str, now: float | None, *, use: bool) -> Token | None:
        key = self._keys.token(token_hash)
        if now is None:
            found, now = await asyncio.gather(self._caller.command(key, b"GET", key), self._caller.time(key))
        else:
            found = await self._caller.command(key, b"GET", key)
        token = token_of(found)
        if token is None or not token_lives(token, now):
            return None
        if use and token_use_due(token, now):
            token = replace(token, idle_expires_at=now + token.idle_seconds)
            await self._caller.run("use_token", (key,), (found, pack_token(token)))
        return token

    async def delete(self, token_hash: str | None, session_id: str | None, user_id: str | None) -> list[str]:
        """Those that match every argument given."""
        if token_hash is not None:
            names: Sequence[bytes] = [token_hash.encode()]
        else:
            index = (
                self._keys.tokens_of_session(session_id)
                if session_id is not None
                else self._keys.tokens_of_user(user_id or "")
            )
            names = await self._caller.command(index, b"ZRANGE", index, b"0", b"-1")
        deleted = await asyncio.gather(*(self._delete_one(name.decode(), session_id, user_id) for name in names))
        return [name for name in deleted if name is not None]

    async def _delete_one(self, token_hash: str, session_id: str | None, user_id: str | None) -> str | None:
        key = self._keys.token(token_hash)
        kept = await self._caller.command(key, b"GET", key)
        token = token_of(kept)
        if token is None and kept is not None:
            # damaged: it opens nothing, and nobody knows whose it was
            await self._caller.command(key, b"DEL", key, durable=True)
        if token is None or session_id not in (None, token.session_id) or user_id not in (None, token.user_id):
            return None
        await self._caller.command(key, b"DEL", key, durable=True)
        for index in self._indexes(token):
            await self._caller.command(index, b"ZREM", index, token_hash.encode())
        return token_hash
