"""Appends per second of the SQLite store: one caller, 32 callers, and a raw `sqlite3` group commit of the same rows.

The three take turns in every round, so that a disk or a machine whose speed changes does so for all of them. Bars: 32
callers at least 5 times one caller, and at least half of raw. Exits 1 if a bar is missed.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvloop
from _appends import CALLERS, DATA, TOPIC, StoreRounds, new_sessions, operations, reached

from symphainy.ids import new_id
from symphainy.stores.sqlite import SQLiteStore
from symphainy.stores.sqlite.log import INSERT_ENTRY, UPDATE_HEAD
from symphainy.stores.sqlite.rows import entry_id
from symphainy.stores.sqlite.schema import connect_writer
from symphainy.stores.sqlite.writer import ROWS_PER_CHECKPOINT


@asynccontextmanager
async def store_rounds(folder: Path, sessions: int) -> AsyncIterator[StoreRounds]:
    async with SQLiteStore(folder / "store" / "symphainy.db") as store:
        yield StoreRounds(store, await new_sessions(store, sessions))


class RawRounds:
    """The least that anybody could do: the same rows into the same tables, 32 to a transaction, from one loop."""

    def __init__(self, folder: Path, sessions: int) -> None:
        folder.mkdir()
        self._connection: sqlite3.Connection = connect_writer(folder / "raw.db")
        self._seqs = [0] * sessions
        self._rows = 0
        for number in range(sessions):
            self._connection.execute(
                "INSERT INTO sessions VALUES (?, ?, 'user', 0, 1.0, 1.0, 2.0, 1.0, 1.0, 0, 0, NULL)",
                (number + 1, new_id("session")),
            )

    def one_round(self, appends: int) -> float:
        connection, seqs = self._connection, self._seqs
        ids = iter(operations(appends))
        checksum = hashlib.blake2b(DATA, digest_size=16).digest()
        start = time.perf_counter()
        for _ in range(appends // CALLERS):
            rows: list[tuple[object, ...]] = []
            moved: set[int] = set()
            for caller in range(CALLERS):
                index = caller % len(seqs)
                seqs[index] += 1
                moved.add(index)
                number = index + 1
                rows.append((entry_id(number, seqs[index]), number, TOPIC, next(ids), 1, None, checksum, DATA))
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(INSERT_ENTRY, rows)
            connection.executemany(UPDATE_HEAD, [(seqs[index], 1.0, 2.0, 0, 0, checksum, index + 1) for index in moved])
            connection.execute("COMMIT")
            self._rows += len(rows) + len(moved)
            if self._rows >= ROWS_PER_CHECKPOINT:
                self._rows = 0
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        return (appends // CALLERS * CALLERS) / (time.perf_counter() - start)


async def measure(sessions: int, rounds: int, appends: int) -> bool:
    one: list[float] = []
    many: list[float] = []
    raw: list[float] = []
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as name:
        folder = Path(name)
        raw_rounds = RawRounds(folder / "raw", sessions)
        async with store_rounds(folder, sessions) as store:
            await store.one_round(CALLERS, 640)
            for _ in range(rounds):
                raw.append(raw_rounds.one_round(appends))
                many.append(await store.one_round(CALLERS, appends))
                one.append(await store.one_round(1, appends // 16))
    sharing = f"{sessions} session{'s' if sessions > 1 else ''}"
    return reached(f"{CALLERS} callers on {sharing}, {rounds} rounds of {appends} appends", one, many, raw)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--appends", type=int, default=1600)
    options = parser.parse_args()
    good = [uvloop.run(measure(sessions, options.rounds, options.appends)) for sessions in (CALLERS, 1)]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
