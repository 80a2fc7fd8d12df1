"""Sessions and their credentials."""

from __future__ import annotations

from typing import Annotated

import orjson
from fastapi import APIRouter, Header, Request, Response

from symphainy.api.auth import (
    COOKIE,
    App,
    NewcomerCredential,
    Opened,
    Rotation,
    SomeCredential,
    address_of,
    check_origin,
    clear_cookie,
    rates_of,
    set_cookie,
)
from symphainy.api.errors import problems, writing
from symphainy.api.feeds import Feeds
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
from symphainy.api.paging import CursorGone, CursorQuery, LimitQuery
from symphainy.api.strict_json import StrictRoute
from symphainy.app import Symphainy
from symphainy.codec import encode_snapshot
from symphainy.entries import SessionCreated
from symphainy.errors import IdempotencyMismatch, InvalidInput, NotAllowed, SessionExists, SessionNotFound
from symphainy.ids import derived_id, new_id
from symphainy.session import Session, Status
from symphainy.sessions import Credential

router = APIRouter(tags=["sessions"], route_class=StrictRoute)

IdempotencyKey = Annotated[
    ClientId | None, Header(description="The same key of the same user answers with the same session.")
]


def etag_of(session: Session) -> str:
    return f'"{session.epoch}.{session.seq}"'


def answer(session: Session) -> Response:
    return Response(encode_snapshot(session), 200, {"ETag": etag_of(session)}, "application/json")


@router.post(
    "/sessions",
    status_code=201,
    response_model=CreatedSession,
    responses={200: {"model": CreatedSession, "description": "Resumed."}, **writing(409)},
)
async def create_session(
    request: Request,
    app: App,
    body: CreateSession,
    credential: NewcomerCredential,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """A new session of the caller. A visitor without credential becomes a user of their own, and their Idempotency-Key has
    no effect: whoever could repeat it would be given the session. With `resume`, a browser that has sessions already is
    answered with the one that was active last, and status 200."""
    wants_cookie = body.credential == "cookie"
    if body.resume and not wants_cookie:
        raise InvalidInput("resume goes with the browser's cookie: a session token has its one session.")
    if wants_cookie:
        check_origin(request)
        if credential is not None and credential.session_id is not None:
            raise NotAllowed("The token of one session gives no cookie: that would open the user's other sessions too.")
    if body.resume and credential is not None:
        newest = await app.sessions.list_sessions(credential.user_id, limit=1)
        if newest.sessions:
            return _created(newest.sessions[0], None, 200)
    await rates_of(request).count("session", address_of(request), app.settings.sessions_per_minute)
    session = await _create(app, body, credential, idempotency_key)
    token = None if wants_cookie else await app.sessions.issue_token(session.user_id, session.session_id)
    response = _created(session, token, 201)
    if wants_cookie and credential is None:
        set_cookie(request, response, await app.sessions.issue_token(session.user_id))
    return response


def _created(session: Session, token: str | None, status: int) -> Response:
    document = orjson.loads(encode_snapshot(session))
    return Response(
        orjson.dumps({**document, "session_token": token}),
        status,
        {"Location": f"/api/v1/sessions/{session.session_id}", "ETag": etag_of(session)},
        "application/json",
    )


async def _create(app: Symphainy, body: CreateSession, credential: Credential | None, key: str | None) -> Session:
    if credential is None or key is None:
        user_id = credential.user_id if credential else new_id("usr")
        return await app.sessions.open_session(user_id, context=body.context, title=body.title)
    user_id = credential.user_id
    session_id = derived_id("ses", user_id, key)
    try:
        return await app.sessions.open_session(user_id, context=body.context, title=body.title, session_id=session_id)
    except SessionExists:
        (first, *_) = await app.sessions.entries(session_id)
        made = first.body
        if not isinstance(made, SessionCreated) or (made.title, made.context) != (body.title, body.context):
            raise IdempotencyMismatch("This Idempotency-Key was used before for a session of other content.") from None
        return await app.sessions.get_session(session_id)


@router.get("/sessions", response_model=SessionList, responses=problems(409))
async def list_sessions(
    app: App, credential: SomeCredential, cursor: CursorQuery = None, limit: LimitQuery = 50
) -> SessionList:
    """The caller's sessions, newest activity first. A session token sees its own session alone."""
    if credential.session_id is not None:
        try:
            own = [_summary(await app.sessions.get_session(credential.session_id))]
        except SessionNotFound:
            own = []
        return SessionList(sessions=own, next_cursor=None)
    try:
        page = await app.sessions.list_sessions(credential.user_id, cursor=cursor, limit=limit)
    except InvalidInput as strange:
        raise CursorGone(strange.message) from strange
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
async def get_session(
    opened: Opened,
    if_none_match: Annotated[str | None, Header(description="ETags that the caller has already.")] = None,
) -> Response:
    """The whole session as of now."""
    etag = etag_of(opened.session)
    held = {item.strip().removeprefix("W/") for item in (if_none_match or "").split(",")}
    if etag in held or "*" in held:
        return Response(status_code=304, headers={"ETag": etag})
    return answer(opened.session)


@router.patch("/sessions/{session_id}", response_model=Snapshot, responses=writing(404, 409))
async def update_session(
    app: App, opened: Opened, body: UpdateSession, idempotency_key: Annotated[ClientId | None, Header()] = None
) -> Response:
    """Renames the session, or merges into its context. The same Idempotency-Key again changes nothing."""
    if body.title is None and body.context is None:
        return answer(opened.session)
    updated = await app.sessions.update_session(
        opened.session_id,
        title=body.title,
        context=body.context,
        op_id=f"update:{idempotency_key}" if idempotency_key else None,
        actor=opened.actor,
    )
    return answer(updated)


@router.delete("/sessions/{session_id}", status_code=204, responses=writing(404))
async def delete_session(app: App, opened: Opened) -> Response:
    """Ends and erases the session, its files and tokens. Open feeds are told."""
    await app.business.cancel_all(opened.session_id, requested_by=opened.actor)
    await app.sessions.close_session(opened.session_id)
    return Response(status_code=204)


@router.post("/sessions/{session_id}/token", response_model=TokenModel, responses=writing(404))
async def rotate_token(request: Request, rotated: Rotation, response: Response) -> TokenModel:
    """A new credential of the same reach; the one presented is dead when this answers, and the feeds that it opened end."""
    credential = rotated.opened.credential
    _feeds(request).end_of_token(credential.token_hash)
    if credential.session_id is not None:
        return TokenModel(session_token=rotated.token)
    set_cookie(request, response, rotated.token)
    return TokenModel(session_token=None)


@router.delete("/sessions/{session_id}/token", status_code=204, responses=writing(404))
async def revoke_token(request: Request, app: App, opened: Opened) -> Response:
    """The credential presented is dead when this answers, and the feeds that it opened end."""
    await app.sessions.revoke_session_token(opened.credential)
    _feeds(request).end_of_token(opened.credential.token_hash)
    response = Response(status_code=204)
    if COOKIE in request.cookies and opened.credential.session_id is None:
        clear_cookie(response)
    return response


def _feeds(request: Request) -> Feeds:
    return request.app.state.feeds
