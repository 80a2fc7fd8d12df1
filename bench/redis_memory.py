"""Bytes of memory of a Redis or Valkey server: for an idle session, and for each further message.

Sessions are made as the application makes them: with a user of their own, a token, and messages of the given size that
have a topic and an op_id. `used_memory` is read before and after. It grows by more than what is stored, as tables double
in size; so each figure is of many sessions. A Valkey server is started on loopback, or `REDIS_URL` names one whose memory
nobody else changes meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from contextlib import nullcontext
from pathlib import Path

from redis import Redis

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.servers.valkey import running

from symphainy.ids import hash_token, new_id, new_token
from symphainy.stores.base import Lifetime, Record, StoredSnapshot, Token
from symphainy.stores.redis import RedisStore

LIFETIME = Lifetime(30 * 86_400.0, 180 * 86_400.0)
TOPIC = "content_liaison"
AT_A_TIME = 100


async def make_session(store: RedisStore, messages: int, size: int, snapshot: int) -> str:
    session_id, user_id = new_id("session"), new_id("user")
    head = await store.create(session_id, user_id, LIFETIME, [Record(b"x" * size)])
    now, ends = head.created_at, head.created_at + LIFETIME.absolute
    token = Token(hash_token(new_token()), user_id, session_id, now, LIFETIME.idle, now + LIFETIME.idle, ends)
    await store.put_token(token)
    await add_messages(store, session_id, messages, size)
    if snapshot:
        await store.save_snapshot(session_id, StoredSnapshot(1, bytes(32), b"x" * snapshot))
    return session_id


async def add_messages(store: RedisStore, session_id: str, messages: int, size: int) -> None:
    for _ in range(messages):
        await store.append(session_id, [Record(b"x" * size, TOPIC)], op_id=f"message:{TOPIC}:{new_id('msg')}")


async def measure(url: str, sessions: int) -> None:
    client = Redis.from_url(url)
    print(
        f"{client.info('server').get('valkey_version') or client.info('server')['redis_version']}, {sessions} sessions"
    )
    print("| a session with | bytes | of which data | beside data, each entry |")
    print("|---|---|---|---|")
    async with RedisStore(url) as store:
        await make_session(store, 1, 10, 10)
        for messages, size, snapshot in ((0, 300, 0), (20, 350, 0), (20, 350, 4_000), (200, 350, 0), (2_000, 350, 0)):
            count = max(1, sessions * 20 // (messages + 20))
            before = client.info("memory")["used_memory"]
            for first in range(0, count, AT_A_TIME):
                some = range(first, min(first + AT_A_TIME, count))
                await asyncio.gather(*(make_session(store, messages, size, snapshot) for _ in some))
            each = (client.info("memory")["used_memory"] - before) / count
            data = (messages + 1) * size + snapshot
            name = f"{messages + 1} entries of {size} B" + (f", a snapshot of {snapshot} B" if snapshot else "")
            print(f"| {name} | {each:,.0f} | {data:,} | {(each - data) / (messages + 1):,.0f} |")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=2_000)
    options = parser.parse_args()
    given = os.environ.get("REDIS_URL")
    with nullcontext() if given else running("--appendfsync", "no") as server:
        asyncio.run(measure(given or (server.url if server else ""), options.sessions))
    return 0


if __name__ == "__main__":
    sys.exit(main())
