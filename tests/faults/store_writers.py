"""A process that writes until it is killed: eight writers to four sessions, each acknowledgement a line on standard
output.

Arguments: the database, the four sessions, and for every writer the number of its next operation. An operation whose
acknowledgement was not seen is sent again with the same `op_id`, as any client would.
"""

from __future__ import annotations

import asyncio
import os
import sys

from symphainy.errors import SessionExists
from symphainy.stores import open_store
from symphainy.stores.base import Lifetime, Record, Store

WRITERS = 8
SESSIONS = 4


def records_of(writer: int, number: int) -> list[Record]:
    """One to three entries; what is in them follows from the operation alone."""
    size = 1 + (writer + number) % 3
    return [
        Record(f"{writer} {number} {part} ".encode() + b"x" * (37 * number % 900), topic=f"topic {part}")
        for part in range(size)
    ]


def op_id_of(writer: int, number: int) -> str:
    return f"writer {writer} operation {number}"


async def write(store: Store, session_id: str, writer: int, number: int) -> None:
    while True:
        done = await store.append(session_id, records_of(writer, number), op_id=op_id_of(writer, number))
        os.write(1, f"{writer} {number} {done.first_seq} {done.last_seq}\n".encode())
        number += 1


async def main(database: str, sessions: list[str], numbers: list[int]) -> None:
    async with open_store(f"sqlite:///{database}") as store:
        for session_id in sessions:
            try:
                await store.create(session_id, "user", Lifetime(1e6, 1e7), [])
            except SessionExists:
                continue
        os.write(1, b"ready\n")
        await asyncio.gather(
            *(write(store, sessions[writer % SESSIONS], writer, numbers[writer]) for writer in range(WRITERS))
        )


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2].split(","), [int(text) for text in sys.argv[3].split(",")]))
