"""I1, I2: an acknowledged append survives `kill -9` at any instant, is never applied twice, and leaves no gap."""

from __future__ import annotations

import os
import random
import selectors
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from symphainy.stores.base import READ_LIMIT, Stored
from symphainy.stores.sqlite import SQLiteStore
from tests.faults import store_writers
from tests.faults.store_writers import SESSIONS, WRITERS, records_of

KILLS = 15
READY_SECONDS = 20.0


@dataclass
class Ledger:
    """What was acknowledged, on this side of the pipe."""

    places: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    next_number: list[int] = field(default_factory=lambda: [0] * WRITERS)

    def note(self, line: bytes) -> None:
        writer, number, first, last = (int(text) for text in line.split())
        assert number == self.next_number[writer], "a writer went on without its acknowledgement"
        self.places[writer, number] = (first, last)
        self.next_number[writer] = number + 1


def run_and_kill(database: Path, sessions: list[str], ledger: Ledger, delay: float, after_ready: bool) -> None:
    """Starts the writers, and kills them `delay` seconds after the start or after they are ready."""
    numbers = ",".join(str(number) for number in ledger.next_number)
    child = subprocess.Popen(
        [sys.executable, store_writers.__file__, str(database), ",".join(sessions), numbers], stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    kill_at = None if after_ready else time.monotonic() + delay
    give_up_at = time.monotonic() + READY_SECONDS
    received = b""
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while kill_at is None or time.monotonic() < kill_at:
            if kill_at is None and b"ready\n" in received:
                kill_at = time.monotonic() + delay
            assert time.monotonic() < give_up_at, "the writers did not get ready"
            wait = 0.2 if kill_at is None else max(0.0, kill_at - time.monotonic())
            if selector.select(wait):
                chunk = os.read(child.stdout.fileno(), 1 << 16)
                assert chunk, "the writers ended by themselves"
                received += chunk
    child.send_signal(signal.SIGKILL)
    received += child.stdout.read()
    child.wait()
    child.stdout.close()
    for line in received.split(b"\n")[:-1]:
        if line != b"ready":
            ledger.note(line)


async def logs_of(database: Path, sessions: list[str]) -> dict[str, list[Stored]]:
    """Everything that is stored. Reading it fails by itself where an entry is missing or damaged."""
    async with SQLiteStore(database) as store:
        assert [damage async for damage in store.verify()] == []
        logs: dict[str, list[Stored]] = {}
        for session_id in sessions:
            log: list[Stored] = []
            while batch := await store.read(session_id, after=len(log), limit=READ_LIMIT):
                log += batch
            logs[session_id] = log
        return logs


def check(logs: dict[str, list[Stored]], sessions: list[str], ledger: Ledger) -> None:
    for session_id, log in logs.items():
        assert [item.seq for item in log] == list(range(1, len(log) + 1)), f"gap or repeat in {session_id}"
    accounted = 0
    for writer in range(WRITERS):
        log = logs[sessions[writer % SESSIONS]]
        own = [(item.seq, item.data) for item in log if item.data.startswith(f"{writer} ".encode())]
        acknowledged = ledger.next_number[writer]
        in_doubt = (writer, acknowledged)
        wanted = [record.data for number in range(acknowledged) for record in records_of(writer, number)]
        found = [data for _, data in own]
        assert found[: len(wanted)] == wanted, f"writer {writer}: lost, duplicated or reordered"
        assert found[len(wanted) :] in ([], [record.data for record in records_of(*in_doubt)]), "phantom"
        for number in range(acknowledged):
            first, last = ledger.places[writer, number]
            stored = [item.data for item in log[first - 1 : last]]
            assert stored == [record.data for record in records_of(writer, number)], f"moved: {writer} {number}"
        accounted += len(own)
    assert accounted == sum(len(log) for log in logs.values())


@pytest.mark.timeout(600)
async def test_i1_i2_nothing_acknowledged_is_lost_doubled_or_moved_by_kills(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    seed = random.SystemRandom().randrange(1 << 32)
    choice = random.Random(seed)
    kills = request.config.getoption("--store-kills", default=None) or KILLS
    print(f"seed {seed}, {kills} kills")
    database, ledger = tmp_path / "data" / "symphainy.db", Ledger()
    sessions = [f"session {number}" for number in range(SESSIONS)]
    for kill in range(kills):
        after_ready = kill % 3 != 1
        run_and_kill(database, sessions, ledger, choice.uniform(0.0, 0.25), after_ready)
        if kill == 0:
            assert database.exists()
        if kill % 5 == 4:
            check(await logs_of(database, sessions), sessions, ledger)
    check(await logs_of(database, sessions), sessions, ledger)
    print(f"{len(ledger.places)} acknowledgements")
    assert len(ledger.places) > kills * 20
