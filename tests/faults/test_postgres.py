"""PostgreSQL and the way to it fail: nothing acknowledged is lost, nothing is written twice, every call ends in time."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

import pytest

from symphainy.errors import SessionNotFound, StoreUnavailable
from symphainy.ids import new_id
from symphainy.stores.base import READ_LIMIT, Lifetime, Record, Store, Stored, Token
from symphainy.stores.postgres import PostgresStore, watcher
from symphainy.stores.postgres.database import Address, Connection, connect
from tests.faults.postgres_writer import TIMES
from tests.faults.tcp_fault import TcpFault
from tests.servers.postgres import PostgresServer, execute

LIFETIME = Lifetime(1e6, 1e7)
PROCESSES = 4
ROUNDS = 3
KILLS = 3
SESSIONS = ("one", "two")
TERMINATE = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


async def whole_log(store: Store, session_id: str) -> list[Stored]:
    log: list[Stored] = []
    while batch := await store.read(session_id, after=len(log), limit=READ_LIMIT):
        log += batch
    assert [item.seq for item in log] == list(range(1, len(log) + 1))
    return log


@dataclass
class Ledger:
    """What writers were told, and what they were not."""

    places: dict[str, tuple[str, int]] = field(default_factory=dict[str, tuple[str, int]])
    in_doubt: set[str] = field(default_factory=set[str])
    unavailable: int = 0

    async def check(self, store: Store) -> None:
        logs = {name: [item.data.decode() for item in await whole_log(store, name)] for name in SESSIONS}
        for text, (session_id, seq) in self.places.items():
            assert logs[session_id][seq - 1] == text
        counted = Counter(text for log in logs.values() for text in log)
        assert [text for text, times in counted.items() if times > 1] == []
        assert set(self.places) <= set(counted) <= set(self.places) | self.in_doubt


async def write(store: Store, writer: int, ledger: Ledger, stop: asyncio.Event) -> None:
    """Every other append has an `op_id` and is repeated until it is answered; the rest is sent once."""
    session_id, number = SESSIONS[writer % len(SESSIONS)], 0
    while not stop.is_set():
        number += 1
        text = f"{writer} {number}"
        op_id = text if number % 2 else None
        ledger.in_doubt.add(text)
        while True:
            try:
                done = await store.append(session_id, [Record(text.encode())], op_id=op_id)
            except StoreUnavailable:
                ledger.unavailable += 1
                if op_id is None:
                    break
                # What is refused at once would otherwise leave the loop to nobody.
                await asyncio.sleep(0.01)
                continue
            ledger.places[text] = (session_id, done.first_seq)
            ledger.in_doubt.discard(text)
            break


@pytest.fixture
async def server() -> AsyncIterator[PostgresServer]:
    server = PostgresServer()
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture
def url(postgres_url: str) -> str:
    return postgres_url


@pytest.fixture
async def proxy(url: str) -> AsyncIterator[TcpFault]:
    async with TcpFault(urlsplit(url).port or 5432) as proxy:
        yield proxy


def through(proxy: TcpFault, url: str, query: str = "") -> str:
    parts = urlsplit(url)
    return f"postgresql://{parts.username}@127.0.0.1:{proxy.port}{parts.path}{query}"


@pytest.fixture
def _watching_past_the_proxy(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that every cut hits the call that is meant."""
    monkeypatch.setattr(watcher, "connect", lambda _: connect(Address.parse(url)))


@asynccontextmanager
async def writing(store: Store) -> AsyncGenerator[Ledger]:
    """Eight writers beside what a test does, which end when it does, and with it if it fails."""
    ledger, stop = Ledger(), asyncio.Event()
    for name in SESSIONS:
        await store.create(name, "user", LIFETIME, [])
    async with asyncio.TaskGroup() as group:
        for writer in range(8):
            group.create_task(write(store, writer, ledger, stop))
        yield ledger
        stop.set()


async def test_terminated_connections_lose_and_double_nothing_and_nobody_notices(url: str) -> None:
    async with PostgresStore(url) as store:
        terminated = 0
        async with writing(store) as ledger:
            for _ in range(12):
                await asyncio.sleep(0.05)
                terminated += int(await asyncio.to_thread(execute, url, TERMINATE))
        assert terminated > 12
        assert (ledger.unavailable, ledger.in_doubt) == (0, set())
        assert len(ledger.places) > 50
        await ledger.check(store)


@pytest.mark.timeout(900)
async def test_i1_i2_a_server_that_is_killed_loses_and_doubles_nothing(
    server: PostgresServer, request: pytest.FixtureRequest
) -> None:
    kills = request.config.getoption("--store-kills", default=None) or KILLS
    async with PostgresStore(server.url()) as store:
        async with writing(store) as ledger:
            for kill in range(kills + 1):
                before = len(ledger.places)
                while len(ledger.places) < before + 50:
                    await asyncio.sleep(0.01)
                if kill < kills:
                    await asyncio.to_thread(server.kill)
                    await asyncio.to_thread(server.start)
        print(f"{kills} kills, {len(ledger.places)} acknowledgements, {ledger.unavailable} unanswered")
        await ledger.check(store)
        assert [damage async for damage in store.verify()] == []


@pytest.mark.usefixtures("_watching_past_the_proxy")
async def test_an_answer_that_is_torn_anywhere_is_asked_for_again_and_nothing_is_done_twice(
    url: str, proxy: TcpFault
) -> None:
    async with PostgresStore(through(proxy, url, "?pool_size=1")) as store:
        await store.create("one", "user", LIFETIME, [])
        await store.append("one", [Record(b"0")])
        before = proxy.answered
        await store.append("one", [Record(b"1")])
        length = proxy.answered - before
        assert 60 < length < 600
        texts = ["0", "1"]
        for cut in range(1, length + 1):
            proxy.cut_after(cut)
            done = await store.append("one", [Record(b"cut %d" % cut)], op_id=f"op {cut}" if cut % 2 else None)
            texts.append(f"cut {cut}")
            assert done.first_seq == len(texts)
        assert proxy.cuts == length
        assert [item.data.decode() for item in await whole_log(store, "one")] == texts


@pytest.mark.usefixtures("_watching_past_the_proxy")
async def test_torn_answers_of_all_other_calls_are_made_up_for(url: str, proxy: TcpFault) -> None:
    # Without prepared statements, so that every answer is as long as the one before.
    async with PostgresStore(through(proxy, url, "?pool_size=1&statement_cache_size=0&sslmode=disable")) as store:

        async def torn(call: Callable[[], Awaitable[object]]) -> None:
            """The call with its answer torn further and further on, until it is whole."""
            for cut in range(1, 9_000, 16):
                cuts = proxy.cuts
                proxy.cut_after(cut)
                await call()
                if proxy.cuts == cuts:
                    assert cut > 50
                    break
            proxy.cut_after(10**9)

        async def create_and_delete() -> None:
            name = new_id("session")
            head = await store.create(name, "user", LIFETIME, [Record(b"x")], max_sessions=2)
            assert (head.seq, [item.data for item in await store.read(name)]) == (1, [b"x"])
            await store.delete(name)

        async def exchange_token() -> None:
            name = new_id("token")
            await store.put_token(Token(name, "user", None, 1.0, 1e10, 1e10, 1e10))
            assert await store.find_token(name) is not None
            assert await store.delete_tokens(token_hash=name) == [name]

        async def lease_and_release() -> None:
            lease = await store.acquire_lease("one", "lane", "a", 10)
            fences.append(lease.fence)
            await store.release_lease(lease)

        async def copy_and_drop() -> None:
            copy = replace(await store.copy_out("one"), session_id=new_id("copy"))
            assert await store.copy_in(copy) == 1
            await store.drop((await store.load(copy.session_id))[0])

        fences: list[int] = []
        await store.create("one", "user", LIFETIME, [Record(b"x")])
        for call in (create_and_delete, exchange_token, lease_and_release, copy_and_drop, store.probe):
            await torn(call)
        assert fences == list(range(1, len(fences) + 1))
        with pytest.raises(SessionNotFound):
            await store.delete("never there")
        assert [head.session_id for head in (await store.list_sessions())[0]] == ["one"]


async def follow(store: Store) -> None:
    """Who is woken for nothing waits again, as every caller does."""
    while (await store.load("one"))[0].seq == 0:
        await store.wait("one", 0)


async def test_in_a_black_hole_every_call_ends_in_time_and_the_loop_is_free(url: str, proxy: TcpFault) -> None:
    limit = 1.5
    async with PostgresStore(through(proxy, url, f"?pool_size=2&timeout={limit}")) as store:
        await store.create("one", "user", LIFETIME, [])
        waiting = asyncio.create_task(follow(store))
        await asyncio.sleep(0.1)
        proxy.black_hole()
        began = time.monotonic()

        async def append_later(number: int) -> float:
            await asyncio.sleep(0.15 * number)
            began = time.monotonic()
            with pytest.raises(StoreUnavailable):
                await store.append("one", [Record(b"lost %d" % number)])
            return time.monotonic() - began

        async def longest_pause() -> float:
            longest, last = 0.0, time.monotonic()
            while time.monotonic() < began + limit + 1:
                await asyncio.sleep(0.005)
                longest, last = max(longest, time.monotonic() - last), time.monotonic()
            return longest

        pause = asyncio.create_task(longest_pause())
        others = [store.read("one"), store.touch("one"), store.probe(), store.find_token("x"), store.load("one")]
        appends = asyncio.gather(*map(append_later, range(10)))
        done = await asyncio.gather(*others, return_exceptions=True)
        assert all(isinstance(item, StoreUnavailable) for item in done)
        assert time.monotonic() - began < limit + 1
        assert max(await appends) < limit + 1
        assert await pause < 0.5
        with pytest.raises(StoreUnavailable):
            await store.wait("one", 0)
        proxy.black_hole(False)
        await store.append("one", [Record(b"after")], op_id="after")
        await asyncio.wait_for(waiting, 5)


async def test_a_server_that_refuses_connections_for_a_while_is_waited_for(url: str, proxy: TcpFault) -> None:
    async with PostgresStore(through(proxy, url)) as store:
        await store.create("one", "user", LIFETIME, [])
        await proxy.refuse()
        appending = asyncio.gather(*(store.append("one", [Record(b"%d" % number)]) for number in range(10)))
        await asyncio.sleep(0.3)
        assert not appending.done()
        await proxy.listen()
        assert [done.first_seq for done in await appending] == list(range(1, 11))


@asynccontextmanager
async def writers(url: str, count: int) -> AsyncGenerator[list[asyncio.subprocess.Process]]:
    """Processes that wait to be told a session."""
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tests.faults.postgres_writer", url, str(number)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        for number in range(count)
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            assert await process.stdout.readline() == b"ready\n"
        yield processes
    finally:
        for process in processes:
            if process.stdin is not None:
                process.stdin.close()
        await asyncio.gather(*(process.wait() for process in processes))


def begin(process: asyncio.subprocess.Process, session_id: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{session_id}\n".encode())


async def answer_of(process: asyncio.subprocess.Process) -> list[int]:
    """What was acknowledged; nothing was refused."""
    assert process.stdout is not None
    answer = json.loads(await process.stdout.readline())
    assert answer["refused"] == []
    return answer["acknowledged"]


async def test_a_hint_that_was_on_its_way_when_the_connection_broke_is_heard(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def connect_and_break(address: Address) -> Connection:
        connection = await connect(address)
        await connection.add_listener(watcher.CHANNEL, lambda ended, *_: ended.terminate())
        return connection

    failures: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context))
    monkeypatch.setattr(watcher, "connect", connect_and_break)
    async with PostgresStore(url) as store:
        await store.create("one", "user", LIFETIME, [Record(b"1")])
        waiting = asyncio.create_task(store.wait("one", 1))
        await asyncio.sleep(0)
        # both arrive at once: the connection ends with the first
        hints = [f"SELECT pg_notify('{watcher.CHANNEL}', '[\"{name}\"]')" for name in ("other", "one")]
        async with asyncio.timeout(10):
            while not waiting.done():
                await asyncio.to_thread(execute, url, "; ".join(hints))
    assert failures == []


async def test_a_process_that_is_frozen_holds_up_nobody(url: str) -> None:
    async with PostgresStore(f"{url}?timeout=2") as store, writers(url, 1) as (process,):
        await store.create("one", "user", LIFETIME, [])
        mine: list[int] = []
        begin(process, "one")
        answer = asyncio.create_task(answer_of(process))
        while not answer.done():
            process.send_signal(signal.SIGSTOP)
            mine.append((await store.append("one", [Record(b"mine")])).first_seq)
            process.send_signal(signal.SIGCONT)
            await asyncio.sleep(0.01)
        assert len(mine) > 3
        assert sorted(mine + await answer) == list(range(1, len(mine) + 2 * TIMES + 1))


@pytest.mark.timeout(600)
async def test_processes_that_write_to_one_session_at_once_are_never_refused_and_lose_nothing(
    url: str, request: pytest.FixtureRequest
) -> None:
    rounds = request.config.getoption("--writer-rounds", default=None) or ROUNDS
    async with PostgresStore(url) as store, writers(url, PROCESSES) as processes:
        for number in range(rounds):
            await one_round(store, f"round {number}", processes)


async def one_round(store: Store, session_id: str, processes: list[asyncio.subprocess.Process]) -> None:
    await store.create(session_id, "user", LIFETIME, [])
    for process in processes:
        begin(process, session_id)
    acknowledged = [seq for process in processes for seq in await answer_of(process)]
    assert sorted(acknowledged) == list(range(1, 2 * TIMES * PROCESSES + 1))
    log = [item.data.decode() for item in await whole_log(store, session_id)]
    for kind in ("append", "patch"):
        for writer in range(PROCESSES):
            own = [text for text in log if text.startswith(f"{kind} {writer} ")]
            assert own == [f"{kind} {writer} {number}" for number in range(TIMES)]
