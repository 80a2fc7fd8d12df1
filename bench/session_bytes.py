"""Bytes on the disk for each session in SQLite and in PostgreSQL, of the sessions that bench/million_sessions.py writes to Valkey.

Servers are started on loopback; write-ahead logs are not counted.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
from pathlib import Path

import asyncpg

sys.path.insert(0, str(Path(__file__).parents[1]))

from _sessions import Plan, Recorded, plans, recorded, write
from tests.servers import valkey
from tests.servers.postgres import PostgresServer

from symphainy import TrafficCop, open_store


async def fill(url: str, wanted: list[Plan], made: Recorded) -> int:
    """Bytes of JSON."""
    queue = iter(wanted)
    async with open_store(url) as store:
        cop = TrafficCop(store)

        async def writer() -> int:
            done = [await write(store, cop, made, plan) for plan in queue]
            return sum(one.data + one.snapshot for one in done)

        return sum(await asyncio.gather(*(writer() for _ in range(32))))


async def postgres_bytes(url: str) -> int:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("VACUUM")
        return await connection.fetchval("SELECT pg_database_size(current_database())")
    finally:
        await connection.close()


async def main(sessions: int) -> None:
    with valkey.running("--appendfsync", "no") as server:
        made = await recorded(server.url)
    wanted = plans(sessions, random.Random(1))
    print("| store | bytes on the disk for each session | of them JSON |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "symphainy.db"
        data = await fill(f"sqlite:///{path}", wanted, made)
        print(f"| SQLite | {path.stat().st_size / sessions:,.0f} | {data / sessions:,.0f} |")
    database = PostgresServer()
    try:
        database.start()
        url = database.url()
        before = await postgres_bytes(url)
        data = await fill(url, wanted, made)
        print(f"| PostgreSQL | {(await postgres_bytes(url) - before) / sessions:,.0f} | {data / sessions:,.0f} |")
    finally:
        database.remove()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=2_000)
    asyncio.run(main(parser.parse_args().sessions))
