"""Storage backends. `base` is the contract; each backend is one module or folder, and only it imports its driver."""

from __future__ import annotations

import re
from typing import Final

from symphainy.errors import InvalidInput
from symphainy.ids import Clock
from symphainy.stores.base import Store

_SEAM: Final = re.compile(r"\+(?=(?:memory|sqlite|rediss?|postgresql|arangodb)\b)")


def tiers(url: str) -> tuple[str, ...]:
    """The URLs of a tiered store, the hot one first; of any other store, its own."""
    return tuple(_SEAM.split(url))


def open_store(url: str, *, clock: Clock | None = None, read_only: bool = False) -> Store:
    """The backend that `url` names, still to be entered (`async with open_store(url) as store`).

    `memory://` keeps everything in this process; `sqlite:///data/symphainy.db` is a file relative to the working
    directory, `sqlite:////var/lib/symphainy.db` (four slashes) an absolute one. Raises InvalidInput for anything else.
    """
    if url == "memory://":
        from symphainy.stores.memory import MemoryStore

        return MemoryStore(clock=clock)
    path = url.removeprefix("sqlite:///")
    if path != url and path not in ("", "/"):
        from symphainy.stores.sqlite import SQLiteStore

        return SQLiteStore(path, clock=clock, read_only=read_only)
    raise InvalidInput(f"{url!r} names no store. Supported: memory:// and sqlite:///path/to/file.db")
