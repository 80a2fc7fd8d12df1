"""A process that writes to one session of a shared store: 50 appends and 50 patches of keyed state.

Arguments: the store's URL, the session, a number of its own. Waits for a line on standard input, so that all begin at
once; then prints one line for each acknowledgement, or for each refusal.
"""

from __future__ import annotations

import asyncio
import sys

from symphainy.errors import SymphainyError
from symphainy.stores import open_store
from symphainy.stores.base import Record

WRITES = 50


async def main(url: str, session_id: str, writer: int) -> None:
    async with open_store(url) as store:
        (await store.load(session_id))[0]
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)

        async def write(kind: str) -> None:
            key = f"value:{writer}"
            seen = 0
            for number in range(WRITES):
                text = f"{kind} {writer} {number}"
                try:
                    if kind == "append":
                        done = await store.append(session_id, [Record(text.encode())], op_id=text)
                    else:
                        record = Record(text.encode(), None, (key,))
                        done = await store.append(session_id, [record], op_id=text, expected_seq=seen)
                        seen = done.last_seq
                    print(f"{done.first_seq} {text}")
                except SymphainyError as error:
                    print(f"refused {text}: {error}")

        await asyncio.gather(write("append"), write("patch"))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
