"""How a waiting subscriber learns that a log has grown, whoever in whichever process wrote to it.

The server publishes a hint with every append (sharded, where it can). A hint may be lost, so every interval the seqs of
the sessions that are waited for are looked at too. What was written is always read from the log, never from a hint.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Callable, Sequence
from typing import Any, Final, cast

from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError

from symphainy.errors import SymphainyError
from symphainy.stores.redis.address import Host
from symphainy.stores.redis.calls import Caller
from symphainy.stores.redis.keys import Keys
from symphainy.stores.redis.nodes import open_connection
from symphainy.stores.redis.wire import Broken, Connect
from symphainy.stores.waiters import Waiters

LINGERS: Final = 30.0
"""Seconds for which a session stays subscribed after nobody waits for it any more: most wait again at once."""

CONFIRM_SECONDS: Final = 1.0
RECONNECT_PAUSE: Final = 0.2
CHECKED_AT_A_TIME: Final = 500


class _Listener:
    """The subscriptions at one server."""

    def __init__(self, connect: Connect, command: bytes, heard: Callable[[bytes], None]) -> None:
        self._connect = connect
        self._command = command
        self._heard = heard
        self.channels: dict[bytes, asyncio.Event] = {}
        self._connection: AbstractConnection | None = None
        self._task = asyncio.create_task(self._run())

    async def subscribe(self, channel: bytes) -> None:
        """Returns when the server has confirmed it, or after a second: then the regular look has to do."""
        confirmed = self.channels.get(channel)
        if confirmed is None:
            confirmed = self.channels[channel] = asyncio.Event()
            await self._send(b"SUBSCRIBE", channel)
        if not confirmed.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(confirmed.wait(), CONFIRM_SECONDS)

    async def unsubscribe(self, channel: bytes) -> None:
        if self.channels.pop(channel, None) is not None:
            await self._send(b"UNSUBSCRIBE", channel)

    async def _send(self, verb: bytes, *channels: bytes) -> None:
        if self._connection is not None and channels:
            with contextlib.suppress(RedisError, OSError):
                await self._connection.send_command(self._command + verb, *channels, check_health=False)

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _run(self) -> None:
        while True:
            connection: AbstractConnection | None = None
            try:
                connection = await self._connect()
                self._connection = connection
                await self._send(b"SUBSCRIBE", *self.channels)
                await self._listen(connection)
            except (RedisError, OSError):
                pass
            finally:
                self._connection = None
                if connection is not None:
                    await connection.disconnect(nowait=True)
            for channel, confirmed in self.channels.items():
                confirmed.clear()
                self._heard(channel)
            await asyncio.sleep(RECONNECT_PAUSE)

    async def _listen(self, connection: AbstractConnection) -> None:
        while True:
            message = cast(
                Sequence[Any],
                await connection.read_response(disable_decoding=True, timeout=math.inf, disconnect_on_error=False),
            )
            kind: bytes = message[0]
            channel: bytes = message[1]
            if kind.endswith(b"message"):
                self._heard(channel)
            elif kind.endswith(b"unsubscribe"):
                # the server has given the slot away, or we asked for it
                self.channels.pop(channel, None)
                self._heard(channel)
            elif channel in self.channels:
                self.channels[channel].set()


class Hints:
    def __init__(self, caller: Caller, keys: Keys, waiters: Waiters) -> None:
        self._caller = caller
        self._keys = keys
        self._waiters = waiters
        self._listeners: dict[Host, _Listener] = {}
        self._sessions: dict[bytes, str] = {}
        self._after: dict[str, int] = {}
        self._quiet_since: dict[str, float] = {}
        self._sharded = False
        self._task: asyncio.Task[None] | None = None

    def open(self, *, sharded: bool) -> None:
        self._sharded = sharded
        self._task = asyncio.create_task(self._look_regularly())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        listeners, self._listeners = list(self._listeners.values()), {}
        for listener in listeners:
            await listener.close()

    def _heard(self, channel: bytes) -> None:
        session_id = self._sessions.get(channel)
        if session_id is not None:
            self.wake(session_id)

    def wake(self, session_id: str) -> None:
        """Everybody who waits for the session."""
        self._after.pop(session_id, None)
        self._waiters.wake(session_id)

    async def listen(self, session_id: str) -> None:
        """From when it returns, an append wakes who waits for the session. Call it before looking at the log."""
        channel = self._keys.session(session_id)
        self._sessions[channel] = session_id
        self._quiet_since.pop(session_id, None)
        try:
            host = await self._caller.nodes.host_of(channel)
        except Broken:
            return
        listener = self._listeners.get(host)
        if listener is None:
            address = self._caller.address
            listener = self._listeners[host] = _Listener(
                lambda: open_connection(address, host),
                b"S" if self._sharded else b"",
                self._heard,
            )
        await listener.subscribe(channel)

    def expect(self, session_id: str, after: int) -> None:
        """That somebody waits for the log to be longer than `after`."""
        self._after[session_id] = min(after, self._after.get(session_id, after))

    async def _look_regularly(self) -> None:
        while True:
            await asyncio.sleep(self._caller.address.check_interval)
            with contextlib.suppress(SymphainyError):
                await self._look()
            await self._tidy()

    async def _look(self) -> None:
        waited = [(name, after) for name, after in self._after.items() if self._waiters.has(name)]
        for name in set(self._after) - {name for name, _ in waited}:
            del self._after[name]
        for first in range(0, len(waited), CHECKED_AT_A_TIME):
            some = waited[first : first + CHECKED_AT_A_TIME]
            keys = [self._keys.session(name) for name, _ in some]
            seqs = await asyncio.gather(*(self._caller.command(key, b"HGET", key, b"s") for key in keys))
            for (name, after), seq in zip(some, seqs, strict=True):
                if seq is None or int(seq) != after:
                    self.wake(name)

    async def _tidy(self) -> None:
        now = asyncio.get_running_loop().time()
        for channel, session_id in list(self._sessions.items()):
            if self._waiters.has(session_id):
                self._quiet_since.pop(session_id, None)
            elif now - self._quiet_since.setdefault(session_id, now) > LINGERS:
                del self._sessions[channel], self._quiet_since[session_id]
                for listener in self._listeners.values():
                    await listener.unsubscribe(channel)
