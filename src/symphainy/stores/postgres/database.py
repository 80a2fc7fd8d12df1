"""The connections to the server: how they are opened, bounded in number and time, and how a call is made again."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar, cast
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

import asyncpg  # pyright: ignore[reportMissingTypeStubs]

from symphainy.errors import InvalidInput, StoreUnavailable, SymphainyError
from symphainy.stores.postgres.errors import DRIVER_ERRORS, ours, passes
from symphainy.stores.postgres.rows import Row

T = TypeVar("T")

_driver = cast(Any, asyncpg)

FIRST_PAUSE: Final = 0.02
LONGEST_PAUSE: Final = 0.5
IDLE_SECONDS: Final = 300.0
CLOSE_SECONDS: Final = 5.0


class Connection(Protocol):
    """As much of asyncpg's connection as the store uses."""

    async def execute(self, query: str, *arguments: object) -> str: ...
    async def fetch(self, query: str, *arguments: object) -> list[Row]: ...
    async def fetchrow(self, query: str, *arguments: object) -> Row | None: ...
    async def fetchval(self, query: str, *arguments: object) -> Any: ...
    async def add_listener(self, channel: str, callback: Callable[[Any, int, str, str], None]) -> None: ...
    def add_termination_listener(self, callback: Callable[[Any], None]) -> None: ...
    def transaction(self) -> Any: ...
    def get_server_pid(self) -> int: ...
    def terminate(self) -> None: ...


Query = Callable[[Connection], Awaitable[T]]


PLACE: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]]*)(:\d*)?")
FILES: Final = ("sslrootcert", "sslcert", "sslkey", "sslcrl")


def _parts_of(url: str) -> SplitResult:
    """The driver would name in its error what it cannot read, also if that is a piece of the password."""
    with suppress(ValueError):
        parts = urlsplit(url)
        places = parts.netloc.rpartition("@")[2].split(",")
        if all(PLACE.fullmatch(place) for place in places) and "@" not in parts.path + parts.query + parts.fragment:
            return parts
    raise InvalidInput(
        "The URL of the database must be postgresql://user:password@host:port/database."
        " In a password, / is written %2F, ? %3F, # %23, @ %40 and % %25."
    )


@dataclass(frozen=True, slots=True)
class Address:
    """What the URL says. Three parameters are the store's, all others (`sslmode`, `target_session_attrs`, ...) the
    driver's.

    `pool_size` is the most connections at a time, one more listens; `timeout` the most seconds of one call, all its
    attempts together; `statement_cache_size=0` is for a pooler that gives every transaction another server connection.
    """

    dsn: str = field(repr=False)
    pool_size: int = 10
    timeout: float = 10.0
    statement_cache_size: int = 100

    @classmethod
    def parse(cls, url: str) -> Address:
        """Raises InvalidInput naming the parameter that cannot be read. No message holds a credential."""
        parts = _parts_of(url)
        own: dict[str, Any] = {}
        others: list[tuple[str, str]] = []
        kinds: dict[str, type[int] | type[float]] = {"pool_size": int, "timeout": float, "statement_cache_size": int}
        for name, text in parse_qsl(parts.query, keep_blank_values=True):
            if name not in kinds:
                others.append((name, text))
                if name == "port" and not re.fullmatch(r"\d+(,\d+)*", text):
                    raise InvalidInput("port in the URL of the database is not a number.")
                if name in FILES and not Path(text).is_file():
                    raise InvalidInput(f"There is no file {text!r}, which {name} in the URL of the database names.")
                continue
            try:
                own[name] = kinds[name](text)
            except ValueError:
                raise InvalidInput(f"{name}={text!r} in the URL of the database is not a number.") from None
        address = cls(urlunsplit(parts._replace(query=urlencode(others))), **own)
        if address.pool_size < 1 or not 0 < address.timeout < 3600 or address.statement_cache_size < 0:
            raise InvalidInput("In the URL of the database, pool_size or timeout is out of range.")
        return address

    def options(self) -> dict[str, Any]:
        """For `asyncpg.connect`. A pooler knows none of the settings, and may refuse who brings them."""
        options: dict[str, Any] = {
            "dsn": self.dsn,
            "timeout": self.timeout / 2,
            "statement_cache_size": self.statement_cache_size,
        }
        if self.statement_cache_size:
            milliseconds = str(round(self.timeout * 1000))
            options["server_settings"] = {
                "default_transaction_isolation": "read committed",
                "statement_timeout": milliseconds,
                "idle_in_transaction_session_timeout": milliseconds,
                "jit": "off",
            }
        return options


class Database:
    """A bounded pool. A call that fails because of the connection is made again on another one, until its time is
    over: so every call that writes must be one that can be repeated."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._pool: Any = None

    async def open(self) -> None:
        self._pool = await _driver.create_pool(
            **self.address.options(),
            min_size=0,
            max_size=self.address.pool_size,
            max_inactive_connection_lifetime=IDLE_SECONDS,
            reset=_leave_as_it_is,
        )

    async def close(self) -> None:
        """After the calls that have begun."""
        pool, self._pool = self._pool, None
        if pool is not None:
            try:
                async with asyncio.timeout(CLOSE_SECONDS):
                    await pool.close()
            except DRIVER_ERRORS:
                pool.terminate()

    async def run(self, query: Query[T], *, session_id: str = "", seconds: float | None = None) -> T:
        """`session_id` is whose data it is about, for DataDamaged. With `seconds`, all of them are for one attempt."""
        loop = asyncio.get_running_loop()
        limit = self.address.timeout if seconds is None else seconds
        deadline = loop.time() + limit
        attempt = limit / 2 if seconds is None else limit
        pause = FIRST_PAUSE
        while True:
            try:
                async with asyncio.timeout_at(min(deadline, loop.time() + attempt)):
                    return await self._once(query)
            except DRIVER_ERRORS as error:
                if not passes(error) or loop.time() + pause >= deadline:
                    raise ours(error, session_id) from error
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _once(self, query: Query[T]) -> T:
        pool = self._pool
        if pool is None:
            raise StoreUnavailable("The store is closed.")
        connection = await pool.acquire()
        usable = False
        try:
            result = await query(cast(Connection, connection))
            usable = True
            return result
        except SymphainyError:
            usable = True
            raise
        except asyncpg.PostgresError as error:
            usable = not passes(error)
            raise
        finally:
            if not usable:
                # Not closed, which would wait for the server: nobody knows what the connection is still about to say.
                connection.terminate()
            await pool.release(connection)


async def connect(address: Address) -> Connection:
    """A connection outside of the pool. Raises what the driver raises."""
    return cast(Connection, await _driver.connect(**address.options()))


async def _leave_as_it_is(connection: Any) -> None:
    """The store leaves nothing on a connection that would have to be reset, so no round trip is spent on it."""
