"""SIGTERM with 50 open feeds and writers at work: out within 3 seconds, everybody told, nothing lost."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from pathlib import Path

import httpx

from tests.api.feed_client import Feed, opened, stalled_feed
from tests.api.server_process import ServerProcess

FEEDS = 50
WRITERS = 4


async def write_until_gone(url: str, session_id: str, token: str, name: str, acknowledged: set[str]) -> None:
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=10) as http:
        for number in range(100_000):
            key = f"{name}_{number}"
            try:
                answer = await http.patch(f"/api/v1/sessions/{session_id}/state", json={key: 1})
            except httpx.TransportError:
                return
            assert answer.status_code == 200, answer.text
            acknowledged.add(key)


async def follow(feed: Feed) -> tuple[str, str]:
    """The last place and the reason of the end."""
    place, reason = "", ""
    async for frame in feed.frames():
        place = frame.id or place
        reason = frame.data["reason"] if frame.event == "bye" else ""
    return place, reason


async def test_sigterm_ends_50_feeds_and_the_process_within_3_seconds_and_loses_nothing(tmp_path: Path) -> None:
    async with ServerProcess(tmp_path / "data") as server:
        session_id, token = await server.new_session()
        acknowledged: set[str] = set()
        async with AsyncExitStack() as stack:
            feeds = [await stack.enter_async_context(opened(server.url, session_id, token)) for _ in range(FEEDS)]
            following = [asyncio.create_task(follow(feed)) for feed in feeds]
            writing = [
                asyncio.create_task(write_until_gone(server.url, session_id, token, f"w{n}", acknowledged))
                for n in range(WRITERS)
            ]
            async with asyncio.timeout(20):
                while len(acknowledged) < 50:
                    await asyncio.sleep(0.01)
            started = time.monotonic()
            assert await server.stop() == 0
            assert time.monotonic() - started < 3
            ends = await asyncio.gather(*following)
            await asyncio.gather(*writing)
        assert {reason for _, reason in ends} == {"deploy"}
        assert "Traceback" not in server.output
        assert "running task" not in server.output
        await server.start()
        async with httpx.AsyncClient(base_url=server.url, headers={"authorization": f"Bearer {token}"}) as http:
            state = (await http.get(f"/api/v1/sessions/{session_id}/state")).json()["state"]
        assert acknowledged <= set(state)
        for place, _ in ends[:5]:
            async with opened(server.url, session_id, token, last_event_id=place) as feed:
                assert (await feed.next()).event == "resume"


async def test_a_client_that_reads_nothing_does_not_hold_up_the_end(tmp_path: Path) -> None:
    async with ServerProcess(tmp_path / "data") as server:
        session_id, token = await server.new_session()
        headers = {"authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(base_url=server.url, headers=headers) as http:
            path = f"/api/v1/sessions/{session_id}"
            epoch = (await http.get(path)).json()["epoch"]
            for number in range(40):
                await http.patch(f"{path}/state", json={"a": f"{number}" * 100_000})
        with stalled_feed(server.url, session_id, token, epoch):
            started = time.monotonic()
            assert await server.stop() == 0
            assert time.monotonic() - started < 3
