"""Tokens stand in both stores before they are acknowledged: whatever happens to the hot store, a credential that was given
out is good, and one that was taken back is not."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from typing import Final

from symphainy.errors import StoreUnavailable
from symphainy.stores.base import Store, Token
from symphainy.stores.checks import TOKEN_USE_INTERVAL

USES_KEPT: Final = 10_000


class TokenPair:
    def __init__(self, hot: Store, durable: Store, *, read_only: bool = False) -> None:
        self._hot = hot
        self._durable = durable
        self._read_only = read_only
        self._used: OrderedDict[str, float] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def put(self, token: Token) -> None:
        await self._durable.put_token(token)
        await self._put_hot(token)

    async def _put_hot(self, token: Token) -> bool:
        """False if the token was taken back meanwhile."""
        await self._hot.put_token(token)
        if await self._durable.find_token(token.token_hash) is not None:
            return True
        await self._hot.delete_tokens(token_hash=token.token_hash)
        return False

    async def find(self, token_hash: str) -> Token | None:
        token = await self._hot.find_token(token_hash)
        if token is not None:
            self._use(token)
            return token
        token = await self._durable.find_token(token_hash)
        if token is None or self._read_only:
            return token
        return token if await self._put_hot(token) else None

    def _use(self, token: Token) -> None:
        """Use counts in the durable store too, though not at once."""
        if self._read_only:
            return
        now, last = time.monotonic(), self._used.get(token.token_hash)
        if last is not None and now - last < min(TOKEN_USE_INTERVAL, token.idle_seconds / 10):
            return
        self._used[token.token_hash] = now
        self._used.move_to_end(token.token_hash)
        if len(self._used) > USES_KEPT:
            self._used.popitem(last=False)
        task = asyncio.create_task(self._use_durable(token.token_hash))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _use_durable(self, token_hash: str) -> None:
        try:
            await self._durable.find_token(token_hash)
        except StoreUnavailable:
            self._used.pop(token_hash, None)

    async def delete(self, token_hash: str | None, session_id: str | None, user_id: str | None) -> list[str]:
        kept = await self._durable.delete_tokens(token_hash=token_hash, session_id=session_id, user_id=user_id)
        hot = await self._hot.delete_tokens(token_hash=token_hash, session_id=session_id, user_id=user_id)
        return list(dict.fromkeys([*kept, *hot]))
