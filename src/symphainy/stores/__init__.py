"""Storage backends. `base` is the contract; each backend is one module or folder, and only it imports its driver."""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from symphainy.errors import InvalidInput
from symphainy.ids import Clock
from symphainy.stores.base import Store

_SEAM: Final = re.compile(r"\+(?=(?:memory|sqlite|rediss?|postgres(?:ql)?|arangodb)(?:\+[a-z]+)?://)")


def tiers(url: str) -> tuple[str, ...]:
    """The URLs of a tiered store, the hot one first; of any other store, its own."""
    return tuple(_SEAM.split(url))


def open_store(url: str, *, clock: Clock | None = None, read_only: bool = False) -> Store:
    """The backend that `url` names, still to be entered (`async with open_store(url) as store`).

    `memory://` keeps everything in this process; `sqlite:///data/symphainy.db` is a file relative to the working
    directory, `sqlite:////var/lib/symphainy.db` (four slashes) an absolute one; `postgresql://user@host/database` needs
    the extra `postgres`; `arangodb://user:password@host/database` (`arangodb+https://` over TLS) needs the extra
    `arango`; `redis://`, `rediss://`, `redis+cluster://` and `redis+sentinel://` need the extra `redis` and are explained
    in `stores.redis`. Two URLs joined by `+` are a tiered store, the hot one first:
    `redis://cache+postgresql://database/symphainy`. Without `clock` a store goes by its server's clock, or by the
    system's where it has no server. Raises InvalidInput for anything else, and where the extra is not installed.
    """
    parts = tiers(url)
    if len(parts) == 2:
        from symphainy.stores.tiered import TieredStore

        hot, durable = (open_store(part, clock=clock, read_only=read_only) for part in parts)
        return TieredStore(hot, durable, clock=clock, read_only=read_only)
    if url == "memory://":
        from symphainy.stores.memory import MemoryStore

        return MemoryStore(clock=clock)
    if url.startswith(("postgresql://", "postgres://")):
        with _extra("postgres", "asyncpg"):
            from symphainy.stores.postgres import PostgresStore
        return PostgresStore(url, clock=clock, read_only=read_only)
    if url.startswith(("arangodb://", "arangodb+https://")):
        # what the driver is built on is imported beside it
        with _extra("arango", "arangoasync", "aiohttp", "jwt"):
            from symphainy.stores.arango import ArangoStore
        return ArangoStore(url, clock=clock, read_only=read_only)
    path = url.removeprefix("sqlite:///")
    if path != url and path not in ("", "/"):
        from symphainy.stores.sqlite import SQLiteStore

        return SQLiteStore(path, clock=clock, read_only=read_only)
    if re.match(r"rediss?(\+(cluster|sentinel))?://", url):
        with _extra("redis", "redis"):
            from symphainy.stores.redis import RedisStore
        return RedisStore(url, clock=clock, read_only=read_only)
    # What comes before the @ is a credential.
    shown = url.rpartition("@")[2]
    raise InvalidInput(
        f"{shown!r} names no store. Supported: memory://, sqlite:///path/to/file.db, postgresql://host/database,"
        " arangodb://host/database, redis://host"
    )


@contextmanager
def _extra(name: str, driver: str, *beside: str) -> Generator[None]:
    """Raises InvalidInput that says what to install, if the driver is not there."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name not in (driver, *beside):
            raise
        raise InvalidInput(f"This store needs {driver}: pip install 'symphainy[{name}]'.") from error
