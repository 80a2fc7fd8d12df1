"""Bytes to the browser, which saves them and runs nothing of them."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Response
from fastapi.responses import StreamingResponse

from symphainy.files.base import OpenFile


def download(file: OpenFile, name: str, media_type: str | None = None) -> Response:
    """The whole file, always: half an answer would need the client to know that nothing changed meanwhile."""
    response = StreamingResponse(file.chunks, media_type=media_type or "application/octet-stream")
    response.headers["Content-Length"] = str(file.size)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
