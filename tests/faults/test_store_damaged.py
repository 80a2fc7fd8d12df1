"""Damage to the files of a closed store: `verify` names what is damaged, and no changed byte is ever served."""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from symphainy.errors import DataDamaged, SessionNotFound, SymphainyError
from symphainy.stores.base import Damage, Lifetime, Record, Store, StoredSnapshot, roll
from symphainy.stores.sqlite import SQLiteStore

Logs = dict[str, list[bytes]]

SESSIONS = ("session-a", "session-b", "session-c")
LENGTH, LONG_ONES = 60, 3
SEED = 20_261_124


async def fill(store: Store) -> Logs:
    """Entries that can be found in the file by their bytes, some that are longer than a page, and snapshots."""
    logs: Logs = {}
    for session_id in SESSIONS:
        await store.create(session_id, "user", Lifetime(1e6, 1e7), [])
        log = [f"<{session_id}:{seq}:{'payload ' * (seq % 7)}>".encode() for seq in range(1, LENGTH + 1)]
        log[10:40:10] = [f"{session_id} {seq} ".encode() * 1_000 for seq in range(3)]
        for first in range(0, len(log), 3):
            records = [Record(data, "topic" if first % 2 else None, ("key",)) for data in log[first : first + 3]]
            await store.append(session_id, records, op_id=f"op {first}")
        chain = b""
        for item in await store.read(session_id, limit=50):
            chain = roll(chain, item)
        await store.save_snapshot(session_id, StoredSnapshot(50, chain, b"fold of " + session_id.encode()))
        logs[session_id] = log
    return logs


@pytest.fixture
async def closed(tmp_path: Path) -> tuple[Path, Logs]:
    """A closed database without a log beside it."""
    path = tmp_path / "closed" / "symphainy.db"
    async with SQLiteStore(path) as store:
        logs = await fill(store)
    assert sorted(item.name for item in path.parent.iterdir()) == ["lock", "symphainy.db"]
    return path, logs


async def examine(path: Path, logs: Logs) -> list[Damage]:
    """What `verify` says; and whatever can be read must be as it was written."""
    async with SQLiteStore(path, read_only=True) as store:
        found = [damage async for damage in store.verify()]
        for session_id, log in logs.items():
            for topic in (None, "topic"):
                try:
                    items = await store.read(session_id, topic=topic)
                    _, snapshot = await store.load(session_id)
                except SymphainyError:
                    continue
                assert all(item.data == log[item.seq - 1] for item in items)
                assert snapshot is None or snapshot.data == b"fold of " + session_id.encode()
    return found


def flip(path: Path, offset: int, bit: int) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        (byte,) = file.read(1)
        file.seek(offset)
        file.write(bytes([byte ^ 1 << bit]))


def payloads(path: Path) -> list[tuple[int, int, str, int]]:
    """Where in the file the live entries' bytes are: start, end, session and seq."""
    pattern = re.compile(rb"<(session-.):(\d+):[payload ]*>")
    return [
        (match.start(), match.end(), match[1].decode(), int(match[2])) for match in pattern.finditer(path.read_bytes())
    ]


async def test_a_store_at_rest_is_whole(closed: tuple[Path, Logs]) -> None:
    path, logs = closed
    assert await examine(path, logs) == []
    assert len(payloads(path)) == len(SESSIONS) * (LENGTH - LONG_ONES)


async def test_a_flipped_bit_in_an_entry_is_named_with_session_and_seq(
    closed: tuple[Path, Logs], tmp_path: Path
) -> None:
    path, logs = closed
    choice, places, copy = random.Random(SEED), payloads(path), tmp_path / "copy.db"
    for _ in range(100):
        start, end, session_id, seq = choice.choice(places)
        shutil.copy(path, copy)
        flip(copy, choice.randrange(start, end), choice.randrange(8))
        found = await examine(copy, logs)
        assert [(damage.session_id, damage.seq) for damage in found] == [(session_id, seq)]
        async with SQLiteStore(copy, read_only=True) as store:
            with pytest.raises(DataDamaged) as refusal:
                await store.read(session_id)
            assert (refusal.value.session_id, refusal.value.seq) == (session_id, seq)


async def test_a_flipped_bit_anywhere_never_changes_what_is_served(closed: tuple[Path, Logs], tmp_path: Path) -> None:
    path, logs = closed
    choice, copy, content = random.Random(SEED + 1), tmp_path / "copy.db", path.read_bytes()
    long_ones = [(log[seq - 1], session_id, seq) for session_id, log in logs.items() for seq in (11, 21, 31)]
    noticed = 0
    for _ in range(200):
        offset, bit = choice.randrange(len(content)), choice.randrange(8)
        shutil.copy(path, copy)
        flip(copy, offset, bit)
        found = await examine(copy, logs)
        noticed += bool(found)
        touched = {(session_id, seq) for start, end, session_id, seq in payloads(path) if start <= offset < end}
        around = content[max(0, offset - 60) : offset + 60]
        touched |= {(session_id, seq) for data, session_id, seq in long_ones if around in data and len(around) == 120}
        assert touched <= {(damage.session_id, damage.seq) for damage in found}
    assert noticed > 50


async def test_a_log_cut_short_gives_a_shorter_history_and_never_another_one(tmp_path: Path) -> None:
    await damage_log(tmp_path, lambda log, choice: log[: choice.randrange(len(log))])


async def test_a_flipped_bit_in_the_log_gives_a_shorter_history_and_never_another_one(tmp_path: Path) -> None:
    def flipped(log: bytes, choice: random.Random) -> bytes:
        offset = choice.randrange(len(log))
        return log[:offset] + bytes([log[offset] ^ 1 << choice.randrange(8)]) + log[offset + 1 :]

    await damage_log(tmp_path, flipped)


async def damage_log(tmp_path: Path, damage: Callable[[bytes, random.Random], bytes]) -> None:
    """A server that died leaves a log beside the database; what the next one makes of a damaged log is a prefix."""
    died = tmp_path / "died"
    async with SQLiteStore(tmp_path / "alive" / "symphainy.db") as store:
        logs = await fill(store)
        shutil.copytree(tmp_path / "alive", died)
    log = (died / "symphainy.db-wal").read_bytes()
    choice, lengths = random.Random(SEED + 2), set[int]()
    for number in range(60):
        folder = tmp_path / f"copy {number}"
        folder.mkdir()
        shutil.copy(died / "symphainy.db", folder)
        (folder / "symphainy.db-wal").write_bytes(damage(log, choice))
        async with SQLiteStore(folder / "symphainy.db") as store:
            assert [item async for item in store.verify()] == []
            for session_id, written in logs.items():
                try:
                    found = [item.data for item in await store.read(session_id)]
                except SessionNotFound:
                    found = []
                assert found == written[: len(found)]
                lengths.add(len(found))
        shutil.rmtree(folder)
    assert len(lengths) > 5
