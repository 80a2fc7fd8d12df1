"""The live feed: a session's log as server-sent events, or page by page, from wherever the client stopped. See spec/SYNC.md."""

from __future__ import annotations

from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Header, Query, Request, Response

from symphainy.api import frames
from symphainy.api.auth import App, Opened, OpenSession
from symphainy.api.entry_models import EntryPage
from symphainy.api.errors import Unreadable, problems
from symphainy.api.feeds import FeedResponse, Feeds, Place
from symphainy.api.frames import Cursor
from symphainy.app import Symphainy
from symphainy.codec import wire
from symphainy.session import Session
from symphainy.stores.base import READ_LIMIT

router = APIRouter(tags=["live feed"])

PATTERN: Final[dict[str, Any]] = {"pattern": f"^{frames.PLACE}$"}
EVENT_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "event": {"enum": ["snapshot", "resume", "events", "ping", "bye"]},
        "id": {"type": "string", "description": "The place after this frame, `<epoch>.<seq>`."},
        "data": {"type": "string", "description": "JSON."},
    },
}


@router.get(
    "/sessions/{session_id}/events",
    response_class=Response,
    responses={
        200: {
            "description": "Server-sent events, or with `Accept: application/json` one page of entries.",
            "model": EntryPage,
            "content": {"text/event-stream": {"schema": EVENT_SCHEMA}},
        },
        **problems(404),
    },
)
async def events(
    request: Request,
    app: App,
    opened: Opened,
    after: Annotated[
        str | None, Query(description="Resume after this cursor, `<epoch>.<seq>`.", json_schema_extra=PATTERN)
    ] = None,
    limit: Annotated[int, Query(ge=1, le=READ_LIMIT, description="Entries of a JSON page.")] = READ_LIMIT,
    last_event_id: Annotated[
        str | None, Header(description="As `after`, and goes before it.", json_schema_extra=PATTERN)
    ] = None,
    known: Annotated[
        str | None,
        Query(
            max_length=40, description="The `ts` of the entry at the cursor. If it is not, the log was set back since."
        ),
    ] = None,
) -> Response:
    """Every entry of the session's log, as it is appended."""
    given = (parse_cursor(last_event_id), parse_cursor(after))
    cursor = given[0] or given[1]
    accepted = request.headers.get("accept", "")
    if "application/json" in accepted and "text/event-stream" not in accepted:
        return await _page(app, opened, cursor, known, limit)
    feeds: Feeds = request.app.state.feeds
    place = await _place(app, opened, cursor, known)
    ending = feeds.enter(opened, app.settings.feeds_per_user)
    app.preparation.begin(opened.session)
    return FeedResponse(app, feeds, request.app.state.metrics, opened, ending, place)


def parse_cursor(text: str | None) -> Cursor | None:
    """Raises Unreadable for what is no cursor."""
    if text is None:
        return None
    try:
        return Cursor.parse(text)
    except ValueError as wrong:
        raise Unreadable(str(wrong)) from None


async def _place(app: Symphainy, opened: OpenSession, cursor: Cursor | None, known: str | None) -> Place:
    session = opened.session
    if cursor is None:
        return Place(frames.snapshot_frame(session, "start"), Cursor(session.epoch, session.seq))
    if await _has(app, session, cursor, known):
        return Place(frames.resume_frame(session.epoch, cursor.seq, session.seq), cursor)
    session = await _rewound(app, session, cursor)
    return Place(frames.snapshot_frame(session, "rewound"), Cursor(session.epoch, session.seq))


async def _has(app: Symphainy, session: Session, cursor: Cursor, known: str | None) -> bool:
    """Whether the client's log is the beginning of this one."""
    if cursor.epoch != session.epoch or cursor.seq > session.seq:
        return False
    if known is None or cursor.seq == 0:
        return True
    (entry,) = await app.traffic_cop.entries(session.session_id, after=cursor.seq - 1, limit=1)
    return entry.ts == known


async def _rewound(app: Symphainy, session: Session, cursor: Cursor) -> Session:
    """The session to start again from. A client that has seen more than there is, or something else, proves that the log
    was set back: its numbers would mean other entries from now on, so that the log becomes another one."""
    return await app.sessions.renew_epoch(session.session_id) if cursor.epoch == session.epoch else session


async def _page(app: Symphainy, opened: OpenSession, cursor: Cursor | None, known: str | None, limit: int) -> Response:
    """A cursor that the log does not know is answered from its beginning, under an epoch that is not the cursor's."""
    session = opened.session
    after = 0
    if cursor is not None and await _has(app, session, cursor, known):
        after = cursor.seq
    elif cursor is not None:
        session = await _rewound(app, session, cursor)
    batch = await app.traffic_cop.read(session.session_id, after=after, before=session.seq + 1, limit=limit)
    last = batch[-1].seq if batch else after
    rest = orjson.dumps({"epoch": session.epoch, "head": session.seq, "has_more": last < session.seq})
    entries = frames.array([wire(item.seq, item.data) for item in batch])
    return Response(b'{"entries":' + entries + b"," + rest[1:], media_type="application/json")
