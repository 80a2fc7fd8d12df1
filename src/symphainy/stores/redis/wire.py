"""One connection that many callers share: what they ask at the same time travels together, and answers come in the
order of the questions. It never asks twice: when it breaks, everybody is told, and the caller knows what may be
repeated."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Final, cast

import hiredis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import InvalidResponse, RedisError, ResponseError

TICK: Final = 0.25
"""Seconds between two looks for an answer that is overdue."""

packed: Final = cast(Callable[[tuple[bytes, ...]], bytes], getattr(hiredis, "pack_command"))  # noqa: B009
"""A command in the protocol's form."""


class Open(AbstractConnection):
    """A connection of the client library that can be written to without waiting."""

    _writer: asyncio.StreamWriter | None

    def begin(self) -> None:
        """From now on the system gets at once what is written, also where the event loop would collect it."""
        if self._writer is not None:
            self._writer.transport.set_write_buffer_limits(high=0)

    def write(self, data: bytes) -> None:
        """Nothing where it is closed already, which whoever reads from it is told: uvloop would raise a RuntimeError."""
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(data)


Connect = Callable[[], Awaitable[Open]]


class Broken(Exception):
    """No answer. `sent`: the server may have done what it was asked. The cause says what broke."""

    def __init__(self, sent: bool) -> None:
        super().__init__("sent" if sent else "not sent")
        self.sent = sent


class NotReplicated(Exception):
    """The server did it, and fewer replicas than demanded said in time that they have it."""

    def __init__(self, replicas: int) -> None:
        super().__init__(replicas)
        self.replicas = replicas


class _Asked:
    __slots__ = ("at", "command", "durable", "future")

    def __init__(self, command: bytes, future: asyncio.Future[Any] | None, durable: bool, at: float) -> None:
        self.command = command
        self.future = future
        self.durable = durable
        self.at = at


class Wire:
    """Connects when it is first asked, and again after it broke. All methods belong to the event loop's thread.

    With `replicas`, an answer to a durable command is given only after so many replicas have said that they have it.
    """

    def __init__(
        self, connect: Connect, *, answer_timeout: float, replicas: int = 0, wait_timeout: float = 1.0
    ) -> None:
        self._connect = connect
        self._answer_timeout = answer_timeout
        self._replicas = replicas
        self._wait = packed((b"WAIT", b"%d" % replicas, b"%d" % max(1, int(wait_timeout * 1000))))
        self._queue: list[_Asked] = []
        self._asked: deque[_Asked] = deque()
        self._unconfirmed: list[tuple[asyncio.Future[Any], Any]] = []
        self._connection: Open | None = None
        self._scheduled = False
        self._task: asyncio.Task[None] | None = None
        self._closed = False
        self._overdue = False

    def ask(self, command: bytes, *, durable: bool = False, at_once: bool = False) -> asyncio.Future[Any]:
        """The answer to come. It raises Broken, NotReplicated, or the ResponseError that the server answered; at the
        latest `answer_timeout` (and a tick) from now. What is asked in one turn of the event loop is sent at its end,
        or with the first that is to go `at_once`."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        if self._closed:
            future.set_exception(Broken(sent=False))
            return future
        self._queue.append(_Asked(command, future, durable, loop.time()))
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        elif at_once:
            self._send()
        elif not self._scheduled and self._connection is not None:
            self._scheduled = True
            loop.call_soon(self._send)
        return future

    async def close(self) -> None:
        self._closed = True
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])
        self._fail(None)

    async def _run(self) -> None:
        """Until it breaks or is closed. Whoever asks next begins it again."""
        cause: BaseException | None = None
        self._overdue = False
        watch = asyncio.create_task(self._watch(asyncio.current_task()))
        connection: Open | None = None
        try:
            self._connection = connection = await self._connect()
            self._send()
            await self._read(connection)
        except (RedisError, OSError) as error:
            cause = error
        finally:
            watch.cancel()
            self._connection = None
            if not self._closed:
                self._task = None
            self._fail(TimeoutError("no answer in time") if self._overdue else cause)
            if connection is not None:
                await connection.disconnect(nowait=True)

    def _send(self) -> None:
        """All that waits, if there is a connection. Else it is sent as soon as there is one."""
        self._scheduled = False
        batch = self._queue
        if not batch or self._connection is None:
            return
        self._queue = []
        commands = [item.command for item in batch]
        self._asked.extend(batch)
        if self._replicas and any(item.durable for item in batch):
            self._asked.append(_Asked(self._wait, None, False, batch[0].at))
            commands.append(self._wait)
        self._connection.write(b"".join(commands))

    async def _read(self, connection: Open) -> None:
        asked, read = self._asked, connection.read_response
        while True:
            answer: Any
            try:
                answer = cast(object, await read(disable_decoding=True, disconnect_on_error=False))
            except ResponseError as error:
                answer = error
            if not asked:
                raise InvalidResponse("an answer to nothing that was asked")
            item = asked.popleft()
            if item.future is None:
                self._confirm(answer)
            elif self._replicas and item.durable and not isinstance(answer, ResponseError):
                self._unconfirmed.append((item.future, answer))
            else:
                _settle(item.future, answer)

    def _confirm(self, answer: Any) -> None:
        confirmed = isinstance(answer, int) and answer >= self._replicas
        for future, result in self._unconfirmed:
            if confirmed or isinstance(answer, ResponseError):
                _settle(future, result if confirmed else answer)
            else:
                _settle(future, NotReplicated(answer))
        self._unconfirmed.clear()

    async def _watch(self, run: asyncio.Task[Any] | None) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(min(TICK, self._answer_timeout / 4))
            oldest = min((items[0].at for items in (self._asked, self._queue) if items), default=None)
            if oldest is not None and loop.time() - oldest > self._answer_timeout and run is not None:
                self._overdue = True
                run.cancel()
                return

    def _fail(self, cause: BaseException | None) -> None:
        asked, self._asked = self._asked, deque()
        queue, self._queue = self._queue, []
        unconfirmed, self._unconfirmed = self._unconfirmed, []
        sent = [item.future for item in asked if item.future is not None] + [future for future, _ in unconfirmed]
        for future in sent:
            _settle(future, _broken(True, cause))
        for item in queue:
            if item.future is not None:
                _settle(item.future, _broken(False, cause))


def _broken(sent: bool, cause: BaseException | None) -> Broken:
    error = Broken(sent)
    error.__cause__ = cause
    return error


def _settle(future: asyncio.Future[Any], answer: Any) -> None:
    if future.done():
        return
    if isinstance(answer, Exception):
        future.set_exception(answer)
    else:
        future.set_result(answer)
