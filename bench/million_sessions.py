"""A million sessions on a cluster: are the nodes even, is the estimate of their memory true, and how much may one session take?

1. A million ids, as the product makes them, to hash slots and nodes, also after a node was added; beside what chance makes of it.
2. What docs/sizing.md says a session takes, against a sample of 15,000 that is written to a real Valkey by the product's own store.
3. Sessions of which few are asked for often (Zipf): what share of a node's measured rate of appends the hottest takes.

Exits 1 if slots are less even than chance makes them, or the estimate is off by more than 10 %. A Valkey server is started on
loopback, or `REDIS_URL` names one whose memory nobody else changes meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import random
import sys
import time
from array import array
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from statistics import NormalDist, fmean
from typing import Final

import uvloop
from redis import Redis
from redis.crc import key_slot

sys.path.insert(0, str(Path(__file__).parents[1]))

from _sessions import LIFETIME, Plan, Recorded, plans, recorded, write
from tests.servers.valkey import running

from symphainy import TrafficCop
from symphainy.config import Settings
from symphainy.ids import new_id
from symphainy.stores.base import Record
from symphainy.stores.redis import RedisStore
from symphainy.stores.redis.keys import SHARDS, Keys
from symphainy.traffic_cop import SNAPSHOT_EVERY

SLOTS: Final = 16_384
NODES: Final = (3, 6, 12, 24)
BAR: Final = 0.10
CHANCE: Final = 4.0
"""Standard deviations."""

# The estimate, as docs/sizing.md has it. Bytes.
SESSION: Final = 1_600
TURN: Final = 700
FILE: Final = 4_000
LONG: Final = 1.2
LONG_ENTRIES: Final = 48
SNAPSHOT: Final = 0.6
SNAPSHOT_ENTRIES: Final = 225


def estimate(plan: Plan, recorded: Recorded) -> float:
    """Bytes of memory: the JSON of the entries, what is kept beside it, and the snapshot."""
    turn_data = fmean(turn.data for turn in recorded.turns) + 2 * plan.more
    turn_entries = fmean(turn.entries for turn in recorded.turns)
    entries = 1 + plan.turns * turn_entries + plan.files * recorded.file.entries
    data = len(recorded.opened) + plan.turns * turn_data + plan.files * recorded.file.data
    beside = (plan.turns * TURN + plan.files * FILE) * (LONG if entries > LONG_ENTRIES else 1)
    folded = min(entries // SNAPSHOT_EVERY * SNAPSHOT_EVERY, SNAPSHOT_ENTRIES)
    return SESSION + data + beside + SNAPSHOT * data * folded / entries


def slots_of(count: int) -> array[int]:
    keys = Keys("symphainy")
    return array("H", (key_slot(keys.session(new_id("ses"))) for _ in range(count)))


def even(nodes: int) -> list[int]:
    """The node of each slot, as `--cluster create` deals them."""
    return [slot * nodes // SLOTS for slot in range(SLOTS)]


def with_one_more(owners: Sequence[int], nodes: int) -> list[int]:
    """As `--cluster rebalance` does it: each node gives the new one what is beyond its share."""
    share, left = SLOTS / (nodes + 1), list(owners)
    held = [0] * nodes
    for slot, owner in enumerate(owners):
        held[owner] += 1
        if held[owner] > share:
            left[slot] = nodes
    return left


def by_node(owners: Sequence[int], of_slot: Sequence[float]) -> list[float]:
    load = [0.0] * (max(owners) + 1)
    for slot, amount in enumerate(of_slot):
        load[owners[slot]] += amount
    return load


def most_by_chance(sessions: int, nodes: int) -> float:
    """What the fullest of `nodes` has over the mean, on average, if each session is put anywhere at random."""
    expected = NormalDist().inv_cdf((nodes - 0.375) / (nodes + 0.25))  # Blom's approximation
    return 1 + expected * math.sqrt((nodes - 1) / sessions)


def balance(slots: array[int], sizes: Sequence[float]) -> bool:
    count = len(slots)
    sessions, memory = [0.0] * SLOTS, [0.0] * SLOTS
    for slot, size in zip(slots, random.choices(sizes, k=count), strict=True):
        sessions[slot] += 1
        memory[slot] += size
    mean = count / SLOTS
    deviation = (sum((had - mean) ** 2 for had in sessions) / mean - (SLOTS - 1)) / math.sqrt(2 * (SLOTS - 1))
    p99 = sorted(sessions)[int(SLOTS * 0.99)] / mean
    by_chance = 1 + NormalDist().inv_cdf(0.99) / math.sqrt(mean)
    print(f"{count:,} sessions, {mean:.0f} in a slot; the 99th percentile of slots has {p99:.2f} times that, by chance")
    print(f"{by_chance:.2f}; all slots together are {deviation:+.1f} standard deviations from chance")
    print("| nodes | fullest / mean, sessions | by chance | bytes | with a node more, sessions | moved for it |")
    print("|---|---|---|---|---|---|")
    for nodes in NODES:
        owners = even(nodes)
        more = with_one_more(owners, nodes)
        moved = sum(had for slot, had in enumerate(sessions) if owners[slot] != more[slot]) / count
        of_sessions, of_memory, after = by_node(owners, sessions), by_node(owners, memory), by_node(more, sessions)
        print(
            f"| {nodes} | {max(of_sessions) / fmean(of_sessions):.4f} | {most_by_chance(count, nodes):.4f}"
            f" | {max(of_memory) / fmean(of_memory):.4f} | {max(after) / fmean(after):.4f} | {moved:.1%} |"
        )
    parts = [0.0] * SLOTS
    for number in range(SHARDS):
        parts[key_slot(Keys("symphainy").expiries(number))] += 1
    most = ", ".join(f"{max(by_node(even(nodes), parts)):.0f} with {nodes} nodes" for nodes in NODES)
    print(f"the index by expiry has {SHARDS} parts, on one node of them at most: {most}")
    return abs(deviation) < CHANCE


async def memory(url: str, count: int, chance: random.Random) -> tuple[list[float], bool]:
    """The estimates of the sample, and whether they are true enough."""
    client = Redis.from_url(url)
    made = await recorded(url)
    print("| what a user does | appends | entries | bytes of JSON |\n|---|---|---|---|")
    names = ("asks the guide", "asks about a file", "gives a file")
    for name, activity in zip(names, (*made.turns, made.file), strict=True):
        print(f"| {name} | {len(activity.appends)} | {activity.entries} | {activity.data:,} |")
    wanted = plans(count, chance)
    estimates = [estimate(plan, made) for plan in wanted]
    before, began = used(client), time.perf_counter()
    async with RedisStore(url) as store:
        cop = TrafficCop(store)
        queue = iter(wanted)

        async def writer() -> list[int]:
            done = [await write(store, cop, made, plan) for plan in queue]
            return [sum(one.entries for one in done), sum(one.data + one.snapshot for one in done)]

        totals = await asyncio.gather(*(writer() for _ in range(32)))
    seconds = time.perf_counter() - began
    measured = used(client) - before
    entries, data = (sum(total[place] for total in totals) for place in range(2))
    error = sum(estimates) / measured - 1
    print(f"{count:,} sessions with {entries:,} entries, written in {seconds:.0f} s")
    print(
        f"memory: {measured / count:,.0f} bytes a session ({data / count:,.0f} of them JSON), estimated"
        f" {fmean(estimates):,.0f}: {error:+.1%}; a million: {measured / count / 1000:,.1f} GB"
    )
    ratio = client.info("memory")["used_memory_rss"] / used(client)
    print(f"the process has {ratio:.2f} times that")
    return estimates, abs(error) <= BAR


def used(client: Redis) -> int:
    return client.info("memory")["used_memory"]


async def appends_a_second(url: str, sessions: int, *, callers: int = 32, seconds: float = 2.0) -> float:
    done = 0
    async with RedisStore(url) as store:
        ids = [new_id("ses") for _ in range(sessions)]
        await asyncio.gather(*(store.create(one, new_id("usr"), LIFETIME, [Record(b"{}")]) for one in ids))
        ends = time.perf_counter() + seconds

        async def caller(number: int) -> None:
            nonlocal done
            while time.perf_counter() < ends:
                await store.append(ids[number % sessions], [Record(b"x" * 600, "topic")], op_id=new_id("op"))
                done += 1

        await asyncio.gather(*map(caller, range(callers)))
    return done / seconds


def hot_sessions(slots: array[int], rate: float) -> None:
    """At half load, all nodes together do half of what they can."""
    print(
        "| exponent | nodes | hottest session, of all appends | busiest node / mean | hottest, of its node's rate at half load |"
    )
    print("|---|---|---|---|---|")
    for exponent in (0.8, 1.0, 1.2):
        weights = [rank**-exponent for rank in range(1, len(slots) + 1)]
        total, of_slot = sum(weights), [0.0] * SLOTS
        for slot, weight in zip(slots, weights, strict=True):
            of_slot[slot] += weight
        for nodes in NODES:
            load = by_node(even(nodes), of_slot)
            share = weights[0] / total
            print(f"| {exponent} | {nodes} | {share:.1%} | {max(load) / fmean(load):.2f} | {share * nodes / 2:.0%} |")
    limited = Settings().writes_per_minute / 60
    print(f"what one user may write: {limited:.0f} appends a second, {limited / rate:.2%} of a node's rate")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=1_000_000)
    parser.add_argument("--sample", type=int, default=15_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    random.seed(options.seed)
    given = os.environ.get("REDIS_URL")
    with nullcontext() if given else running("--appendfsync", "no") as server:
        url = given or (server.url if server else "")
        estimates, true = uvloop.run(memory(url, options.sample, chance))
    slots = slots_of(options.sessions)
    chance_like = balance(slots, estimates)
    with nullcontext() if given else running() as server:
        url = given or (server.url if server else "")
        rates = [uvloop.run(appends_a_second(url, sessions)) for sessions in (32, 1)]
    print(f"appends a second, one process, 32 callers: {rates[0]:,.0f} to 32 sessions, {rates[1]:,.0f} to one")
    hot_sessions(slots, rates[0])
    if not true:
        print("The estimate is off by more than 10 %.")
    if not chance_like:
        print("The slots are not as even as chance makes them.")
    return 0 if true and chance_like else 1


if __name__ == "__main__":
    sys.exit(main())
