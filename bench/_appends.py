"""What the benches of appends share: the same entry through any store, by one caller and by many, beside a raw group commit."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence
from typing import Final

from symphainy.ids import new_id
from symphainy.stores.base import Lifetime, Record, Store

CALLERS: Final = 32
DATA: Final = b'{"ts":"2026-11-23T10:00:01.250Z","type":"message.delta","data":{"text":"' + b"x" * 500 + b'"}}'
TOPIC: Final = "conversation:content_liaison"


def operations(appends: int) -> list[str]:
    return [f"message:content_liaison:{new_id('msg')}" for _ in range(appends)]


async def new_sessions(store: Store, number: int) -> list[str]:
    names = [new_id("session") for _ in range(number)]
    for name in names:
        await store.create(name, "user", Lifetime(1e6, 1e7), [])
    return names


class StoreRounds:
    """Appends through the store; every caller has its own session, or all share one."""

    def __init__(self, store: Store, sessions: Sequence[str]) -> None:
        self._store = store
        self._sessions = sessions

    async def one_round(self, callers: int, appends: int) -> float:
        """Appends a second."""

        async def call(session_id: str) -> None:
            for _ in range(appends // callers):
                await self._store.append(session_id, [Record(DATA, TOPIC)], op_id=next(ids))

        ids = iter(operations(appends))
        start = time.perf_counter()
        await asyncio.gather(*(call(self._sessions[n % len(self._sessions)]) for n in range(callers)))
        return (appends // callers * callers) / (time.perf_counter() - start)


def reached(title: str, one: list[float], many: list[float], raw: list[float]) -> bool:
    """Prints the rates of the rounds, and says whether 32 callers reach 5 times one caller and half of raw: by the median of
    the ratios within each round, so that a machine whose speed changes does so for all three."""
    print(title)
    for label, figures in (("one caller", one), (f"{CALLERS} callers", many), ("raw group commit", raw)):
        print(
            f"  {label:18} appends/s  median {statistics.median(figures):8.0f}"
            f"   min {min(figures):8.0f}   max {max(figures):8.0f}"
        )
    against_one = statistics.median(b / a for a, b in zip(one, many, strict=True))
    against_raw = statistics.median(b / a for a, b in zip(raw, many, strict=True))
    good = against_one >= 5 and against_raw >= 0.5
    print(f"  {CALLERS} callers : one caller  {against_one:5.2f}   (at least 5)")
    print(f"  {CALLERS} callers : raw         {against_raw:5.2f}   (at least 0.5)   {'ok' if good else 'MISSED'}")
    return good
