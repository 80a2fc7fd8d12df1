"""Storage backends. `base` is the contract; each backend is one module or folder, and only it imports its driver."""

from __future__ import annotations

from symphainy.errors import InvalidInput
from symphainy.ids import Clock
from symphainy.stores.base import Store


def open_store(url: str, *, clock: Clock | None = None, read_only: bool = False) -> Store:
    """The backend that `url` names, still to be entered (`async with open_store(url) as store`).

    `memory://` keeps everything in this process; `sqlite:///data/symphainy.db` is a file relative to the working
    directory, `sqlite:////var/lib/symphainy.db` (four slashes) an absolute one.
    `arangodb://user:password@host:8529/database` is a database of its own; `arangodb+https://` the same over TLS. Raises
    InvalidInput for anything else, and where a backend's driver is not installed.
    """
    if url == "memory://":
        from symphainy.stores.memory import MemoryStore

        return MemoryStore(clock=clock)
    path = url.removeprefix("sqlite:///")
    if path != url and path not in ("", "/"):
        from symphainy.stores.sqlite import SQLiteStore

        return SQLiteStore(path, clock=clock, read_only=read_only)
    if url.startswith(("arangodb://", "arangodb+https://")):
        try:
            from symphainy.stores.arango import ArangoStore
        except ModuleNotFoundError as error:
            raise missing_extra("ArangoDB", "arango") from error
        return ArangoStore(url, clock=clock, read_only=read_only)
    raise InvalidInput(
        f"{url!r} names no store. Supported: memory://, sqlite:///path/to/file.db and arangodb://host/database"
    )


def missing_extra(what: str, extra: str) -> InvalidInput:
    return InvalidInput(f"{what} needs an extra that is not installed: pip install 'symphainy[{extra}]'")
