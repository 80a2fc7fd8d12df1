"""What every request and answer passes: its id, its size, its headers, its count. Pure ASGI, so that streams stay
streams."""

from __future__ import annotations

import re
import time
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from symphainy.api.errors import problem, unexpected
from symphainy.api.health import Metrics
from symphainy.ids import new_id

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    b"content-security-policy": POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
}
UPLOAD: Final = re.compile(r"/api/v1/sessions/[^/]+/files/?")
UPLOAD_OVERHEAD: Final = 1024 * 1024


class Edge:
    def __init__(self, app: ASGIApp, metrics: Metrics, *, max_body: int, max_upload: int, max_files: int) -> None:
        self._app = app
        self._metrics = metrics
        self._max_body = max_body
        self._max_upload = max_upload * max_files + UPLOAD_OVERHEAD

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = new_id("req")
        scope.setdefault("state", {})["request_id"] = request_id
        started = time.monotonic()
        sent: list[int] = []

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                held = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    (b"x-request-id", request_id.encode()),
                    *((name, value) for name, value in HEADERS.items() if name not in held),
                ]
                if scope["path"].startswith("/api/") and b"cache-control" not in held:
                    message["headers"].append((b"cache-control", b"no-store"))
                sent.append(message["status"])
                self._count(scope, message["status"], time.monotonic() - started)
            await send(message)

        limit = self._max_upload if UPLOAD.fullmatch(scope["path"]) else self._max_body
        too_large = problem(413, "too_large", f"This request may have at most {limit:,} bytes.", request_id)
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if length.isdigit() and int(length) > limit:
            await too_large(scope, receive, send_with_headers)
            return
        try:
            await self._app(scope, _Limited(receive, limit), send_with_headers)
        except _TooLong:
            if not sent:
                await too_large(scope, receive, send_with_headers)
        except Exception as error:
            if sent:
                raise
            await unexpected(request_id, error, f"{scope['method']} {scope['path']}")(scope, receive, send_with_headers)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "other")
        self._metrics.requests.labels(scope["method"], route, str(status)).inc()
        self._metrics.seconds.labels(route).observe(seconds)


class _TooLong(Exception):
    pass


class _Limited:
    """Stops reading a body that is longer than it may be, whatever its headers said."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._left = limit

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                raise _TooLong
        return message
