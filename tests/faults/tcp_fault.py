"""A TCP proxy that breaks what passes through it: loses answers, tears them at a byte, swallows everything, resets."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Self


class TcpFault:
    """Listens on loopback and passes everything on to `port`, until it is told otherwise. `answered` counts the bytes
    that have been passed back."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._server: asyncio.Server | None = None
        self._pumps: set[asyncio.Task[None]] = set()
        self._open: set[asyncio.StreamWriter] = set()
        self._cut_after: int | None = None
        self._passing = asyncio.Event()
        self._passing.set()
        self.port = 0
        self.answered = 0
        self.cuts = 0

    async def __aenter__(self) -> Self:
        await self.listen()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.refuse()
        for pump in self._pumps:
            pump.cancel()
        if self._pumps:
            await asyncio.wait(self._pumps)

    async def listen(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def refuse(self) -> None:
        """Nobody listens any more, and every connection is reset."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
        self.reset()

    def cut_after(self, count: int) -> None:
        """Passes so many more bytes of answers, then resets the connection. The requests have all been passed on."""
        self._cut_after = count

    def black_hole(self, on: bool = True) -> None:
        """Nothing passes either way, and nothing is closed."""
        if on:
            self._passing.clear()
        else:
            self._passing.set()

    def reset(self) -> None:
        for writer in list(self._open):
            self._abort(writer)

    def _abort(self, writer: asyncio.StreamWriter) -> None:
        self._open.discard(writer)
        raw: socket.socket | None = writer.get_extra_info("socket")
        if raw is not None and raw.fileno() >= 0:
            # closing with nothing to linger for is a reset
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            answers, requests = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            self._abort(writer)
            return
        self._open |= {writer, requests}
        for pump in (self._pass_requests(reader, requests, writer), self._pass_answers(answers, writer, requests)):
            task = asyncio.create_task(pump)
            self._pumps.add(task)
            task.add_done_callback(self._pumps.discard)

    async def _pass_requests(
        self, reader: asyncio.StreamReader, requests: asyncio.StreamWriter, client: asyncio.StreamWriter
    ) -> None:
        try:
            while data := await reader.read(1 << 16):
                await self._passing.wait()
                requests.write(data)
                await requests.drain()
        except OSError:
            pass
        finally:
            self._abort(client)
            # what has been sent is to arrive, so that only the answer is lost
            self._open.discard(requests)
            requests.close()

    async def _pass_answers(
        self, answers: asyncio.StreamReader, client: asyncio.StreamWriter, requests: asyncio.StreamWriter
    ) -> None:
        try:
            while data := await answers.read(1 << 16):
                await self._passing.wait()
                cut = self._cut_after
                if cut is not None and len(data) >= cut:
                    self._cut_after = None
                    self.cuts += 1
                    client.write(data[:cut])
                    await client.drain()
                    return
                if cut is not None:
                    self._cut_after = cut - len(data)
                self.answered += len(data)
                client.write(data)
                await client.drain()
        except OSError:
            pass
        finally:
            self._abort(client)
            self._open.discard(requests)
            requests.close()
