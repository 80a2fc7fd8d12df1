"""Sessions and their credentials."""

from __future__ import annotations

from typing import Annotated, Final

import orjson
from fastapi import APIRouter, Header, Request, Response

from symphainy.api.auth import (
    COOKIE,
    App,
    MaybeCredential,
    Opened,
    SomeCredential,
    address_of,
    check_origin,
    limits_of,
    set_cookie,
)
from symphainy.api.errors import problems
from symphainy.api.models import (
    ClientId,
    CreatedSession,
    CreateSession,
    SessionList,
    SessionSummary,
    Snapshot,
    TokenModel,
    UpdateSession,
)
from symphainy.api.paging import CursorQuery, LimitQuery
from symphainy.app import Symphainy
from symphainy.codec import encode_snapshot
from symphainy.errors import Conflict, InvalidInput, SessionExists
from symphainy.ids import derived_id, new_id, seconds_of
from symphainy.session import Session, Status
from symphainy.sessions import Credential

router = APIRouter(tags=["sessions"])

IDEMPOTENCY_SECONDS: Final = 600.0
IdempotencyKey = Annotated[ClientId | None, Header()]


def answer(session: Session, status: int = 200) -> Response:
    return Response(
        encode_snapshot(session),
        status,
        {"ETag": f'"{session.epoch}.{session.seq}"', "Cache-Control": "no-store"},
        "application/json",
    )


@router.post("/sessions", status_code=201, response_model=CreatedSession, responses=problems(403, 409))
async def create_session(
    request: Request,
    app: App,
    body: CreateSession,
    credential: MaybeCredential,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """A new session. An anonymous visitor becomes a user of their own. A repeated Idempotency-Key answers with the
    same session."""
    if body.credential == "cookie":
        check_origin(request)
    await limits_of(request).count("session", address_of(request), app.settings.sessions_per_minute)
    session = await _create(app, body, credential, idempotency_key)
    wants_cookie = body.credential == "cookie"
    has_cookie = credential is not None and credential.session_id is None and COOKIE in request.cookies
    token = None
    if not wants_cookie:
        token = await app.sessions.issue_token(session.user_id, session.session_id)
    document = orjson.loads(encode_snapshot(session))
    response = Response(
        orjson.dumps({**document, "session_token": token}),
        201,
        {"Location": f"/api/v1/sessions/{session.session_id}", "Cache-Control": "no-store"},
        "application/json",
    )
    if wants_cookie and not has_cookie:
        set_cookie(request, response, await app.sessions.issue_token(session.user_id))
    return response


async def _create(app: Symphainy, body: CreateSession, credential: Credential | None, key: str | None) -> Session:
    owner = credential.user_id if credential else "anonymous"
    if key is None:
        user_id = credential.user_id if credential else new_id("usr")
        return await app.sessions.open_session(user_id, context=body.context, title=body.title)
    user_id = credential.user_id if credential else derived_id("usr", owner, key)
    session_id = derived_id("ses", owner, key)
    try:
        return await app.sessions.open_session(user_id, context=body.context, title=body.title, session_id=session_id)
    except SessionExists:
        session = await app.sessions.get_session(session_id)
    if app.clock.now() - seconds_of(session.created_at) > IDEMPOTENCY_SECONDS or session.user_id != user_id:
        raise Conflict("This Idempotency-Key was used before, too long ago to be the same request.")
    return session


@router.get("/sessions", response_model=SessionList, responses=problems())
async def list_sessions(
    app: App, credential: SomeCredential, cursor: CursorQuery = None, limit: LimitQuery = 50
) -> SessionList:
    """The caller's sessions, newest activity first. A session token sees its own session alone."""
    if credential.session_id is not None:
        own = await app.sessions.get_session(credential.session_id)
        return SessionList(sessions=[_summary(own)], next_cursor=None)
    page = await app.sessions.list_sessions(credential.user_id, cursor=cursor, limit=limit)
    return SessionList(sessions=[_summary(item) for item in page.sessions], next_cursor=page.next_cursor)


def _summary(session: Session) -> SessionSummary:
    going = [item.status for item in (*session.workflows.values(), *session.runs.values()) if not item.status.finished]
    waits = Status.WAITING_FOR_USER in going
    return SessionSummary(
        session_id=session.session_id,
        title=session.title,
        status="waiting_for_user" if waits else "processing" if going else "idle",
        running=len(going),
        created_at=session.created_at,
        last_activity=session.last_activity,
        expires_at=session.expires_at,
    )


@router.get(
    "/sessions/{session_id}", response_model=Snapshot, responses={304: {"description": "Unchanged."}, **problems(404)}
)
async def get_session(opened: Opened, if_none_match: Annotated[str | None, Header()] = None) -> Response:
    """The whole session as of now."""
    etag = f'"{opened.session.epoch}.{opened.session.seq}"'
    if if_none_match == etag:
        return Response(status_code=304, headers={"ETag": etag})
    return answer(opened.session)


@router.patch("/sessions/{session_id}", response_model=Snapshot, responses=problems(403, 404, 413))
async def update_session(app: App, opened: Opened, body: UpdateSession) -> Response:
    """Renames the session, or merges into its context."""
    if body.title is None and body.context is None:
        raise InvalidInput("Nothing to change: give a title or a context.")
    updated = await app.sessions.update_session(
        opened.session_id, title=body.title, context=body.context, actor=opened.actor
    )
    return answer(updated)


@router.delete("/sessions/{session_id}", status_code=204, responses=problems(403, 404))
async def delete_session(app: App, opened: Opened) -> Response:
    """Ends and erases the session, its files and tokens. Open feeds are told."""
    await app.business.cancel_all(opened.session_id, requested_by=opened.actor)
    await app.sessions.close_session(opened.session_id)
    return Response(status_code=204)


@router.post("/sessions/{session_id}/token", response_model=TokenModel, responses=problems(403, 404))
async def rotate_token(request: Request, app: App, opened: Opened, response: Response) -> TokenModel:
    """A new credential of the same reach; the one presented is dead when this answers."""
    token = await app.sessions.rotate_session_token(opened.credential)
    request.app.state.feeds.revocations.revoke(opened.credential.token_hash)
    response.headers["Cache-Control"] = "no-store"
    if opened.credential.session_id is not None:
        return TokenModel(session_token=token)
    set_cookie(request, response, token)
    return TokenModel(session_token=None)


@router.delete("/sessions/{session_id}/token", status_code=204, responses=problems(403, 404))
async def revoke_token(request: Request, app: App, opened: Opened) -> Response:
    """The credential presented is dead when this answers, and the feeds that it opened end."""
    await app.sessions.revoke_session_token(opened.credential)
    request.app.state.feeds.revocations.revoke(opened.credential.token_hash)
    response = Response(status_code=204)
    if opened.credential.session_id is None:
        response.delete_cookie(COOKIE, path="/")
    return response
