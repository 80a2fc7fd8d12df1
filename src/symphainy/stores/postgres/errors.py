"""How the driver's errors become ours: the one place."""

from __future__ import annotations

import ssl
from typing import Final

import asyncpg  # pyright: ignore[reportMissingTypeStubs]

from symphainy.errors import (
    DataDamaged,
    InvalidInput,
    StorageFull,
    StoreUnavailable,
    SymphainyError,
    TooLarge,
)

DRIVER_ERRORS: Final = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)

SERIALIZATION: Final = frozenset({"40001", "40P01", "55P03"})
"""Another transaction was in the way; nothing was written."""

GOING_AWAY: Final = frozenset({"25006", "25P03", "25P04", "53300", "57014", "57P01", "57P02", "57P03", "57P05"})
"""The server stops, starts, has become a standby or has no connection left; the next one may be better."""

OTHER_FORMAT: Final = frozenset({"3F000", "42703", "42883", "42P01"})
DAMAGED: Final = frozenset({"23505", "XX001", "XX002"})
"""Also a place in a log that is taken: then the head is behind its log."""

NO_TEXT: Final = frozenset({"22021", "22P05"})

POOLER: Final = "08P01"
"""A protocol violation: how PgBouncer refuses settings that a connection brings."""


def ours(error: BaseException, session_id: str = "") -> SymphainyError:
    """`session_id` is whose data it was about, for DataDamaged."""
    if _is_callers(error):
        return InvalidInput(f"PostgreSQL: {error}")
    if isinstance(error, TimeoutError):
        return StoreUnavailable("PostgreSQL did not answer in time.")
    if isinstance(error, ssl.SSLCertVerificationError):
        return StoreUnavailable(f"The certificate of PostgreSQL is not accepted: {error.verify_message}")
    if not isinstance(error, asyncpg.PostgresError):
        return StoreUnavailable(f"PostgreSQL: {error}")
    state = state_of(error)
    if state == "53100":
        return StorageFull("There is no space left where the database is.")
    if state in DAMAGED:
        return DataDamaged(f"What is stored contradicts itself: {error}", session_id=session_id)
    if state in OTHER_FORMAT:
        return StoreUnavailable(f"The database is not of the format that this server knows: {error}")
    if state in NO_TEXT:
        return InvalidInput("PostgreSQL cannot keep the character U+0000 in an id or a key.")
    if state == POOLER:
        return StoreUnavailable(f"PostgreSQL: {error}. Behind a pooler, add statement_cache_size=0 to the URL.")
    if state.startswith("54"):
        return TooLarge(f"PostgreSQL: {error}")
    return StoreUnavailable(f"PostgreSQL: {error} ({state})")


def state_of(error: asyncpg.PostgresError) -> str:
    """The SQLSTATE: five characters, see the appendix "PostgreSQL Error Codes" of its manual."""
    return str(getattr(error, "sqlstate", None) or "")


def passes(error: BaseException) -> bool:
    """Whether the same call may succeed a moment later, on another connection."""
    if isinstance(error, asyncpg.PostgresError):
        state = state_of(error)
        return state in SERIALIZATION | GOING_AWAY or (state[:2] == "08" and state != POOLER)
    return not _is_callers(error) and not isinstance(error, ssl.SSLCertVerificationError)


def _is_callers(error: BaseException) -> bool:
    """Whether the driver refused what it was given, and asked no server."""
    return isinstance(error, asyncpg.InterfaceError) and isinstance(error, ValueError)
