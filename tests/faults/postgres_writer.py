"""One of several processes that write to one session at once.

Arguments: the database and this writer's number. Each line on standard input names a session: the writer appends to it
50 times and patches a key of its own 50 times, and answers with what was acknowledged and what was refused.
"""

from __future__ import annotations

import asyncio
import json
import sys

from symphainy.errors import SymphainyError
from symphainy.stores import open_store
from symphainy.stores.base import Record, Store

TIMES = 50


async def append(store: Store, session_id: str, writer: int) -> list[int]:
    return [
        (await store.append(session_id, [Record(b"append %d %d" % (writer, number))])).first_seq
        for number in range(TIMES)
    ]


async def patch(store: Store, session_id: str, writer: int) -> list[int]:
    """Each patch says that it has seen the one before, and none of the other writers'."""
    seen, places = 0, list[int]()
    for number in range(TIMES):
        record = Record(b"patch %d %d" % (writer, number), keys=(f"key {writer}",))
        seen = (await store.append(session_id, [record], expected_seq=seen)).last_seq
        places.append(seen)
    return places


async def main(database: str, writer: int) -> None:
    async with open_store(database) as store:
        print("ready", flush=True)
        while session_id := (await asyncio.to_thread(sys.stdin.readline)).strip():
            done = await asyncio.gather(
                append(store, session_id, writer), patch(store, session_id, writer), return_exceptions=True
            )
            answer = {
                "acknowledged": [seq for item in done if isinstance(item, list) for seq in item],
                "refused": [str(item) for item in done if isinstance(item, SymphainyError)],
            }
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
