"""Real processes on a real Valkey and a real PostgreSQL, killed and flushed."""

from __future__ import annotations

import asyncio
import sys

import pytest
import redis.asyncio

from symphainy.ids import new_id
from symphainy.stores import open_store
from symphainy.stores.base import Stored
from tests.servers.valkey import valkey_url

from .pair import LIFE, eventually, line

__all__ = ["valkey_url"]

pytestmark = pytest.mark.timeout(60)

WRITER = """
import asyncio, sys
from symphainy.stores import open_store
from symphainy.stores.base import Lifetime, Record
async def main(url, session_id, name):
    async with open_store(url) as store:
        for number in range(10**6):
            text = f"{name}/{number}"
            done = await store.append(session_id, [Record(text.encode())] * 2, op_id=text)
            print(done.first_seq, text, flush=True)
asyncio.run(main(*sys.argv[1:]))
"""


async def test_what_killed_processes_acknowledged_is_in_the_durable_store(valkey_url: str, postgres_url: str) -> None:
    url, session_id = f"{valkey_url}?prefix={new_id('t')}+{postgres_url}", new_id("ses")
    async with open_store(url) as store, open_store(postgres_url) as durable:
        await store.create(session_id, "user", LIFE, [])
        writers = [
            await asyncio.create_subprocess_exec(
                sys.executable, "-c", WRITER, url, session_id, f"w{number}", stdout=asyncio.subprocess.PIPE
            )
            for number in range(2)
        ]
        acknowledged: list[tuple[int, str]] = []
        try:
            for round_ in range(60):
                for writer in writers:
                    assert writer.stdout is not None
                    seq, text = (await writer.stdout.readline()).decode().split()
                    acknowledged.append((int(seq), text))
                if round_ == 30:
                    writers[0].kill()
                    acknowledged += await rest(writers.pop(0))
        finally:
            for writer in writers:
                writer.kill()
        for writer in writers:
            acknowledged += await rest(writer)

        async def all_there() -> bool:
            await asyncio.sleep(0.2)
            return len(await whole(durable, session_id)) >= max(seq for seq, _ in acknowledged) + 1

        async with asyncio.timeout(40):
            while not await all_there():
                pass
        log = {item.seq: item.data.decode() for item in await whole(durable, session_id)}
        assert sorted(log) == list(range(1, len(log) + 1))
        assert [(seq, text) for seq, text in acknowledged if (log[seq], log[seq + 1]) != (text, text)] == []
        assert len(set(log.values())) * 2 == len(log)


async def rest(writer: asyncio.subprocess.Process) -> list[tuple[int, str]]:
    assert writer.stdout is not None
    lines = (await writer.stdout.read()).decode().split("\n")[:-1]
    await writer.wait()
    return [(int(seq), text) for seq, text in (line.split() for line in lines)]


async def whole(store, session_id: str) -> list[Stored]:  # type: ignore[no-untyped-def]
    found: list[Stored] = []
    while batch := await store.read(session_id, after=len(found)):
        found += batch
    return found


async def test_a_flushed_valkey_is_filled_again_and_what_it_lost_is_marked(valkey_url: str, postgres_url: str) -> None:
    prefix = new_id("t")
    url, session_id = f"{valkey_url}?prefix={prefix}+{postgres_url}", new_id("ses")
    async with open_store(url) as store:
        store.mark_rewinds(lambda: line("rewound"))  # type: ignore[attr-defined]
        await store.create(session_id, "user", LIFE, [line(str(n)) for n in range(300)])
        await store.settled()  # type: ignore[attr-defined]
        await flush(valkey_url, prefix)
        await store.append(session_id, [line("next")])
        log = [item.data.decode() for item in await whole(store, session_id)]
        assert log == [*(str(n) for n in range(300)), "rewound", "next"]

        async def drained() -> bool:
            await asyncio.sleep(0.05)
            return not store._drainer.undrained  # type: ignore[attr-defined]

        await eventually(drained)


async def flush(url: str, prefix: str) -> None:
    async with redis.asyncio.from_url(url) as client:
        names = [name async for name in client.scan_iter(match=f"{prefix}*", count=1000)]
        assert names
        await client.delete(*names)
