"""The live feed: a session's log as server-sent events, from wherever the client stopped. See spec/SYNC.md.

The server keeps nothing for a client but its place in the log: a slow reader costs no memory, and any process can go
on with any client. Frames end with LF alone, because stricter clients refuse CRLF.
"""

from __future__ import annotations

import asyncio
import logging
import random
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

import orjson
from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse

from symphainy.api.auth import App, Opened, OpenSession, Revocations
from symphainy.api.errors import problems
from symphainy.api.models import EntryPage
from symphainy.app import Symphainy
from symphainy.codec import encode_snapshot, wire
from symphainy.errors import InvalidInput, NotAuthenticated, SessionNotFound, SymphainyError, TooMany
from symphainy.session import Session
from symphainy.stores.base import READ_LIMIT, Stored

logger = logging.getLogger(__name__)

router = APIRouter(tags=["live feed"])

FRAME_ENTRIES: Final = 16
FRAME_BYTES: Final = 16_384
RETRY_MS: Final = 1_500
AUTH_SECONDS: Final = 15.0
CREDENTIAL_CHANGED: Final = re.compile(rb'"type":"session\.updated".*"credential":"')
HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

Reason = Literal["deploy", "rotate", "slow", "auth", "deleted"]


@dataclass(frozen=True, slots=True)
class Cursor:
    """A client's place: the log's epoch and the seq of the last entry that it has."""

    epoch: str
    seq: int

    @classmethod
    def parse(cls, text: str) -> Cursor:
        epoch, _, seq = text.rpartition(".")
        if not epoch or len(text) > 128 or not re.fullmatch(r"[0-9]{1,15}", seq):
            raise InvalidInput("A cursor is <epoch>.<seq>, as the feed's ids are.")
        return cls(epoch, int(seq))


class Feeds:
    """What all feeds of this process share: the signal to end, the dead credentials, and a count for each user."""

    def __init__(self) -> None:
        self.ending = asyncio.Event()
        self.revocations = Revocations()
        self.open: dict[str, int] = {}

    def enter(self, user_id: str, most: int) -> None:
        if self.open.get(user_id, 0) >= most:
            raise TooMany(f"{most} feeds are open for this user already. Close some tabs.", retry_after=5.0)
        self.open[user_id] = self.open.get(user_id, 0) + 1

    def leave(self, user_id: str) -> None:
        self.open[user_id] -= 1
        if not self.open[user_id]:
            del self.open[user_id]


@router.get(
    "/sessions/{session_id}/events",
    response_class=Response,
    responses={
        200: {
            "description": "Server-sent events, or with `Accept: application/json` one page of entries.",
            "content": {
                "text/event-stream": {"schema": {"type": "string"}},
                "application/json": {"schema": {"$ref": "#/components/schemas/EntryPage"}},
            },
        },
        **problems(404),
    },
)
async def events(
    request: Request,
    app: App,
    opened: Opened,
    after: Annotated[str | None, Query(description="Resume after this cursor, `<epoch>.<seq>`.")] = None,
    limit: Annotated[int, Query(ge=1, le=READ_LIMIT, description="Entries of a JSON page.")] = READ_LIMIT,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """Every entry of the session's log, as it is appended."""
    place = last_event_id or after
    cursor = Cursor.parse(place) if place else None
    if "application/json" in request.headers.get("accept", ""):
        return await _page(app, opened, cursor, limit)
    feeds: Feeds = request.app.state.feeds
    feeds.enter(opened.user_id, app.settings.feeds_per_user)
    feed = _Feed(app, feeds, opened, cursor)
    return StreamingResponse(feed.frames(), media_type="text/event-stream", headers=HEADERS)


async def _page(app: Symphainy, opened: OpenSession, cursor: Cursor | None, limit: int) -> Response:
    session = opened.session
    known = cursor is not None and cursor.epoch == session.epoch and cursor.seq <= session.seq
    after = cursor.seq if cursor and known else 0
    batch = await app.traffic_cop.read(session.session_id, after=after, limit=limit)
    last = batch[-1].seq if batch else after
    page = EntryPage.frame(session.epoch, max(session.seq, last), last < session.seq, _array(batch))
    return Response(page, media_type="application/json", headers={"Cache-Control": "no-store"})


class _Feed:
    def __init__(self, app: Symphainy, feeds: Feeds, opened: OpenSession, cursor: Cursor | None) -> None:
        self._app = app
        self._feeds = feeds
        self._opened = opened
        self._cursor = cursor
        self._epoch = opened.session.epoch
        self._dead = feeds.revocations.watch(opened.credential.token_hash)
        self._ends_at = time.monotonic() + app.settings.feed_seconds * random.uniform(0.8, 1.2)

    async def frames(self) -> AsyncIterator[bytes]:
        try:
            async for frame in self._frames():
                yield frame
        except SessionNotFound:
            yield _bye("deleted")
        except NotAuthenticated:
            yield _bye("auth")
        except SymphainyError as failure:
            logger.warning("a feed of %s ends: %s", self._opened.session_id, failure)
            yield _bye("rotate")
        finally:
            self._feeds.revocations.unwatch(self._opened.credential.token_hash, self._dead)
            self._feeds.leave(self._opened.user_id)

    async def _frames(self) -> AsyncIterator[bytes]:
        first, after = await self._first()
        yield b"retry: %d\n\n" % RETRY_MS + first
        entries = self._app.traffic_cop.subscribe(self._opened.session_id, after)
        following = asyncio.ensure_future(anext(entries))
        signals = [asyncio.ensure_future(event.wait()) for event in (self._dead, self._feeds.ending)]
        checked_at = time.monotonic()
        try:
            while True:
                timeout = min(self._app.settings.ping_seconds, max(0.0, self._ends_at - time.monotonic()))
                done, _ = await asyncio.wait(
                    {following, *signals}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED
                )
                reason = self._reason_to_end()
                if reason is not None:
                    yield _bye(reason)
                    return
                if following in done:
                    batch = following.result()
                    after = batch[-1].seq
                    for frame in _entry_frames(self._epoch, batch):
                        yield frame
                    if any(CREDENTIAL_CHANGED.search(item.data) for item in batch):
                        await self._check()
                    following = asyncio.ensure_future(anext(entries))
                elif not done:
                    yield _frame("ping", b'{"seq":%d}' % after)
                if time.monotonic() - checked_at >= AUTH_SECONDS:
                    await self._check()
                    checked_at = time.monotonic()
        finally:
            for task in (following, *signals):
                task.cancel()
            await asyncio.gather(following, *signals, return_exceptions=True)
            await entries.aclose()  # type: ignore[attr-defined]

    async def _first(self) -> tuple[bytes, int]:
        cursor, session = self._cursor, self._opened.session
        if cursor is None:
            return _snapshot(session, "start"), session.seq
        if cursor.epoch == session.epoch and cursor.seq <= session.seq:
            head = {"v": 1, "epoch": session.epoch, "after": cursor.seq, "head": session.seq}
            return _frame("resume", orjson.dumps(head)), cursor.seq
        if cursor.epoch == session.epoch:
            # the client has seen more than there is: the log was rewound, and its numbers must not be used twice
            session = await self._app.sessions.renew_epoch(session.session_id)
            self._epoch = session.epoch
        return _snapshot(session, "rewound"), session.seq

    def _reason_to_end(self) -> Reason | None:
        if self._dead.is_set():
            return "auth"
        if self._feeds.ending.is_set():
            return "deploy"
        return "rotate" if time.monotonic() >= self._ends_at else None

    async def _check(self) -> None:
        await self._app.sessions.check_credential(self._opened.credential)


def _snapshot(session: Session, reason: str) -> bytes:
    head = orjson.dumps({"v": 1, "epoch": session.epoch, "seq": session.seq, "reason": reason})
    data = head[:-1] + b',"session":' + encode_snapshot(session) + b"}"
    return _frame("snapshot", data, f"{session.epoch}.{session.seq}")


def _entry_frames(epoch: str, batch: list[Stored]) -> list[bytes]:
    frames: list[bytes] = []
    held: list[Stored] = []
    size = 0
    for item in batch:
        if held and (len(held) >= FRAME_ENTRIES or size + len(item.data) > FRAME_BYTES):
            frames.append(_frame("events", _array(held), f"{epoch}.{held[-1].seq}"))
            held, size = [], 0
        held.append(item)
        size += len(item.data) + 16
    frames.append(_frame("events", _array(held), f"{epoch}.{held[-1].seq}"))
    return frames


def _array(batch: list[Stored]) -> bytes:
    return b"[" + b",".join(wire(item.seq, item.data) for item in batch) + b"]"


def _bye(reason: Reason) -> bytes:
    delay: dict[str, Any] = {"reason": reason, "retry_ms": random.randint(100, 1_000)}
    return _frame("bye", orjson.dumps(delay))


def _frame(event: str, data: bytes, event_id: str | None = None) -> bytes:
    identity = b"id: " + event_id.encode() + b"\n" if event_id else b""
    return b"event: " + event.encode() + b"\n" + identity + b"data: " + data + b"\n\n"
