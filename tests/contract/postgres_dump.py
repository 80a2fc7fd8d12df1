"""How a released format of the PostgreSQL store is kept for the tests of later ones: a dump with one of everything.

`python -m tests.contract.postgres_dump` writes it for the format of this version. What has been released is not made
again.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from symphainy.stores.base import Lifetime, Record, StoredSnapshot, Token, Work, roll
from symphainy.stores.postgres import PostgresStore
from symphainy.stores.postgres.migrations import newest
from symphainy.testing import ManualClock
from tests.servers.postgres import PostgresServer, dump

LIFETIME = Lifetime(1e6, 1e7)


def path_of(number: int) -> Path:
    return Path(__file__).with_name(f"postgres_format_{number}.sql")


async def fill(url: str) -> None:
    clock = ManualClock()
    async with PostgresStore(url, clock=clock) as store:
        now = clock.now()
        await store.create("session", "user", LIFETIME, [Record(b"a", "t")])
        second = [Record(b"b", None, ("k", "\N{SNOWMAN}")), Record(b"c", work=Work("w", "open", "lane"))]
        await store.append("session", second, op_id="op")
        await store.append("session", [Record(b"d", work=Work("w", "within"))])
        await store.release_lease(await store.acquire_lease("session", "lane", "a", 10))
        chain = b""
        for item in await store.read("session", before=3):
            chain = roll(chain, item)
        await store.save_snapshot("session", StoredSnapshot(2, chain, b"fold"))
        await store.put_token(Token("hash", "user", "session", now, 1000, now + 1000, now + 9000))
        await store.probe()


def main() -> None:
    server = PostgresServer()
    try:
        server.start()
        asyncio.run(fill(server.url()))
        path_of(newest()).write_text(dump(server.url()))
    finally:
        server.remove()


if __name__ == "__main__":
    main()
