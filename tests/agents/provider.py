"""A server on loopback that speaks as much of OpenAI's protocol as a test needs, and misbehaves as it is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

Say = Callable[[bytes], Awaitable[None]]
Behaviour = Callable[["Provider", Say], Awaitable[None]]


@dataclass
class Provider:
    """`requests` are the bodies it was sent, in order."""

    url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


@asynccontextmanager
async def provider(*behaviours: Behaviour) -> AsyncIterator[Provider]:
    """The nth request meets the nth behaviour, later ones the last."""
    made = Provider()
    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def say(data: bytes) -> None:
            writer.write(data)
            await writer.drain()

        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = int(head.split("content-length:")[1].split("\r\n")[0])
            made.requests.append(json.loads(await reader.readexactly(length)))
            await behaviours[min(len(made.requests), len(behaviours)) - 1](made, say)
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            serving.discard(task)
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield made
    finally:
        server.close()
        for task in [*serving]:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)


def says(*pieces: str) -> Behaviour:
    """The whole answer, in these pieces."""

    async def behave(_: Provider, say: Say) -> None:
        await say(OPEN)
        for piece in pieces:
            await say(_event({"content": piece}))
        await say(_event({}, "stop") + b"data: [DONE]\n\n")

    return behave


def breaks_off(*pieces: str) -> Behaviour:
    """A connection that is closed in the middle of the answer."""

    async def behave(_: Provider, say: Say) -> None:
        await say(OPEN.replace(b"Connection: close", b"Content-Length: 1000000"))
        for piece in pieces:
            await say(_event({"content": piece}))

    return behave


def calls(name: str, arguments: dict[str, object]) -> Behaviour:
    """A wish to use a tool."""

    async def behave(_: Provider, say: Say) -> None:
        call = {"index": 0, "id": "call-1", "type": "function"}
        function = {"name": name, "arguments": json.dumps(arguments)}
        await say(OPEN + _event({"tool_calls": [{**call, "function": function}]}))
        await say(_event({}, "tool_calls") + b"data: [DONE]\n\n")

    return behave


def refuses(status: int, message: str) -> Behaviour:
    async def behave(_: Provider, say: Say) -> None:
        body = json.dumps({"error": {"message": message, "type": "error", "code": None}}).encode()
        head = f"HTTP/1.1 {status} No\r\nContent-Type: application/json\r\nConnection: close\r\n"
        await say(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)

    return behave


def garbage(body: bytes) -> Behaviour:
    async def behave(_: Provider, say: Say) -> None:
        await say(OPEN + body)

    return behave


def waits_for_ever(begun: asyncio.Event, *pieces: str) -> Behaviour:
    async def behave(_: Provider, say: Say) -> None:
        await say(OPEN)
        for piece in pieces:
            await say(_event({"content": piece}))
        begun.set()
        await asyncio.get_running_loop().create_future()

    return behave


OPEN = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


def _event(delta: dict[str, object], reason: str | None = None) -> bytes:
    chunk = {
        "id": "answer-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "peer",
        "choices": [{"index": 0, "delta": {"role": "assistant", **delta}, "finish_reason": reason}],
    }
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


def texts(messages: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    """Role and text of each message of a request."""
    return [(str(item["role"]), str(item.get("content"))) for item in messages]
