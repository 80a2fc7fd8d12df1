"""What the PostgreSQL store promises beyond the contract: formats, durability classes, waking across processes, errors,
and that damage is named."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from symphainy.errors import (
    InvalidInput,
    NotAllowed,
    SessionNotFound,
    StorageFull,
    StoreUnavailable,
    SymphainyError,
    TooLarge,
    VersionConflict,
)
from symphainy.ids import new_id
from symphainy.stores import open_store
from symphainy.stores.base import Appended, Lifetime, Record, StoredSnapshot, Token, Work
from symphainy.stores.postgres import PostgresStore, migrations, watcher
from symphainy.stores.postgres.database import Address, Connection, connect
from symphainy.stores.postgres.errors import ours
from symphainy.testing import ManualClock
from tests.contract.postgres_dump import path_of
from tests.servers.postgres import PostgresServer, emptied, execute, load

LIFETIME = Lifetime(1e6, 1e7)


@pytest.fixture
async def store(postgres_url: str) -> AsyncIterator[PostgresStore]:
    async with PostgresStore(postgres_url) as store:
        yield store


def test_a_url_names_the_store() -> None:
    for url in ("postgresql://user:secret@host:5432/database", "postgres://host/database"):
        assert isinstance(open_store(url), PostgresStore)
    address = Address.parse("postgresql://u@h/d?sslmode=require&pool_size=3&timeout=2.5&statement_cache_size=0")
    assert address == Address("postgresql://u@h/d?sslmode=require", 3, 2.5, 0)
    assert "server_settings" not in address.options()
    for wrong in ("pool_size=many", "pool_size=0", "timeout=0", "timeout=soon", "statement_cache_size=-1"):
        with pytest.raises(InvalidInput, match="URL of the database"):
            open_store(f"postgresql://u@h/d?{wrong}")


def test_without_the_driver_the_extra_is_named() -> None:
    script = (
        "import sys; sys.modules['asyncpg'] = None\n"
        "from symphainy.stores import open_store\n"
        "try: open_store('postgresql://host/database')\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    answer = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
    assert answer == "InvalidInput This store needs asyncpg: pip install 'symphainy[postgres]'.\n"


@pytest.mark.parametrize("query", ["", "?sslmode=nonsense"])
async def test_a_server_that_is_not_there_is_a_clear_error_without_the_password(query: str) -> None:
    url = f"postgresql://user:hunter2@127.0.0.1:1/database{query or '?timeout=0.3'}"
    with pytest.raises(SymphainyError) as refusal:
        await PostgresStore(url).__aenter__()
    assert isinstance(refusal.value, InvalidInput if query else StoreUnavailable)
    assert "hunter2" not in str(refusal.value)


async def test_times_are_the_servers(store: PostgresStore, postgres_url: str) -> None:
    before = float(execute(postgres_url, "SELECT extract(epoch FROM clock_timestamp())"))
    head = await store.create("s", "user", Lifetime(100, 1000), [])
    lease = await store.acquire_lease("s", "lane", "a", 10)
    after = float(execute(postgres_url, "SELECT extract(epoch FROM clock_timestamp())"))
    assert before <= head.created_at <= lease.expires_at - 10 <= after


async def test_a_store_without_prepared_statements_works(store: PostgresStore, postgres_url: str) -> None:
    async with PostgresStore(f"{postgres_url}?statement_cache_size=0&pool_size=1") as pooled:
        await pooled.create("s", "user", LIFETIME, [Record(b"a")])
        await asyncio.gather(*(pooled.append("s", [Record(b"b")]) for _ in range(20)))
        assert len(await store.read("s")) == 21


async def test_connections_are_bounded(store: PostgresStore, postgres_url: str) -> None:
    async with PostgresStore(f"{postgres_url}?pool_size=3&application_name=bounded") as bounded:
        await bounded.create("s", "user", LIFETIME, [])
        count = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'bounded'"
        calls = [asyncio.gather(bounded.load("s"), bounded.append("s", [Record(b"x")])) for _ in range(50)]
        assert int(execute(postgres_url, count)) <= 4
        await asyncio.gather(*calls)
        assert int(execute(postgres_url, count)) <= 4


async def test_a_read_only_store_reads_beside_the_servers_and_writes_nothing(
    store: PostgresStore, postgres_url: str
) -> None:
    head = await store.create("s", "user", LIFETIME, [Record(b"a", "t")])
    lease = await store.acquire_lease("s", "lane", "owner", 10)
    token = Token("hash", "user", None, head.created_at - 90, 100, head.created_at + 10, head.created_at + 100)
    await store.put_token(token)
    async with PostgresStore(postgres_url, read_only=True) as beside:
        await store.append("s", [Record(b"b")])
        assert [item.data for item in await beside.read("s")] == [b"a", b"b"]
        assert await beside.find_token("hash") == token
        assert [damage async for damage in beside.verify()] == []
        for write in (
            beside.create("t", "user", LIFETIME, []),
            beside.append("s", [Record(b"c")]),
            beside.save_snapshot("s", StoredSnapshot(1, b"", b"")),
            beside.acquire_lease("s", "lane", "owner", 1),
            beside.release_lease(lease),
            beside.touch("s"),
            beside.delete("s"),
            beside.drop(head),
            beside.wait("s", 9),
            beside.probe(),
            beside.put_token(token),
            beside.delete_tokens(user_id="user"),
        ):
            with pytest.raises(NotAllowed):
                await write


class TestDurability:
    async def test_it_is_what_the_server_is_set_to(self) -> None:
        server = PostgresServer()
        try:
            server.start(wal_writer_delay="300ms")
            for setting, named in (("on", "fsync"), ("local", "fsync"), ("off", "<=1s")):
                async with PostgresStore(f"{server.url()}?synchronous_commit={setting}") as store:
                    assert await store.probe() == named
            server.stop()
            server.start(wal_writer_delay="400ms")
            async with PostgresStore(f"{server.url()}?synchronous_commit=off") as store:
                assert await store.probe() == "none"
            server.stop()
            server.start(fsync="off")
            async with PostgresStore(server.url()) as store:
                assert await store.probe() == "none"
        finally:
            server.remove()


class TestFormats:
    @pytest.fixture
    def url(self, postgres_database: str) -> str:
        return emptied(postgres_database)

    async def test_many_servers_that_start_at_once_make_it_once(self, url: str) -> None:
        stores = [PostgresStore(f"{url}?pool_size=2") for _ in range(8)]
        await asyncio.gather(*(store.__aenter__() for store in stores))
        await asyncio.gather(*(store.create(f"s{n}", "user", LIFETIME, []) for n, store in enumerate(stores)))
        assert len((await stores[0].list_sessions())[0]) == 8
        await asyncio.gather(*(store.__aexit__(None, None, None) for store in stores))

    async def test_many_servers_that_start_at_once_bring_it_up_to_date_once(
        self, url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with PostgresStore(url) as store:
            await store.create("s", "user", LIFETIME, [Record(b"x")])
        plan_format(monkeypatch, "CREATE TABLE symphainy.later (made int); INSERT INTO symphainy.later VALUES (1)")
        with pytest.raises(StoreUnavailable, match="older version"):
            await PostgresStore(url, read_only=True).__aenter__()
        stores = [PostgresStore(f"{url}?pool_size=2") for _ in range(8)]
        await asyncio.gather(*(store.__aenter__() for store in stores))
        assert [item.data for item in await stores[0].read("s")] == [b"x"]
        await asyncio.gather(*(store.__aexit__(None, None, None) for store in stores))
        assert execute(url, "SELECT count(*), min(made) FROM symphainy.later") == "1|1"

    async def test_an_upgrade_that_fails_half_way_has_changed_nothing(
        self, url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with PostgresStore(url) as store:
            await store.create("s", "user", LIFETIME, [Record(b"x")])
        with monkeypatch.context() as planned:
            plan_format(
                planned, "DROP TABLE symphainy.keys; ALTER TABLE symphainy.entries DROP COLUMN topic; SELECT 1/0"
            )
            with pytest.raises(StoreUnavailable, match="division by zero"):
                await PostgresStore(url).__aenter__()
        async with PostgresStore(url) as store:
            assert (await store.append("s", [Record(b"y", "t", ("k",))])).first_seq == 2
            assert [damage async for damage in store.verify()] == []

    @pytest.mark.parametrize("read_only", [False, True])
    async def test_a_newer_one_is_refused_and_left_alone(self, url: str, read_only: bool) -> None:
        async with PostgresStore(url):
            pass
        execute(url, "UPDATE symphainy.meta SET value = 99 WHERE name = 'format'")
        with pytest.raises(StoreUnavailable, match=r"newer version of Symphainy \(format 99"):
            await PostgresStore(url, read_only=read_only).__aenter__()
        assert execute(url, "SELECT value FROM symphainy.meta WHERE name = 'format'") == "99"

    async def test_a_database_that_is_not_ready_is_refused(self, url: str) -> None:
        with pytest.raises(StoreUnavailable, match="nothing of Symphainy"):
            await PostgresStore(url, read_only=True).__aenter__()
        name = new_id("latin")
        execute(url, f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
        latin = urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
        with pytest.raises(StoreUnavailable, match="It must be UTF8"):
            await PostgresStore(latin).__aenter__()


def plan_format(monkeypatch: pytest.MonkeyPatch, statements: str) -> None:
    """A version whose newest format is one further than this one's."""
    real = migrations.text_of
    formats = {**migrations.FORMATS, migrations.newest() + 1: ("planned",)}
    monkeypatch.setattr(migrations, "FORMATS", formats)
    monkeypatch.setattr(migrations, "text_of", lambda name: statements if name == "planned" else real(name))


class TestWaking:
    """Two stores stand for two processes."""

    async def test_another_process_is_notified(
        self, store: PostgresStore, postgres_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(watcher, "LOOK_SECONDS", 60.0)
        async with PostgresStore(postgres_url) as other:
            for name in ("notified", "'; \N{SNOWMAN} \\"):
                await store.create(name, "user", LIFETIME, [])
                waiting = await waiter(other, name, 0)
                await store.append(name, [Record(b"x")])
                await asyncio.wait_for(waiting, 5)
            waiting = await waiter(other, name, 1)
            await store.delete(name)
            with pytest.raises(SessionNotFound):
                await asyncio.wait_for(waiting, 5)

    async def test_a_notification_that_is_lost_is_made_up_for(self, store: PostgresStore, postgres_url: str) -> None:
        async with PostgresStore(postgres_url) as other:
            await store.create("lost", "user", LIFETIME, [])
            waiting = await waiter(other, "lost", 0)
            store._appender._on_appended = lambda session_id: None
            await store.append("lost", [Record(b"x")])
            await asyncio.wait_for(waiting, 5)

    async def test_who_waits_does_not_notice_that_the_connection_broke(
        self, store: PostgresStore, postgres_url: str
    ) -> None:
        async with PostgresStore(f"{postgres_url}?application_name=deaf") as other:
            await store.create("broken", "user", LIFETIME, [])
            waiting = await waiter(other, "broken", 0)
            for _ in range(3):
                terminate = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'deaf'"
                execute(postgres_url, terminate)
                await asyncio.sleep(0.01)
            assert not waiting.done()
            await store.append("broken", [Record(b"x")])
            await asyncio.wait_for(waiting, 5)

    async def test_the_connection_that_notifies_could_be_anybodys(
        self, store: PostgresStore, postgres_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Behind a pooler it is: a setting that stayed on it would weaken what others are told."""
        opened: list[Connection] = []

        async def connect_and_keep(address: Address) -> Connection:
            opened.append(await connect(address))
            return opened[-1]

        monkeypatch.setattr(watcher, "connect", connect_and_keep)
        monkeypatch.setattr(watcher, "LOOK_SECONDS", 60.0)
        async with PostgresStore(postgres_url) as other:
            await other.create("told", "user", LIFETIME, [])
            waiting = await waiter(store, "told", 0)
            await other.append("told", [Record(b"x")])
            await asyncio.wait_for(waiting, 5)
            assert await once_idle(opened[0], "SELECT current_setting('synchronous_commit')") == "on"

    def test_payloads_fit_and_come_back(self) -> None:
        names = [f"{number} \N{SNOWMAN}\"'" for number in range(3_000)]
        payloads = list(watcher.payloads(names))
        assert all(len(payload.encode()) < 8_000 for payload in payloads)
        assert [name for payload in payloads for name in watcher.heard(payload) or ()] == names
        assert list(watcher.payloads([])) == []
        for strange in ("", "x", "{}", "1"):
            assert watcher.heard(strange) is None


async def once_idle(connection: Connection, query: str) -> object:
    """What the connection answers when its owner has nothing under way on it: whoever was told may be here first."""
    async with asyncio.timeout(5):
        while True:
            try:
                return await connection.fetchval(query)
            except asyncpg.InterfaceError:
                await asyncio.sleep(0)


async def waiter(store: PostgresStore, session_id: str, after: int) -> asyncio.Task[None]:
    """Done when the log is longer or the session gone. Who is woken for nothing looks again, as every caller does."""

    async def follow() -> None:
        while (await store.load(session_id))[0].seq <= after:
            await store.wait(session_id, after)

    waiting = asyncio.create_task(follow())
    # Long enough to look, and for what was told of the session before.
    await asyncio.sleep(0.1)
    assert not waiting.done()
    return waiting


class TestErrors:
    def test_every_error_of_the_driver_has_one_of_ours(self) -> None:
        classes = [
            item for item in vars(asyncpg.exceptions).values() if isinstance(item, type) and issubclass(item, Exception)
        ]
        assert len(classes) > 200
        for error_class in [*classes, OSError, TimeoutError, ConnectionResetError]:
            error = ours(error_class("message"), "s")
            assert isinstance(error, SymphainyError)
            assert error.code in ("store_unavailable", "storage_full", "data_damaged", "too_large", "invalid_input")

    async def test_a_full_disk_refuses_writes_keeps_everything_and_recovers_by_itself(
        self, store: PostgresStore, postgres_url: str
    ) -> None:
        session_id = new_id("session")
        await store.create(session_id, "user", LIFETIME, [Record(b"before")])
        execute(
            postgres_url,
            "CREATE FUNCTION symphainy.no_space() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE 'could not extend file' USING ERRCODE = 'disk_full'; END $$",
            "CREATE TRIGGER no_space BEFORE INSERT ON symphainy.entries EXECUTE FUNCTION symphainy.no_space()",
        )
        done = await asyncio.gather(
            *(store.append(session_id, [Record(b"x")], op_id=str(n)) for n in range(5)), return_exceptions=True
        )
        assert all(isinstance(item, StorageFull) for item in done)
        with pytest.raises(StorageFull):
            await store.create(new_id("session"), "user", LIFETIME, [Record(b"x")])
        execute(postgres_url, "DROP TRIGGER no_space ON symphainy.entries", "DROP FUNCTION symphainy.no_space")
        assert await store.append(session_id, [Record(b"x")], op_id="3") == Appended(2, 2)
        assert [item.data for item in await store.read(session_id)] == [b"before", b"x"]

    async def test_what_is_too_large_for_an_index_refuses_nobody_else(self, store: PostgresStore) -> None:
        session_id, large = new_id("session"), os.urandom(4_000).hex()
        await store.create(session_id, "user", LIFETIME, [])
        done = await asyncio.gather(
            *(store.append(session_id, [Record(b"x", large if n == 3 else "t")], op_id=str(n)) for n in range(8)),
            return_exceptions=True,
        )
        assert [isinstance(item, TooLarge) for item in done] == [n == 3 for n in range(8)]
        assert len(await store.read(session_id)) == 7

    async def test_the_character_nul_is_refused(self, store: PostgresStore) -> None:
        session_id = new_id("session")
        await store.create(session_id, "user", LIFETIME, [])
        for refused in (
            store.create("\0", "user", LIFETIME, []),
            store.append(session_id, [Record(b"\0", keys=("a\0",))]),
            store.append(session_id, [Record(b"\0", work=Work("\0", "open"))]),
            store.append(session_id, [Record(b"\0")], op_id="\0"),
            store.acquire_lease(session_id, "\0", "a", 1),
            store.read(session_id, topic="\0"),
            store.find_token("\0"),
        ):
            with pytest.raises(InvalidInput, match=r"U\+0000"):
                await refused
        await store.append(session_id, [Record(b"\0", keys=("\N{SNOWMAN}\"'\\",))])

    async def test_when_the_server_cannot_keep_up_more_callers_are_refused_at_once(
        self, store: PostgresStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from symphainy.stores.postgres import appends

        monkeypatch.setattr(appends, "MOST_WAITING", 10)
        session_id = new_id("session")
        await store.create(session_id, "user", LIFETIME, [])
        done = await asyncio.gather(
            *(store.append(session_id, [Record(b"x")]) for _ in range(25)), return_exceptions=True
        )
        assert sum(isinstance(item, Appended) for item in done) == 10
        assert sum(isinstance(item, StoreUnavailable) for item in done) == 15
        assert await store.append(session_id, [Record(b"next")]) == Appended(11, 11)


async def test_no_table_keeps_a_row_of_an_erased_session(store: PostgresStore, postgres_url: str) -> None:
    await store.create("s", "user", LIFETIME, [Record(b"x", "t")] * 3)
    await store.append("s", [Record(b"x", None, ("k",), Work("w", "open", "lane"))], op_id="op")
    await store.acquire_lease("s", "lane", "a", 10)
    await store.save_snapshot("s", StoredSnapshot(1, b"chain", b"data"))
    await store.put_token(Token("hash", "user", "s", 0, 1, 1, 1))
    names = execute(postgres_url, "SELECT tablename FROM pg_tables WHERE schemaname = 'symphainy'").split()
    assert len(names) == 8

    def filled() -> set[str]:
        return {name for name in names if execute(postgres_url, f"SELECT count(*) FROM symphainy.{name}") != "0"}

    assert filled() == set(names)
    await store.delete("s")
    assert filled() == {"meta"}


async def test_expired_sessions_are_found_after_activity_has_moved_their_end(postgres_url: str) -> None:
    clock = ManualClock()
    async with PostgresStore(postgres_url, clock=clock) as store:
        await store.create("s", "user", Lifetime(10, 100), [])
        for _ in range(8):
            clock.advance(9)
            assert (await store.list_sessions(expired=True))[0] == []
            await store.touch("s")
        clock.advance(10)
        assert [head.session_id for head in (await store.list_sessions(expired=True))[0]] == ["s"]


@pytest.mark.parametrize("number", migrations.FORMATS)
async def test_what_an_earlier_version_wrote_is_gone_on_with(postgres_url: str, number: int) -> None:
    """From a dump that the version made which released the format."""
    url = postgres_url
    load(url, path_of(number))
    assert execute(url, "SELECT value FROM symphainy.meta WHERE name = 'format'") == str(number)
    async with PostgresStore(url, clock=ManualClock()) as store:
        assert [damage async for damage in store.verify()] == []
        assert [item.data for item in await store.read("session")] == [b"a", b"b", b"c", b"d"]
        assert await store.append("session", [Record(b"b")], op_id="op") == Appended(2, 3, repeated=True)
        snapshot = (await store.load("session"))[1]
        assert snapshot is not None
        assert (snapshot.seq, snapshot.data) == (2, b"fold")
        assert [(item.work_id, item.lane) for item in (await store.list_open_work())[0]] == [("w", "lane")]
        assert (await store.acquire_lease("session", "lane", "b", 10)).fence == 2
        assert await store.find_token("hash") is not None
        with pytest.raises(VersionConflict):
            await store.append("session", [Record(b"e", "t", ("\N{SNOWMAN}",))], expected_seq=1)
        assert await store.append("session", [Record(b"e", "t", ("k",))], expected_seq=4) == Appended(5, 5)
