"""Appends per second of the PostgreSQL store: one caller, 32 callers, and a raw group commit of the same rows.

The three take turns in every round, on one server, so that a disk or a machine whose speed changes does so for all of
them. Raw is one connection that sends 32 rows with one multi-row INSERT, updates their heads with one UPDATE, and
commits: it checks nothing and hashes nothing. Bars: 32 callers at least 5 times one caller, and at least half of raw.
Exits 1 if a bar is missed. `POSTGRES_URL` names another server than the one that is started.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Any

import asyncpg
import uvloop
from _appends import CALLERS, DATA, TOPIC, StoreRounds, new_sessions, operations, reached

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.servers.postgres import PostgresServer, fresh_database

from symphainy.stores.postgres import PostgresStore

INSERT = """
INSERT INTO symphainy.entries (session, seq, span, topic, operation, checksum, data)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::integer[], $4::text[], $5::text[], $6::bytea[], $7::bytea[])
"""
UPDATE = """
UPDATE symphainy.sessions AS s SET seq = given.seq, last_activity = 1
FROM unnest($1::bigint[], $2::bigint[]) AS given (number, seq) WHERE s.number = given.number
"""


class RawRounds:
    """The least that anybody could do: the same rows into the same tables, 32 to a transaction, from one loop."""

    def __init__(self, connection: Any, numbers: list[int]) -> None:
        self._connection = connection
        self._numbers = numbers
        self._seqs = dict.fromkeys(numbers, 0)

    async def one_round(self, appends: int) -> float:
        ids = iter(operations(appends))
        checksum = bytes(16)
        start = time.perf_counter()
        for _ in range(appends // CALLERS):
            rows: list[tuple[object, ...]] = []
            for caller in range(CALLERS):
                number = self._numbers[caller % len(self._numbers)]
                self._seqs[number] += 1
                rows.append((number, self._seqs[number], 1, TOPIC, next(ids), checksum, DATA))
            async with self._connection.transaction():
                await self._connection.execute(INSERT, *map(list, zip(*rows, strict=True)))
                await self._connection.execute(UPDATE, list(self._seqs), list(self._seqs.values()))
        return (appends // CALLERS * CALLERS) / (time.perf_counter() - start)


async def sessions_of(store: PostgresStore, connection: Any, sessions: int) -> tuple[list[str], list[int]]:
    names = await new_sessions(store, sessions)
    rows = await connection.fetch("SELECT number FROM symphainy.sessions WHERE session_id = ANY ($1)", names)
    return names, [row["number"] for row in rows]


async def measure(url: str, sessions: int, rounds: int, appends: int) -> bool:
    one: list[float] = []
    many: list[float] = []
    raw: list[float] = []
    async with PostgresStore(url) as store:
        connection = await asyncpg.connect(url)
        names, _ = await sessions_of(store, connection, sessions)
        _, numbers = await sessions_of(store, connection, sessions)
        through, past = StoreRounds(store, names), RawRounds(connection, numbers)
        durability = await store.probe()
        for _ in range(2):
            await through.one_round(CALLERS, 640)
            await past.one_round(640)
        for _ in range(rounds):
            raw.append(await past.one_round(appends))
            many.append(await through.one_round(CALLERS, appends))
            one.append(await through.one_round(1, appends // 16))
        await connection.close()
    sharing = f"{sessions} session{'s' if sessions > 1 else ''}"
    title = f"{CALLERS} callers on {sharing}, {rounds} rounds of {appends} appends, durability {durability}"
    return reached(title, one, many, raw)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--appends", type=int, default=1600)
    options = parser.parse_args()
    server = None if "POSTGRES_URL" in os.environ else PostgresServer()
    try:
        if server is not None:
            server.start()
        url = fresh_database(os.environ["POSTGRES_URL"] if server is None else server.url())
        good = [uvloop.run(measure(url, sessions, options.rounds, options.appends)) for sessions in (CALLERS, 1)]
    finally:
        if server is not None:
            server.remove()
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
