"""Proof that what a server keeps is as it was written: every head, entry, gap, snapshot and session's token."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from symphainy.errors import DataDamaged
from symphainy.stores.base import Damage, Stored, StoredSnapshot, roll
from symphainy.stores.redis.calls import Caller
from symphainy.stores.redis.keys import ENTRIES_IN_LIST, Keys, list_of_session, snapshot_of_session
from symphainy.stores.redis.rows import head_of, snapshot_of, stored_of, token_of
from symphainy.stores.redis.sessions import Sessions


class Verifier:
    def __init__(self, caller: Caller, keys: Keys, sessions: Sessions) -> None:
        self._caller = caller
        self._keys = keys
        self._sessions = sessions

    async def verify(self) -> AsyncIterator[Damage]:
        """A list of entries at a time. What is written meanwhile is not looked at."""
        async for session_id, creation in self._sessions.every():
            key = self._keys.session(session_id)
            fields = (b"s", b"u", b"q", b"h", b"a", b"d", b"n")
            reply = await self._caller.command(key, b"HMGET", key, *fields)
            if reply[2] != creation:
                continue
            try:
                head_of(session_id, key, reply)
            except DataDamaged as error:
                yield Damage(session_id, None, error.message)
            async for damage in self._log(session_id, key, creation, int(reply[0] or 0)):
                yield damage
            async for damage in self._tokens(session_id):
                yield damage

    async def _log(self, session_id: str, key: bytes, creation: bytes, seq: int) -> AsyncIterator[Damage]:
        kept = await self._caller.command(key, b"GET", snapshot_of_session(key))
        snapshot = snapshot_of(session_id, kept)
        if kept is not None and snapshot is None:
            yield Damage(session_id, None, "the snapshot is not as it was written")
        chain: bytes | None = b""
        for number in range((seq + ENTRIES_IN_LIST - 1) // ENTRIES_IN_LIST):
            for item in await self._list(session_id, key, number, seq):
                if isinstance(item, Damage):
                    if item.what.endswith("is missing.") and await self._is_gone(key, creation):
                        return
                    yield item
                    chain = None
                    continue
                chain = None if chain is None else roll(chain, item)
                damage = _check_chain(session_id, snapshot, item, chain)
                if damage is not None:
                    yield damage

    async def _list(self, session_id: str, key: bytes, number: int, seq: int) -> list[Stored | Damage]:
        packed: Any = await self._caller.command(key, b"LRANGE", list_of_session(key, number), b"0", b"-1")
        first, owner = number * ENTRIES_IN_LIST + 1, session_id.encode()
        found: list[Stored | Damage] = []
        for place in range(first, min(first + ENTRIES_IN_LIST, seq + 1)):
            entry = packed[place - first] if place - first < len(packed) else None
            try:
                found.append(stored_of(session_id, owner, place, entry))
            except DataDamaged as error:
                found.append(Damage(session_id, place, error.message))
        return found

    async def _is_gone(self, key: bytes, creation: bytes) -> bool:
        return await self._caller.command(key, b"HGET", key, b"q") != creation

    async def _tokens(self, session_id: str) -> AsyncIterator[Damage]:
        index = self._keys.tokens_of_session(session_id)
        for name in await self._caller.command(index, b"ZRANGE", index, b"0", b"-1"):
            token = self._keys.token(name.decode())
            kept = await self._caller.command(token, b"GET", token)
            if kept is not None and token_of(kept) is None:
                yield Damage(session_id, None, "a token is not as it was written; it opens nothing")


def _check_chain(session_id: str, snapshot: StoredSnapshot | None, item: Stored, chain: bytes | None) -> Damage | None:
    if snapshot is None or chain is None or item.seq != snapshot.seq or snapshot.chain == chain:
        return None
    return Damage(session_id, None, f"the snapshot at {snapshot.seq} was made from another log")
