"""Clients that take nothing: they cost a bounded amount of memory, for a bounded time, and nobody else waits for them."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import httpx
import pytest

from tests.api.feed_client import opened, stalled_feed
from tests.api.server_process import ServerProcess

READERS = 50
MEBIBYTE = 1024 * 1024


@pytest.mark.timeout(120)
async def test_50_readers_that_never_read_stay_within_bounds_and_are_dropped(tmp_path: Path) -> None:
    async with ServerProcess(tmp_path / "data", write_seconds=1, feeds_per_user=60) as server:
        session_id, token = await server.new_session()
        headers = {"authorization": f"Bearer {token}"}
        path = f"/api/v1/sessions/{session_id}"
        async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=20) as http:
            epoch = (await http.get(path)).json()["epoch"]
            for _ in range(100):
                await asyncio.gather(*(http.patch(f"{path}/state", json={"a": "x" * 2_000}) for _ in range(8)))
            # Loading takes hundreds of megabytes for a moment, which would hide what readers cost.
            async with asyncio.timeout(60):
                while "symphainy_understanding_loaded 1.0" not in (await http.get("/metrics")).text:
                    await asyncio.sleep(0.1)
            before = server.rss()
            sockets = [stalled_feed(server.url, session_id, token, epoch) for _ in range(READERS)]
            try:
                grown, slowest = 0, 0.0
                async with opened(server.url, session_id, token) as feed:
                    await feed.next()
                    for number in range(200):
                        started = time.monotonic()
                        seq = (await http.patch(f"{path}/state", json={"a": f"{number}" + "y" * 2_000})).json()["seq"]
                        while (await feed.next("events")).seqs[-1] < seq:
                            pass
                        slowest = max(slowest, time.monotonic() - started)
                        grown = max(grown, server.rss() - before)
                assert grown < 30 * MEBIBYTE
                assert slowest < 2
                async with asyncio.timeout(30):
                    while "symphainy_feeds_open 0.0" not in (await http.get("/metrics")).text:
                        await asyncio.sleep(0.1)
            finally:
                for made in sockets:
                    made.close()
