"""The ArangoDB store on a bad day: answers that get lost, servers that refuse, writers in many processes, and processes
that die half way. Every statement that a scenario sends fails once in each way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from symphainy.errors import (
    LeaseLost,
    SessionExists,
    SessionNotFound,
    StoreUnavailable,
    TooMany,
    VersionConflict,
    WorkClosed,
    WorkExists,
)
from symphainy.stores.arango import ArangoStore
from symphainy.stores.arango.sessions import UNFINISHED_SECONDS
from symphainy.stores.base import Appended, Head, Lifetime, OpenWork, Record, StoredSnapshot, Token, Work
from symphainy.testing import ManualClock
from tests.servers.arango import ArangoServer, Fault

LIFETIME = Lifetime(1e5, 1e6)
STORM = 4
EVERY = 6
HELD_SECONDS = 10.0


@pytest.fixture(params=[False, True], ids=["one server", "apart"])
def server(request: pytest.FixtureRequest) -> Iterator[ArangoServer]:
    server = ArangoServer(apart=request.param)
    server.start()
    yield server
    server.release()
    server.remove()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def stores(server: ArangoServer, clock: ManualClock) -> AsyncIterator[list[ArangoStore]]:
    """Four, as if in four processes: they share nothing but the server."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(ArangoStore(server.url(), clock=clock)) for _ in range(4)]


async def everything(store: ArangoStore, name: str, clock: ManualClock) -> list[Any]:
    """One of each operation on a session of its own, and what they returned."""
    now, user = clock.now(), f"user of {name}"
    token = Token(f"hash of {name}", user, name, now - 90, 100, now + 10, now + 100)
    await store.create(name, user, LIFETIME, [Record(b"1", "t"), Record(b"2", None, ("k",))], max_sessions=2)
    await store.create(f"{name} 2", user, LIFETIME, [])
    with pytest.raises(TooMany):
        await store.create(f"{name} 3", user, LIFETIME, [], max_sessions=2)
    results: list[Any] = [
        await store.append(name, [Record(b"3", "t"), Record(b"4")], op_id="op"),
        await store.append(name, [Record(b"5", work=Work("w", "open", "lane"))]),
        await store.append(name, [Record(b"6", None, ("k",))], expected_seq=2),
    ]
    with pytest.raises(VersionConflict):
        await store.append(name, [Record(b"late", None, ("k",))], expected_seq=2)
    first = await store.acquire_lease(name, "lane", "a", 10)
    results.append(await store.append(name, [Record(b"7")], fence=first))
    await store.release_lease(first)
    second = await store.acquire_lease(name, "lane", "b", 10)
    with pytest.raises(LeaseLost):
        await store.append(name, [Record(b"late")], fence=first)
    results += [second.fence, (await store.acquire_lease(name, "lane", "b", 20)).fence]
    results.append(await store.append(name, [Record(b"8", work=Work("w", "close"))], op_id="op 8", fence=second))
    await store.save_snapshot(name, StoredSnapshot(4, b"chain", b"four"))
    await store.save_snapshot(name, StoredSnapshot(8, b"chain", b"eight"))
    await store.touch(name)
    await store.put_token(token)
    found = await store.find_token(token.token_hash)
    results += [found is not None and found.idle_expires_at - now, await store.list_open_work()]
    copy = await store.copy_out(name)
    await store.release_lease(second)
    head, kept = await store.load(name)
    await store.drop(head)
    results += [kept, await store.copy_in(copy), (await store.acquire_lease(name, "lane", "c", 10)).fence]
    results.append([(item.seq, item.data) for item in await store.read(name)])
    results.append([item.seq for item in await store.read(name, topic="t", newest=True)])
    results.append(await store.append(name, [Record(b"3")], op_id="op"))
    await store.delete(f"{name} 2")
    results.append([item.session_id == name for item in (await store.list_sessions(user_id=user))[0]])
    results.append(await store.delete_tokens(user_id=user) == [token.token_hash])
    await store.delete(name)
    with pytest.raises(SessionNotFound):
        await store.load(name)
    return results


EXPECTED: list[Any] = [
    Appended(3, 4),
    Appended(5, 5),
    Appended(6, 6),
    Appended(7, 7),
    2,
    2,
    Appended(8, 8),
    100,
    ([], None),
    StoredSnapshot(8, b"chain", b"eight"),
    8,
    3,
    [(seq, b"%d" % seq) for seq in range(1, 9)],
    [1, 3],
    Appended(3, 4, repeated=True),
    [True],
    True,
]


@pytest.mark.parametrize("fault", ["lose_answer", "refuse", "conflict"])
async def test_any_statement_may_fail_and_nothing_is_done_twice(
    server: ArangoServer, clock: ManualClock, fault: Fault
) -> None:
    """Every sixth one fails, beginning with the first, the second, and so on."""
    async with ArangoStore(server.url(), clock=clock) as store:
        server.sent.clear()
        assert await everything(store, "s", clock) == EXPECTED
        count = sum(server.sent.values())
        for first in range(EVERY):
            for nth in range(count // EVERY):
                server.plan(fault, skip=first if nth == 0 else EVERY - 1)
            assert await everything(store, f"s{first}", clock) == EXPECTED, first
            server.planned.clear()
        assert count > 80
        await store.list_sessions(expired=True)
    assert_nothing_left(server)


def assert_nothing_left(server: ArangoServer) -> None:
    kept = server.databases["symphainy"]
    assert all(document["end"] for document in kept["symphainy_log"].documents.values())
    for name in ("sessions", "leases", "snapshots", "tokens"):
        assert kept[f"symphainy_{name}"].documents == {}, name


async def test_a_storm_of_refusals_and_conflicts_is_sat_out(server: ArangoServer, clock: ManualClock) -> None:
    async with ArangoStore(server.url(), clock=clock) as store:
        faults: tuple[Fault, ...] = ("refuse", "conflict", "lose_answer")
        for fault in faults:
            for statement in ("CHECK", "WRITE", "CHANGE_LEASE", "PROPOSE", "CHANGE_SESSION", "CLAIM"):
                server.plan(fault, statement, times=STORM)
        assert await everything(store, "s", clock) == EXPECTED


async def test_four_processes_on_one_session_lose_nothing_and_refuse_nobody(
    server: ArangoServer, stores: list[ArangoStore]
) -> None:
    turns: list[tuple[Fault, ...]] = [(), ("lose_answer", "refuse")]
    for turn, faults in enumerate(turns):
        name = f"s{turn}"
        await stores[0].create(name, "user", LIFETIME, [])
        for number in range(12):
            for fault in faults:
                server.plan(fault, "WRITE" if number % 2 else "CHECK", skip=number * 7)
        await _four_writers(stores, name)


async def _four_writers(stores: list[ArangoStore], name: str) -> None:
    async def append(writer: int) -> list[tuple[int, bytes]]:
        places: list[tuple[int, bytes]] = []
        for number in range(20):
            text = b"%d/%d" % (writer, number)
            done = await stores[writer].append(name, [Record(text), Record(text)], op_id=text.decode())
            assert (done.repeated, done.last_seq) == (False, done.first_seq + 1)
            places += [(done.first_seq, text), (done.last_seq, text)]
        return places

    async def patch(writer: int) -> list[tuple[int, bytes]]:
        places: list[tuple[int, bytes]] = []
        for number in range(20):
            text, seen = b"%d:%d" % (writer, number), places[-1][0] if places else 0
            done = await stores[writer].append(name, [Record(text, None, (f"k{writer}",))], expected_seq=seen)
            places.append((done.first_seq, text))
        return places

    done = await asyncio.gather(*map(append, range(4)), *map(patch, range(4)))
    log: list[tuple[int, bytes]] = []
    while batch := await stores[1].read(name, after=len(log)):
        log += [(item.seq, item.data) for item in batch]
    assert [seq for seq, _ in log] == list(range(1, 241))
    assert sorted(place for places in done for place in places) == log


async def test_what_four_processes_do_at_once_is_done_once(stores: list[ArangoStore]) -> None:
    """Also where the parts of a check are of different moments."""
    for turn in range(10):
        name = f"s{turn}"
        await stores[0].create(name, "user", LIFETIME, [])
        done = await asyncio.gather(*(store.append(name, [Record(b"a")], op_id="op") for store in stores * 2))
        assert sorted(item.repeated for item in done) == [False] + [True] * 7
        for records, refusal in (
            ([Record(b"b", None, ("k",))], VersionConflict),
            ([Record(b"c", work=Work("w", "open"))], WorkExists),
            ([Record(b"d", work=Work("w", "close"))], WorkClosed),
        ):
            expected = 1 if records[0].keys else None
            outcomes = await asyncio.gather(
                *(store.append(name, records, expected_seq=expected) for store in stores * 2), return_exceptions=True
            )
            assert sum(isinstance(item, Appended) for item in outcomes) == 1
            assert sum(isinstance(item, refusal) for item in outcomes) == 7
        assert [item.data for item in await stores[1].read(name)] == [b"a", b"b", b"c", b"d"]


async def test_of_four_processes_one_gets_a_lane_and_a_cap_holds(stores: list[ArangoStore]) -> None:
    created = await asyncio.gather(
        *(
            store.create(f"s{n}", "user", LIFETIME, [Record(b"a")], max_sessions=5)
            for n in range(3)
            for store in stores[:1]
        ),
        *(
            store.create(f"{number} {n}", "user", LIFETIME, [], max_sessions=5)
            for n in range(4)
            for number, store in enumerate(stores)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(item, Head) for item in created) == 5
    assert sum(isinstance(item, TooMany) for item in created) == len(created) - 5
    name = next(item.session_id for item in created if isinstance(item, Head))
    leased = await asyncio.gather(
        *(store.acquire_lease(name, "lane", f"{number}", 10) for number, store in enumerate(stores)),
        return_exceptions=True,
    )
    assert sum(not isinstance(item, BaseException) for item in leased) == 1


async def held(
    server: ArangoServer, statement: str, call: Coroutine[Any, Any, Any], *, skip: int = 0
) -> asyncio.Task[Any]:
    """The call, with one of its statements kept on its way to the server."""
    server.holds.clear()
    server.plan("hold", statement, skip=skip)
    task = asyncio.create_task(call)
    assert await asyncio.to_thread(server.holds.wait, HELD_SECONDS), f"{statement} was not sent"
    return task


async def test_a_checked_write_that_is_still_on_its_way_does_not_pass_a_new_owner(
    server: ArangoServer, stores: list[ArangoStore], clock: ManualClock
) -> None:
    stalled, other = stores[:2]
    await stalled.create("s", "user", LIFETIME, [])
    lease = await stalled.acquire_lease("s", "lane", "a", 10)
    writing = await held(server, "WRITE", stalled.append("s", [Record(b"late")], fence=lease))
    clock.advance(10)
    newest = await other.acquire_lease("s", "lane", "b", 10)
    server.release()
    with pytest.raises(LeaseLost):
        await writing
    await other.append("s", [Record(b"by b")], fence=newest)
    assert [item.data for item in await other.read("s")] == [b"by b"]


async def test_an_owner_who_died_while_he_took_over_lets_no_old_write_pass_later(
    server: ArangoServer, stores: list[ArangoStore], clock: ManualClock
) -> None:
    """The lane is his already, and no place is taken yet: whoever goes on in his name must take one."""
    stalled, other = stores[:2]
    await stalled.create("s", "user", LIFETIME, [])
    lease = await stalled.acquire_lease("s", "lane", "a", 10)
    writing = await held(server, "WRITE", stalled.append("s", [Record(b"late")], fence=lease))
    clock.advance(10)
    dying = await held(server, "LOOK", other.acquire_lease("s", "lane", "b", 10), skip=1)
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    again = await other.acquire_lease("s", "lane", "b", 10)
    assert again.fence == lease.fence + 1
    server.release()
    with pytest.raises(LeaseLost):
        await writing
    assert await other.read("s") == []


@pytest.mark.parametrize("how", ["delete", "drop"])
async def test_a_checked_write_that_is_still_on_its_way_does_not_outlive_its_session(
    server: ArangoServer, stores: list[ArangoStore], how: str
) -> None:
    writer, other = stores[:2]
    head = await writer.create("s", "user", LIFETIME, [Record(b"a")])
    writing = await held(server, "WRITE", writer.append("s", [Record(b"late")]))
    await (other.delete("s") if how == "delete" else other.drop(head))
    await other.create("s", "user", LIFETIME, [])
    server.release()
    result = (await asyncio.gather(writing, return_exceptions=True))[0]
    # it comes either to nobody, or, as if it had been sent only then, to the session that is there now
    expected = [] if isinstance(result, SessionNotFound) else [b"late"]
    assert [item.data for item in await other.read("s")] == expected


async def test_whoever_comes_while_a_session_is_dropped_waits_for_the_outcome(
    server: ArangoServer, stores: list[ArangoStore]
) -> None:
    writer, other = stores[:2]
    head = await writer.create("s", "user", LIFETIME, [Record(b"a")])
    dropping = await held(server, "WRITE", other.drop(head))
    waiting = asyncio.create_task(writer.append("s", [Record(b"b")]))
    touching = asyncio.create_task(writer.touch("s"))
    await until(lambda: server.sent["LOOK"] > 3)
    assert not waiting.done()
    assert not touching.done()
    server.release()
    await dropping
    for late in (waiting, touching):
        with pytest.raises(SessionNotFound):
            await late


async def test_who_died_while_he_dropped_a_session_keeps_nobody_from_it(
    server: ArangoServer, stores: list[ArangoStore], clock: ManualClock
) -> None:
    writer, other = stores[:2]
    head = await writer.create("s", "user", LIFETIME, [Record(b"a")])
    dropping = await held(server, "WRITE", other.drop(head))
    clock.advance(UNFINISHED_SECONDS)
    assert (await writer.touch("s")).last_activity == clock.now()
    server.release()
    with pytest.raises(VersionConflict):
        await dropping
    assert await writer.append("s", [Record(b"b")]) == Appended(2, 2)
    assert [item.data for item in await other.read("s")] == [b"a", b"b"]


async def test_a_creator_who_comes_too_late_creates_nothing(
    server: ArangoServer, stores: list[ArangoStore], clock: ManualClock
) -> None:
    late, other = stores[:2]
    creating = await held(server, "CHANGE_SESSION", late.create("s", "user", LIFETIME, [Record(b"late")]))
    with pytest.raises(SessionNotFound):
        await other.load("s")
    clock.advance(UNFINISHED_SECONDS)
    await other.create("s", "user", LIFETIME, [Record(b"in time")], max_sessions=1)
    server.release()
    with pytest.raises(StoreUnavailable):
        await creating
    assert [item.data for item in await other.read("s")] == [b"in time"]
    with pytest.raises(SessionExists):
        await late.create("s", "user", LIFETIME, [])


async def test_what_a_dead_process_has_begun_is_ended_by_another(
    server: ArangoServer, stores: list[ArangoStore], clock: ManualClock
) -> None:
    dead, other = stores[:2]
    await dead.create("erased", "user", LIFETIME, [Record(b"a")])
    calls = [await held(server, "CHANGE_SESSION", dead.create("new", "user", LIFETIME, [Record(b"b")]))]
    server.plan("hold", "ERASE_LOG")
    calls.append(asyncio.create_task(dead.delete("erased")))
    await until(lambda: "ERASE_LOG" in server.sent)
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    assert (await other.list_sessions(user_id="user"))[0] == []
    clock.advance(UNFINISHED_SECONDS)
    assert (await other.list_sessions(expired=True))[0] == []
    assert_nothing_left(server)


async def test_a_server_that_is_gone_costs_a_bounded_time_and_those_who_wait_go_on(
    server: ArangoServer, clock: ManualClock
) -> None:
    async with ArangoStore(server.url(), clock=clock, patience=0.3) as store:
        await store.create("s", "user", LIFETIME, [])
        waiting = asyncio.create_task(store.wait("s", 0))
        await until(lambda: server.sent.get("HEADS", 0) > 0)
        server.stop()
        started = time.monotonic()
        outcomes = await asyncio.gather(
            *(store.append("s", [Record(b"a")], op_id=f"{n}") for n in range(10)), return_exceptions=True
        )
        assert {type(item) for item in outcomes} == {StoreUnavailable}
        assert time.monotonic() - started < 3
        assert not waiting.done()
        server.start()
        assert await store.append("s", [Record(b"a")], op_id="0") == Appended(1, 1)
        await waiting


async def test_the_list_of_open_work_forgets_what_is_closed_and_nothing_else(
    server: ArangoServer, stores: list[ArangoStore]
) -> None:
    one, other = stores[:2]
    await one.create("s", "user", LIFETIME, [])
    await one.append("s", [Record(b"", work=Work("a", "open")), Record(b"", work=Work("b", "open"))])
    await one.append("s", [Record(b"", work=Work("c", "open"))])
    await one.append("s", [Record(b"", work=Work("c", "close")), Record(b"", work=Work("a", "close"))])
    for _ in range(2):
        assert (await other.list_open_work())[0] == [OpenWork("s", "b", "")]
    pending = [d["position"] for d in server.databases["symphainy"]["symphainy_log"].documents.values() if d["pending"]]
    assert pending == [1]
    with pytest.raises(WorkClosed):
        await other.append("s", [Record(b"", work=Work("c", "within"))])


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(HELD_SECONDS):
        while not condition():
            await asyncio.sleep(0.005)
