"""What one server process needs and can do behind the reverse proxy: memory for itself and for each live feed, in the proxy too, and
turns a second.

A server, a Valkey that syncs every write and Caddy with the file of compose.yaml are started on loopback; this process is the users. All
of them share the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.api.server_process import ServerProcess
from tests.servers import valkey
from tests.servers.caddy import Caddy
from tests.servers.valkey import ValkeyServer

SETTLED_SECONDS = 20.0
AT_A_TIME = 100
ASKING = 16


async def shows(server: ServerProcess, line: str) -> None:
    """Until the server's metrics have it."""
    async with httpx.AsyncClient(base_url=server.url, timeout=20) as http, asyncio.timeout(SETTLED_SECONDS):
        while line not in (await http.get("/metrics")).text.splitlines():
            await asyncio.sleep(0.1)


async def follow(proxy: Caddy, path: str, token: str, opened: asyncio.Event) -> None:
    """One feed, over a socket of its own and nothing else."""
    reader, writer = await asyncio.open_connection("localhost", proxy.port, ssl=proxy.trust(), limit=4_096)
    try:
        writer.write(
            f"GET {path}/events HTTP/1.1\r\nHost: localhost:{proxy.port}\r\nAccept: text/event-stream\r\n"
            f"Authorization: Bearer {token}\r\n\r\n".encode()
        )
        while await reader.read(4_096):
            opened.set()
    finally:
        writer.close()


async def feeds(server: ServerProcess, proxy: Caddy, count: int) -> None:
    sessions = [await server.new_session() for _ in range(count // 25)]
    before = server.rss(), proxy.memory()
    tasks: list[asyncio.Task[None]] = []
    for first in range(0, count, AT_A_TIME):
        events = [asyncio.Event() for _ in range(min(AT_A_TIME, count - first))]
        for number, opened in enumerate(events, first):
            session_id, token = sessions[number % len(sessions)]
            tasks.append(asyncio.create_task(follow(proxy, f"/api/v1/sessions/{session_id}", token, opened)))
        async with asyncio.timeout(30):
            await asyncio.gather(*(opened.wait() for opened in events))
    after = server.rss(), proxy.memory()
    each = [(now - then) / count / 1024 for now, then in zip(after, before, strict=True)]
    print(
        f"{count:,} feeds of {len(sessions)} sessions: {each[0]:.0f} KB each in the server, {each[1]:.0f} KB each in the proxy"
    )
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await shows(server, "symphainy_feeds_open 0.0")


async def turns(server: ServerProcess, proxy: Caddy, store: ValkeyServer, seconds: float) -> None:
    """Users who ask, see the answer in their feed, and ask again."""
    spent: list[float] = []
    assert store.process is not None
    pids = server.pid, store.process.pid
    used, ends = list(map(processor_seconds, pids)), time.perf_counter() + seconds

    async def user() -> None:
        session_id, token = await server.new_session()
        path, headers = f"/api/v1/sessions/{session_id}", {"authorization": f"Bearer {token}"}
        async with (
            httpx.AsyncClient(base_url=proxy.url, verify=proxy.trust(), headers=headers, timeout=30) as http,
            http.stream("GET", f"{path}/events", headers={"accept": "text/event-stream"}) as feed,
        ):
            lines = feed.aiter_lines()
            while (began := time.perf_counter()) < ends:
                body = {"content": "Where do I start, and what can you do for me?"}
                (await http.post(f"{path}/conversations/guide_agent/messages", json=body)).raise_for_status()
                while "run.finished" not in await anext(lines):
                    pass
                spent.append(time.perf_counter() - began)

    await asyncio.gather(*(user() for _ in range(ASKING)))
    each = [(processor_seconds(pid) - before) / len(spent) for pid, before in zip(pids, used, strict=True)]
    spent.sort()
    print(
        f"{ASKING} users at once: {len(spent) / seconds:.0f} turns a second, half of them answered in"
        f" {spent[len(spent) // 2] * 1000:.0f} ms and 95 % in {spent[int(len(spent) * 0.95)] * 1000:.0f} ms;"
        f" each takes {each[0] * 1000:.1f} ms of a processor for the server and {each[1] * 1000:.2f} for Valkey"
    )


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def main(count: int, seconds: float) -> None:
    with valkey.running() as store, tempfile.TemporaryDirectory() as folder:
        async with ServerProcess(Path(folder) / "data", store=store.url, feeds_per_user=count) as server:
            at_start = server.rss()
            await shows(server, "symphainy_understanding_loaded 1.0")
            with Caddy(Path(folder) / "proxy", [server.url]) as proxy:
                print(
                    f"memory: server {at_start / 1e6:.0f} MB at its start, {server.rss() / 1e6:.0f} MB when it has"
                    f" everything loaded; proxy {proxy.memory() / 1e6:.0f} MB"
                )
                await feeds(server, proxy, count)
                await turns(server, proxy, store, seconds)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=1_000)
    parser.add_argument("--seconds", type=float, default=5.0)
    options = parser.parse_args()
    asyncio.run(main(options.feeds, options.seconds))
