"""What a session's length costs: median time of an append and of reading the last page, at 10 and at 100,000 entries.

The two sessions take turns at every single measurement, so that a disk or a machine whose speed changes does so for
both. Bar: the long session's median is at most 1.2 times the short one's. Exits 1 if it is missed.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import uvloop

from symphainy.ids import new_id
from symphainy.stores.base import Lifetime, Record, Store
from symphainy.stores.sqlite import SQLiteStore

DATA = b'{"ts":"2026-11-23T10:00:01.250Z","type":"message.added","data":{"content":"' + b"x" * 300 + b'"}}'
TOPICS = ("guide_agent", "content_liaison", None)
LIFETIME = Lifetime(1e6, 1e7)
BAR = 1.2


async def session_of(store: Store, length: int) -> str:
    session_id = new_id("session")
    await store.create(session_id, "user", LIFETIME, [])
    written = 0
    while written < length:
        size = min(1000, length - written)
        await store.append(session_id, [Record(DATA, TOPICS[(written + n) % 3]) for n in range(size)])
        written += size
    return session_id


async def compare(name: str, times: int, short: str, long: str, measured: Callable[[str], Awaitable[object]]) -> bool:
    figures: dict[str, list[float]] = {short: [], long: []}
    for turn in range(times + 10):
        for session_id in (short, long) if turn % 2 else (long, short):
            start = time.perf_counter()
            await measured(session_id)
            if turn >= 10:
                figures[session_id].append((time.perf_counter() - start) * 1e6)
    ratio = statistics.median(figures[long]) / statistics.median(figures[short])
    for label, session_id in (("short", short), ("long", long)):
        own = figures[session_id]
        p99 = statistics.quantiles(own, n=100)[98]
        print(f"  {name:26} {label:5}  us  min {min(own):7.0f}   median {statistics.median(own):7.0f}   p99 {p99:7.0f}")
    print(f"  {name:26} ratio of medians {ratio:5.2f}   (at most {BAR})   {'ok' if ratio <= BAR else 'MISSED'}")
    return ratio <= BAR


async def measure(length: int, times: int) -> bool:
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as name:
        async with SQLiteStore(Path(name) / "symphainy.db") as store:
            short, long = await session_of(store, 10), await session_of(store, length)
            print(f"sessions of 10 and of {length} entries")

            async def append(session_id: str) -> None:
                await store.append(session_id, [Record(DATA, TOPICS[0])], op_id=new_id("op"))

            async def last_page(session_id: str) -> None:
                # The short session has fewer than 50 of its own, so both read the same number.
                await store.read(session_id, topic=TOPICS[0], newest=True, limit=3)

            async def last_fifty(session_id: str) -> None:
                found = await store.read(session_id, topic=TOPICS[0], newest=True, limit=50)
                assert len(found) == 50

            good = [await compare("last 3 of a topic", times, short, long, last_page)]
            good.append(await compare("append", times, short, long, append))
            # By now the appends of the measurement have made the short session's topic longer than a page.
            good.append(await compare("last page of 50 of a topic", times, short, long, last_fifty))
    return all(good)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--length", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=500)
    options = parser.parse_args()
    return 0 if uvloop.run(measure(options.length, options.times)) else 1


if __name__ == "__main__":
    sys.exit(main())
