"""Who is asking, and what may they open: no handler sees a session's id before this has been answered."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import Depends, Request, Response, Security
from fastapi.security import APIKeyCookie, HTTPBearer
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from symphainy.app import Symphainy
from symphainy.errors import NotAllowed, NotAuthenticated, SessionNotFound, TooMany
from symphainy.session import Session
from symphainy.sessions import Credential

COOKIE: Final = "symphainy"
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})

bearer_scheme = HTTPBearer(auto_error=False, scheme_name="bearer", description="A session token.")
cookie_scheme = APIKeyCookie(name=COOKIE, auto_error=False, scheme_name="cookie", description="The browser's cookie.")


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


class Limits:
    """Counts by user and by address. Fails closed: what cannot be counted is refused by the error it raises."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def count(self, what: str, whose: str, per_minute: int) -> None:
        """Raises TooMany when it happened more often than that within the last minute."""
        item = RateLimitItemPerMinute(per_minute)
        if not await self._limiter.hit(item, what, whose):
            reset, _ = await self._limiter.get_window_stats(item, what, whose)
            del reset
            raise TooMany("That was too often. Wait a little and try again.", retry_after=1.0)


class Revocations:
    """Tells open feeds of this process at once that a credential is dead."""

    def __init__(self) -> None:
        self._feeds: dict[str, set[asyncio.Event]] = defaultdict(set)

    def watch(self, token_hash: str) -> asyncio.Event:
        event = asyncio.Event()
        self._feeds[token_hash].add(event)
        return event

    def unwatch(self, token_hash: str, event: asyncio.Event) -> None:
        feeds = self._feeds[token_hash]
        feeds.discard(event)
        if not feeds:
            del self._feeds[token_hash]

    def revoke(self, token_hash: str) -> None:
        for event in self._feeds.get(token_hash, ()):
            event.set()

    def open_feeds(self) -> int:
        return sum(len(events) for events in self._feeds.values())


def app_of(request: Request) -> Symphainy:
    return request.app.state.symphainy


def limits_of(request: Request) -> Limits:
    return request.app.state.limits


def address_of(request: Request) -> str:
    return request.client.host if request.client else "unknown"


async def optional_credential(
    request: Request,
    bearer: Annotated[object | None, Security(bearer_scheme)],
    cookie: Annotated[str | None, Security(cookie_scheme)],
) -> Credential | None:
    """The caller's credential, or None where none was presented. A bad one is never the same as none."""
    header = request.headers.get("authorization")
    if header is None and cookie is None:
        return None
    if header is not None:
        kind, _, token = header.partition(" ")
        token = token.strip() if kind.lower() == "bearer" else ""
    else:
        token = cookie or ""
        check_origin(request)
    settings = app_of(request).settings
    try:
        credential = await app_of(request).sessions.resolve_session_token(token)
    except NotAuthenticated:
        await limits_of(request).count("failure", address_of(request), settings.failures_per_minute)
        raise
    if request.method not in SAFE_METHODS:
        await limits_of(request).count("write", credential.user_id, settings.writes_per_minute)
    return credential


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
    except SessionNotFound:
        raise missing from None
    if session.user_id != credential.user_id:
        raise missing
    return OpenSession(credential, session)


def check_origin(request: Request) -> None:
    """A cookie goes along with every request that any page makes, so a write must prove that it comes from our own
    page."""
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    same = urlsplit(origin).netloc == request.headers.get("host") if origin else site in ("same-origin", "none")
    if not same or site in ("cross-site", "same-site"):
        raise NotAllowed("This request comes from another site.")


def set_cookie(request: Request, response: Response, token: str) -> None:
    settings = app_of(request).settings
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(settings.token_lifetime),
        path="/",
        secure=settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )


MaybeCredential = Annotated[Credential | None, Depends(optional_credential)]
SomeCredential = Annotated[Credential, Depends(required_credential)]
Opened = Annotated[OpenSession, Depends(open_session)]
App = Annotated[Symphainy, Depends(app_of)]
