"""Appends of many callers that travel in one call of the server: each is done or refused by itself, as if it were
alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from symphainy.errors import (
    LeaseLost,
    SessionNotFound,
    StoreUnavailable,
    VersionConflict,
    WorkClosed,
    WorkExists,
)
from symphainy.ids import new_id
from symphainy.stores.base import Appended, Lease, Lifetime, Record, Work
from symphainy.stores.redis import RedisStore
from tests.faults.tcp_fault import TcpFault
from tests.servers.valkey import ValkeyServer, running, valkey_cluster_url

__all__ = ["valkey_cluster_url"]

LIFETIME = Lifetime(1e5, 1e6)


@pytest.fixture(scope="module")
def server() -> object:
    with running("--appendfsync", "no") as server:
        yield server


@pytest.fixture
async def store(server: ValkeyServer) -> AsyncIterator[RedisStore]:
    async with RedisStore(server.url) as store:
        yield store


async def new_session(store: RedisStore, *records: Record) -> str:
    session_id = new_id("session")
    await store.create(session_id, new_id("user"), LIFETIME, records)
    return session_id


def calls(server: ValkeyServer) -> int:
    with server.client() as client:
        return int(client.info("commandstats")["cmdstat_fcall"]["calls"])


@pytest.mark.parametrize(("syncs", "most_calls"), [(False, 80), (True, 40)])
async def test_appends_of_many_callers_go_in_few_calls(
    syncs: bool, most_calls: int, store: RedisStore, server: ValkeyServer
) -> None:
    """Two are under way at once; where each has to wait for a slow disk, one that has all."""
    store._appends.synced, store._appends._seconds = syncs, 1e6
    for sessions in (1, 32):
        names = [await new_session(store) for _ in range(sessions)]
        before = calls(server)

        async def call(caller: int, names: list[str] = names) -> list[Appended]:
            name = names[caller % len(names)]
            return [await store.append(name, [Record(b"%d" % caller, "t")], op_id=f"{caller}/{n}") for n in range(20)]

        done = await asyncio.gather(*map(call, range(32)))
        # 640 appends
        assert calls(server) - before <= most_calls
        logs = {name: [item.data for item in await store.read(name, limit=500)] for name in names}
        for caller, answers in enumerate(done):
            log = logs[names[caller % sessions]]
            assert all(log[one.first_seq - 1] == b"%d" % caller for one in answers if one.last_seq <= 500)
        assert sum([(await store.load(name))[0].seq for name in names]) == 640
        assert len(await store.read(names[0], topic="t")) == min(500, 640 // sessions)


async def test_on_a_cluster_a_call_is_to_one_session(valkey_cluster_url: str) -> None:
    async with RedisStore(valkey_cluster_url) as store:
        names = [await new_session(store) for _ in range(8)]

        async def call(caller: int) -> None:
            for number in range(20):
                await store.append(names[caller % 8], [Record(b"%d" % number)], op_id=f"{caller}/{number}")

        await asyncio.gather(*map(call, range(32)))
        assert [(await store.load(name))[0].seq for name in names] == [80] * 8
        assert not store._appends._lanes


async def test_each_append_of_a_call_is_judged_by_itself_and_sees_those_before_it(store: RedisStore) -> None:
    name, other = await new_session(store, Record(b"0", work=Work("w", "open"))), await new_session(store)
    lease = await store.acquire_lease(name, "lane", "a", 100)
    old = Lease(name, "lane", "b", lease.fence, lease.expires_at)
    first = asyncio.create_task(store.append(name, [Record(b"1", "t")], op_id="one"))
    second = asyncio.create_task(store.append(name, [Record(b"2")], op_id="two"))
    answers = await asyncio.gather(
        store.append(name, [Record(b"3", "t", ("k",), Work("w", "within"))]),
        store.append(name, [Record(b"x", "t")], op_id="one"),
        store.append(other, [Record(b"other")], op_id="one"),
        store.append(name, [Record(b"x", None, ("k",))], expected_seq=3),
        store.append(name, [Record(b"4", None, ("k",)), Record(b"5", "t")], expected_seq=4, op_id="three"),
        store.append(name, [Record(b"x")], fence=old),
        store.append(name, [Record(b"6", work=Work("w", "close"))], fence=lease),
        store.append(name, [Record(b"x", work=Work("w", "within"))]),
        store.append(name, [Record(b"x", work=Work("w", "open"))]),
        store.append(new_id("session"), [Record(b"x")]),
        store.append(name, [Record(b"x"), Record(b"x")], op_id="three"),
        store.append(name, [Record(b"7")]),
        return_exceptions=True,
    )
    assert (await first, await second) == (Appended(2, 2), Appended(3, 3))
    expected = [
        Appended(4, 4),
        Appended(2, 2, repeated=True),
        Appended(1, 1),
        VersionConflict,
        Appended(5, 6),
        LeaseLost,
        Appended(7, 7),
        WorkClosed,
        WorkExists,
        SessionNotFound,
        Appended(5, 6, repeated=True),
        Appended(8, 8),
    ]
    assert [answer if isinstance(answer, Appended) else type(answer) for answer in answers] == expected
    assert [item.data for item in await store.read(name)] == [b"%d" % number for number in range(8)]
    assert [item.seq for item in await store.read(name, topic="t")] == [2, 4, 6]
    assert [item.data for item in await store.read(other)] == [b"other"]
    assert [damage async for damage in store.verify()] == []


async def test_a_session_that_the_server_cannot_read_harms_no_other(store: RedisStore, server: ValkeyServer) -> None:
    names = [await new_session(store) for _ in range(9)]
    with server.client() as client:
        key = store._keys.session(names[4])
        client.delete(key)
        client.set(key, "not a hash")
    try:
        for number in range(3):
            answers = await asyncio.gather(
                *(store.append(name, [Record(b"%d" % number)]) for name in names for _ in range(3)),
                return_exceptions=True,
            )
            for place, answer in enumerate(answers):
                assert isinstance(answer, StoreUnavailable if place // 3 == 4 else Appended)
    finally:
        with server.client() as client:
            client.delete(key)
    for name in names[:4] + names[5:]:
        assert [item.data for item in await store.read(name)] == [b"%d" % (n // 3) for n in range(9)]


async def test_a_log_that_outgrows_a_list_while_many_write_has_no_gap(store: RedisStore) -> None:
    """Two lists, and the step from a compact hash to a large one."""
    name = await new_session(store)

    async def call(caller: int) -> list[int]:
        return [
            (await store.append(name, [Record(b"%d" % caller, "t")], op_id=f"{caller} {n}")).first_seq
            for n in range(70)
        ]

    seqs = [seq for part in await asyncio.gather(*map(call, range(16))) for seq in part]
    assert sorted(seqs) == list(range(1, 1121))
    found = [item.seq for first in (0, 500, 1000) for item in await store.read(name, after=first, topic="t")]
    assert found == list(range(1, 1121))
    assert (await store.append(name, [Record(b"x")], op_id="3 7")).repeated
    assert [damage async for damage in store.verify()] == []


async def test_those_who_wait_for_a_call_that_is_never_answered_end_in_time(server: ValkeyServer) -> None:
    timeout = 0.9
    async with TcpFault(server.port) as proxy:
        url = f"redis://127.0.0.1:{proxy.port}?timeout={timeout}&answer_timeout=0.6"
        async with RedisStore(url) as store:
            name = await new_session(store)
            await store.append(name, [Record(b"0")])
            proxy.black_hole()
            loop = asyncio.get_running_loop()
            start = loop.time()
            appends = [asyncio.create_task(store.append(name, [Record(b"%d" % n)], op_id=f"{n}")) for n in range(40)]
            answers = await asyncio.gather(*appends, return_exceptions=True)
            assert loop.time() - start < timeout + 1
            assert [type(answer) for answer in answers] == [StoreUnavailable] * 40
            proxy.black_hole(False)
            again = await asyncio.gather(*(store.append(name, [Record(b"x")], op_id=f"{n}") for n in range(40)))
            assert sorted(done.first_seq for done in again) == list(range(2, 42))
