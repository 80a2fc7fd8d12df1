"""The one place that speaks to the driver: addresses, time limits, tries, and what the server's errors mean."""

from __future__ import annotations

import asyncio
import random
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Final, Self, TypeVar, cast
from urllib.parse import unquote, urlsplit

import aiohttp
from arangoasync import ArangoClient  # pyright: ignore[reportMissingTypeStubs]
from arangoasync.auth import Auth  # pyright: ignore[reportMissingTypeStubs]
from arangoasync.database import StandardDatabase  # pyright: ignore[reportMissingTypeStubs]
from arangoasync.exceptions import ArangoClientError, ArangoServerError, JWTRefreshError  # pyright: ignore[reportMissingTypeStubs]
from arangoasync.http import AioHTTPClient  # pyright: ignore[reportMissingTypeStubs]
from arangoasync.request import Request  # pyright: ignore[reportMissingTypeStubs]
from arangoasync.resolver import SingleHostResolver  # pyright: ignore[reportMissingTypeStubs]
from arangoasync.response import Response  # pyright: ignore[reportMissingTypeStubs]
from jwt import PyJWTError

from symphainy.errors import InvalidInput, StorageFull, StoreUnavailable, SymphainyError, TooLarge

T = TypeVar("T")

SCHEMES: Final = {"arangodb": "http", "arangodb+https": "https"}
DEFAULT_PORT: Final = 8529
REQUEST_SECONDS: Final = 5.0
PATIENCE_SECONDS: Final = 10.0
ROWS_PER_BATCH: Final = 200
PIECE_BYTES: Final = 1 << 19

DUPLICATE_NAME: Final = 1207
PASSING: Final = frozenset(
    {18, 21, 28, 30, 1429, 1447, 1449, 1457, 1464, 1465, 1478, 1489, 1490, 1491, 1492, 1495, 1496, 1500, 21003, 21004}
)
"""Errors that pass: time-outs, queries killed, leaders that change, followers that are missing, full queues."""


class Taken(Exception):
    """The key is another document's (1210)."""


class Changed(Exception):
    """Somebody else changed the document first (1200), or it is gone (1202)."""


class NotThere(StoreUnavailable):
    """There is no such database or collection."""


class Passing(StoreUnavailable):
    """It may work if it is tried again. Whether it has worked already is not known."""


class SignedOut(Passing):
    """The sign-in does not count any more. A server that is started anew has a new secret, unless it was given one."""


@dataclass(frozen=True, slots=True)
class Address:
    hosts: tuple[str, ...]
    database: str
    username: str
    password: str = field(repr=False)
    anonymous: bool


def address_of(url: str) -> Address:
    """Of `arangodb://user:password@host:port,host:port/database`, or with `arangodb+https`; no port is 8529.

    Raises InvalidInput; the message never holds the password.
    """
    problem = InvalidInput("An ArangoDB store is named arangodb://user:password@host:8529/database")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise problem from None
    scheme, database = SCHEMES.get(parts.scheme), unquote(parts.path.removeprefix("/"))
    login, _, hosts = parts.netloc.rpartition("@")
    if scheme is None or not hosts or not database or "/" in database or parts.query or parts.fragment:
        raise problem
    username, _, password = login.partition(":")
    addresses = [host if host.rpartition(":")[2].isdigit() else f"{host}:{DEFAULT_PORT}" for host in hosts.split(",")]
    return Address(
        tuple(f"{scheme}://{address}" for address in addresses),
        database,
        unquote(username) or "root",
        unquote(password),
        anonymous=not login,
    )


class TimeIsUp(StoreUnavailable):
    """Nothing worked for as long as one tries."""


class Attempts:
    """Attempts for so many seconds, after pauses that grow and that chance makes different in every process. Raises
    TimeIsUp after the last one."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = asyncio.get_running_loop().time() + seconds
        self._pause = 0.0

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> None:
        if self._pause:
            if asyncio.get_running_loop().time() + self._pause > self._end:
                raise TimeIsUp(f"ArangoDB is busy: it could not be done within {self._seconds:g} s.")
            await asyncio.sleep(self._pause * random.uniform(0.5, 1.0))
        self._pause = min(self._pause * 2, 0.5) or 0.005


def meaning(error: Exception) -> Exception:
    """What an error of the driver, or of what it is made of, means here."""
    if isinstance(error, JWTRefreshError) and ": 401" in error.message:
        return StoreUnavailable("ArangoDB refuses this user and password.")
    if isinstance(error, JWTRefreshError) and ": 404" in error.message:
        return StoreUnavailable("ArangoDB has authentication switched off: leave user and password out of the URL.")
    if not isinstance(error, ArangoServerError):
        reason = str(error) or type(error).__name__
        return Passing(f"ArangoDB did not answer: {reason}")
    number, code, text = error.error_code, error.http_code, error.error_message or f"HTTP {error.http_code}"
    match number:
        case 1210:
            return Taken(text)
        case 1200 | 1202:
            return Changed(text)
        case 1203 | 1228:
            return NotThere(f"ArangoDB: {text}")
        case 1104:
            return StorageFull("The disk of ArangoDB is full. What was acknowledged is kept.")
        case 1216:
            return TooLarge("ArangoDB refuses a document of this size.")
        case _:
            pass
    if code == 413:
        return TooLarge("ArangoDB refuses a request of this size.")
    if code == 401:
        return SignedOut("ArangoDB refuses this user and password.")
    if number in PASSING or code == 408 or (code >= 500 and code != 501):
        return Passing(f"ArangoDB could not do it now: {text} ({number})")
    return StoreUnavailable(f"ArangoDB refused it: {text} ({number})")


class _Client(AioHTTPClient):
    """Sends a large body in pieces, as aiohttp asks for, and user and password in a header of ours, because what the
    driver uses for that is deprecated in aiohttp."""

    async def send_request(self, session: aiohttp.ClientSession, request: Request) -> Response:
        data = request.data
        if request.auth is not None:
            login = f"{request.auth.username}:{request.auth.password}"
            request.headers["authorization"] = f"Basic {b64encode(login.encode()).decode()}"
            request.auth = None
        if isinstance(data, str) and len(data) > PIECE_BYTES:
            request.data = BytesIO(data.encode())
        try:
            return await super().send_request(session, request)
        finally:
            request.data = data


class Connection:
    """To one database. A statement that fails in passing, or whose answer is lost, is sent again for as long as
    `patience` says (seconds). So each of them must be harmless when it is done twice: see the docstring of the
    package."""

    def __init__(self, address: Address, *, patience: float = PATIENCE_SECONDS) -> None:
        self._address = address
        self._client: ArangoClient | None = None
        self._database: StandardDatabase | None = None
        self.patience = patience

    async def open(self) -> None:
        address = self._address
        timeout = aiohttp.ClientTimeout(total=min(REQUEST_SECONDS, self.patience))
        # One try per host: what is sent again is decided here and not in the driver.
        self._client = ArangoClient(
            hosts=address.hosts,
            host_resolver=SingleHostResolver(len(address.hosts), max_tries=len(address.hosts)),
            http_client=_Client(timeout=timeout),
        )
        await self._sign_in()

    async def _sign_in(self) -> None:
        """With the next request. The driver itself does it only when it believes that the time has come."""
        if self._client is not None:
            self._database = await self._connected(self._client, self._address.database)

    async def close(self) -> None:
        client, self._client, self._database = self._client, None, None
        if client is not None:
            await client.close()

    async def _connected(self, client: ArangoClient, database: str) -> StandardDatabase:
        auth = Auth(self._address.username, self._address.password)
        return await client.db(database, auth_method="basic" if self._address.anonymous else "jwt", auth=auth)

    async def run(self, statement: str, **values: Any) -> list[Any]:
        """The statement's rows. When another writer is in its way it is sent again.

        Raises Taken where a key is another document's.
        """
        async for _ in Attempts(self.patience):
            try:
                return await self._tried(lambda: self._rows(statement, values))
            except Changed:
                continue
        raise AssertionError("Attempts never ends by itself")

    async def swap(self, statement: str, **values: Any) -> list[Any]:
        """A change of what was seen before. Raises Changed when that is no longer so: also where an earlier try of
        this very call has done it and its answer was lost."""
        return await self._tried(lambda: self._rows(statement, values))

    async def _rows(self, statement: str, values: dict[str, Any]) -> list[Any]:
        cursor = await self._open().aql.execute(statement, bind_vars=values, batch_size=ROWS_PER_BATCH)
        return [row async for row in cast(AsyncIterator[Any], cursor)]

    def _open(self) -> StandardDatabase:
        if self._database is None:
            raise StoreUnavailable("The store is closed.")
        return self._database

    async def _tried(self, call: Callable[[], Awaitable[T]]) -> T:
        failure: SymphainyError | None = None
        try:
            async for _ in Attempts(self.patience):
                try:
                    return await self._once(call)
                except SignedOut as error:
                    failure = error
                    await self._sign_in()
                except Passing as error:
                    failure = error
        except TimeIsUp as late:
            raise StoreUnavailable(failure.message if failure else late.message) from failure
        raise AssertionError("Attempts never ends by itself")

    async def _once(self, call: Callable[[], Awaitable[T]]) -> T:
        try:
            return await call()
        except (ArangoServerError, ArangoClientError, aiohttp.ClientError, TimeoutError, OSError) as error:
            raise meaning(error) from error
        except PyJWTError as error:
            raise StoreUnavailable(f"The sign-in of ArangoDB is not valid here, by this clock: {error}") from error
        except RuntimeError as error:
            if self._database is None:
                raise StoreUnavailable("The store is closed.") from error
            raise

    async def waits_for_sync(self, collection: str) -> bool:
        properties = await self._tried(lambda: self._open().collection(collection).properties())
        return bool(cast(Any, properties).wait_for_sync)

    async def make_database(self) -> None:
        """If it is missing and the user may; where the user may not see that, the next step says so."""
        assert self._client is not None
        try:
            await self._tried(lambda: self._open().collections())
        except NotThere:
            system = await self._connected(self._client, "_system")
            await self._made(lambda: system.create_database(self._address.database))

    async def make_collection(self, name: str) -> None:
        async def make() -> None:
            await self._open().create_collection(name, wait_for_sync=True)

        await self._made(make)

    async def make_index(self, collection: str, index: dict[str, Any]) -> None:
        options = {key: value for key, value in index.items() if key not in ("type", "fields")}
        await self._made(lambda: self._open().collection(collection).add_index(index["type"], index["fields"], options))

    async def _made(self, call: Callable[[], Awaitable[object]]) -> None:
        """Somebody else having made it already is as good."""

        async def make() -> None:
            try:
                await call()
            except ArangoServerError as error:
                if error.error_code != DUPLICATE_NAME:
                    raise

        await self._tried(make)
