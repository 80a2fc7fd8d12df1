"""The names of everything that is kept. What a user chooses is escaped, so that nobody can name another's key.

A name is a prefix, a hash tag with a kind and an escaped id, and a suffix: `symphainy:{s:session_01}:e0`. On a cluster
the tag alone decides the slot, so all of a session is on one node, as is all of a user.
"""

from __future__ import annotations

from binascii import crc32
from functools import lru_cache
from typing import Final
from urllib.parse import quote

ENTRIES_IN_LIST: Final = 512
"""As in lua/shared.lua. A page of entries is in two lists at the most, and no key grows without end."""

SHARDS: Final = 16
"""How many parts each index over all sessions has, so that no node of a cluster keeps the whole of it."""


@lru_cache(4096)
def escaped(text: str) -> str:
    """Percent-encoded, but for ASCII letters, digits and `-._~`. Two texts never have one form."""
    return quote(text, safe="")


class Keys:
    """`prefix` sets the data of several applications on one server apart."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def _key(self, kind: str, name: str, suffix: str = "") -> bytes:
        return f"{self._prefix}:{{{kind}:{escaped(name)}}}{suffix}".encode()

    def session(self, session_id: str) -> bytes:
        """The hash of everything small. The log's lists and the snapshot are it and a suffix; see lua/shared.lua."""
        return f"{self._prefix}:{{s:{escaped(session_id)}}}".encode()

    def tokens_of_session(self, session_id: str) -> bytes:
        return self._key("s", session_id, ":t")

    def tokens_of_user(self, user_id: str) -> bytes:
        return self._key("u", user_id, ":t")

    def sessions_of_user(self, user_id: str) -> bytes:
        return self._key("u", user_id, ":s")

    def reserved_of_user(self, user_id: str) -> bytes:
        return self._key("u", user_id, ":r")

    def token(self, token_hash: str) -> bytes:
        return self._key("t", token_hash)

    def expiries(self, shard: int) -> bytes:
        """Every session, by a time before which it does not expire."""
        return self._key("x", str(shard))

    def with_open_work(self, shard: int) -> bytes:
        """Every session that may have open work, by when it was entered."""
        return self._key("w", str(shard))

    def probe(self, node: int) -> bytes:
        return self._key("p", str(node))


def shard_of(session_id: str) -> int:
    return crc32(session_id.encode()) % SHARDS


def snapshot_of_session(session: bytes) -> bytes:
    return session + b":s"


@lru_cache(4096)
def list_of_session(session: bytes, number: int) -> bytes:
    return b"%b:e%d" % (session, number)


def lists_of_session(session: bytes, first: int, last: int) -> list[bytes]:
    """Where the entries `first` to `last` are."""
    low, high = (max(first, 1) - 1) // ENTRIES_IN_LIST, (max(last, 1) - 1) // ENTRIES_IN_LIST
    if low == high:
        return [list_of_session(session, low)]
    return [list_of_session(session, number) for number in range(low, high + 1)]
