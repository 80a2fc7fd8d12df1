"""One operation on one key's server: run once, however often it has to be asked."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from typing import Any, Final, Protocol

from redis.exceptions import AskError, MovedError, ResponseError

from symphainy.errors import StoreUnavailable
from symphainy.stores.redis.address import Address, Host
from symphainy.stores.redis.failures import FUNCTION_MISSING, NOT_YET, code_of, ours
from symphainy.stores.redis.keys import Keys, list_of_session
from symphainy.stores.redis.nodes import SLOTS, Nodes, nodes_at
from symphainy.stores.redis.scripts import SCRIPTS
from symphainy.stores.redis.wire import Broken, NotReplicated, Wire, packed

PAUSES: Final = (0.0, 0.02, 0.05, 0.1, 0.2)
"""Seconds before the next try, with some chance added so that callers do not come back all at once."""

LISTS_NAMED: Final = 64
"""How often more lists may be named for one operation, whose log grows meanwhile."""

Reply = Any


class Caller:
    """Raises errors of `symphainy.errors` only. Every call ends within the URL's `timeout`, and a tick."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.functions = address.functions
        self._nodes: Nodes | None = None

    @property
    def nodes(self) -> Nodes:
        if self._nodes is None:
            raise StoreUnavailable("The store is closed.")
        return self._nodes

    @property
    def by_slot(self) -> bool:
        """Whether one call may only name keys of one slot."""
        return self.address.kind == "cluster"

    def open(self) -> None:
        self._nodes = nodes_at(self.address)

    async def close(self) -> None:
        nodes, self._nodes = self._nodes, None
        if nodes is not None:
            await nodes.close()

    async def run(
        self, operation: str, keys: Sequence[bytes], args: Sequence[bytes], *, durable: bool = True, floor: bytes = b""
    ) -> list[Reply]:
        """One of the Lua texts. What it answers begins with `ok` or the name of a refusal.

        `keys` are a session and the lists of its log that may be needed; when others are, it is asked again with those.
        `floor` takes the place of the third argument once an answer has been lost.
        """
        question = _Operation(operation, keys, args, floor)
        for _ in range(LISTS_NAMED):
            reply = await self.ask(question, keys[0], durable=durable)
            if reply[0] != b"Needs":
                return reply
            question.name_lists(reply[1:])
        return [b"Unknown"]

    async def command(self, key: bytes, *parts: bytes, durable: bool = False, host: Host | None = None) -> Reply:
        """A command that may be repeated without harm."""
        return await self.ask(_Command(parts), key, durable=durable, host=host)

    async def time(self, key: bytes) -> float:
        """By the clock of the key's server."""
        seconds, microseconds = await self.command(key, b"TIME")
        return int(seconds) + int(microseconds) / 1e6

    def known_wire(self, key: bytes) -> Wire | None:
        """To the key's server, if nobody has to be asked who that is."""
        host = None if self._nodes is None else self._nodes.known_host(key)
        return None if self._nodes is None or host is None else self._nodes.wire(host)

    async def masters(self) -> Sequence[Host]:
        try:
            return await self.nodes.masters()
        except Broken as error:
            raise ours(error, str(self.address)) from error

    async def prove_answers(self) -> None:
        """Asks every master."""
        for host in await self.masters():
            await self.command(b"", b"PING", host=host)

    async def prove_writes(self, keys: Keys) -> None:
        """Writes at every master."""
        left = set(await self.masters())
        for number in range(SLOTS):
            if not left:
                return
            key = keys.probe(number)
            try:
                host = await self.nodes.host_of(key)
            except Broken as error:
                raise ours(error, str(self.address)) from error
            if host in left:
                left.discard(host)
                await self.command(key, b"INCR", key, durable=True)

    async def ask(
        self,
        question: Question,
        key: bytes,
        *,
        durable: bool,
        host: Host | None = None,
        since: float | None = None,
    ) -> Reply:
        """`since` (of the event loop) is from when the URL's `timeout` counts, if not from now; somebody has tried since."""
        loop, nodes = asyncio.get_running_loop(), self.nodes
        deadline = (since or loop.time()) + self.address.timeout - self.address.answer_timeout
        tries, redirected = 0 if since is None else 1, None
        while True:
            failure: Exception
            to: Host | None = None
            try:
                to = redirected or host or await nodes.host_of(key)
                if redirected is not None:
                    nodes.wire(to).ask(packed((b"ASKING",))).add_done_callback(_forget)
                    redirected = None
                return await nodes.wire(to).ask(question.packed(self.functions), durable=durable)
            except Broken as error:
                if error.sent:
                    question.lost()
                failure = error
            except NotReplicated as error:
                raise ours(error, str(self.address)) from error
            except ResponseError as error:
                failure = error
                redirected = _asked_elsewhere(error)
                if to is not None and await self._mended(error, to, question):
                    continue
                if not isinstance(error, AskError) and code_of(error) not in NOT_YET:
                    raise ours(error, str(self.address)) from error
            if redirected is None:
                nodes.look_again()
            if self._nodes is None:
                raise StoreUnavailable("The store is closed.") from failure
            pause = PAUSES[min(tries, len(PAUSES) - 1)] * (1 + random.random())
            tries += 1
            if loop.time() + pause > deadline and tries > 1:
                raise ours(failure, str(self.address)) from failure
            if pause:
                await asyncio.sleep(pause)

    async def _mended(self, error: ResponseError, host: Host, question: Question) -> bool:
        """Whether the server lacked our texts, and now has them. It has done nothing."""
        if not question.name:
            return False
        if FUNCTION_MISSING in str(error) and self.functions:
            return await self.give_texts(host)
        return code_of(error) == "NOSCRIPT" and await self._give_script(host, question.name)

    async def give_texts(self, host: Host) -> bool:
        """Loads the function library, or finds that the server takes none: then scripts are used from now on."""
        load = packed((b"FUNCTION", b"LOAD", b"REPLACE", SCRIPTS.library))
        try:
            await self.nodes.wire(host).ask(load, durable=False)
        except Broken:
            return True
        except ResponseError as error:
            if code_of(error) in NOT_YET:
                return False
            self.functions = False
        return True

    async def _give_script(self, host: Host, name: str) -> bool:
        try:
            await self.nodes.wire(host).ask(packed((b"SCRIPT", b"LOAD", SCRIPTS.texts[name])))
        except Broken:
            pass
        except ResponseError:
            return False
        return True


def call(operation: str, functions: bool, keys: Sequence[bytes], args: Sequence[bytes]) -> bytes:
    start = (b"FCALL", SCRIPTS.functions[operation]) if functions else (b"EVALSHA", SCRIPTS.hashes[operation])
    return packed((*start, b"%d" % len(keys), *keys, *args))


class Question(Protocol):
    """`name` is the operation, if it is one of ours."""

    name: str

    def lost(self) -> None:
        """It was sent, and no answer came."""
        ...

    def packed(self, functions: bool) -> bytes: ...


class _Command:
    __slots__ = ("_packed", "name")

    def __init__(self, parts: Sequence[bytes]) -> None:
        self.name = ""
        self._packed = packed(tuple(parts))

    def lost(self) -> None:
        pass

    def packed(self, functions: bool) -> bytes:
        return self._packed


class _Operation:
    __slots__ = ("_args", "_floor", "_keys", "_lost", "name")

    def __init__(self, name: str, keys: Sequence[bytes], args: Sequence[bytes], floor: bytes) -> None:
        self.name = name
        self._lost = False
        self._keys = keys
        self._args = args
        self._floor = floor

    def lost(self) -> None:
        self._lost = True

    def name_lists(self, numbers: Sequence[int]) -> None:
        session = self._keys[0]
        more = [list_of_session(session, number) for number in numbers]
        self._keys = [session, *more, *(key for key in self._keys[1:] if key not in more)]

    def packed(self, functions: bool) -> bytes:
        args = self._args
        if self._lost and self._floor:
            args = (*args[:2], self._floor, *args[3:])
        return call(self.name, functions, self._keys, args)


def _asked_elsewhere(error: ResponseError) -> Host | None:
    """Where a slot is moving to, for this one question; one that has moved (MOVED) is looked up again."""
    rest = str(error).split()
    if isinstance(error, AskError) and not isinstance(error, MovedError) and rest:
        name, _, port = rest[-1].rpartition(":")
        return name, int(port)
    return None


def _forget(future: asyncio.Future[Any]) -> None:
    if not future.cancelled():
        future.exception()
