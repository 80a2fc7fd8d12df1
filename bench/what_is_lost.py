"""What was acknowledged and is gone, by how durable the store is set: servers are killed under load and their logs read again.

Thirty-two callers append to a session each for two seconds, then something happens, then every acknowledged append is looked for. An
append that failed counts as neither. The rows that promise something are checked; exits 1 if one of them lost anything. A power cut
cannot be made here: the rows are of killed processes.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.servers.postgres import PostgresServer
from tests.servers.valkey import ValkeyServer, free_ports

from symphainy import open_store
from symphainy.errors import SessionNotFound, SymphainyError
from symphainy.ids import new_id
from symphainy.stores.base import READ_LIMIT, Lifetime, Record, Store

CALLERS = 32
SECONDS = 2.0
CUT_SECONDS = 1.0
QUICK = "timeout=1.5&answer_timeout=0.5"


@dataclass
class Load:
    """Callers that append until they are told to stop, or nothing works any more."""

    store: Store
    acknowledged: dict[str, set[bytes]] = field(default_factory=dict[str, set[bytes]])
    stopping: bool = False

    async def begin(self) -> list[asyncio.Task[None]]:
        for _ in range(CALLERS):
            session_id = new_id("ses")
            await self.store.create(session_id, new_id("usr"), Lifetime(1e5, 1e6), [])
            self.acknowledged[session_id] = set()
        return [asyncio.create_task(self._append(one)) for one in self.acknowledged]

    async def _append(self, session_id: str) -> None:
        while not self.stopping:
            data = new_id("entry").encode()
            try:
                await self.store.append(session_id, [Record(data)], op_id=data.decode())
            except SymphainyError:
                return
            self.acknowledged[session_id].add(data)

    async def lost(self, after: Store) -> int:
        missing = 0
        for session_id, written in self.acknowledged.items():
            left, seq = set(written), 0
            try:
                while batch := await after.read(session_id, after=seq, limit=READ_LIMIT):
                    left -= {item.data for item in batch}
                    seq = batch[-1].seq
            except SessionNotFound:
                pass
            missing += len(left)
        return missing


async def row(name: str, url: str, happens: Callable[[Load], Awaitable[str]], *, promised: bool = False) -> bool:
    """`happens` ends the load and returns the URL to look at then. False if something is gone that must not be."""
    async with open_store(url) as store:
        load = Load(store)
        callers = await load.begin()
        await asyncio.sleep(SECONDS)
        then = await happens(load)
        load.stopping = True
        await asyncio.gather(*callers)
    count = sum(map(len, load.acknowledged.values()))
    async with open_store(then) as after:
        lost = await load.lost(after)
    print(f"| {name} | {count:,} | {lost:,} |", flush=True)
    return not (promised and lost)


@asynccontextmanager
async def valkeys(*options: tuple[str, ...]) -> AsyncIterator[list[ValkeyServer]]:
    with tempfile.TemporaryDirectory() as folder:
        servers = [
            ValkeyServer(Path(folder) / str(port), port, *given)
            for port, given in zip(free_ports(len(options)), options, strict=True)
        ]
        try:
            for server in servers:
                await asyncio.to_thread(server.start)
            yield servers
        finally:
            for server in servers:
                server.stop()


async def killed(name: str, *options: str, promised: bool) -> bool:
    async with valkeys(options) as (server,):

        async def happens(load: Load) -> str:
            server.kill()
            await asyncio.to_thread(server.start)
            return server.url

        return await row(f"one server, `{name}`, killed and started again", server.url, happens, promised=promised)


async def failed_over(name: str, *, wait: int, cut: bool) -> bool:
    always = ("--appendfsync", "always")
    async with valkeys(always, always) as (master, replica):
        with replica.client() as client:
            client.replicaof("127.0.0.1", master.port)
            async with asyncio.timeout(20):
                while client.info("replication")["master_link_status"] != "up":
                    await asyncio.sleep(0.02)

            async def happens(load: Load) -> str:
                if cut:
                    client.replicaof("no", "one")
                    await asyncio.sleep(CUT_SECONDS)
                master.kill()
                client.replicaof("no", "one")
                return replica.url

            url = f"{master.url}?{QUICK}&wait={wait}&wait_timeout=0.4" if wait else f"{master.url}?{QUICK}"
            return await row(name, url, happens, promised=bool(wait))


async def emptied(name: str, *, settle: bool) -> bool:
    async with valkeys(("--appendonly", "no")) as (hot,):
        database = await asyncio.to_thread(PostgresServer)
        try:
            await asyncio.to_thread(database.start)
            url = f"{hot.url}+{database.url()}"

            async def happens(load: Load) -> str:
                if settle:
                    load.stopping = True
                    async with asyncio.timeout(30):
                        while load.store.lag().entries:  # pyright: ignore[reportAttributeAccessIssue]
                            await asyncio.sleep(0.02)
                hot.kill()
                await asyncio.to_thread(hot.start)
                return url

            return await row(name, url, happens, promised=settle)
        finally:
            database.remove()


async def main() -> bool:
    print("| what happened, under load | acknowledged | lost |\n|---|---|---|")
    good = [
        await killed("appendonly no", "--appendonly", "no", promised=False),
        await killed("appendfsync everysec", "--appendfsync", "everysec", promised=True),
        await killed("appendfsync always", "--appendfsync", "always", promised=True),
        await failed_over("master killed, replica takes over", wait=0, cut=False),
        await failed_over("the same, the replica was cut off for a second before", wait=0, cut=True),
        await failed_over("master killed, replica takes over, `wait=1`", wait=1, cut=False),
        await failed_over("the same, the replica was cut off for a second before, `wait=1`", wait=1, cut=True),
        await emptied("tiered, hot store without persistence killed", settle=False),
        await emptied("the same, a moment after the last write", settle=True),
    ]
    return all(good)


if __name__ == "__main__":
    logging.getLogger("symphainy").setLevel(logging.ERROR)
    began = time.perf_counter()
    held = asyncio.run(main())
    print(f"{time.perf_counter() - began:.0f} s")
    sys.exit(0 if held else 1)
