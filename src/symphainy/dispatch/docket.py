"""DocketDispatcher: shares lanes out among all server processes of a Redis or Valkey, through pydocket.

The queue only says who executes a lane, and when; what is to be done stands in the session's log, and the lane's lease decides
who may write. So a queue that is flushed loses nothing: open work is submitted again at every start and every minute.

No message is in hand for long. pydocket, once it has lost its Redis, takes no new one before the last that it has in hand has
ended, and has room for so many only; a workflow may take minutes. So a process that executes a lane, or has it wait for a slot,
lets the message go and leaves a look at the lane behind, one for each lane, for when its lease would end: whichever process
takes that finds the lease renewed and leaves the next look, or finds nobody and goes on with the lane.
Messages hold a session id, a lane and a number. pydocket writes them as pickles: whoever may write to its keys can run code in
a server, so they belong behind the same password and access list as the store.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Coroutine, Mapping
from contextvars import Context
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from docket import Docket, Worker
from redis.credentials import UsernamePasswordCredentialProvider
from redis.exceptions import RedisError

from symphainy.dispatch.lanes import Key, LaneKind, Lanes, Outcome
from symphainy.errors import StoreUnavailable
from symphainy.ids import SystemClock, new_id
from symphainy.stores.redis.address import Address, parse
from symphainy.stores.redis.calls import Caller

logger = logging.getLogger(__name__)

RECOVER_SECONDS: Final = 60.0
REDELIVERY: Final = timedelta(seconds=2)
"""A process that has not said for so long that it works on a message has lost it to another one."""
IN_HAND_SECONDS: Final = 0.5
SOONEST_LOOK: Final = 0.25
RETRY_SECONDS: Final = 1.0
CHECK: Final = timedelta(milliseconds=100)
FORGET: Final = timedelta(0)
ADDING_AT_ONCE: Final = 16
"""Each takes a connection of its own from pydocket's pool."""
MESSAGES_AT_ONCE: Final = 256
BATCH: Final = 8
"""Messages that a process takes at a time: it leaves some to the others."""


class _InOneLine(logging.Filter):
    """While Redis is away pydocket logs the stack of every attempt; the line above it says all that is of use."""

    def filter(self, record: logging.LogRecord) -> bool:
        failure = record.exc_info[1] if record.exc_info else None
        if isinstance(failure, RedisError | OSError):
            record.msg, record.args = f"{record.getMessage()}: {failure}", ()
            record.exc_info = record.exc_text = None
        return True


_IN_ONE_LINE: Final = _InOneLine()


class DocketDispatcher:
    """Every process submits and every process executes. A lane whose process dies goes on in another one as soon as its lease
    has ended."""

    def __init__(self, lanes: Lanes, url: str) -> None:
        """Raises InvalidInput for what is no URL of a Redis."""
        self.lanes = lanes
        self._clock = SystemClock()
        self._address = parse(url)
        self._url = ""
        self._dockets: dict[str, Docket] = {}
        self._adding = asyncio.Semaphore(ADDING_AT_ONCE)
        self._going: dict[Key, asyncio.Task[Outcome]] = {}
        """Lanes that are executed here or wait for a slot."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._workers: list[asyncio.Task[None]] = []
        self._closing = False

    async def start(self, kinds: Mapping[str, LaneKind]) -> None:
        """Begins to execute, also with what earlier processes left open. Raises StoreUnavailable if the Redis does not answer,
        or refuses the credentials: pydocket would try again for ever, and nothing would be executed."""
        self._url = await _url_of(self._address)
        self.lanes.serve(kinds)
        for name in list(logging.root.manager.loggerDict):
            if name.startswith("docket."):
                logging.getLogger(name).addFilter(_IN_ONE_LINE)
        for kind in kinds:
            serving = asyncio.Event()
            worker = asyncio.create_task(self._serve(kind, serving))
            self._workers.append(worker)
            waiting = asyncio.ensure_future(serving.wait())
            await asyncio.wait({worker, waiting}, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            if worker.done():
                await self.close()
                raise StoreUnavailable(f"The queue cannot be used: {worker.exception()}") from worker.exception()
        self._in_background(self._recover_always())

    async def _serve(self, kind: str, serving: asyncio.Event) -> None:
        name, credentials = f"symphainy-{kind}", _credentials_of(self._address)
        async with Docket(name, self._url, execution_ttl=FORGET, credential_provider=credentials) as docket:
            docket.register(self._execute, names=["execute"])
            self._dockets[kind] = docket
            async with Worker(
                docket,
                new_id("worker"),
                concurrency=MESSAGES_AT_ONCE,
                message_batch=BATCH,
                redelivery_timeout=REDELIVERY,
                reconnection_delay=timedelta(seconds=RETRY_SECONDS),
                minimum_check_interval=CHECK,
                scheduling_resolution=CHECK,
                schedule_automatic_tasks=False,
            ) as worker:
                serving.set()
                await worker.run_forever()

    async def close(self) -> None:
        """Stops executing and hands over: what is open goes on in another process at once."""
        self._closing = True
        self.lanes.close()
        await asyncio.gather(*self._going.values(), return_exceptions=True)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for task in self._workers:
            task.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)

    def submit(self, session_id: str, lane: str) -> None:
        """Has the lane executed soon, by any process. If it is being executed, it is looked at once more afterwards."""
        if not self._closing and self.lanes.knows(lane):
            self._in_background(self._add(session_id, lane))

    def interrupt(self, session_id: str, lane: str) -> None:
        """Stops executing the lane, at once if this process does it; others notice within about a second."""
        self.lanes.interrupt(session_id, lane)

    async def _execute(self, session_id: str, lane: str, looks: int) -> None:
        """`looks`: how many looks at the lane have found it held, or being executed, one after the other."""
        key = (session_id, lane)
        if key in self._going:
            if looks or not self.lanes.again(*key):
                await self._look_again(key, looks, self.lanes.lease_seconds)
            return
        # it outlives the message, and is no part of what pydocket does with that
        going = self._going[key] = asyncio.create_task(self._go(key, looks), context=Context())
        going.add_done_callback(lambda done: self._ended(key, done))
        await asyncio.wait({going}, timeout=IN_HAND_SECONDS)
        if not going.done():
            await self._look_again(key, looks, self.lanes.lease_seconds)

    async def _go(self, key: Key, looks: int) -> Outcome:
        outcome = await self.lanes.execute(*key, was_held=looks > 0)
        if self._closing:
            await self._add(*key)
        elif outcome.kind == "away":
            await self._look_again(key, looks, RETRY_SECONDS)
        elif outcome.kind == "held":
            await self._look_again(key, looks, outcome.seconds)
        return outcome

    def _ended(self, key: Key, going: asyncio.Task[Outcome]) -> None:
        del self._going[key]
        if not going.cancelled() and going.exception() is not None:
            logger.error("lane %s of %s failed", key[1], key[0], exc_info=going.exception())

    async def _look_again(self, key: Key, looks: int, seconds: float) -> None:
        delay = timedelta(seconds=max(seconds, SOONEST_LOOK))
        await self._add(*key, looks=looks + 1, delay=delay, key=_look_at(*key), replace=True)

    async def _add(
        self,
        session_id: str,
        lane: str,
        *,
        looks: int = 0,
        delay: timedelta = FORGET,
        key: str | None = None,
        replace: bool = False,
    ) -> None:
        docket = self._dockets[lane.partition(":")[0]]
        while True:
            try:
                when = datetime.fromtimestamp(self._clock.now(), UTC) + delay
                async with self._adding:
                    if replace and key is not None:
                        await docket.replace("execute", when, key)(session_id, lane, looks)
                    else:
                        await docket.add("execute", when, key)(session_id, lane, looks)
            except (RedisError, OSError) as failure:
                logger.warning("the queue is away; lane %s of %s is submitted again: %s", lane, session_id, failure)
                if self._closing:
                    return
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return

    async def _recover_always(self) -> None:
        while True:
            try:
                async for work in self.lanes.open_work():
                    # one key for all processes: however many sweep at the same time, it is queued once
                    await self._add(work.session_id, work.lane, key=_look_at(work.session_id, work.lane))
            except StoreUnavailable:
                logger.warning("the store is away; open work is looked for again")
            await asyncio.sleep(RECOVER_SECONDS * random.uniform(0.8, 1.2))

    def _in_background(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _look_at(session_id: str, lane: str) -> str:
    return f"{session_id}/{lane}"


async def _url_of(address: Address) -> str:
    """In pydocket's words, once the Redis has answered. Of a cluster it takes one node, and finds the others. Raises
    StoreUnavailable."""
    caller = Caller(address)
    caller.open()
    try:
        await caller.prove_answers()
        hosts = (await caller.masters())[:1] if address.kind == "cluster" else address.hosts
    finally:
        await caller.close()
    sentinel = {"sentinel_username": address.sentinel_username, "sentinel_password": address.sentinel_password}
    known = {**address.tls_options, **{name: text for name, text in sentinel.items() if text}}
    return replace(address, username=None, password=None).url(hosts, known)


def _credentials_of(address: Address) -> UsernamePasswordCredentialProvider | None:
    """Beside the URL: from there pydocket takes them without unquoting them."""
    if not address.username and not address.password:
        return None
    return UsernamePasswordCredentialProvider(address.username, address.password)
