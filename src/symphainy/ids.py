"""Clock, ids and tokens: the only module that reads the wall clock or makes randomness, so that tests can replace
both."""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

TOKEN_PREFIX = "sym_"


class Clock(Protocol):
    def now(self) -> float:
        """Seconds since the Unix epoch, UTC. Informs and expires; never decides an order or a version."""
        ...


class SystemClock:
    def now(self) -> float:
        return time.time()


def timestamp(seconds: float) -> str:
    """ISO 8601 in UTC with milliseconds and `Z`: `2026-11-23T10:00:01.250Z`."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def seconds_of(text: str) -> float:
    """The inverse of `timestamp`."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def later(text: str, milliseconds: int) -> str:
    """The timestamp so much later."""
    moment = datetime.fromisoformat(text) + timedelta(milliseconds=milliseconds)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def new_id(prefix: str) -> str:
    """`<prefix>_<32 hex digits>`: a UUIDv7 (RFC 9562), so ids of one process sort by the time they were made."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & ((1 << 48) - 1)) << 80 | int.from_bytes(os.urandom(10))
    value = value & ~(0xF << 76) | (0x7 << 76)
    value = value & ~(0x3 << 62) | (0x2 << 62)
    return f"{prefix}_{value:032x}"


def derived_id(prefix: str, *parts: str) -> str:
    """The same id for the same parts: how a repeated request finds what the first one made."""
    digest = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
    return f"{prefix}_{digest[:32]}"


def new_token() -> str:
    """A credential of 256 random bits with a prefix that leak scanners can find. Never stored; see `hash_token`."""
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """What is stored in place of a token. A plain SHA-256 is enough: the input is 256 random bits, nothing to guess."""
    return hashlib.sha256(token.encode()).hexdigest()
