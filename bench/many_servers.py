"""Several server processes on one Valkey: how soon one process shows what another was sent, whether writers at all of them lose
anything, and how soon a thousand clients are back after all of their feeds were cut at once.

Starts its own servers on loopback. The bars: 150 ms for the 95th of 100 messages; 200 of 200 in each of 20 rounds; 2 s for 1,000
feeds, each with every entry once.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import urlsplit

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.api.server_process import ServerProcess
from tests.servers import valkey

PROCESSES = 4
MESSAGES = 100
ROUNDS = 20
EACH = 50
FEEDS = 500
MISSED = 20


class Client:
    """One session, through any of the processes."""

    def __init__(self, servers: list[ServerProcess], session_id: str, token: str) -> None:
        self.servers = servers
        self.path = f"/api/v1/sessions/{session_id}"
        self.token = token
        limits = httpx.Limits(max_connections=200)
        self.http = httpx.AsyncClient(headers={"authorization": f"Bearer {token}"}, timeout=60, limits=limits)

    async def put(self, server: ServerProcess, key: str) -> int:
        url = f"{server.url}{self.path}/states/{key}"
        return (await self.http.put(url, json={"state_data": {"n": 1}})).status_code

    async def patch(self, server: ServerProcess, key: str) -> int:
        url = f"{server.url}{self.path}/state"
        return (await self.http.patch(url, json={key: 1}, headers={"Idempotency-Key": key})).status_code


async def feed(client: Client, server: ServerProcess, cursor: str | None = None) -> AsyncIterator[tuple[str, object]]:
    """Events of one feed, over a socket of its own and nothing else: a thousand of them fit into one process."""
    address = urlsplit(server.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    resume = f"Last-Event-ID: {cursor}\r\n" if cursor else ""
    writer.write(
        f"GET {client.path}/events HTTP/1.1\r\nHost: {address.netloc}\r\nAccept: text/event-stream\r\n"
        f"Authorization: Bearer {client.token}\r\n{resume}\r\n".encode()
    )
    try:
        await reader.readuntil(b"\r\n\r\n")
        event, data, place = "", "", ""
        while line := (await reader.readline()).decode():
            name, _, value = line.strip().partition(": ")
            match name:
                case "event":
                    event = value
                case "data":
                    data = value
                case "id":
                    place = value
                case "" if event:
                    yield place, json.loads(data) if event in ("events", "snapshot", "resume") else None
                    event = ""
                case _:
                    pass
    finally:
        writer.close()


async def shown_after(client: Client) -> list[float]:
    """Seconds from sending a message to one process until the feed of another one has it."""
    sender, watcher = client.servers[1], client.servers[0]
    waiting: dict[str, float] = {}
    seconds: list[float] = []
    ready = asyncio.Event()

    async def watch() -> None:
        async for _, data in feed(client, watcher):
            ready.set()
            for entry in data if isinstance(data, list) else ():
                sent = waiting.pop(entry["data"].get("state_id", ""), None)
                if sent is not None:
                    seconds.append(time.perf_counter() - sent)

    watching = asyncio.create_task(watch())
    await asyncio.wait_for(ready.wait(), 10)
    for number in range(MESSAGES):
        key = f"shown-{number}"
        waiting[key] = time.perf_counter()
        await client.put(sender, key)
        await asyncio.sleep(0.02)
    async with asyncio.timeout(10):
        while waiting:
            await asyncio.sleep(0.01)
    watching.cancel()
    return sorted(seconds)


async def writers(client: Client, number: int) -> tuple[int, int]:
    """Acknowledged and refused writes of 4 x 50 appends and 4 x 50 patches, each process a quarter."""

    async def at(place: int) -> list[int]:
        server, codes = client.servers[place], list[int]()
        for start in range(0, EACH, 10):
            keys = [f"round{number:02}-{place}-{n:02}" for n in range(start, start + 10)]
            codes += await asyncio.gather(*(client.put(server, key) for key in keys))
            codes += await asyncio.gather(*(client.patch(server, key) for key in keys))
        return codes

    codes = [code for some in await asyncio.gather(*(at(place) for place in range(PROCESSES))) for code in some]
    good = sum(code < 300 for code in codes)
    return good, len(codes) - good


async def seqs_of(client: Client, server: ServerProcess) -> list[int]:
    found: list[int] = []
    more, after = True, ""
    while more:
        url = f"{server.url}{client.path}/events{after}"
        page = (await client.http.get(url, headers={"accept": "application/json"})).json()
        found += [entry["seq"] for entry in page["entries"]]
        more, after = page["has_more"], f"?after={page['epoch']}.{found[-1] if found else 0}"
    return found


class Follower:
    """One client that follows a feed, is cut off, and comes back where it was."""

    def __init__(self, client: Client, server: ServerProcess) -> None:
        self.client, self.server = client, server
        self.cursor: str | None = None
        self.seqs: list[int] = []
        self.opened = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self.opened.clear()
        self.task = asyncio.create_task(self._follow())

    async def _follow(self) -> None:
        async for place, data in feed(self.client, self.server, self.cursor):
            self.cursor = place or self.cursor
            if isinstance(data, list):
                self.seqs += [entry["seq"] for entry in data]
            elif isinstance(data, dict) and "session" in data:
                self.seqs = [data["seq"]]
            self.opened.set()

    async def cut(self) -> None:
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)

    @property
    def at(self) -> int:
        return self.seqs[-1] if self.seqs else 0


async def comes_back(client: Client) -> tuple[float, int]:
    """Seconds until 500 clients on each of two processes have what was written while all of them were cut off, and how many of
    them have a gap or something twice."""
    followers = [Follower(client, client.servers[number % 2]) for number in range(2 * FEEDS)]
    for group in chunks(followers, 100):
        for follower in group:
            follower.start()
        await asyncio.wait_for(asyncio.gather(*(follower.opened.wait() for follower in group)), 60)
    await client.put(client.servers[0], "before-the-cut")
    await asyncio.sleep(1.0)
    await asyncio.gather(*(follower.cut() for follower in followers))
    for number in range(MISSED):
        await client.put(client.servers[number % 4], f"missed-{number}")
    head = max(await seqs_of(client, client.servers[0]))
    began = time.perf_counter()
    for follower in followers:
        follower.start()
    async with asyncio.timeout(60):
        while any(follower.at < head for follower in followers):
            await asyncio.sleep(0.005)
    seconds = time.perf_counter() - began
    faulty = sum(follower.seqs != list(range(follower.seqs[0], head + 1)) for follower in followers)
    await asyncio.gather(*(follower.cut() for follower in followers))
    return seconds, faulty


def chunks(items: list[Follower], size: int) -> Iterable[list[Follower]]:
    return (items[start : start + size] for start in range(0, len(items), size))


async def main() -> None:
    with valkey.running() as store, tempfile.TemporaryDirectory() as folder:
        async with AsyncExitStack() as stack:
            servers = [ServerProcess(Path(folder), store=store.url, feeds_per_user=10_000) for _ in range(PROCESSES)]
            for server in servers:
                await stack.enter_async_context(server)
            client = Client(servers, *await servers[0].new_session())
            seconds = await shown_after(client)
            p95 = seconds[int(len(seconds) * 0.95)]
            print(
                f"shown by another process: median {statistics.median(seconds) * 1000:.1f} ms, p95 {p95 * 1000:.1f} ms"
            )
            acknowledged = refused = lost = 0
            for number in range(ROUNDS):
                client = Client(servers, *await servers[0].new_session())
                good, bad = await writers(client, number)
                seqs = await seqs_of(client, servers[number % PROCESSES])
                acknowledged, refused = acknowledged + good, refused + bad
                lost += 1 + good - len(seqs) + (seqs != list(range(1, len(seqs) + 1)))
            print(
                f"{ROUNDS} rounds of {2 * PROCESSES * EACH} writes: {acknowledged} acknowledged, {refused} refused,"
                f" {lost} lost or with a gap"
            )
            client = Client(servers, *await servers[0].new_session())
            back, faulty = await comes_back(client)
            print(
                f"{2 * FEEDS} feeds cut at once: all have everything after {back:.2f} s, {faulty} with a gap or a repeat"
            )


if __name__ == "__main__":
    asyncio.run(main())
