"""A session moves between the two stores without anybody noticing, and what the hot store loses is marked in the log."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import pytest

from symphainy.errors import LeaseLost, SessionNotFound, StoreUnavailable
from symphainy.ids import new_id
from symphainy.stores.base import READ_LIMIT, Record, Stored, StoredSnapshot, Token, Work
from symphainy.stores.memory import MemoryStore
from symphainy.stores.tiered import TieredStore
from symphainy.testing import FaultyStore, StoreContract
from symphainy.testing.store_contract import OpenStore

from .pair import LIFE, Pair, Process, eventually, line, open_pair, texts

pytestmark = pytest.mark.timeout(20)

REWOUND = "rewound"


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    async with open_pair() as pair:
        yield pair


def marked(process: Process) -> Process:
    process.mark_rewinds(lambda: line(f"{REWOUND} {new_id('x')}"))
    return process


async def park(process: Process, session_id: str) -> bool:
    await process.settled()
    return await process._residence.park((await process.hot.load(session_id))[0])


async def test_a_parked_session_is_read_where_it_is_and_brought_back_whole_by_a_write(pair: Pair) -> None:
    async with pair.process() as process:
        marked(process)
        await process.create("s", "user", LIFE, [Record(b"open", "t", (), Work("w", "open", "lane"))])
        await process.append("s", [line(str(n)) for n in range(READ_LIMIT)])
        await process.append("s", [line("last")], op_id="op")
        await process.save_snapshot("s", StoredSnapshot(3, b"chain", b"fold"))
        before = await process.load("s")
        assert await park(process, "s")
        assert "s" not in pair.hot._sessions
        assert await process.load("s") == before
        assert (await texts(process, "s"))[-1] == "last"
        assert [item.work_id for item in (await process.list_open_work())[0]] == ["w"]
        assert [head.session_id for head in (await process.list_sessions(user_id="user"))[0]] == ["s"]
        assert "s" not in pair.hot._sessions
        assert (await process.append("s", [line("last")], op_id="op")).repeated
        assert await process.load("s") == before
        assert await park(process, "s")
        for seq, kept in ((9, 9), (10**6, 9), (4, 9), (20, 20)):
            await process.save_snapshot("s", StoredSnapshot(seq, b"chain", b"fold"))
            assert (await process.load("s"))[1] == StoredSnapshot(kept, b"chain", b"fold")
        assert (await process.append("s", [Record(b"x", None, (), Work("w", "close"))])).first_seq == READ_LIMIT + 3
        assert REWOUND not in str(await texts(process, "s"))
        assert [item.work_id for item in (await process.list_open_work())[0]] == []


async def test_an_idle_copy_is_dropped_and_a_used_one_is_not(pair: Pair) -> None:
    async with pair.process(idle_hot=100.0) as process:
        for name in ("idle", "used", "leased"):
            await process.create(name, "user", LIFE, [line("1")])
        await process.settled()
        await process.park_idle()
        pair.clock.advance(90)
        process._residents._clock = pair.clock  # type: ignore[assignment]
        await process.append("used", [line("2")])
        await process.settled()
        await process.park_idle()
        pair.clock.advance(60)
        lease = await process.acquire_lease("leased", "lane", "owner", 1000)
        assert await process.park_idle() == 1
        assert sorted(name for name in pair.hot._sessions if "_" not in name) == ["leased", "used"]
        await process.release_lease(lease)
        for _ in range(3):
            pair.clock.advance(130)
            await process.park_idle()
        assert sorted(name for name in pair.hot._sessions if "_" not in name) == []
        assert [await texts(process, name) for name in ("idle", "used", "leased")] == [["1"], ["1", "2"], ["1"]]


async def test_what_is_not_drained_is_not_dropped(pair: Pair) -> None:
    async with pair.process() as process:
        await process.create("s", "user", LIFE, [line("1")])
        await process.settled()
        process.durable.plan("refuse", method="copy_in")
        await process.append("s", [line("2")])
        assert not await process._residence.park((await process.hot.load("s"))[0])
        await process.settled()
        hold = process.hot.hold("drop")
        parking = asyncio.create_task(process._residence.park((await process.hot.load("s"))[0]))
        await hold.reached.wait()
        await process.append("s", [line("3")])
        hold.released.set()
        assert not await parking
        assert await texts(process, "s") == ["1", "2", "3"]


async def test_a_flush_loses_what_was_not_drained_and_the_log_says_so(pair: Pair) -> None:
    async with pair.process() as process:
        marked(process)
        await process.create("s", "user", LIFE, [line("1"), line("2")])
        await process.settled()
        process.durable.away = True
        await process.append("s", [line("lost")])
        pair.flush()
        process.durable.away = False
        assert await texts(process, "s") == ["1", "2"]
        assert (await process.append("s", [line("next")])).first_seq == 4
        found = await texts(process, "s")
        assert found[:2] == ["1", "2"]
        assert found[2].startswith(REWOUND)
        assert found[3:] == ["next"]
        await process.settled()
        assert await pair.is_drained("s")
        assert await park(process, "s")
        await process.append("s", [line("more")])
        assert sum(REWOUND in text for text in await texts(process, "s")) == 1


async def test_many_who_bring_a_lost_session_back_mark_it_once(pair: Pair) -> None:
    async with pair.process() as one, pair.process() as two, pair.process() as three:
        for process in (one, two, three):
            marked(process)
        await one.create("s", "user", LIFE, [line(str(n)) for n in range(450)])
        await one.append("s", [line("x")] * 100)
        await one.settled()
        pair.flush()
        await asyncio.gather(
            *(
                process.append("s", [line(f"{n}")], op_id=str(n))
                for n, process in enumerate((one, two, three, one, two, three))
            )
        )
        found = await texts(one, "s")
        assert len(found) == 557
        assert [n for n, text in enumerate(found) if text.startswith(REWOUND)] == [550]
        await asyncio.gather(one.settled(), two.settled(), three.settled())
        assert await pair.is_drained("s")


async def test_nobody_reads_or_goes_on_from_a_session_that_is_half_brought_back(pair: Pair) -> None:
    async with pair.process() as one, pair.process() as two:
        await one.create("s", "user", LIFE, [])
        for number in range(500):
            await one.append("s", [line(str(number))])
        assert await park(one, "s")
        hold = one.hot.hold("copy_in", nth=2)
        bringing = asyncio.create_task(one.append("s", [line("by one")]))
        await hold.reached.wait()
        assert len(await texts(two, "s")) == 500
        other = asyncio.create_task(two.append("s", [line("by two")]))
        await asyncio.sleep(0.05)
        assert not other.done()
        hold.released.set()
        assert {(await bringing).first_seq, (await other).first_seq} == {501, 502}
        assert len(await texts(two, "s")) == 502


async def test_a_session_whose_bringer_died_half_way_is_brought_back_by_another(pair: Pair) -> None:
    async with pair.process() as dying:
        await dying.create("s", "user", LIFE, [])
        for number in range(500):
            await dying.append("s", [line(str(number))])
        assert await park(dying, "s")
        hold = dying.hot.hold("copy_in", nth=2)
        bringing = asyncio.create_task(dying.append("s", [line("never")]))
        await hold.reached.wait()
        bringing.cancel()
        dying.durable.away = True  # so that its lease is not given back
        await asyncio.gather(bringing, return_exceptions=True)
        await dying.kill()
        pair.owners_are_gone()
        async with pair.process() as other:
            assert len(await texts(other, "s")) == 500
            assert (await other.append("s", [line("next")])).first_seq in (501, 502)


async def test_a_hot_store_that_was_set_back_gives_way(pair: Pair) -> None:
    """An old copy of the hot store was restored: its log is a beginning of the durable one, and then another one."""
    async with pair.process() as process:
        marked(process)
        await process.create("s", "user", LIFE, [line("1")])
        await process.settled()
        old = await pair.hot.copy_out("s")
        for number in range(2, 6):
            await process.append("s", [line(str(number))])
            await process.settled()
        pair.flush()
        await pair.hot.copy_in(old)
        await process.append("s", [line("lost")])
        await process.settled()
        found = await texts(process, "s")
        assert found[:5] == ["1", "2", "3", "4", "5"]
        assert found[5].startswith(REWOUND)
        assert await pair.is_drained("s")


async def test_a_lost_lease_and_its_fence_never_come_back(pair: Pair) -> None:
    async with pair.process() as process:
        await process.create("s", "user", LIFE, [line("1")])
        await process.settled()
        await process.release_lease(await process.acquire_lease("s", "lane", "a", 10))
        stalled = await process.acquire_lease("s", "lane", "a", 10)
        for way in ("flush", "park"):
            if way == "park":
                assert await park(process, "s")
            else:
                pair.flush()
            with pytest.raises(LeaseLost):
                await process.append("s", [line("late")], fence=stalled)
            new = await process.acquire_lease("s", "lane", "a", 10)
            assert new.fence > stalled.fence
            with pytest.raises(LeaseLost):
                await process.append("s", [line("late")], fence=stalled)
            await process.release_lease(new)
            stalled = new


@pytest.mark.parametrize("seed", range(6))
async def test_flushes_at_random_lose_nothing_that_was_drained_and_nothing_silently(pair: Pair, seed: int) -> None:
    """An entry that was acknowledged is where it was said to be, or a mark stands at or before its place."""
    draw = random.Random(seed)

    async def append(process: Process, text: str) -> None:
        done = await process.append("s", [line(text)], op_id=text)
        acknowledged[done.first_seq] = text

    async with pair.process() as one, pair.process() as two:
        acknowledged: dict[int, str] = {}
        drained: list[Stored] = []
        await marked(one).create("s", "user", LIFE, [line("0")])
        marked(two)
        await one.settled()
        for number in range(40):
            process = draw.choice((one, two))
            match draw.randrange(12):
                case 0:
                    drained = await whole(pair.durable)
                    pair.flush()
                    assert (await whole(pair.durable))[: len(drained)] == drained
                case 1:
                    await process.settled()
                case 2:
                    process.durable.plan(draw.choice(("refuse", "lose_answer")), method="copy_in")
                case 3:
                    if "s" in pair.hot._sessions:
                        await again_and_again(park, process, "s")
                case _:
                    await again_and_again(append, process, f"{seed}/{number}")
            if draw.random() < 0.3:
                await asyncio.sleep(0.04)
            check(await whole(one), acknowledged)
            assert (await whole(one))[: len(drained)] == drained
        await asyncio.gather(one.settled(), two.settled())
        check(await whole(pair.durable), acknowledged)


async def again_and_again(call: Callable[[Process, str], Awaitable[object]], process: Process, text: str) -> None:
    """As every caller does when a store has not answered: the same `op_id`, until it has."""
    while True:
        try:
            await call(process, text)
            return
        except StoreUnavailable:
            await asyncio.sleep(0)


async def whole(store: TieredStore | MemoryStore) -> list[Stored]:
    return await store.read("s")


def check(log: list[Stored], acknowledged: dict[int, str]) -> None:
    assert [item.seq for item in log] == list(range(1, len(log) + 1))
    marks = [item.seq for item in log if item.data.startswith(REWOUND.encode())]
    for seq, text in acknowledged.items():
        there = log[seq - 1].data.decode() if seq <= len(log) else None
        assert there in (text, None) or any(mark <= seq for mark in marks), (seq, text, there)


async def test_a_session_that_waits_is_woken_when_the_hot_store_was_emptied(pair: Pair) -> None:
    async with pair.process() as process:
        await process.create("s", "user", LIFE, [line("1")])
        await process.settled()
        waiting = asyncio.create_task(process.wait("s", 1))
        await asyncio.sleep(0.05)
        pair.flush()
        await waiting
        await park_all(process)
        waiting = asyncio.create_task(process.wait("s", 1))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        await process.append("s", [line("2")])
        await waiting


async def park_all(process: Process) -> None:
    await process.settled()
    heads, _ = await process.hot.list_sessions()
    for head in heads:
        copy = await process.hot.copy_out(head.session_id, limit=0)
        _, snapshot = await process.hot.load(head.session_id)
        is_fold = snapshot is None or snapshot.seq <= head.seq
        if is_fold and not copy.fence & 0xFFFFFF and not head.user_id.startswith("symphainy:"):
            await process._residence.park(head)


class Restless(FaultyStore):
    """Drops every hot copy before every third call: nobody must notice. (A session that was leased stays, for its
    fences would leap; and one with a snapshot of more than its log.)"""

    def __init__(self, process: Process) -> None:
        super().__init__(process)
        self._process = process
        self._number = 0

    async def _call(self, method, call):  # type: ignore[no-untyped-def]
        self._number += 1
        if self._number % 3 == 0 and method not in ("wait", "save_snapshot"):
            with suppress(StoreUnavailable):
                await park_all(self._process)
        return await super()._call(method, call)

    async def save_snapshot(self, session_id: str, snapshot: StoredSnapshot) -> None:
        """Of a session that is in the hot store: the durable one refuses what the model saves, folds of more than the
        log."""
        await self._process._residence.bring(session_id)
        await super().save_snapshot(session_id, snapshot)

    async def __aexit__(self, *exc: object) -> None:
        await super().__aexit__(*exc)
        self._process.hot.away = self._process.durable.away = True


class TestNobodyNoticesWhereASessionIs(StoreContract):
    @pytest.fixture
    def open_store(self) -> OpenStore:
        def opened(clock: object) -> Restless:
            hot, durable = MemoryStore(clock=clock), MemoryStore(clock=clock)  # type: ignore[arg-type]
            hot._is_open = durable._is_open = True
            return Restless(Process(hot, durable))

        return opened


async def test_a_session_that_nobody_has_is_not_found(pair: Pair) -> None:
    async with pair.process() as process:
        await process.create("s", "user", LIFE, [line("1")])
        process.durable.away = True
        pair.flush()
        process.durable.away = False
        for asked in (process.load("s"), process.append("s", [line("2")]), process.touch("s"), process.delete("s")):
            with pytest.raises(SessionNotFound):
                await asked
        await eventually(lambda: settled(process))


async def settled(process: Process) -> bool:
    await asyncio.sleep(0)
    return not process._drainer.undrained


async def test_tokens_outlive_the_hot_store_and_revoked_ones_do_not(pair: Pair) -> None:
    now = pair.clock.now()
    async with pair.process() as one, pair.process() as two:
        kept, revoked = (Token(name, "user", None, now, 1000, now + 1000, now + 9000) for name in ("kept", "revoked"))
        for token in (kept, revoked):
            await one.put_token(token)
        assert await two.delete_tokens(token_hash="revoked") == ["revoked"]
        for _ in range(2):
            pair.flush()
            assert await one.find_token("kept") == kept
            assert await one.find_token("revoked") is None
        # taken back while another process brings it into the hot store again
        pair.flush()
        hold = one.hot.hold("put_token")
        finding = asyncio.create_task(one.find_token("kept"))
        await hold.reached.wait()
        await two.delete_tokens(token_hash="kept")
        hold.released.set()
        assert await finding is None
        assert await one.find_token("kept") is None


async def test_use_of_a_token_counts_in_the_durable_store_too(pair: Pair) -> None:
    now = pair.clock.now()
    async with pair.process() as process:
        await process.put_token(Token("t", "user", None, now, 1000, now + 1000, now + 9000))
        pair.clock.advance(900)
        await process.find_token("t")
        await process._tokens.close()
        pair.clock.advance(900)
        pair.flush()
        assert await process.find_token("t") is not None
