"""Who waits for which session, and how other processes are told that it has grown: NOTIFY as a hint, looking as the net.

A notification is sent after the commit, by a transaction of its own: PostgreSQL commits all transactions that notify
one after the other, and appends must not queue there. So it can be lost, with the process that would have sent it or
with the connection that listens; then whoever waits is woken by the next look, a second later at most.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any, Final, cast

from symphainy.errors import StoreUnavailable, SymphainyError
from symphainy.stores.postgres.database import FIRST_PAUSE, LONGEST_PAUSE, Address, Connection, connect
from symphainy.stores.postgres.errors import DRIVER_ERRORS, ours

CHANNEL: Final = "symphainy"
LOOK_SECONDS: Final = 1.0
PAYLOAD_BYTES: Final = 7_000

LOOK: Final = (
    "SELECT session_id, seq FROM symphainy.sessions"
    " WHERE session_id = ANY ($1) AND NOT arriving AND expires_at > (SELECT symphainy.instant($2))"
)

TELL: Final = "SELECT set_config('synchronous_commit', 'off', true), pg_notify($1, $2)"
"""A notification need not survive anything. The setting ends with the statement: behind a pooler, the connection is
somebody else's a moment later."""

logger = logging.getLogger(__name__)

_Future = asyncio.Future[None]


class Watcher:
    """Belongs to the event loop's thread. It has a connection of its own, which listens, looks and notifies."""

    def __init__(self, address: Address, now: Callable[[], float | None]) -> None:
        self._address = address
        self._now = now
        self._waiting: dict[str, dict[_Future, int]] = {}
        self._unsure: set[_Future] = set()
        self._to_look: set[str] = set()
        self._to_tell: set[str] = set()
        self._due = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Whoever waits is woken; what is still to be told is told, if the server answers."""
        task, self._task = self._task, None
        if task is not None:
            self._due.set()
            await task
        for session_id in list(self._waiting):
            self._wake(session_id)

    def register(self, session_id: str, after: int) -> _Future:
        """Done when the log may be longer than `after`, or there is no such session; at once if it is so already.
        Fails with StoreUnavailable if that cannot be found out."""
        if self._task is None:
            raise StoreUnavailable("The store is closed.")
        future: _Future = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(session_id, {})[future] = after
        self._unsure.add(future)
        self._to_look.add(session_id)
        self._due.set()
        return future

    def forget(self, session_id: str, future: _Future) -> None:
        """Must follow every `register`, whatever ended the wait."""
        self._unsure.discard(future)
        futures = self._waiting.get(session_id)
        if futures is not None:
            futures.pop(future, None)
            if not futures:
                del self._waiting[session_id]

    def changed(self, session_id: str) -> None:
        """Wakes who waits here, and tells the other processes."""
        self._wake(session_id)
        self._to_tell.add(session_id)
        self._due.set()

    def _wake(self, session_id: str) -> None:
        for future in self._waiting.pop(session_id, ()):
            if not future.done():
                future.set_result(None)

    async def _run(self) -> None:
        pause, failed_since = FIRST_PAUSE, None
        while self._task is not None:
            try:
                async with asyncio.timeout(self._address.timeout / 2):
                    connection = await self._connect()
                pause, failed_since = FIRST_PAUSE, None
                try:
                    await self._serve(connection)
                finally:
                    connection.terminate()
            except DRIVER_ERRORS as error:
                failure = ours(error)
                now = asyncio.get_running_loop().time()
                if failed_since is None:
                    logger.warning("Waiting for changes is interrupted: %s", failure)
                    failed_since = now
                elif now - failed_since > self._address.timeout / 2:
                    self._fail(failure)
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    async def _connect(self) -> Connection:
        connection = await connect(self._address)
        # asked now: what was on its way when the connection broke is still heard, and then it does not know
        own = connection.get_server_pid()
        await connection.add_listener(CHANNEL, lambda _, sender, __, payload: self._heard(own, sender, payload))
        connection.add_termination_listener(lambda _: self._due.set())
        # What was notified while nobody listened was not heard.
        self._to_look.update(self._waiting)
        self._due.set()
        return connection

    async def _serve(self, connection: Connection) -> None:
        """Until the store closes or the connection fails."""
        while True:
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._due.wait()
            except TimeoutError:
                self._to_look.update(self._waiting)
            self._due.clear()
            async with asyncio.timeout(self._address.timeout / 2):
                await self._tell(connection)
                if self._task is None:
                    return
                await self._look(connection)

    async def _look(self, connection: Connection) -> None:
        """Also when there is nothing to look for: then it says whether the connection still lives."""
        asked, self._to_look = self._to_look, set()
        try:
            rows = await connection.fetch(LOOK, list(asked), self._now())
        except BaseException:
            self._to_look |= asked
            raise
        found: dict[str, int] = {row["session_id"]: row["seq"] for row in rows}
        for session_id in asked:
            seq = found.get(session_id)
            for future, after in self._waiting.get(session_id, {}).items():
                self._unsure.discard(future)
                if not future.done() and (seq is None or seq > after):
                    future.set_result(None)

    async def _tell(self, connection: Connection) -> None:
        changed, self._to_tell = self._to_tell, set()
        for payload in payloads(sorted(changed)):
            await connection.execute(TELL, CHANNEL, payload)

    def _heard(self, own: int, sender: int, payload: str) -> None:
        if sender == own:
            return
        for session_id in heard(payload) or list(self._waiting):
            self._wake(session_id)

    def _fail(self, failure: SymphainyError) -> None:
        """Those who have just come: nobody knows whether there is already what they wait for. The others wait on."""
        unsure, self._unsure = self._unsure, set()
        for future in unsure:
            if not future.done():
                future.set_exception(failure)


def heard(payload: str) -> list[str] | None:
    """The inverse of `payloads`. None for what somebody else has sent."""
    try:
        changed: Any = json.loads(payload)
    except ValueError:
        return None
    return [str(item) for item in cast(list[object], changed)] if isinstance(changed, list) else None


def payloads(session_ids: list[str]) -> Iterator[str]:
    """JSON arrays that fit into a notification, which holds less than 8,000 bytes."""
    start, size = 0, 0
    for end, session_id in enumerate(session_ids):
        own = len(json.dumps(session_id)) + 2
        if size + own > PAYLOAD_BYTES and end > start:
            yield json.dumps(session_ids[start:end])
            start, size = end, 0
        size += own
    if start < len(session_ids):
        yield json.dumps(session_ids[start:])
