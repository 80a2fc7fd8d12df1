"""What people leave behind in a session: recorded once from a real server, and written again as often as wanted.

A copy has ids of its own and messages of its own length; everything else (appends, entries, topics, keys, work, ids of
operations) is as the server wrote it.
"""

from __future__ import annotations

import asyncio
import gzip
import os
import random
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import httpx
from tests.api.server_process import ServerProcess

from symphainy import TrafficCop
from symphainy.codec import encode_snapshot
from symphainy.ids import hash_token, new_id, new_token
from symphainy.stores.base import AppendCopy, Lifetime, Record, Store, StoredSnapshot, Token
from symphainy.stores.redis import RedisStore
from symphainy.traffic_cop import SNAPSHOT_EVERY

LIFETIME: Final = Lifetime(30 * 86_400.0, 180 * 86_400.0)
SAMPLE: Final = Path(__file__).parents[1] / "src/symphainy/samples/receivables.csv.gz"
QUESTIONS: Final = (
    ("guide_agent", "Where do I start, and what can you do for me?"),
    ("content_liaison", "How many rows does the file have?"),
)
ID: Final = re.compile(r"((?:msg|run|wf|art|st|file|key)_[0-9a-f]{32})")
CONTENT: Final = b'"content":"'
LETTERS: Final = b"abcdefghijklmnopqrstuvwxyz " * 400


@dataclass(frozen=True, slots=True)
class Activity:
    """The appends that a turn, or a file, leads to."""

    appends: Sequence[AppendCopy]

    @property
    def entries(self) -> int:
        return sum(len(append.records) for append in self.appends)

    @property
    def data(self) -> int:
        return sum(len(record.data) for append in self.appends for record in append.records)

    def copies(self, more: int) -> Iterator[tuple[list[Record], str | None]]:
        """Records and op_id of each append, with fresh ids, and `more` letters in each message."""
        known: dict[str, str] = {}

        def fresh(match: re.Match[str]) -> str:
            found = match[0]
            if found not in known:
                known[found] = f"{found[:-32]}{os.urandom(16).hex()}"
            return known[found]

        def renamed(text: str) -> str:
            return ID.sub(fresh, text)

        for append in self.appends:
            records: list[Record] = []
            for record in append.records:
                data = renamed(record.data.decode()).encode()
                if more and b'"message.added"' in data:
                    data = data.replace(CONTENT, CONTENT + LETTERS[:more], 1)
                work = record.work
                if work is not None:
                    work = replace(work, work_id=renamed(work.work_id), lane=renamed(work.lane))
                topic = None if record.topic is None else renamed(record.topic)
                records.append(Record(data, topic, tuple(map(renamed, record.keys)), work))
            yield records, None if append.op_id is None else renamed(append.op_id)


@dataclass(frozen=True, slots=True)
class Recorded:
    opened: bytes
    """The entry of a new session."""
    turns: Sequence[Activity]
    file: Activity


async def recorded(store_url: str) -> Recorded:
    """One session at a real server: a question, a file that is analysed, a question about it."""
    with tempfile.TemporaryDirectory() as folder:
        async with (
            ServerProcess(Path(folder) / "data", store=store_url) as server,
            httpx.AsyncClient(base_url=server.url, timeout=60) as http,
            RedisStore(store_url) as store,
        ):
            made = (await http.post("/api/v1/sessions", json={})).raise_for_status().json()
            session_id = made["session_id"]
            http.headers["authorization"] = f"Bearer {made['session_token']}"
            path = f"/api/v1/sessions/{session_id}"
            seen = 0

            async def said(agent: str, text: str) -> Activity:
                answer = await http.post(f"{path}/conversations/{agent}/messages", json={"content": text})
                answer.raise_for_status()
                return await ended("run.finished")

            async def ended(kind: str) -> Activity:
                nonlocal seen
                async with asyncio.timeout(60):
                    while True:
                        copy = await store.copy_out(session_id, after=seen, limit=500)
                        if any(kind.encode() in record.data for append in copy.appends for record in append.records):
                            seen = copy.seq
                            return Activity(copy.appends)
                        await asyncio.sleep(0.05)

            opened = (await ended("session.created")).appends[0].records[0].data
            first = await said(*QUESTIONS[0])
            rows = gzip.decompress(SAMPLE.read_bytes())
            parts = [("files", ("receivables.csv", rows, "text/csv"))]
            (await http.post(f"{path}/files", files=parts)).raise_for_status()
            file = await ended("workflow.finished")
            second = await said(*QUESTIONS[1])
            return Recorded(opened, (first, second), file)


@dataclass(frozen=True, slots=True)
class Plan:
    """One session: how often its user asks, how many files there are, and how much longer than recorded its messages are."""

    turns: int
    files: int
    more: int


@dataclass(slots=True)
class Written:
    """What was written of one session, in bytes and numbers."""

    entries: int
    data: int
    snapshot: int


def plans(count: int, chance: random.Random) -> list[Plan]:
    """As people use it, we assume: a third only look. The others ask 4 times at the median and 17 times at the 90th
    percentile, one in three of them gives a file, one in twelve several; messages are 80 letters longer at the median."""
    made: list[Plan] = []
    for _ in range(count):
        if chance.random() < 1 / 3:
            made.append(Plan(0, 0, 0))
            continue
        turns = max(1, min(200, round(chance.lognormvariate(1.39, 1.13))))
        files = chance.choices((0, 1, chance.randint(2, 5)), (8, 3, 1))[0]
        made.append(Plan(turns, files, min(4_000, round(chance.lognormvariate(4.4, 1.0)))))
    return made


async def write(store: Store, cop: TrafficCop, recorded: Recorded, plan: Plan) -> Written:
    """Makes the session with its user and token, and a snapshot whenever the product makes one."""
    session_id, user_id = new_id("ses"), new_id("usr")
    head = await store.create(session_id, user_id, LIFETIME, [Record(recorded.opened)])
    now, ends = head.created_at, head.created_at + LIFETIME.absolute
    await store.put_token(
        Token(hash_token(new_token()), user_id, session_id, now, LIFETIME.idle, now + LIFETIME.idle, ends)
    )
    done = Written(1, len(recorded.opened), 0)
    files = {round((number + 0.5) * plan.turns / plan.files) for number in range(plan.files)} if plan.files else set()
    given = 0
    for turn in range(plan.turns + 1):
        activities: list[tuple[Activity, int]] = []
        if given < plan.files and (turn in files or turn == plan.turns):
            wanted = 1 if turn < plan.turns else plan.files - given
            activities += [(recorded.file, 0)] * wanted
            given += wanted
        if turn < plan.turns:
            activities.append((recorded.turns[turn % len(recorded.turns)], plan.more))
        for activity, more in activities:
            for records, op_id in activity.copies(more):
                before = done.entries
                await store.append(session_id, records, op_id=op_id)
                done.entries += len(records)
                done.data += sum(len(record.data) for record in records)
                if done.entries // SNAPSHOT_EVERY > before // SNAPSHOT_EVERY:
                    data = encode_snapshot(await cop.session(session_id))
                    await store.save_snapshot(session_id, StoredSnapshot(done.entries, bytes(32), data))
                    done.snapshot = len(data)
    return done
