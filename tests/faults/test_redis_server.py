"""What happens to the server itself: it is killed, flushed, full, wrongly set up; slots move; replicas are missing."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import redis
from redis.crc import key_slot

from symphainy.errors import DataDamaged, InvalidInput, SessionNotFound, StorageFull, StoreUnavailable, TooMany
from symphainy.ids import new_id
from symphainy.stores import open_store
from symphainy.stores.base import Lifetime, Record, Store, StoredSnapshot, Token, Work
from symphainy.stores.redis import RedisStore
from symphainy.stores.redis.sessions import member_of
from symphainy.testing.clock import ManualClock
from tests.servers.valkey import ValkeyServer, cluster, running

LIFETIME = Lifetime(1e5, 1e6)
CALLERS = 8


@pytest.fixture(scope="module")
def server() -> Iterator[ValkeyServer]:
    with running("--appendfsync", "no") as server:
        yield server


async def new_session(store: Store) -> str:
    return (await store.create(new_id("session"), new_id("user"), LIFETIME, [])).session_id


async def log_of(store: Store, session_id: str) -> list[bytes]:
    log: list[bytes] = []
    while batch := await store.read(session_id, after=len(log)):
        assert [item.seq for item in batch] == list(range(len(log) + 1, len(log) + 1 + len(batch)))
        log += [item.data for item in batch]
    return log


class Writers:
    """Callers that append until they are told to stop. One whose append fails sends it again with its op_id."""

    def __init__(self, store: Store, session_ids: list[str]) -> None:
        self._store = store
        self._sessions = session_ids
        self._stop = False
        self.acknowledged: dict[str, list[tuple[int, bytes]]] = {name: [] for name in session_ids}
        self._tasks = [asyncio.create_task(self._write(caller)) for caller in range(CALLERS)]

    async def _write(self, caller: int) -> None:
        session_id, number = self._sessions[caller % len(self._sessions)], 0
        while not self._stop:
            text = f"{caller}/{number}"
            try:
                done = await self._store.append(session_id, [Record(text.encode())], op_id=text)
            except StoreUnavailable:
                await asyncio.sleep(0.02)
                continue
            self.acknowledged[session_id].append((done.first_seq, text.encode()))
            number += 1

    def count(self) -> int:
        return sum(map(len, self.acknowledged.values()))

    async def until(self, more: int) -> None:
        target = self.count() + more
        async with asyncio.timeout(20):
            while self.count() < target:
                await asyncio.sleep(0.005)

    async def check(self) -> None:
        """Nothing acknowledged is lost, doubled or moved."""
        self._stop = True
        await asyncio.gather(*self._tasks)
        for session_id, places in self.acknowledged.items():
            log = await log_of(self._store, session_id)
            assert sorted(places) == list(enumerate(log, 1))


async def test_i1_nothing_acknowledged_is_lost_when_the_server_is_killed() -> None:
    """AOF always: acknowledged means synced."""
    with running() as server:
        async with RedisStore(f"{server.url}?timeout=10&answer_timeout=1") as store:
            assert await store.probe() == "fsync"
            writers = Writers(store, [await new_session(store) for _ in range(3)])
            for _ in range(5):
                await writers.until(50)
                server.kill()
                await asyncio.sleep(random.uniform(0, 0.05))
                await asyncio.to_thread(server.start)
            await writers.until(50)
            await writers.check()


async def test_a_flush_of_functions_or_scripts_is_not_noticed(server: ValkeyServer) -> None:
    for url in (server.url, f"{server.url}?functions=no"):
        async with RedisStore(url) as store:
            writers = Writers(store, [await new_session(store)])
            with server.client() as client:
                for _ in range(10):
                    await writers.until(10)
                    client.execute_command("FUNCTION", "FLUSH")
                    client.execute_command("SCRIPT", "FLUSH")
            await writers.check()


@pytest.mark.parametrize("after", range(3))
@pytest.mark.parametrize("looked_at", ["for the list", "for the cap"])
async def test_a_session_that_is_being_created_while_somebody_looks_stays_in_the_index(
    server: ValkeyServer, monkeypatch: pytest.MonkeyPatch, looked_at: str, after: int
) -> None:
    """Its creator has entered it and has not written it yet: after any of the commands of who looks."""
    member, user_id = member_of(bytes(8), new_id("session")), new_id("user")
    async with RedisStore(server.url) as store, RedisStore(server.url) as creator:
        caller = store._sessions._caller
        command, commands = caller.command, itertools.count()

        async def and_then_it_is_entered(key: bytes, *parts: bytes) -> Any:
            reply = await command(key, *parts)
            if next(commands) == after:
                await creator._sessions.reserve(user_id, member, None, None)
            return reply

        monkeypatch.setattr(caller, "command", and_then_it_is_entered)
        if looked_at == "for the list":
            assert await store.list_sessions(user_id=user_id) == ([], None)
        else:
            await creator._sessions.reserve(user_id, member_of(bytes(8), "gone"), None, None)
            with pytest.raises(TooMany):
                await store._sessions.reserve(user_id, member_of(bytes(8), "new"), 1, None)
        assert next(commands) > after, "so many commands are not needed to look"
        index = store._sessions._keys.sessions_of_user(user_id)
        assert member in await command(index, b"ZRANGE", index, b"0", b"-1")


async def test_killed_connections_are_not_noticed(server: ValkeyServer) -> None:
    async with RedisStore(server.url) as store:
        writers = Writers(store, [await new_session(store)])
        with server.client() as client:
            for _ in range(10):
                await writers.until(10)
                client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        await writers.check()


async def test_after_a_flush_of_everything_sessions_are_not_found_and_waiters_are_told() -> None:
    with running("--appendfsync", "no") as server:
        async with RedisStore(f"{server.url}?check_interval=0.1") as store:
            session_id = await new_session(store)
            await store.append(session_id, [Record(b"x")], op_id="op")
            await store.put_token(Token("hash", "user", session_id, 0, 1e10, 2e10, 2e10))
            waiting = asyncio.create_task(store.wait(session_id, 1))
            await asyncio.sleep(0.05)
            with server.client() as client:
                client.flushall()
            await asyncio.wait_for(waiting, 5)
            for call in (
                store.append(session_id, [Record(b"x")], op_id="op"),
                store.read(session_id, after=1),
                store.load(session_id),
            ):
                with pytest.raises(SessionNotFound):
                    await call
            assert await store.find_token("hash") is None


async def test_a_full_server_refuses_writes_and_still_reads_and_erases() -> None:
    with running("--appendfsync", "no", "--maxmemory", "6mb") as server:
        async with RedisStore(server.url) as store:
            session_id, other = await new_session(store), await new_session(store)
            await store.append(other, [Record(b"x" * 100_000) for _ in range(4)])
            count = await _fill(store, session_id)
            assert 10 < count < 1000
            with pytest.raises(StorageFull):
                await store.create(new_id("session"), "user", LIFETIME, [])
            with server.client() as client:
                client.config_set("maxmemory", "1mb")
            with pytest.raises(StorageFull):
                await store.probe()
            assert len(await log_of(store, session_id)) == count
            assert (await store.load(session_id))[0].seq == count
            assert len(await store.read(session_id, after=count - 1)) == 1
            await store.delete(other)
            with server.client() as client:
                client.config_set("maxmemory", "8mb")
            await store.append(session_id, [Record(b"there is room again")])


async def _fill(store: Store, session_id: str) -> int:
    """How many entries were taken."""
    for count in range(1000):
        try:
            await store.append(session_id, [Record(b"x" * 10_000)])
        except StorageFull:
            return count
    return 1000


@pytest.mark.parametrize("policy", ["allkeys-lru", "volatile-ttl"])
async def test_a_server_that_evicts_is_refused(policy: str) -> None:
    with running("--appendfsync", "no") as server:
        async with RedisStore(server.url) as store:
            with server.client() as client:
                client.config_set("maxmemory-policy", policy)
            with pytest.raises(StoreUnavailable, match="noeviction"):
                await store.probe()
        with pytest.raises(StoreUnavailable, match="noeviction"):
            async with RedisStore(server.url):
                pass


async def test_the_class_of_durability_is_what_the_server_does(server: ValkeyServer) -> None:
    settings = [
        ("yes", "always", "fsync"),
        ("yes", "everysec", "<=1s"),
        ("yes", "no", "none"),
        ("no", "always", "none"),
    ]
    with server.client() as client:
        try:
            async with RedisStore(server.url) as store:
                for appendonly, fsync, wanted in settings:
                    client.config_set("appendonly", appendonly)
                    client.config_set("appendfsync", fsync)
                    assert await store.probe() == wanted
            with pytest.raises(StoreUnavailable, match="demands fsync"):
                async with RedisStore(f"{server.url}?durability=fsync"):
                    pass
        finally:
            client.config_set("appendonly", "yes")
            client.config_set("appendfsync", "no")


RIGHTS = (
    "~symphainy:* &symphainy:* +@read +@write +@scripting +@pubsub +@connection +ping +info +time +wait +config|get"
    " +cluster|slots"
)
"""As docs/operations.md has them."""


async def test_where_settings_may_not_be_read_the_url_states_the_class(server: ValkeyServer) -> None:
    assert RIGHTS in (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
    url = server.url.replace("://", "://app:secret@")
    with server.client() as client:
        client.execute_command("ACL", "SETUSER", "app", "reset", "on", ">secret", *RIGHTS.split())
        async with RedisStore(url) as store:
            assert await store.probe() == "none"
            client.execute_command("ACL", "SETUSER", "app", "-config|get")
            with pytest.raises(StoreUnavailable, match="durability=fsync"):
                await store.probe()
    with pytest.raises(StoreUnavailable, match="durability=fsync"):
        async with RedisStore(url):
            pass
    async with RedisStore(f"{url}?durability=1s") as store:
        assert await store.probe() == "<=1s"
        session_id = await new_session(store)
        await store.append(session_id, [Record(b"x", "t", ("k",), Work("w", "open"))], op_id="op")
        waiting = asyncio.create_task(store.wait(session_id, 1))
        await store.list_sessions(expired=True)
        await store.list_open_work()
        await store.delete(session_id)
        await asyncio.wait_for(waiting, 5)
    with pytest.raises(StoreUnavailable, match="credentials"):
        async with RedisStore(url.replace("secret", "wrong")):
            pass


async def test_a_write_that_too_few_replicas_have_is_not_acknowledged() -> None:
    with running("--appendfsync", "no") as master:
        url = f"{master.url}?wait=1&wait_timeout=0.3&timeout=3"
        async with RedisStore(url) as store:
            with pytest.raises(StoreUnavailable, match="0 replicas confirmed"):
                await new_session(store)
        replica_of = ("--replicaof", f"127.0.0.1 {master.port}")
        with running("--appendfsync", "no", *replica_of) as replica, master.client() as client:
            async with asyncio.timeout(20):
                while client.info("replication")["connected_slaves"] < 1 or not _in_sync(replica):
                    await asyncio.sleep(0.05)
            async with RedisStore(url) as store:
                session_id = await new_session(store)
                for number in range(20):
                    await store.append(session_id, [Record(b"x")], op_id=str(number))
                with replica.client() as copy:
                    assert copy.hget(store._keys.session(session_id), "s") == b"20"
                replica.kill()
                with pytest.raises(StoreUnavailable, match="repeat it with the same op_id"):
                    await store.append(session_id, [Record(b"in doubt")], op_id="in doubt")
                with pytest.raises(StoreUnavailable, match="0 replicas confirmed"):
                    await store.append(session_id, [Record(b"in doubt")], op_id="in doubt")
                assert len(await log_of(store, session_id)) == 21
                replica.start()


def _in_sync(replica: ValkeyServer) -> bool:
    with replica.client() as client:
        return client.info("replication").get("master_link_status") == "up"


async def test_a_jump_of_the_servers_clock_ends_nothing_by_itself(server: ValkeyServer) -> None:
    """No key of a session has a time to live, and a token's is days longer than the token."""
    clock = ManualClock()
    async with RedisStore(f"{server.url}?prefix=jump", clock=clock) as store:
        session_id = await new_session(store)
        await store.append(session_id, [Record(b"w", "t", ("k",), Work("w", "open"))], op_id="op")
        await store.acquire_lease(session_id, "lane", "a", 1)
        await store.save_snapshot(session_id, StoredSnapshot(1, b"chain", b"data"))
        now = clock.now()
        await store.put_token(Token("hash", "user", session_id, now, 60, now + 60, now + 60))
    with server.client() as client:
        keys = list(client.scan_iter("jump:*"))
        lives = {key: client.ttl(key) for key in keys}
        assert len(keys) >= 8
        assert {key for key, ttl in lives.items() if ttl != -1 and key.endswith(b":r")} | {b"jump:{t:hash}"} == {
            key for key, ttl in lives.items() if ttl != -1
        }
        assert lives[b"jump:{t:hash}"] > 6 * 86_400


async def test_damage_is_named_and_never_served(server: ValkeyServer) -> None:
    """Of every byte of an entry, and of a whole one that is gone, moved or of another session."""
    async with RedisStore(f"{server.url}?prefix=damage") as store:
        session_id, other = await new_session(store), await new_session(store)
        for name in (session_id, other):
            for text in (b"one", b"two", b"three"):
                await store.append(name, [Record(text, "topic", ("key",))], op_id=text.decode())
        assert [damage async for damage in store.verify()] == []
        log = store._keys.session(session_id) + b":e0"
        with server.client() as client:
            entries: Any = client.lrange(log, 0, -1)
            foreign: Any = client.lindex(store._keys.session(other) + b":e0", 1)
            wrong = [entries[0], foreign, b""]
            whole = entries[1]
            wrong += [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(len(whole))]
            for value in wrong:
                client.lset(log, 1, value)
                with pytest.raises(DataDamaged) as refusal:
                    await store.read(session_id)
                assert refusal.value.seq == 2, value
                with pytest.raises(DataDamaged):
                    await store.read(session_id, topic="topic")
            assert [(damage.session_id, damage.seq) async for damage in store.verify()] == [(session_id, 2)]
            client.lset(log, 1, whole)
            client.rpop(log)
            with pytest.raises(DataDamaged, match="missing"):
                await store.read(session_id)
            client.hset(store._keys.session(other), "u", "somebody else")
            with pytest.raises(DataDamaged):
                await store.load(other)
        found = {(damage.session_id, damage.seq) async for damage in store.verify()}
        assert found == {(session_id, 3), (other, None)}


async def test_slots_that_move_are_followed() -> None:
    with cluster(3, "--appendfsync", "no") as servers:
        url = f"redis+cluster://127.0.0.1:{servers[0].port}"
        async with RedisStore(url) as store:
            session_ids = [await new_session(store) for _ in range(4)]
            writers = Writers(store, session_ids)
            await writers.until(50)
            for session_id in session_ids:
                await asyncio.to_thread(_move, servers, store._keys.session(session_id))
                await writers.until(50)
            with servers[0].client() as client:
                client.execute_command("FUNCTION", "FLUSH")
            await writers.until(50)
            await writers.check()


def _move(servers: list[ValkeyServer], key: bytes) -> None:
    """Moves the key's slot to another master, key by key, as resharding does."""
    clients = [server.client() for server in servers]
    slot = key_slot(key)
    ids = [cast(bytes, client.execute_command("CLUSTER", "MYID")) for client in clients]
    owner = next(number for number, client in enumerate(clients) if _owns(client, slot))
    target = (owner + 1) % len(clients)
    clients[target].execute_command("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[owner])
    clients[owner].execute_command("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[target])
    while keys := cast(list[bytes], clients[owner].execute_command("CLUSTER", "GETKEYSINSLOT", slot, 100)):
        for name in keys:
            clients[owner].execute_command("MIGRATE", "127.0.0.1", servers[target].port, name, 0, 5000)
    for number in (target, owner, 3 - owner - target):
        clients[number].execute_command("CLUSTER", "SETSLOT", slot, "NODE", ids[target])
    for client in clients:
        client.close()


def _owns(client: redis.Redis, slot: int) -> bool:
    mine: Any = client.execute_command("CLUSTER", "MYID")
    ranges: Any = client.execute_command("CLUSTER", "SLOTS")
    return any(low <= slot <= high and master[2] == mine for low, high, master, *_ in ranges)


async def test_a_master_of_the_cluster_that_is_killed_comes_back_with_everything() -> None:
    with cluster(3, "--appendfsync", "always") as servers:
        url = f"redis+cluster://127.0.0.1:{servers[0].port}?timeout=10&answer_timeout=1"
        async with RedisStore(url) as store:
            writers = Writers(store, [await new_session(store) for _ in range(6)])
            for server in servers:
                await writers.until(50)
                server.kill()
                await asyncio.sleep(0.05)
                await asyncio.to_thread(server.start)
            await writers.until(50)
            await writers.check()


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("redis://host:port", "host:port"),
        ("redis://host/one", "database"),
        ("redis+cluster://host/1", "database 0"),
        ("redis+sentinel://host", "master"),
        ("redis://host?evict=yes", "'evict'"),
        ("redis://host?timeout=fast", "timeout"),
        ("redis://host?prefix={x}", "prefix"),
        ("redis://host?durability=best", "durability"),
        ("redis://host?wait=1&wait_timeout=9", "wait_timeout"),
    ],
)
def test_a_url_that_means_nothing_is_refused(url: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        open_store(url)
