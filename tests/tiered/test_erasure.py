"""An erased session is erased in both stores, and nothing that is still on its way brings it back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from symphainy.errors import SessionExists, SessionNotFound, StoreUnavailable
from symphainy.stores.base import Token
from symphainy.stores.tiered.names import ERASED_USER

from .pair import LIFE, Pair, Process, eventually, line, open_pair

pytestmark = pytest.mark.timeout(20)


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    async with open_pair() as pair:
        yield pair


async def is_erased(pair: Pair, session_id: str) -> bool:
    await asyncio.sleep(0)
    kept = pair.durable._sessions.get(session_id)
    return session_id not in pair.hot._sessions and (kept is None or (kept.user_id == ERASED_USER and not kept.log))


async def refuses(process: Process, session_id: str) -> None:
    for asked in (
        process.load(session_id),
        process.read(session_id),
        process.append(session_id, [line("x")]),
        process.acquire_lease(session_id, "lane", "a", 1),
        process.delete(session_id),
    ):
        with pytest.raises(SessionNotFound):
            await asked


@pytest.mark.parametrize("drained_before", [False, True])
async def test_a_copy_that_is_on_its_way_does_not_bring_an_erased_session_back(
    pair: Pair, drained_before: bool
) -> None:
    async with pair.process() as slow, pair.process() as other:
        if drained_before:
            await slow.create("s", "user", LIFE, [line("1")])
            await slow.settled()
        hold = slow.durable.hold("copy_in")
        if not drained_before:
            await slow.create("s", "user", LIFE, [line("1")])
        await slow.append("s", [line("2")])
        await hold.reached.wait()
        await other.delete("s")
        hold.released.set()
        await slow.settled()
        await refuses(other, "s")
        await eventually(lambda: is_erased(pair, "s"))


async def test_a_session_that_is_being_brought_back_is_erased_all_the_same(pair: Pair) -> None:
    async with pair.process() as slow, pair.process() as other:
        await slow.create("s", "user", LIFE, [line("1")])
        await slow.settled()
        assert await slow._residence.park((await slow.hot.load("s"))[0])
        hold = slow.hot.hold("copy_in")
        writing = asyncio.create_task(slow.append("s", [line("2")]))
        await hold.reached.wait()
        await other.delete("s")
        hold.released.set()
        with pytest.raises(SessionNotFound):
            await writing
        await eventually(lambda: is_erased(pair, "s"))


@pytest.mark.parametrize("call", range(1, 6))
async def test_an_erasure_that_is_cut_off_is_finished_by_another_process(pair: Pair, call: int) -> None:
    async with pair.process() as dying:
        await dying.create("s", "user", LIFE, [line("1")])
        now = pair.clock.now()
        await dying.put_token(Token("t", "user", "s", now, 1000, now + 1000, now + 9000))
        await dying.settled()
        method, tier = [
            ("delete", dying.durable),
            ("create", dying.durable),
            ("delete_tokens", dying.durable),
            ("delete", dying.hot),
            ("delete_tokens", dying.hot),
        ][call - 1]
        hold = tier.hold(method)
        erasing = asyncio.create_task(dying.delete("s"))
        await hold.reached.wait()
        erasing.cancel()
        await asyncio.gather(erasing, return_exceptions=True)
        await dying.kill()
        async with pair.process() as other:
            pair.owners_are_gone()
            await eventually(lambda: is_erased(pair, "s"))
            await eventually(lambda: no_token(other))
            await refuses(other, "s")


async def no_token(process: Process) -> bool:
    return await process.find_token("t") is None


async def test_an_erasure_is_refused_while_the_durable_store_is_away_and_made_when_it_is_back(pair: Pair) -> None:
    async with pair.process() as process:
        await process.create("s", "user", LIFE, [line("1")])
        await process.settled()
        process.durable.away = True
        with pytest.raises(StoreUnavailable):
            await process.delete("s")
        process.durable.away = False
        await eventually(lambda: is_erased(pair, "s"))


async def test_what_stands_in_for_an_erased_session_goes_after_a_day_and_is_shown_to_nobody(pair: Pair) -> None:
    async with pair.process() as process:
        await process.create("s", "user", LIFE, [line("1")])
        await process.settled()
        await process.delete("s")
        assert (await process.list_sessions())[0] == (await process.list_sessions(user_id="user"))[0] == []
        pair.clock.advance(90_000)
        assert (await process.list_sessions(expired=True))[0] == []
        await process._residence.forget_erased()
        assert "s" not in pair.durable._sessions


async def test_an_id_is_given_once_in_both_stores(pair: Pair) -> None:
    async with pair.process() as process:
        await process.create("s", "user", LIFE, [line("1")])
        await process.settled()
        pair.flush()
        with pytest.raises(SessionExists):
            await process.create("s", "user", LIFE, [])
        await process.delete("s")
        await process.create("s", "user", LIFE, [])
        await process.settled()
        assert await pair.is_drained("s")


async def test_a_late_copy_of_an_erased_session_is_not_taken_for_the_next_one_of_its_id(pair: Pair) -> None:
    async with pair.process() as process:
        hold = process.durable.hold("copy_in")
        await process.create("s", "user", LIFE, [line("old")])
        await hold.reached.wait()
        await process.delete("s")
        creating = asyncio.create_task(process.create("s", "user", LIFE, [line("new")]))
        await asyncio.sleep(0.05)
        hold.released.set()
        await creating
        await process.settled()
        assert [item.data for item in await process.read("s")] == [b"new"]
        assert await pair.is_drained("s")
