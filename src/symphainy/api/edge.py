"""What every request and answer passes: its id, its size, its headers, its count. Pure ASGI, so that streams stay streams."""

from __future__ import annotations

import re
import time
from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from symphainy.api.errors import problem
from symphainy.ids import new_id
from symphainy.telemetry import Metrics, Span, span, tracing

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    b"content-security-policy": POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
}
PREFIX: Final = "/api/v1"
UPLOAD: Final = re.compile(rf"{PREFIX}/sessions/[^/]+/files")
METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
UPLOAD_OVERHEAD: Final = 1024 * 1024


class Edge:
    def __init__(self, app: ASGIApp, metrics: Metrics, *, max_body: int, max_upload: int) -> None:
        self._app = app
        self._metrics = metrics
        self._max_body = max_body
        self._max_upload = max_upload

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if not (tracing() and scope["path"].startswith(PREFIX)):
            await self._answer(scope, receive, send, Span())
            return
        parent = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"traceparent"), None)
        with span(_method(scope), parent=parent, serves=True) as going:
            await self._answer(scope, receive, send, going)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, going: Span) -> None:
        request_id = new_id("req")
        scope.setdefault("state", {})["request_id"] = request_id
        started = time.monotonic()

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _with_headers(scope["path"], request_id, message.get("headers", []))
                status = message["status"]
                route = self._count(scope, status, time.monotonic() - started)
                about = {
                    "http.request.method": _method(scope),
                    "http.route": route,
                    "http.response.status_code": status,
                }
                going.set({**about, "symphainy.request.id": request_id}, name=f"{_method(scope)} {route}")
                if status >= 500:
                    going.fail(str(status))
            await send(message)

        limit = self._max_upload if UPLOAD.fullmatch(scope["path"]) else self._max_body
        if _declared_length(scope) > limit:
            refused = problem(413, "too_large", TooLong.explain(limit), request_id)
            refused.headers["Connection"] = "close"
            await refused(scope, receive, send_with_headers)
            return
        await self._app(scope, _Limited(receive, limit), send_with_headers)

    def _count(self, scope: Scope, status: int, seconds: float) -> str:
        """Counts the answer, and says for which route."""
        route = getattr(scope.get("route"), "path", "other")
        if scope["path"].startswith(PREFIX) and route != "other" and not route.startswith(PREFIX):
            route = PREFIX + route  # the framework names a route as its router does
        method = _method(scope)
        self._metrics.requests.labels(method, route, str(status)).inc()
        self._metrics.seconds.labels(method, route).observe(seconds)
        return route


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in METHODS else "other"


class TooLong(HTTPException):
    """The body goes on after the limit, whatever its headers said. The framework passes HTTP errors on as they are."""

    def __init__(self, limit: int) -> None:
        super().__init__(413, self.explain(limit), {"Connection": "close"})

    @staticmethod
    def explain(limit: int) -> str:
        return f"This request may have at most {limit:,} bytes."


class _Limited:
    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._read = 0

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._read += len(message.get("body", b""))
            if self._read > self._limit:
                raise TooLong(self._limit)
        return message


def _declared_length(scope: Scope) -> int:
    length: bytes = dict(scope["headers"]).get(b"content-length", b"0")
    return int(length) if length.isdigit() and len(length) < 20 else 0


def _with_headers(path: str, request_id: str, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    held = {name.lower() for name, _ in headers}
    added = [(b"x-request-id", request_id.encode())]
    added += [(name, value) for name, value in HEADERS.items() if name not in held]
    if path.startswith("/api/") and b"cache-control" not in held:
        added.append((b"cache-control", b"no-store"))
    return [*headers, *added]
