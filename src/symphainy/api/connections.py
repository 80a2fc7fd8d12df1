"""One HTTP connection: what its client may keep us waiting for, and how much it may say before we know what it wants."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADER_BYTES: Final = 65_536
HEADER_SECONDS: Final = 20.0
TOO_LONG: Final = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Connection(HttpToolsProtocol):
    """The server library's connection, which would wait for a request line for ever and keep headers of any length."""

    _waiting: asyncio.TimerHandle | None = None
    _header_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        super().connection_made(transport)
        self._wait_for_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        self._headers_are_there()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._waiting is None:
            return
        self._header_bytes += len(data)
        if self._header_bytes > HEADER_BYTES and not self.transport.is_closing():
            self._headers_are_there()
            self.transport.write(TOO_LONG)
            self.transport.close()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._waiting is None:
            self._wait_for_headers()

    def on_headers_complete(self) -> Any:
        self._headers_are_there()
        return super().on_headers_complete()

    def _wait_for_headers(self) -> None:
        self._header_bytes = 0
        self._waiting = asyncio.get_running_loop().call_later(HEADER_SECONDS, self.transport.close)

    def _headers_are_there(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
