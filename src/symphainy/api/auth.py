"""Who is asking, and what may they open: no handler sees a session's id before this has been answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import Depends, Header, Request, Response, Security
from fastapi.security import APIKeyCookie, HTTPBearer

from symphainy.api.models import RotationKey
from symphainy.app import Symphainy
from symphainy.errors import InvalidInput, NotAllowed, NotAuthenticated, SessionNotFound
from symphainy.rates import Rates
from symphainy.session import Session
from symphainy.sessions import Credential

COOKIE: Final = "symphainy"
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})

bearer_scheme = HTTPBearer(auto_error=False, scheme_name="bearer", description="A session token.")
cookie_scheme = APIKeyCookie(name=COOKIE, auto_error=False, scheme_name="cookie", description="The browser's cookie.")


class CrossOrigin(NotAllowed):
    code = "cross_origin"


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session that the caller's credential opens."""

    credential: Credential
    session: Session

    @property
    def session_id(self) -> str:
        return self.session.session_id

    @property
    def user_id(self) -> str:
        return self.credential.user_id

    @property
    def actor(self) -> str:
        return f"user:{self.credential.user_id}"


@dataclass(frozen=True, slots=True)
class Rotated:
    """A session, by the credential that is dead now, and the token that takes its place."""

    opened: OpenSession
    token: str


def app_of(request: Request) -> Symphainy:
    return request.app.state.symphainy


def rates_of(request: Request) -> Rates:
    return app_of(request).rates


def address_of(request: Request) -> str:
    return request.client.host if request.client else "unknown"


def presented(request: Request) -> str | None:
    """The token that came with the request, None if there is none. A header goes before a cookie: no other site can set it.

    Raises CrossOrigin for a writing request that may come from another site on the cookie's strength.
    """
    header = request.headers.get("authorization")
    if header is not None:
        kind, _, token = header.partition(" ")
        return token.strip() if kind.lower() == "bearer" else ""
    cookie = request.cookies.get(COOKIE)
    if cookie is not None:
        check_origin(request)
    return cookie


async def optional_credential(
    request: Request,
    _bearer: Annotated[object | None, Security(bearer_scheme)],
    _cookie: Annotated[str | None, Security(cookie_scheme)],
) -> Credential | None:
    """The caller's credential, or None where none was presented. A bad one is never the same as none."""
    token = presented(request)
    if token is None:
        return None
    app, rates = app_of(request), rates_of(request)
    try:
        credential = await app.sessions.resolve_session_token(token)
    except NotAuthenticated:
        await rates.count("failure", address_of(request), app.settings.failures_per_minute)
        raise
    if request.method not in SAFE_METHODS:
        await rates.count("write", credential.user_id, app.settings.writes_per_minute)
    return credential


async def newcomer_credential(
    request: Request,
    bearer: Annotated[object | None, Security(bearer_scheme)],
    cookie: Annotated[str | None, Security(cookie_scheme)],
) -> Credential | None:
    """As `optional_credential`, but a cookie that is dead is none: a page cannot take it away, and must get a new one."""
    try:
        return await optional_credential(request, bearer, cookie)
    except NotAuthenticated:
        if "authorization" in request.headers:
            raise
        return None


async def required_credential(credential: Annotated[Credential | None, Depends(optional_credential)]) -> Credential:
    if credential is None:
        raise NotAuthenticated(
            "A credential is needed: a session token, or the cookie of a session made in this browser."
        )
    return credential


async def open_session(
    request: Request, session_id: str, credential: Annotated[Credential, Depends(required_credential)]
) -> OpenSession:
    """The session, if the credential opens it. Somebody else's looks like one that does not exist."""
    missing = SessionNotFound("There is no such session, or it has ended, or this credential does not open it.")
    if credential.session_id not in (None, session_id):
        raise missing
    try:
        session = await app_of(request).sessions.get_session(session_id)
    except (SessionNotFound, InvalidInput):
        raise missing from None
    if session.user_id != credential.user_id:
        raise missing
    return OpenSession(credential, session)


async def rotated_session(
    request: Request,
    session_id: str,
    bearer: Annotated[object | None, Security(bearer_scheme)],
    cookie: Annotated[str | None, Security(cookie_scheme)],
    idempotency_key: Annotated[
        RotationKey | None,
        Header(
            description="Random: the same key with the same old token answers with the same new token, for two minutes and"
            " until that is used, in case the answer was lost."
        ),
    ] = None,
) -> Rotated:
    """The session whose credential is rotated, now or by an earlier request with the same old token and key."""
    app, token = app_of(request), presented(request)
    try:
        credential = await required_credential(await optional_credential(request, bearer, cookie))
        opened = await open_session(request, session_id, credential)
    except NotAuthenticated:
        if token is None or idempotency_key is None:
            raise
        credential, fresh = await app.sessions.repeat_rotation(token, idempotency_key)
        return Rotated(await open_session(request, session_id, credential), fresh)
    return Rotated(opened, await app.sessions.rotate_session_token(credential, token=token, key=idempotency_key))


def check_origin(request: Request) -> None:
    """A cookie goes along with every request that any page makes, so a write must prove that it comes from our own page."""
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    same = _host_of(origin) == request.headers.get("host") if origin else site in ("same-origin", "none")
    if not same or site in ("cross-site", "same-site"):
        raise CrossOrigin("This request comes from another site, or does not say where it comes from.")


def _host_of(origin: str) -> str | None:
    """Host and port of an `Origin` header; None for `null` and for what is no origin."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return None
    return parts.netloc if parts.scheme in ("http", "https") and parts.netloc else None


def set_cookie(request: Request, response: Response, token: str) -> None:
    settings = app_of(request).settings
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(settings.token_lifetime),
        path="/",
        secure=settings.secure_cookies or request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def clear_cookie(response: Response) -> None:
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")


NewcomerCredential = Annotated[Credential | None, Depends(newcomer_credential)]
SomeCredential = Annotated[Credential, Depends(required_credential)]
Opened = Annotated[OpenSession, Depends(open_session)]
Rotation = Annotated[Rotated, Depends(rotated_session)]
App = Annotated[Symphainy, Depends(app_of)]
