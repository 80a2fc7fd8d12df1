"""Which server keeps what: one server, the master that sentinels name, or the masters of a cluster."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Final, cast

from redis.asyncio.connection import Connection, SSLConnection
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import MasterNotFoundError, Sentinel
from redis.backoff import NoBackoff
from redis.crc import key_slot
from redis.exceptions import RedisError

from symphainy.stores.redis.address import Address, Host
from symphainy.stores.redis.wire import Broken, Open, Wire, packed

SLOTS: Final = 16384


def connection_options(address: Address) -> dict[str, Any]:
    """For a connection of the client library that never repeats anything by itself."""
    return {
        "username": address.username,
        "password": address.password,
        "db": address.db,
        "socket_timeout": None,
        "socket_connect_timeout": address.answer_timeout,
        "retry": Retry(NoBackoff(), 0),
        "protocol": 2,
        "driver_info": None,
        "client_name": "symphainy",
        **address.tls_options,
    }


class _Plain(Open, Connection):
    pass


class _Tls(Open, SSLConnection):
    pass


async def open_connection(address: Address, host: Host) -> Open:
    """Raises RedisError or OSError within the answer's timeout."""
    kind = _Tls if address.tls else _Plain
    connection = kind(host=host[0], port=host[1], **connection_options(address))
    try:
        async with asyncio.timeout(address.answer_timeout):
            await connection.connect()
    except BaseException:
        await connection.disconnect(nowait=True)
        raise
    connection.begin()
    return connection


class Nodes(ABC):
    """The servers and one shared connection to each."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._wires: dict[Host, Wire] = {}
        self._closed = False

    @abstractmethod
    def known_host(self, key: bytes) -> Host | None:
        """Who keeps the key, if nobody has to be asked for that."""

    @abstractmethod
    async def host_of(self, key: bytes) -> Host:
        """Who keeps the key. Raises Broken if nobody can say."""

    @abstractmethod
    async def masters(self) -> Sequence[Host]: ...

    @abstractmethod
    def look_again(self) -> None:
        """What was known may be wrong: the next who asks looks."""

    def wire(self, host: Host) -> Wire:
        wire = self._wires.get(host)
        if wire is None:
            address = self._address
            wire = self._wires[host] = Wire(
                lambda: open_connection(address, host),
                answer_timeout=address.answer_timeout,
                replicas=address.wait,
                wait_timeout=address.wait_timeout,
            )
        return wire

    async def close(self) -> None:
        wires, self._wires = list(self._wires.values()), {}
        for wire in wires:
            await wire.close()


class SingleNode(Nodes):
    def known_host(self, key: bytes) -> Host | None:
        return self._address.hosts[0]

    async def host_of(self, key: bytes) -> Host:
        return self._address.hosts[0]

    async def masters(self) -> Sequence[Host]:
        return self._address.hosts[:1]

    def look_again(self) -> None:
        pass


class SentinelNodes(Nodes):
    """Asks the sentinels who is the master, again whenever the one that was known does not answer or only reads."""

    def __init__(self, address: Address) -> None:
        super().__init__(address)
        self._master: Host | None = None
        self._looking = asyncio.Lock()

    def known_host(self, key: bytes) -> Host | None:
        return self._master

    async def host_of(self, key: bytes) -> Host:
        return (await self.masters())[0]

    async def masters(self) -> Sequence[Host]:
        async with self._looking:
            if self._master is None:
                self._master = await self._find()
            return (self._master,)

    async def _find(self) -> Host:
        address = self._address
        options = connection_options(address) | {
            "username": address.sentinel_username,
            "password": address.sentinel_password,
            "socket_timeout": address.answer_timeout,
            "db": 0,
            "ssl": address.tls,
        }
        sentinel = Sentinel(address.hosts, sentinel_kwargs=options)
        try:
            async with asyncio.timeout(address.answer_timeout):
                found = cast(Host, await sentinel.discover_master(address.master_name))
        except MasterNotFoundError as error:
            raise Broken(sent=False) from await _reason(sentinel, error)
        except (RedisError, OSError) as error:
            raise Broken(sent=False) from error
        finally:
            for client in sentinel.sentinels:
                await client.aclose()
        return found[0], int(found[1])

    def look_again(self) -> None:
        self._master = None


async def _reason(sentinel: Sentinel, error: Exception) -> Exception:
    """Why no sentinel names the master, where one of them does not even answer: the library only has that in a text."""
    for client in sentinel.sentinels:
        try:
            async with asyncio.timeout(client.get_connection_kwargs()["socket_timeout"]):
                await client.ping()  # pyright: ignore[reportUnknownMemberType]
        except (RedisError, OSError) as reason:
            return reason
    return error


class ClusterNodes(Nodes):
    """Knows who keeps which slot, and asks any node again when one redirects or does not answer."""

    def __init__(self, address: Address) -> None:
        super().__init__(address)
        self._owners: list[Host | None] = []
        self._known: set[Host] = set()
        self._looking = asyncio.Lock()

    def known_host(self, key: bytes) -> Host | None:
        return self._owners[key_slot(key)] if self._owners else None

    async def host_of(self, key: bytes) -> Host:
        owner = (await self._slots())[key_slot(key)]
        if owner is None:
            self.look_again()
            raise Broken(sent=False)
        return owner

    async def masters(self) -> Sequence[Host]:
        return sorted({owner for owner in await self._slots() if owner is not None})

    def look_again(self) -> None:
        self._owners = []

    async def _slots(self) -> list[Host | None]:
        owners = self._owners
        if owners:
            return owners
        async with self._looking:
            if not self._owners:
                self._owners = await self._find()
            return self._owners

    async def _find(self) -> list[Host | None]:
        """From whoever answers first of the nodes known so far and those that the URL names."""
        failure: Exception | None = None
        asked = {self.wire(host).ask(packed((b"CLUSTER", b"SLOTS"))): host for host in self._hosts()}
        left = set(asked)
        try:
            while left:
                done, left = await asyncio.wait(left, return_when=asyncio.FIRST_COMPLETED)
                for answer in done:
                    failure = answer.exception()  # type: ignore[assignment]
                    owners = [] if failure is not None else _owners(answer.result(), asked[answer])
                    if any(owners):
                        self._known = {owner for owner in owners if owner is not None}
                        return owners
        finally:
            for answer in left:
                answer.cancel()
        raise Broken(sent=False) from failure

    def _hosts(self) -> list[Host]:
        return [*self._known, *(host for host in self._address.hosts if host not in self._known)]


def _owners(ranges: Any, asked: Host) -> list[Host | None]:
    """A node that does not know its own name is where it was asked."""
    owners: list[Host | None] = [None] * SLOTS
    for first, last, master, *_ in ranges:
        name = master[0].decode() if master[0] else asked[0]
        owners[first : last + 1] = [(name, int(master[1]))] * (last + 1 - first)
    return owners


def nodes_at(address: Address) -> Nodes:
    match address.kind:
        case "single":
            return SingleNode(address)
        case "sentinel":
            return SentinelNodes(address)
        case "cluster":
            return ClusterNodes(address)
