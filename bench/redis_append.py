"""Appends per second of the Redis store, one caller and 32, against one raw pipelined stream of the same bytes.

The raw streams send what is prepared beforehand, 32 commands at a time on one plain socket, and look at nothing that is
answered: `FCALL` is a function that raises the version of a session and appends to its stream (two writes, what anybody
needs at the least), `XADD` the stream alone. All take turns in every round, so that a machine whose speed changes does so
for all of them. Bar: 32 callers reach 60 % of the raw FCALL stream. Exits 1 if it is missed.

A Valkey server is started on loopback, or `REDIS_URL` names one.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import statistics
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Final

import hiredis
import uvloop

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.servers.valkey import running

from symphainy.ids import new_id
from symphainy.stores.base import Lifetime, Record
from symphainy.stores.redis import RedisStore
from symphainy.stores.redis.wire import packed

CALLERS: Final = 32
DATA: Final = b'{"ts":"2026-11-23T10:00:01.250Z","type":"message.delta","data":{"text":"' + b"x" * 500 + b'"}}'
TOPIC: Final = "conversation:content_liaison"
LIBRARY: Final = b"""#!lua name=raw
redis.register_function('raw_append', function(keys, args)
  local version = redis.call('HINCRBY', keys[1], 'version', 1)
  return redis.call('XADD', keys[2], version .. '-0', 'op', args[1], 'topic', args[2], 'data', args[3])
end)"""


class Raw:
    """One plain socket."""

    def __init__(self, host: str, port: int) -> None:
        self._socket = socket.create_connection((host, port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader = hiredis.Reader()
        self.ask([packed((b"FUNCTION", b"LOAD", b"REPLACE", LIBRARY))])

    def ask(self, commands: list[bytes]) -> list[object]:
        self._socket.sendall(b"".join(commands))
        answers: list[object] = []
        while len(answers) < len(commands):
            answer = self._reader.gets()
            if answer is False:
                self._reader.feed(self._socket.recv(1 << 16))
            else:
                answers.append(answer)
        return answers

    def one_round(self, kind: str, appends: int, sessions: list[str]) -> float:
        commands: list[bytes] = []
        for number in range(appends):
            name = f"raw:{{{sessions[number % len(sessions)]}}}".encode()
            op_id = f"message:content_liaison:{new_id('msg')}".encode()
            if kind == "fcall":
                keys = (name + b":h", name + b":e")
                commands.append(packed((b"FCALL", b"raw_append", b"2", *keys, op_id, TOPIC.encode(), DATA)))
            else:
                fields = (b"op", op_id, b"topic", TOPIC.encode(), b"data", DATA)
                commands.append(packed((b"XADD", name + b":x", b"*", *fields)))
        batches = [commands[at : at + CALLERS] for at in range(0, appends, CALLERS)]
        start = time.perf_counter()
        for batch in batches:
            self.ask(batch)
        return appends / (time.perf_counter() - start)


async def store_round(store: RedisStore, sessions: list[str], callers: int, appends: int) -> float:
    async def call(session_id: str) -> None:
        for _ in range(appends // callers):
            await store.append(session_id, [Record(DATA, TOPIC)], op_id=next(operations))

    operations = iter([f"message:content_liaison:{new_id('msg')}" for _ in range(appends)])
    start = time.perf_counter()
    await asyncio.gather(*(call(sessions[number % len(sessions)]) for number in range(callers)))
    return (appends // callers * callers) / (time.perf_counter() - start)


async def measure(url: str, fsync: str, sessions: int, rounds: int, appends: int) -> bool:
    host, _, port = url.removeprefix("redis://").partition("/")[0].partition(":")
    raw = Raw(host, int(port or 6379))
    raw.ask([packed((b"CONFIG", b"SET", b"appendfsync", fsync.encode()))])
    figures: dict[str, list[float]] = {"one caller": [], "32 callers": [], "raw FCALL": [], "raw XADD": []}
    async with RedisStore(f"{url}?prefix=bench") as store:
        names = [new_id("session") for _ in range(sessions)]
        for name in names:
            await store.create(name, new_id("user"), Lifetime(1e6, 1e7), [])
        await store_round(store, names, CALLERS, 640)
        for _ in range(rounds):
            figures["raw FCALL"].append(raw.one_round("fcall", appends, names))
            figures["raw XADD"].append(raw.one_round("xadd", appends, names))
            figures["32 callers"].append(await store_round(store, names, CALLERS, appends))
            figures["one caller"].append(await store_round(store, names, 1, appends // 16))
        for name in names:
            await store.delete(name)
    print(f"appendfsync {fsync}, {sessions} sessions, {rounds} rounds of {appends} appends")
    for label, rates in figures.items():
        low, middle, high = min(rates), statistics.median(rates), max(rates)
        print(f"  {label:11} appends/s  median {middle:8.0f}   min {low:8.0f}   max {high:8.0f}")
    ratio = {
        kind: statistics.median(a / b for a, b in zip(figures["32 callers"], figures[kind], strict=True))
        for kind in ("raw FCALL", "raw XADD")
    }
    good = ratio["raw FCALL"] >= 0.6
    print(f"  32 callers : raw FCALL  {ratio['raw FCALL']:5.2f}   (at least 0.6)   {'ok' if good else 'MISSED'}")
    print(f"  32 callers : raw XADD   {ratio['raw XADD']:5.2f}")
    return good


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--appends", type=int, default=3200)
    options = parser.parse_args()
    given = os.environ.get("REDIS_URL")
    good = True
    with nullcontext() if given else running() as server:
        url = given or (server.url if server else "")
        for fsync in ("everysec", "always"):
            for sessions in (CALLERS, 1):
                good &= uvloop.run(measure(url, fsync, sessions, options.rounds, options.appends))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
