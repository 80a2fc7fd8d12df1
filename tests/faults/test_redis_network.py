"""Between the store and its server: answers that are lost or torn at any byte, silence, resets, a server that is gone.

No operation happens twice, every call ends in time, and nothing but the store's own errors comes out.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
import uvloop

from symphainy.errors import SessionNotFound, StoreUnavailable, SymphainyError
from symphainy.ids import new_id
from symphainy.stores.base import Appended, Lifetime, Record, Store, StoredSnapshot, Token, Work
from symphainy.stores.redis import RedisStore
from symphainy.stores.redis.address import parse
from symphainy.stores.redis.nodes import open_connection
from symphainy.stores.redis.wire import Broken, Open, Wire, packed
from symphainy.testing.clock import ManualClock
from tests.faults.tcp_fault import TcpFault
from tests.servers.valkey import ValkeyServer, running

LIFETIME = Lifetime(1e5, 1e6)
TIMEOUT = 1.5


@pytest.fixture(scope="module")
def server() -> object:
    with running("--appendfsync", "no") as server:
        yield server


@pytest.fixture
async def proxy(server: ValkeyServer) -> AsyncIterator[TcpFault]:
    async with TcpFault(server.port) as proxy:
        yield proxy


@pytest.fixture
async def store(proxy: TcpFault) -> AsyncIterator[RedisStore]:
    url = f"redis://127.0.0.1:{proxy.port}?timeout={TIMEOUT}&answer_timeout=0.4"
    async with RedisStore(url, clock=ManualClock()) as store:
        yield store


@dataclass
class Case:
    """One operation, and what must be true after it, however often it was asked."""

    run: Callable[[Store, str], Awaitable[object]]
    check: Callable[[Store, str, object], Awaitable[None]]


async def _appended(store: Store, session_id: str, done: object) -> None:
    assert done == Appended(3, 4), done
    log = await store.read(session_id)
    assert [item.data for item in log] == [b"1", b"2", b"new", b"newer"]
    assert len(await store.read(session_id, topic="t")) == 1


async def _created(store: Store, session_id: str, done: object) -> None:
    assert done == (await store.load(f"{session_id} new"))[0]
    assert [item.data for item in await store.read(f"{session_id} new")] == [b"first"]
    heads, _ = await store.list_sessions(user_id=session_id)
    assert [head.session_id for head in heads] == [f"{session_id} new"]


async def _deleted(store: Store, session_id: str, done: object) -> None:
    with pytest.raises(SessionNotFound):
        await store.load(session_id)
    with pytest.raises(SessionNotFound):
        await store.delete(session_id)


async def _leased(store: Store, session_id: str, done: object) -> None:
    lease = await store.acquire_lease(session_id, "lane", "a", 10)
    assert lease == done
    assert lease.fence == 1


async def _token_put(store: Store, session_id: str, done: object) -> None:
    assert await store.find_token(session_id) == token_of(session_id)
    assert await store.delete_tokens(user_id=session_id) == [session_id]


async def _tokens_deleted(store: Store, session_id: str, done: object) -> None:
    assert await store.find_token(f"own {session_id}") is None
    assert await store.delete_tokens(session_id=session_id) == []


async def _opened(store: Store, session_id: str, done: object) -> None:
    assert done == Appended(3, 3)
    found, cursor = [], None
    while True:
        page, cursor = await store.list_open_work(cursor=cursor)
        found += [item.work_id for item in page if item.session_id == session_id]
        if cursor is None:
            break
    assert found == ["w"]


async def _snapshot_saved(store: Store, session_id: str, done: object) -> None:
    assert (await store.load(session_id))[1] == StoredSnapshot(2, b"chain", b"data")


def token_of(name: str, session_id: str | None = None) -> Token:
    now = ManualClock().now()
    return Token(name, name if session_id is None else "user", session_id, now, 1000, now + 1000, now + 9000)


NEW = [Record(b"new", "t", ("k",)), Record(b"newer")]
CASES = {
    "append": Case(lambda store, name: store.append(name, NEW), _appended),
    "append with op_id": Case(lambda store, name: store.append(name, NEW, op_id="op"), _appended),
    "append on a condition": Case(lambda store, name: store.append(name, NEW, expected_seq=2), _appended),
    "open work": Case(lambda store, name: store.append(name, [Record(b"w", work=Work("w", "open"))]), _opened),
    "create": Case(
        lambda store, name: store.create(f"{name} new", name, LIFETIME, [Record(b"first")], max_sessions=1), _created
    ),
    "delete": Case(lambda store, name: store.delete(name), _deleted),
    "lease": Case(lambda store, name: store.acquire_lease(name, "lane", "a", 10), _leased),
    "token": Case(lambda store, name: store.put_token(token_of(name)), _token_put),
    "delete tokens": Case(lambda store, name: store.delete_tokens(session_id=name), _tokens_deleted),
    "snapshot": Case(
        lambda store, name: store.save_snapshot(name, StoredSnapshot(2, b"chain", b"data")), _snapshot_saved
    ),
}


async def _prepare(store: Store) -> str:
    name = new_id("session")
    await store.create(name, new_id("user"), LIFETIME, [Record(b"1"), Record(b"2")])
    await store.put_token(token_of(f"own {name}", name))
    return name


@pytest.mark.parametrize("name", CASES)
async def test_an_answer_lost_or_torn_at_any_byte_repeats_nothing(
    name: str, store: RedisStore, proxy: TcpFault
) -> None:
    """S4. With 0 bytes the answer is lost, with more it is torn."""
    case = CASES[name]
    session_id = await _prepare(store)
    before = proxy.answered
    done = await case.run(store, session_id)
    length = proxy.answered - before
    assert length > 0
    await case.check(store, session_id, done)
    for count in range(length + 1):
        session_id = await _prepare(store)
        cuts = proxy.cuts
        proxy.cut_after(count)
        done = await case.run(store, session_id)
        assert proxy.cuts == cuts + 1 or count == length
        await case.check(store, session_id, done)


async def test_appends_of_many_callers_survive_a_storm_of_resets(store: RedisStore, proxy: TcpFault) -> None:
    """S4: 32 callers, with and without op_id, one condition each; the connection is torn again and again."""
    session_id = await _prepare(store)
    acknowledged: list[tuple[int, bytes]] = []

    async def call(caller: int) -> None:
        for number in range(20):
            text = f"{caller}/{number}".encode()
            while True:
                try:
                    done = await store.append(session_id, [Record(text)], op_id=None if caller % 2 else text.decode())
                    break
                except StoreUnavailable:
                    assert not caller % 2, "the store gave up on an append that cannot be repeated by the caller"
            acknowledged.append((done.first_seq, text))

    async def storm() -> None:
        while True:
            cuts = proxy.cuts
            proxy.cut_after(cuts * 37 % 900)
            while proxy.cuts == cuts:
                await asyncio.sleep(0.001)

    breaking = asyncio.create_task(storm())
    await asyncio.gather(*map(call, range(32)))
    breaking.cancel()
    proxy.cut_after(1 << 30)
    log = await store.read(session_id, after=2) + await store.read(session_id, after=502)
    assert sorted(acknowledged) == [(item.seq, item.data) for item in log]
    assert len(log) == 640
    assert proxy.cuts > 10


async def test_every_call_ends_in_time_when_nothing_answers(store: RedisStore, proxy: TcpFault) -> None:
    session_id = await _prepare(store)
    proxy.black_hole()
    calls: list[Awaitable[object]] = [
        store.append(session_id, NEW),
        store.create(new_id("session"), "user", LIFETIME, []),
        store.read(session_id),
        store.load(session_id),
        store.list_sessions(user_id="user"),
        store.list_open_work(),
        store.acquire_lease(session_id, "lane", "a", 1),
        store.touch(session_id),
        store.delete(session_id),
        store.find_token("t"),
        store.probe(),
        store.wait(session_id, 2),
    ]
    start = time.monotonic()
    done = await asyncio.gather(*calls, return_exceptions=True)
    assert time.monotonic() - start < TIMEOUT + 1
    assert [type(item) for item in done] == [StoreUnavailable] * len(calls)
    proxy.black_hole(False)
    assert (await store.append(session_id, [Record(b"again")])).repeated is False


async def test_a_server_that_is_not_there_is_said_in_time(proxy: TcpFault, store: RedisStore) -> None:
    session_id = await _prepare(store)
    await proxy.refuse()
    start = time.monotonic()
    with pytest.raises(StoreUnavailable, match="does not answer"):
        await store.read(session_id)
    assert time.monotonic() - start < TIMEOUT + 1
    with pytest.raises(StoreUnavailable):
        async with RedisStore(f"redis://127.0.0.1:{proxy.port}?timeout=0.5&answer_timeout=0.2"):
            pass
    await proxy.listen()
    await store.append(session_id, [Record(b"again")])


async def test_one_who_waits_is_woken_though_every_hint_is_lost(proxy: TcpFault, server: ValkeyServer) -> None:
    url = f"redis://127.0.0.1:{proxy.port}?check_interval=0.1"
    async with RedisStore(url) as store, RedisStore(server.url) as other:
        session_id = await _prepare(store)
        waiting = asyncio.create_task(store.wait(session_id, 2))
        await asyncio.sleep(0.1)
        await store._hints.close()
        store._hints._task = asyncio.create_task(store._hints._look_regularly())
        await other.append(session_id, [Record(b"x")])
        await asyncio.wait_for(waiting, 5)


async def test_a_write_of_another_process_wakes_at_once(server: ValkeyServer) -> None:
    """The hint alone: the regular look comes much later."""
    async with RedisStore(f"{server.url}?check_interval=1000") as store, RedisStore(server.url) as other:
        session_id = await _prepare(store)
        for seq in range(2, 12):
            waiting = asyncio.create_task(store.wait(session_id, seq))
            await asyncio.sleep(0.02)
            assert not waiting.done()
            await other.append(session_id, [Record(b"x")])
            await asyncio.wait_for(waiting, 2)


async def test_hints_come_again_after_the_connection_broke(proxy: TcpFault, server: ValkeyServer) -> None:
    url = f"redis://127.0.0.1:{proxy.port}?check_interval=1000"
    async with RedisStore(url) as store, RedisStore(server.url) as other:
        session_id = await _prepare(store)
        proxy_broken = asyncio.create_task(store.wait(session_id, 2))
        await asyncio.sleep(0.1)
        proxy.reset()
        # whoever waited may have missed something, so it is told to look
        await asyncio.wait_for(proxy_broken, 5)
        waiting = asyncio.create_task(store.wait(session_id, 2))
        await asyncio.sleep(0.3)
        await other.append(session_id, [Record(b"x")])
        await asyncio.wait_for(waiting, 5)


async def test_no_error_of_the_driver_comes_out(store: RedisStore, server: ValkeyServer) -> None:
    """Whatever the server answers, to any operation."""
    session_id = await _prepare(store)
    with server.client() as client:
        key = store._keys.session(session_id)
        client.delete(key)
        client.set(key, "not a hash")
    for call in (
        store.append(session_id, [Record(b"x")]),
        store.read(session_id),
        store.load(session_id),
        store.touch(session_id),
        store.delete(session_id),
        store.acquire_lease(session_id, "lane", "a", 1),
        store.create(session_id, "user", LIFETIME, []),
        store.wait(session_id, 0),
    ):
        with pytest.raises(SymphainyError):
            await call


async def test_a_long_log_is_found_by_who_has_never_seen_it(proxy: TcpFault, server: ValkeyServer) -> None:
    """The log is in three lists, and a store that is opened new knows of none."""
    url = f"redis://127.0.0.1:{proxy.port}?prefix=long"
    session_id, user_id = new_id("session"), new_id("user")
    async with RedisStore(url) as store:
        await store.create(session_id, user_id, LIFETIME, [Record(b"1", "t", work=Work("w", "open"))])
        await store.append(session_id, [Record(b"2", "t")], op_id="early")
        for first in range(3, 1203, 100):
            records = [
                Record(b"%d" % number, "t" if number % 50 == 0 else None) for number in range(first, first + 100)
            ]
            await store.append(session_id, records, op_id=f"from {first}")
    log = [b"%d" % number for number in range(1, 1203)]
    topic = [b"1", b"2", *(text for text in log[2:] if int(text) % 50 == 0)]

    async with RedisStore(url) as store:
        assert await store.append(session_id, [Record(b"2", "t")], op_id="early") == Appended(2, 2, repeated=True)
    async with RedisStore(url) as store:
        assert [item.data for item in await store.read(session_id, topic="t")] == topic
    async with RedisStore(url) as store:
        assert [item.data for item in await store.read(session_id, topic="t", newest=True, limit=3)] == topic[-3:]
    async with RedisStore(url) as store:
        assert [item.data for item in await store.read(session_id, newest=True, limit=300)] == log[-300:]
    async with RedisStore(url) as store:
        assert [item.data for item in await store.read(session_id, after=500, limit=30)] == log[500:530]
    async with RedisStore(url) as store:
        assert [item.work_id for item in (await store.list_open_work())[0]] == ["w"]
    async with RedisStore(url) as store:
        copy = await store.copy_out(session_id, after=2, limit=1100)
        assert [record.data for append in copy.appends for record in append.records] == log[2:1102]
    async with RedisStore(url) as store:
        # repeated in the next list than the first try
        await store.load(session_id)
        await store.append(session_id, [Record(b"x") for _ in range(333)])
        proxy.cut_after(0)
        assert await store.append(session_id, [Record(b"y"), Record(b"z")]) == Appended(1536, 1537)
        assert [item.data for item in await store.read(session_id, after=1534)] == [b"x", b"y", b"z"]
        assert [damage async for damage in store.verify()] == []
    async with RedisStore(url) as store:
        await store.delete(session_id)
    with server.client() as client:
        assert list(client.scan_iter("long:{s:*")) == []


def test_a_question_in_the_moment_in_which_the_connection_closes_is_told(server: ValkeyServer) -> None:
    """On uvloop, as in production: it says so with an error that is not an OSError."""
    opened: list[Open] = []
    unexpected: list[dict[str, Any]] = []
    ping = packed((b"PING",))
    address = parse(server.url)

    async def connect() -> Open:
        opened.append(await open_connection(address, address.hosts[0]))
        return opened[-1]

    async def ask() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: unexpected.append(context))
        wire = Wire(connect, answer_timeout=5)
        assert await wire.ask(ping) == b"PONG"
        assert opened[0]._writer is not None
        opened[0]._writer.transport.abort()
        with pytest.raises(Broken):
            await wire.ask(ping)
        assert await wire.ask(ping) == b"PONG"
        await wire.close()
        gc.collect()

    uvloop.run(ask())
    assert unexpected == []
