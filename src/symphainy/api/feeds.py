"""Open feeds of this process: how each is served, how many there are, and how they are told to end.

The server keeps nothing for a client but its place in the log: a slow reader costs no memory, and any process can go on with
any client.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from symphainy.api import frames
from symphainy.api.auth import OpenSession
from symphainy.api.frames import FRAME_ENTRIES, Cursor, Reason
from symphainy.app import Symphainy
from symphainy.codec import time_of
from symphainy.errors import NotAuthenticated, SessionNotFound, SymphainyError, TooMany
from symphainy.ids import seconds_of
from symphainy.stores.base import Stored
from symphainy.telemetry import Metrics

logger = logging.getLogger(__name__)

CHECK_SECONDS: Final = 15.0
"""A credential is looked at again this often, whatever happens: it may have come of age."""
SPREAD: Final = (0.8, 1.2)


class SlowReader(Exception):
    """The client has not taken anything for too long."""


class Ending:
    """How one feed is told to end: the first reason counts."""

    def __init__(self, user_id: str, token_hash: str) -> None:
        self.user_id = user_id
        self.token_hash = token_hash
        self.reason: Reason | None = None
        self.given = asyncio.Event()

    def give(self, reason: Reason) -> None:
        self.reason = self.reason or reason
        self.given.set()


class Feeds:
    """The open feeds of this process."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._open: set[Ending] = set()
        self._of_user: Counter[str] = Counter()
        self._deploying = False

    def enter(self, opened: OpenSession, most: int) -> Ending:
        """Counts one more feed of the user. Raises TooMany at the `most`."""
        user_id = opened.user_id
        if self._of_user[user_id] >= most:
            raise TooMany(f"{most} feeds are open for this user already. Close some tabs.", retry_after=5.0)
        ending = Ending(user_id, opened.credential.token_hash)
        if self._deploying:
            ending.give("deploy")
        self._open.add(ending)
        self._of_user[user_id] += 1
        self._metrics.feeds.set(len(self._open))
        return ending

    def leave(self, ending: Ending) -> None:
        self._open.discard(ending)
        self._of_user[ending.user_id] -= 1
        if not self._of_user[ending.user_id]:
            del self._of_user[ending.user_id]
        self._metrics.feeds.set(len(self._open))

    def end_all(self) -> None:
        """The server is about to stop: every feed says so and ends, and so does every feed that is still to be opened."""
        self._deploying = True
        for ending in self._open:
            ending.give("deploy")

    def end_of_token(self, token_hash: str) -> None:
        """The credential is dead: the feeds that it opened end now."""
        for ending in self._open:
            if ending.token_hash == token_hash:
                ending.give("auth")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a feed begins: after an entry of a log of this epoch, with this first frame."""

    first: bytes
    cursor: Cursor


class FeedResponse(Response):
    """One feed, from its first frame to its `bye` or until the client is gone."""

    media_type = "text/event-stream"

    def __init__(
        self, app: Symphainy, feeds: Feeds, metrics: Metrics, opened: OpenSession, ending: Ending, place: Place
    ) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["Content-Length"]
        self._app = app
        self._feeds = feeds
        self._metrics = metrics
        self._session_id = opened.session_id
        self._credential = opened.credential
        self._ending = ending
        self._first = [place.first]
        self._cursor = place.cursor
        self._ends_at = time.monotonic() + app.settings.feed_seconds * random.uniform(*SPREAD)
        self._checked_at = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        serving = asyncio.ensure_future(self._serve(send))
        gone = asyncio.ensure_future(_disconnect(receive))
        try:
            await asyncio.wait({serving, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            serving.cancel()
            gone.cancel()
            outcome, _ = await asyncio.gather(serving, gone, return_exceptions=True)
            self._feeds.leave(self._ending)
        if isinstance(outcome, Exception):
            raise outcome

    async def _serve(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        reason: Reason = "slow"
        try:
            async with aclosing(self._frames()) as produced:
                async for frame in produced:
                    await self._write(send, frame)
            reason = self._ending.reason or "rotate"
        except SlowReader:
            logger.info("a reader of %s takes nothing and is asked to come back", self._session_id)
        except SessionNotFound:
            reason = "deleted"
        except NotAuthenticated:
            reason = "auth"
        except SymphainyError as failure:
            reason = "rotate"
            logger.warning("a feed of %s ends: %s", self._session_id, failure)
        self._metrics.feeds_ended.labels(reason).inc()
        await send({"type": "http.response.body", "body": frames.bye_frame(reason), "more_body": False})

    async def _write(self, send: Send, frame: bytes) -> None:
        """Waits for the client, and not for ever: nothing that belongs to others is held meanwhile."""
        try:
            async with asyncio.timeout(self._app.settings.write_seconds):
                await send({"type": "http.response.body", "body": frame, "more_body": True})
        except TimeoutError:
            raise SlowReader from None

    async def _frames(self) -> AsyncGenerator[bytes, None]:
        await self._check()
        yield frames.RETRY + self._first.pop()
        epoch, after = self._cursor.epoch, self._cursor.seq
        opened_at = self._app.clock.now()
        async with aclosing(self._batches(after)) as batches:
            async for batch in batches:
                if not batch:
                    yield frames.ping_frame(after)
                for place, frame in frames.entry_frames(epoch, batch):
                    if self._ending.reason:
                        return
                    yield frame
                    epoch, after = place.epoch, place.seq
                self._metrics.entries_sent.inc(len(batch))
                self._observe_lag(batch, opened_at)
                changes = (frames.session_update(item) for item in batch)
                if any(change and change.credential for change in changes):
                    await self._check()

    def _observe_lag(self, batch: Sequence[Stored], opened_at: float) -> None:
        """Of what was appended while the feed was open; what it had to catch up with says nothing."""
        written_at = seconds_of(time_of(batch[-1].data)) if batch else 0.0
        if written_at >= opened_at:
            self._metrics.feed_lag.observe(max(0.0, self._app.clock.now() - written_at))

    async def _batches(self, after: int) -> AsyncGenerator[list[Stored], None]:
        """What is appended, as it is appended; an empty batch when there was nothing for a while. Ends when the feed shall."""
        subscribed = self._app.traffic_cop.subscribe(self._session_id, after, limit=FRAME_ENTRIES)
        async with aclosing(subscribed) as entries:
            told = asyncio.ensure_future(self._ending.given.wait())
            following = asyncio.ensure_future(anext(entries))
            try:
                while True:
                    left = self._ends_at - time.monotonic()
                    timeout = max(0.0, min(self._app.settings.ping_seconds, left))
                    await asyncio.wait({following, told}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
                    if self._ending.reason or time.monotonic() >= self._ends_at:
                        return
                    if time.monotonic() - self._checked_at >= CHECK_SECONDS:
                        await self._check()
                    if following.done():
                        yield following.result()
                        following = asyncio.ensure_future(anext(entries))
                    else:
                        yield []
            finally:
                told.cancel()
                following.cancel()
                await asyncio.gather(told, following, return_exceptions=True)

    async def _check(self) -> None:
        """Raises NotAuthenticated if the credential that opened the feed is dead."""
        await self._app.sessions.check_credential(self._credential)
        self._checked_at = time.monotonic()


async def _disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
