"""Appends per second of the Redis store, one caller and 32, against one raw pipelined stream of the same bytes.

A raw stream is one connection and 32 commands at a time; nobody looks at what is answered. Each command carries one
entry of 600 bytes with its op_id and topic. What raw can mean, from the most work to the least:

    same FCALL     the store's own function, with one append in each command
    least FCALL    a function that counts a version and appends to a stream: it checks, finds and tells nothing
    XADD           the stream alone
    ... by redis   the last two by the client library's pipeline; the others are a plain socket and commands that were
                   packed before the clock ran

All take turns in every round, so that a machine whose speed changes does so for all; each ratio is the median of those
within a round. Bar: 32 callers reach 60 % of the same FCALL, both where an acknowledgement means synced (`always`) and
where it does not (`everysec`). Exits 1 if it is missed. The other ratios are printed with it. Beside each rate is the
processor time of the server and of this process, which says more where the machine is busy: 32 callers need a
processor for each of the two.

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
from typing import Any, Final

import hiredis
import uvloop
from redis import Redis

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.servers.valkey import running

from symphainy.ids import new_id
from symphainy.stores.base import Lifetime, Record
from symphainy.stores.redis import RedisStore
from symphainy.stores.redis.keys import Keys, lists_of_session
from symphainy.stores.redis.rows import op_field, pack_records
from symphainy.stores.redis.scripts import SCRIPTS
from symphainy.stores.redis.wire import packed

CALLERS: Final = 32
DATA: Final = b'{"ts":"2026-11-23T10:00:01.250Z","type":"message.delta","data":{"text":"' + b"x" * 500 + b'"}}'
TOPIC: Final = "conversation:content_liaison"
LIBRARY: Final = b"""#!lua name=raw
redis.register_function('raw_append', function(keys, args)
  local version = redis.call('HINCRBY', keys[1], 'version', 1)
  return redis.call('XADD', keys[2], version .. '-0', 'op', args[1], 'topic', args[2], 'data', args[3])
end)"""


KINDS: Final = ("same FCALL", "least FCALL", "XADD", "least FCALL by redis", "XADD by redis")
BAR: Final = 0.6


class Raw:
    """One plain socket."""

    def __init__(self, host: str, port: int) -> None:
        self._socket = socket.create_connection((host, port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader = hiredis.Reader()
        self._keys = Keys("bench")
        self._client = Redis(host, port)
        self.ask([packed((b"FUNCTION", b"LOAD", b"REPLACE", LIBRARY))])

    def ask(self, commands: list[bytes]) -> list[Any]:
        self._socket.sendall(b"".join(commands))
        answers: list[Any] = []
        while len(answers) < len(commands):
            answer = self._reader.gets()
            if answer is False:
                self._reader.feed(self._socket.recv(1 << 16))
            else:
                answers.append(answer)
        return answers

    def server_seconds(self) -> float:
        lines = self.ask([packed((b"INFO", b"cpu"))])[0].decode().splitlines()
        info = dict(line.split(":") for line in lines if ":" in line)
        return float(info["used_cpu_user_main_thread"]) + float(info["used_cpu_sys_main_thread"])

    def _command(self, kind: str, session_id: str, seq: int) -> tuple[bytes, ...]:
        op_id = f"message:content_liaison:{new_id('msg')}"
        key = self._keys.session(session_id)
        if kind == "same FCALL":
            request = os.urandom(8)
            records = pack_records(session_id, [Record(DATA, TOPIC)], request, op_id)
            keys = (key, *lists_of_session(key, seq, seq))
            args = (b"", b"1", b"1", b"p", op_field(op_id), b"t" + TOPIC.encode(), *records)
            return (b"FCALL", SCRIPTS.functions["append"], b"%d" % len(keys), *keys, *args)
        if kind.startswith("least FCALL"):
            return b"FCALL", b"raw_append", b"2", key + b":rh", key + b":rs", op_id.encode(), TOPIC.encode(), DATA
        return b"XADD", key + b":rx", b"*", b"op", op_id.encode(), b"topic", TOPIC.encode(), b"data", DATA

    def _pipeline(self, commands: list[tuple[bytes, ...]]) -> list[Any]:
        pipeline = self._client.pipeline(transaction=False)
        for command in commands:
            pipeline.execute_command(*command)
        return pipeline.execute()

    def one_round(self, kind: str, appends: int, seqs: dict[str, int]) -> tuple[float, float]:
        """Seconds, and seconds of this process."""
        commands: list[tuple[bytes, ...]] = []
        for number in range(appends):
            session_id = list(seqs)[number % len(seqs)]
            seqs[session_id] += kind == "same FCALL"
            commands.append(self._command(kind, session_id, seqs[session_id]))
        answers: list[Any] = []
        batches = [commands[at : at + CALLERS] for at in range(0, appends, CALLERS)]
        ready = [[packed(command) for command in batch] for batch in batches]
        own, start = time.process_time(), time.perf_counter()
        if kind.endswith("redis"):
            for batch in batches:
                answers = self._pipeline(batch)
        else:
            for batch in ready:
                answers = self.ask(batch)
        seconds, own = time.perf_counter() - start, time.process_time() - own
        assert kind != "same FCALL" or answers[-1][0] == b"ok", answers[-1]
        return seconds, own


async def store_round(store: RedisStore, seqs: dict[str, int], callers: int, appends: int) -> tuple[float, float]:
    async def call(session_id: str) -> None:
        for _ in range(appends // callers):
            await store.append(session_id, [Record(DATA, TOPIC)], op_id=next(operations))
            seqs[session_id] += 1

    operations = iter([f"message:content_liaison:{new_id('msg')}" for _ in range(appends)])
    names = list(seqs)
    own, start = time.process_time(), time.perf_counter()
    await asyncio.gather(*(call(names[number % len(names)]) for number in range(callers)))
    return time.perf_counter() - start, time.process_time() - own


async def measure(url: str, fsync: str, sessions: int, rounds: int, appends: int) -> bool:
    host, _, port = url.removeprefix("redis://").partition("/")[0].partition(":")
    raw = Raw(host, int(port or 6379))
    raw.ask([packed((b"CONFIG", b"SET", b"appendfsync", fsync.encode()))])
    rates: dict[str, list[float]] = {name: [] for name in ("one caller", "32 callers", *KINDS)}
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in rates}
    async with RedisStore(f"{url}?prefix=bench") as store:
        seqs = {new_id("session"): 0 for _ in range(sessions)}
        for name in seqs:
            await store.create(name, new_id("user"), Lifetime(1e6, 1e7), [])
        await store_round(store, seqs, CALLERS, 640)
        for _ in range(rounds):
            for name in rates:
                count = appends // 16 if name == "one caller" else appends // CALLERS * CALLERS
                before = raw.server_seconds()
                if name in KINDS:
                    seconds, own = raw.one_round(name, count, seqs)
                else:
                    seconds, own = await store_round(store, seqs, CALLERS if name == "32 callers" else 1, count)
                rates[name].append(count / seconds)
                spent[name].append(((raw.server_seconds() - before) / count * 1e6, own / count * 1e6))
        for name in seqs:
            await store.delete(name)
    print(f"appendfsync {fsync}, {sessions} sessions, {rounds} rounds of {appends} appends")
    for name, figures in rates.items():
        server, own = (statistics.median(column) for column in zip(*spent[name], strict=True))
        low, middle, high = min(figures), statistics.median(figures), max(figures)
        print(
            f"  {name:20} appends/s  median {middle:8.0f}   min {low:8.0f}   max {high:8.0f}"
            f"   server {server:6.1f} us   here {own:5.1f} us"
        )
    good = True
    for kind in KINDS:
        ratio = statistics.median(a / b for a, b in zip(rates["32 callers"], rates[kind], strict=True))
        verdict = ""
        if kind == KINDS[0]:
            good = ratio >= BAR
            verdict = f"   (at least {BAR})   " + ("ok" if good else "MISSED")
        print(f"  32 callers : {kind:20} {ratio:5.2f}{verdict}")
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
