"""An HTTP proxy that breaks some of the requests that pass through it."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from typing import Self

WAIT_SECONDS = 10.0


class HttpFault:
    """Listens on loopback and passes every request on to `port`, but for those that `breaks` names."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._lines: list[str] = []
        self._pattern: str | None = None
        self._what = ""
        self._times = -1
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=1 << 26)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def breaks(self, request_line: str | None, what: str, *, times: int = -1) -> None:
        """From now on requests whose first line matches are answered with the status `what`, or `cut` (the connection is
        closed), `hang` (there is no answer), `half` (the answer breaks off), `flip` (its last bit is another). A negative
        `times` is for ever."""
        self._pattern, self._what, self._times = request_line, what, times

    def seen(self, request_line: str) -> list[str]:
        return [line for line in self._lines if re.match(request_line, line)]

    async def wait_for(self, request_line: str) -> None:
        async with asyncio.timeout(WAIT_SECONDS):
            while not self.seen(request_line):
                await asyncio.sleep(0.01)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
                while await self._pass(reader, writer):
                    pass
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request; whether the connection goes on."""
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        body = await reader.readexactly(int(length[1]) if length else 0)
        line = head.partition(b"\r\n")[0].decode()
        self._lines.append(line)
        what = self._broken(line)
        if what == "hang":
            await reader.read()
            return False
        if what == "cut":
            return False
        if what.isdigit():
            writer.write(f"HTTP/1.1 {what} Broken\r\nContent-Length: 0\r\n\r\n".encode())
            await writer.drain()
            return True
        answers, requests = await asyncio.open_connection("127.0.0.1", self._target)
        try:
            requests.write(head.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1) + body)
            await requests.drain()
            answer = await answers.read()
        finally:
            requests.transport.abort()
        if what == "flip":
            answer = answer[:-1] + bytes([answer[-1] ^ 1])
        writer.write(answer[: len(answer) // 2] if what == "half" else answer)
        await writer.drain()
        if what != "half":
            writer.close()
            await writer.wait_closed()
        return False

    def _broken(self, line: str) -> str:
        if self._pattern is None or not self._times or not re.match(self._pattern, line):
            return ""
        self._times -= 1
        return self._what
