"""Storage backends. `base` is the contract; each backend is one module or folder, and only it imports its driver."""

from __future__ import annotations

from symphainy.errors import InvalidInput
from symphainy.ids import Clock
from symphainy.stores.base import Store


def open_store(url: str, *, clock: Clock | None = None, read_only: bool = False) -> Store:
    """The backend that `url` names, still to be entered (`async with open_store(url) as store`).

    `memory://` keeps everything in this process; `sqlite:///data/symphainy.db` is a file relative to the working
    directory, `sqlite:////var/lib/symphainy.db` (four slashes) an absolute one; `redis://`, `rediss://`,
    `redis+cluster://` and `redis+sentinel://` are explained in `stores.redis`. Raises InvalidInput for anything else,
    and for a backend whose extra is not installed.
    """
    if url == "memory://":
        from symphainy.stores.memory import MemoryStore

        return MemoryStore(clock=clock)
    path = url.removeprefix("sqlite:///")
    if path != url and path not in ("", "/"):
        from symphainy.stores.sqlite import SQLiteStore

        return SQLiteStore(path, clock=clock, read_only=read_only)
    if url.startswith(("redis://", "rediss://", "redis+", "rediss+")):
        try:
            from symphainy.stores.redis import RedisStore
        except ModuleNotFoundError as error:
            raise InvalidInput("The Redis store needs one more package: pip install 'symphainy[redis]'") from error
        return RedisStore(url, clock=clock, read_only=read_only)
    raise InvalidInput(f"{url!r} names no store. Supported: memory://, sqlite:///path/to/file.db and redis://host")
