"""Invariants that no other subject covers; see spec/SESSION.md."""

from __future__ import annotations

import asyncio
import random
import re
from pathlib import Path

import pytest

from symphainy import SessionManagerService, TrafficCop, open_store
from symphainy.codec import decode_entry
from symphainy.entries import Draft, MessageAdded
from symphainy.files.folder import FolderFileStore
from symphainy.session import AgentType, Role
from symphainy.stores.base import Store, Stored

TESTS = Path(__file__).parents[1]


async def test_i2_seq_is_gapless_with_many_writers(store: Store) -> None:
    cops = [TrafficCop(store, snapshot_every=30) for _ in range(4)]
    sessions = [SessionManagerService(cop, FolderFileStore(Path())) for cop in cops]
    session_id = (await sessions[0].create_session("ada")).session_id

    async def write(service: SessionManagerService, writer: int) -> None:
        for n in range(50):
            await service.add_conversation_message(session_id, "guide_agent", "user", f"{writer}:{n}")

    await asyncio.gather(*(write(service, n) for n, service in enumerate(sessions)))
    for cop in cops:
        await cop.close()
    entries = await store.read(session_id)
    assert [item.seq for item in entries] == list(range(1, 202))
    said = [
        body.content for item in entries if isinstance(body := decode_entry(item.seq, item.data).body, MessageAdded)
    ]
    for writer in range(4):
        assert [text for text in said if text.startswith(f"{writer}:")] == [f"{writer}:{n}" for n in range(50)]


class Counting:
    """Wraps a store's `read` and counts what it returns."""

    def __init__(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        self.entries = 0
        read = store.read

        async def counted(*args: object, **kwargs: object) -> list[Stored]:
            found = await read(*args, **kwargs)  # type: ignore[arg-type]
            self.entries += len(found)
            return found

        monkeypatch.setattr(store, "read", counted)


async def test_i6_append_last_page_and_opening_read_no_more_of_a_long_log_than_of_a_short_one(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cop = TrafficCop(store, snapshot_every=50)
    sessions = SessionManagerService(cop, FolderFileStore(tmp_path / "files"))
    session_id = (await sessions.create_session("ada")).session_id
    for _ in range(10):
        drafts = [
            Draft(MessageAdded(f"m{random.random()}", Role.USER, "x"), "user", AgentType.GUIDE) for _ in range(300)
        ]
        await cop.append(session_id, drafts)
        await cop.session(session_id)
    await cop.close()
    counting = Counting(store, monkeypatch)
    fresh = SessionManagerService(TrafficCop(store), FolderFileStore(tmp_path / "files"))
    history = await fresh.get_conversation_history(session_id, "guide_agent", limit=50)
    assert len(history) == 50
    assert counting.entries <= 350
    counting.entries = 0
    await fresh.get_conversation_history(session_id, "guide_agent", before=history[0].seq, limit=50)
    await fresh.add_conversation_message(session_id, "guide_agent", "user", "one more")
    assert counting.entries <= 120


class Wandering:
    """A clock that jumps, also backwards."""

    def __init__(self) -> None:
        self.chance = random.Random(8)

    def now(self) -> float:
        return 1_800_000_000 + self.chance.uniform(-3600, 3600)


async def test_i8_no_clock_decides_an_order_or_a_version(tmp_path: Path) -> None:
    async with open_store("memory://") as store:
        cop = TrafficCop(store, clock=Wandering(), snapshot_every=10)
        sessions = SessionManagerService(cop, FolderFileStore(tmp_path / "files"))
        session_id = (await sessions.create_session("ada")).session_id
        for n in range(60):
            await sessions.add_conversation_message(session_id, "guide_agent", "user", str(n))
            await sessions.patch_state(session_id, {"newest": n})
        history = await sessions.get_conversation_history(session_id, "guide_agent")
        assert [message.content for message in history] == [str(n) for n in range(60)]
        assert [message.timestamp for message in history] != sorted(message.timestamp for message in history)
        assert (await sessions.get_session(session_id)).state == {"newest": 59}
        await cop.close()


def test_every_invariant_has_a_named_test() -> None:
    text = "\n".join(path.read_text() for path in TESTS.rglob("*.py"))
    assert [n for n in range(1, 9) if not re.search(rf"def test_(i\d_)*i{n}_", text)] == []
