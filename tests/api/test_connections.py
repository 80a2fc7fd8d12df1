"""Connections whose clients are slow, silent or long-winded."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from urllib.parse import urlsplit

import httpx
import pytest

from symphainy.api import Api, connections


async def connect(url: str, stack: AsyncExitStack) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    where = urlsplit(url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    stack.callback(writer.close)
    return reader, writer


async def test_headers_without_end_are_cut_off(url: str) -> None:
    async with AsyncExitStack() as stack, asyncio.timeout(10):
        reader, writer = await connect(url, stack)
        writer.write(b"GET /healthz HTTP/1.1\r\nhost: x\r\nx-long: ")
        for _ in range(70):
            writer.write(b"x" * 1_000)
        assert (await reader.readline()).startswith(b"HTTP/1.1 431 ")
        await reader.read()


async def test_headers_within_the_limit_are_read_even_in_pieces_and_again_on_the_same_connection(url: str) -> None:
    request = b"GET /healthz HTTP/1.1\r\nhost: x\r\nx-long: " + b"x" * 40_000 + b"\r\n\r\n"
    async with AsyncExitStack() as stack, asyncio.timeout(10):
        reader, writer = await connect(url, stack)
        for _ in range(3):
            for start in range(0, len(request), 10_000):
                writer.write(request[start : start + 10_000])
                await writer.drain()
            assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
            assert (await reader.readuntil(b'{"status":"ok"}')).endswith(b'"ok"}')


@pytest.mark.parametrize("begun", [b"", b"GET /heal", b"GET /healthz HTTP/1.1\r\nhost: x\r\n"])
async def test_a_request_that_never_comes_is_not_waited_for(
    url: str, begun: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "HEADER_SECONDS", 0.1)
    async with AsyncExitStack() as stack, asyncio.timeout(10):
        reader, writer = await connect(url, stack)
        writer.write(begun)
        assert await reader.read() == b""


async def test_a_feed_is_not_cut_off_by_the_wait_for_headers(
    url: str, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "HEADER_SECONDS", 0.1)
    async with httpx.AsyncClient(base_url=url) as http:
        made = (await http.post("/api/v1/sessions", json={})).json()
        headers = {"authorization": f"Bearer {made['session_token']}"}
        path = f"/api/v1/sessions/{made['session_id']}"
        async with http.stream("GET", f"{path}/events", headers=headers) as answer:
            chunks = answer.aiter_bytes()
            await anext(chunks)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.5):
                    await anext(chunks)


async def test_300_silent_connections_do_not_slow_others_down(url: str) -> None:
    async def slowest(http: httpx.AsyncClient) -> float:
        times: list[float] = []
        for _ in range(200):
            started = time.perf_counter()
            assert (await http.get("/healthz")).is_success
            times.append(time.perf_counter() - started)
        return sorted(times)[-10]

    async with AsyncExitStack() as stack, httpx.AsyncClient(base_url=url) as http:
        before = await slowest(http)
        for _ in range(300):
            _, writer = await connect(url, stack)
            writer.write(b"GET /healthz HTTP/1.1\r\nhost: x\r\n")
        assert await slowest(http) < max(4 * before, 0.05)
