"""What the hot store has acknowledged reaches the durable one, whatever fails on the way and whoever dies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from symphainy.errors import SessionNotFound, StoreUnavailable
from symphainy.stores.base import READ_LIMIT, Appended, Record, StoredSnapshot, Work
from symphainy.testing.faulty_store import Fault

from .pair import LIFE, Pair, Process, eventually, line, open_pair, texts

pytestmark = pytest.mark.timeout(20)


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    async with open_pair() as pair:
        yield pair


async def write_everything(process: Process, session_id: str) -> None:
    """Appends of every kind, with pauses in which something is drained."""
    await process.create(session_id, "user", LIFE, [line("1")])
    for number in range(6):
        records = [Record(b"a", "t", ("k",)), Record(b"b", None, (), Work(f"w{number}", "open", "lane"))]
        await process.append(session_id, records, op_id=f"op{number}")
        await asyncio.sleep(0.02)
    await process.append(session_id, [Record(b"c", None, (), Work("w1", "close"))])
    await process.touch(session_id)


async def test_what_is_acknowledged_is_drained_as_it_was_written(pair: Pair) -> None:
    async with pair.process() as process:
        await write_everything(process, "s")
        pair.clock.advance(5)
        await process.touch("s")
        await process.append("s", [line(str(n)) for n in range(READ_LIMIT)])
        await process.save_snapshot("s", StoredSnapshot(9, b"chain", b"fold"))
        await process.settled()
        assert await pair.is_drained("s")
        assert (await pair.durable.load("s"))[1] == StoredSnapshot(9, b"chain", b"fold")
        assert (process.lag().entries, process.lag().seconds) == (0, 0)
    assert [name for name in pair.hot._sessions if name.startswith("outbox")] == []


@pytest.mark.parametrize("fault", ["refuse", "lose_answer"])
@pytest.mark.parametrize("nth", range(1, 12))
async def test_a_drain_that_fails_at_any_call_is_made_again(pair: Pair, fault: Fault, nth: int) -> None:
    async with pair.process() as process:
        for method in (None, "copy_in"):
            process.durable.plan(fault, nth=nth, method=method)
        await write_everything(process, "s")
        await process.settled()
        assert await pair.is_drained("s")


@pytest.mark.parametrize("nth", range(1, 7))
async def test_what_a_process_leaves_undrained_another_one_drains(pair: Pair, nth: int) -> None:
    """The process ends before its n-th copy is taken in, or, if it makes fewer, when it has written everything."""
    async with pair.process() as dying:
        hold = dying.durable.hold("copy_in", nth=nth)
        await write_everything(dying, "s")
        if nth == 1:
            await hold.reached.wait()
        await dying.kill()
        async with pair.process() as other:
            pair.owners_are_gone()
            await eventually(lambda: is_drained(pair, "s"))
            assert (await other.append("s", [line("next")])).first_seq == 15
    assert [name for name in pair.hot._sessions if name.startswith("outbox")] == []


async def test_a_process_that_dies_right_after_a_write_has_named_the_session_before(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with pair.process() as dying:
        await dying.create("s", "user", LIFE, [line("1")])
        await dying.settled()
        await dying._outbox._begin()
        append = dying.hot.append

        async def append_and_die(session_id: str, records: list[Record], **conditions: Any) -> Appended:
            done = await append(session_id, records, **conditions)
            dying.hot.away = session_id == "s"
            return done

        monkeypatch.setattr(dying.hot, "append", append_and_die)
        dying.durable.away = True
        await asyncio.gather(dying.append("s", [line("2")]), return_exceptions=True)
        await dying.kill()
        async with pair.process():
            pair.owners_are_gone()
            await eventually(lambda: is_drained(pair, "s"))


async def is_drained(pair: Pair, session_id: str) -> bool:
    await asyncio.sleep(0)
    try:
        return await pair.is_drained(session_id)
    except SessionNotFound:
        return False


async def test_a_process_that_wakes_up_after_its_outbox_was_taken_over_names_what_it_writes_again(pair: Pair) -> None:
    async with pair.process() as frozen, pair.process() as other:
        await frozen.create("s", "user", LIFE, [line("1")])
        await frozen.settled()
        hold = frozen.hot.hold("append")
        writing = asyncio.create_task(frozen.append("s", [line("2")]))
        await hold.reached.wait()
        outbox = frozen._outbox._session_id
        assert outbox is not None
        assert frozen._sweeper is not None
        frozen._sweeper.cancel()
        frozen._outbox._held_until = 0.0  # so much time has passed
        pair.owners_are_gone()
        await eventually(lambda: is_gone(pair, outbox))
        await other.settled()
        hold.released.set()
        await writing
        await frozen.kill()
        pair.owners_are_gone()
        await eventually(lambda: is_drained(pair, "s"))


async def is_gone(pair: Pair, session_id: str) -> bool:
    await asyncio.sleep(0)
    return session_id not in pair.hot._sessions


async def test_many_processes_drain_one_session(pair: Pair) -> None:
    async with pair.process() as one, pair.process() as two, pair.process() as three:
        await one.create("s", "user", LIFE, [])

        async def write(process: Process, name: str) -> None:
            for number in range(40):
                await process.append("s", [line(f"{name}/{number}")] * 2, op_id=f"{name}/{number}")
                if number % 8 == 0:
                    await asyncio.sleep(0.02)

        await asyncio.gather(write(one, "one"), write(two, "two"), write(three, "three"))
        await asyncio.gather(one.settled(), two.settled(), three.settled())
        assert await pair.is_drained("s")
        assert len(await texts(pair.durable, "s")) == 240


async def test_writes_go_on_while_the_durable_store_is_away_and_stop_at_the_stated_bound(pair: Pair) -> None:
    async with pair.process(most_entries=20) as process:
        await process.create("s", "user", LIFE, [line("0")])
        await process.settled()
        process.durable.away = True
        for number in range(20):
            await process.append("s", [line(str(number))])
        with pytest.raises(StoreUnavailable, match=r"behind .* by 20 entries.*limits: 600 s, 20 entries"):
            await process.append("s", [line("one too many")])
        assert process.lag().entries == 20
        with pytest.raises(StoreUnavailable, match="behind"):
            await process.probe()
        assert len(await texts(process, "s")) == 21
        process.durable.away = False
        await process.settled()
        assert await process.probe() == "none"
        await process.append("s", [line("again")])
        await process.settled()
        assert await pair.is_drained("s")


async def test_the_bound_is_in_seconds_too(pair: Pair) -> None:
    async with pair.process(most_seconds=0.2) as process:
        await process.create("s", "user", LIFE, [line("0")])
        await process.settled()
        process.durable.away = True
        await process.append("s", [line("1")])
        await eventually(lambda: is_late(process, 0.2))
        with pytest.raises(StoreUnavailable, match="The store was told to be away"):
            await process.touch("s")
        process.durable.away = False
        await process.settled()
        await process.append("s", [line("2")])


async def is_late(process: Process, seconds: float) -> bool:
    await asyncio.sleep(0)
    return process.lag().seconds >= seconds


async def test_a_session_that_cannot_be_drained_does_not_hold_up_the_others(pair: Pair) -> None:
    """Nor does it count as lag of the durable store: the fault is its own."""
    async with pair.process(most_seconds=0.3) as process:
        for name in ("bad", "good"):
            await process.create(name, "user", LIFE, [line("0")])
        await process.settled()
        session = pair.durable._sessions["bad"]
        session.user_id = "somebody else"
        await process.append("bad", [line("1")])
        await eventually(lambda: stuck(process))
        await asyncio.sleep(0.3)
        await process.append("good", [line("1")])
        await eventually(lambda: is_drained(pair, "good"))
        session.user_id = "user"


async def stuck(process: Process) -> bool:
    await asyncio.sleep(0)
    return any(item.stuck for item in process._drainer._sessions.values())


async def test_a_session_without_entries_and_its_activity_are_drained(pair: Pair) -> None:
    async with pair.process() as process:
        head = await process.create("s", "user", LIFE, [])
        await process.settled()
        assert (await pair.durable.load("s"))[0] == head
        pair.clock.advance(9)
        head = await process.touch("s")
        await process.settled()
        assert (await pair.durable.load("s"))[0] == head == replace(head, last_activity=pair.clock.now())
