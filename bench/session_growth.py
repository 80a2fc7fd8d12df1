"""Does a long session cost more? Append, last page, and opening cold, on sessions of few and of 100,000 messages.

The two take turns in every round. Bars: append and last page of the long one at most 1.2 times those of a session of 10
messages, opening at most 1.5 times that of one of 100. Exits 1 if a bar is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from symphainy import SessionManagerService, TrafficCop, open_files, open_store
from symphainy.entries import Draft, MessageAdded
from symphainy.ids import new_id
from symphainy.session import AgentType, Role
from symphainy.stores.base import Store

BATCH = 500
Action = Callable[[str], Awaitable[object]]


async def fill(cop: TrafficCop, session_id: str, messages: int) -> None:
    for start in range(0, messages, BATCH):
        drafts = [
            Draft(MessageAdded(new_id("msg"), Role.USER, f"message {n} " + "x" * 200), "user", AgentType.GUIDE)
            for n in range(start, min(start + BATCH, messages))
        ]
        await cop.append(session_id, drafts)


async def timed(action: Action, session_id: str) -> float:
    started = time.perf_counter()
    await action(session_id)
    return time.perf_counter() - started


async def compare(name: str, action: Action, short: str, long: str, rounds: int, bar: float) -> bool:
    times: dict[str, list[float]] = {short: [], long: []}
    for n in range(rounds):
        for session_id in (short, long) if n % 2 else (long, short):
            times[session_id].append(await timed(action, session_id))
    middle = {session_id: statistics.median(values) * 1e6 for session_id, values in times.items()}
    ratio = middle[long] / middle[short]
    print(
        f"{name:<12} short {middle[short]:8.0f} us   long {middle[long]:8.0f} us   ratio {ratio:.2f}  (at most {bar})"
    )
    return ratio <= bar


async def opened_cold(store: Store, session_id: str) -> None:
    await TrafficCop(store).session(session_id)


async def main(messages: int, rounds: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        async with (
            open_store(f"sqlite:///{folder}/symphainy.db") as store,
            open_files("", Path(folder) / "files") as files,
        ):
            cop = TrafficCop(store)
            sessions = SessionManagerService(cop, files)
            ids = {size: (await sessions.create_session("ada")).session_id for size in (10, 100, messages)}
            for size, session_id in ids.items():
                await fill(cop, session_id, size)
            await cop.close()

            async def append(session_id: str) -> None:
                await sessions.add_conversation_message(session_id, "guide_agent", "user", "x" * 200)

            async def last_page(session_id: str) -> None:
                await sessions.get_conversation_history(session_id, "guide_agent", limit=50)

            async def open_session(session_id: str) -> None:
                await opened_cold(store, session_id)

            kept = [
                await compare("open", open_session, ids[100], ids[messages], rounds, 1.5),
                await compare("last page", last_page, ids[10], ids[messages], rounds, 1.2),
                await compare("append", append, ids[10], ids[messages], rounds, 1.2),
            ]
            await cop.close()
    return 0 if all(kept) else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=300)
    options = parser.parse_args()
    sys.exit(asyncio.run(main(options.messages, options.rounds)))
