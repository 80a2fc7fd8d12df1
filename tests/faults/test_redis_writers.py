"""S2: four processes, one session: nothing refused, nothing lost, no gap. `--writer-rounds` says how often (20 is the bar)."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator

import pytest

from symphainy.ids import new_id
from symphainy.stores import open_store
from symphainy.stores.base import Lifetime, Stored
from tests.faults import redis_writer
from tests.faults.redis_writer import WRITES
from tests.servers.valkey import cluster, running

PROCESSES = 4
ROUNDS = 1


@pytest.fixture(scope="module", params=["one server", "cluster"])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "one server":
        with running() as server:
            yield server.url
    else:
        with cluster(3, "--appendfsync", "no") as servers:
            yield f"redis+cluster://127.0.0.1:{servers[0].port}"


async def write_in_processes(url: str, session_id: str) -> list[str]:
    """What all of them printed."""
    command = (sys.executable, redis_writer.__file__, url, session_id)
    pipe = asyncio.subprocess.PIPE
    children = [
        await asyncio.create_subprocess_exec(*command, str(number), stdin=pipe, stdout=pipe)
        for number in range(PROCESSES)
    ]
    for child in children:
        assert child.stdout is not None
        assert await child.stdout.readline() == b"ready\n"
    printed = await asyncio.gather(*(child.communicate(b"go\n") for child in children))
    assert [child.returncode for child in children] == [0] * PROCESSES
    return [line for out, _ in printed for line in out.decode().splitlines()]


@pytest.mark.timeout(300)
async def test_i2_four_processes_write_to_one_session(url: str, request: pytest.FixtureRequest) -> None:
    for _ in range(request.config.getoption("--writer-rounds", default=None) or ROUNDS):
        async with open_store(url) as store:
            session_id = new_id("session")
            await store.create(session_id, new_id("user"), Lifetime(1e5, 1e6), [])
            lines = await write_in_processes(url, session_id)
            assert not [line for line in lines if line.startswith("refused")]
            log: list[Stored] = []
            while batch := await store.read(session_id, after=len(log)):
                log += batch
        total = PROCESSES * WRITES * 2
        assert [item.seq for item in log] == list(range(1, total + 1))
        assert sorted(lines) == sorted(f"{item.seq} {item.data.decode()}" for item in log)
