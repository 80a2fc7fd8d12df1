"""A real server in the test's own loop, and a feed's client that reads frames as the specification has them."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from symphainy.api import Api
from symphainy.config import Settings
from symphainy.serve import Server, bind, url_of


@dataclass(frozen=True)
class Frame:
    event: str
    data: Any
    id: str | None
    size: int

    @property
    def seqs(self) -> list[int]:
        return [entry["seq"] for entry in self.data]


@asynccontextmanager
async def served(api: Api) -> AsyncIterator[tuple[str, Server]]:
    with bind(Settings(port=0, write_seconds=1.0)) as bound:
        bound.listen(256)
        server = Server(api)
        running = asyncio.create_task(server.serve(sockets=[bound]))
        try:
            yield url_of("127.0.0.1", bound.getsockname()[1]), server
        finally:
            server.stop()
            async with asyncio.timeout(5):
                await running


def parse(block: bytes) -> Frame | None:
    """One block between empty lines; None for a block that is no event (`retry`)."""
    assert b"\r" not in block
    fields = dict(line.split(b": ", 1) for line in block.split(b"\n"))
    if b"event" not in fields:
        return None
    identity = fields.get(b"id")
    return Frame(
        fields[b"event"].decode(), json.loads(fields[b"data"]), identity.decode() if identity else None, len(block)
    )


class Feed:
    """One open feed. `frames` ends when the server ends the stream."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._chunks = answer.aiter_bytes()
        self._buffer = b""

    async def frames(self) -> AsyncIterator[Frame]:
        async for chunk in self._chunks:
            self._buffer += chunk
            while b"\n\n" in self._buffer:
                block, _, self._buffer = self._buffer.partition(b"\n\n")
                if (frame := parse(block)) is not None:
                    yield frame

    async def next(self, *events: str, seconds: float = 10) -> Frame:
        """The next frame of one of these kinds (any, if none is named)."""
        async with asyncio.timeout(seconds):
            while True:
                while b"\n\n" not in self._buffer:
                    self._buffer += await anext(self._chunks)
                block, _, self._buffer = self._buffer.partition(b"\n\n")
                frame = parse(block)
                if frame is not None and (not events or frame.event in events):
                    return frame

    async def until(self, seq: int) -> list[int]:
        """The seqs of all entries up to this one."""
        found: list[int] = []
        while not found or found[-1] < seq:
            found += (await self.next("events")).seqs
        return found


@asynccontextmanager
async def opened(
    url: str,
    session_id: str,
    token: str,
    *,
    after: str | None = None,
    last_event_id: str | None = None,
    known: str | None = None,
) -> AsyncIterator[Feed]:
    headers = {"authorization": f"Bearer {token}", "accept": "text/event-stream"}
    if last_event_id is not None:
        headers["last-event-id"] = last_event_id
    params = {name: value for name, value in (("after", after), ("known", known)) if value is not None}
    async with (
        httpx.AsyncClient(timeout=30) as http,
        http.stream("GET", f"{url}/api/v1/sessions/{session_id}/events", headers=headers, params=params) as answer,
    ):
        yield Feed(answer)


def stalled_feed(url: str, session_id: str, token: str, epoch: str) -> socket.socket:
    """A client that asks for the whole feed and reads nothing."""
    where = urlsplit(url)
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    made.connect((where.hostname, where.port))
    made.sendall(
        f"GET /api/v1/sessions/{session_id}/events?after={epoch}.0 HTTP/1.1\r\nhost: x\r\n"
        f"authorization: Bearer {token}\r\n\r\n".encode()
    )
    return made
