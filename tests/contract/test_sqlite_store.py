"""What the SQLite store promises beyond the contract: one process per folder, readers beside it, erasure down to the
bytes."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from symphainy.errors import Conflict, DataDamaged, DataFolderLocked, InvalidInput, NotAllowed, StoreUnavailable
from symphainy.stores import open_store
from symphainy.stores.base import Lifetime, Record, StoredSnapshot, Token, Work
from symphainy.stores.memory import MemoryStore
from symphainy.stores.sqlite import SQLiteStore
from symphainy.stores.sqlite.rows import ENTRY, checksum
from symphainy.stores.sqlite.schema import VERSION, make_tables
from symphainy.testing import ManualClock

LIFETIME = Lifetime(1e6, 1e7)

HOLDER = """
import asyncio, sys
from symphainy.stores.sqlite import SQLiteStore
async def main():
    async with SQLiteStore(sys.argv[1]):
        print("open", flush=True)
        await asyncio.Event().wait()
asyncio.run(main())
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "symphainy.db"


async def test_a_second_store_on_the_folder_is_refused_and_told_who_holds_it(path: Path) -> None:
    async with SQLiteStore(path, clock=ManualClock()):
        for other in (path, path.with_name("another.db")):
            with pytest.raises(DataFolderLocked) as refusal:
                await SQLiteStore(other).__aenter__()
            assert f"pid {os.getpid()} on " in refusal.value.message
            assert "2027-01-15T08:00:00.000Z" in refusal.value.message
            assert "--data" in refusal.value.message
    async with SQLiteStore(path):
        pass


async def test_the_lock_ends_with_the_process_that_holds_it(path: Path) -> None:
    holder = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLDER, str(path), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert holder.stdout is not None
        assert await holder.stdout.readline() == b"open\n"
        with pytest.raises(DataFolderLocked, match=f"pid {holder.pid} "):
            await SQLiteStore(path).__aenter__()
    finally:
        holder.send_signal(signal.SIGKILL)
        await holder.communicate()
    async with SQLiteStore(path) as store:
        assert await store.probe() == "fsync"


async def test_a_forked_child_does_not_keep_the_folder_locked(path: Path) -> None:
    store = SQLiteStore(path)
    await store.__aenter__()
    ready, release = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        os.write(ready[1], b"x")
        os.close(release[1])
        os.read(release[0], 1)
        os._exit(0)
    try:
        await asyncio.to_thread(os.read, ready[0], 1)
        await store.__aexit__(None, None, None)
        async with SQLiteStore(path) as again:
            await again.probe()
    finally:
        for descriptor in (*ready, *release):
            os.close(descriptor)
        await asyncio.to_thread(os.waitpid, child, 0)


async def test_a_read_only_store_reads_beside_the_server_and_writes_nothing(path: Path) -> None:
    async with SQLiteStore(path) as store, SQLiteStore(path, read_only=True) as beside:
        head = await store.create("s", "user", LIFETIME, [Record(b"a", "t")])
        lease = await store.acquire_lease("s", "lane", "owner", 10)
        await store.append("s", [Record(b"b")])
        assert [item.data for item in await beside.read("s")] == [b"a", b"b"]
        assert (await beside.load("s"))[0].seq == 2
        token = Token("hash", "user", None, head.created_at - 90, 100, head.created_at + 10, head.created_at + 100)
        await store.put_token(token)
        assert await beside.find_token("hash") == token
        for write in (
            beside.create("t", "user", LIFETIME, []),
            beside.append("s", [Record(b"c")]),
            beside.save_snapshot("s", StoredSnapshot(1, b"", b"")),
            beside.acquire_lease("s", "lane", "owner", 1),
            beside.release_lease(lease),
            beside.touch("s"),
            beside.delete("s"),
            beside.wait("s", 9),
            beside.probe(),
            beside.put_token(token),
            beside.delete_tokens(user_id="user"),
        ):
            with pytest.raises(NotAllowed):
                await write
        assert len(await store.read("s")) == 2


async def test_a_read_only_store_reads_what_a_stopped_server_left(path: Path) -> None:
    async with SQLiteStore(path) as store:
        await store.create("s", "user", LIFETIME, [Record(b"a")])
    async with SQLiteStore(path, read_only=True) as beside:
        assert [item.data for item in await beside.read("s")] == [b"a"]
    with pytest.raises(StoreUnavailable, match="no database"):
        await SQLiteStore(path.with_name("missing.db"), read_only=True).__aenter__()


async def test_leases_of_owners_that_are_gone_have_ended(path: Path) -> None:
    clock = ManualClock()
    async with SQLiteStore(path, clock=clock) as store:
        await store.create("s", "user", LIFETIME, [])
        before = await store.acquire_lease("s", "lane", "a", 1000)
    async with SQLiteStore(path, clock=clock) as store:
        assert (await store.acquire_lease("s", "lane", "b", 1000)).fence == before.fence + 1


@pytest.mark.parametrize("read_only", [False, True])
async def test_a_database_of_a_newer_version_is_refused_and_left_alone(path: Path, read_only: bool) -> None:
    async with SQLiteStore(path):
        pass
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreUnavailable, match="newer version"):
        await SQLiteStore(path, read_only=read_only).__aenter__()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.close()
    async with SQLiteStore(path) as store:
        await store.probe()


VERSION_2 = """
ALTER TABLE sessions DROP COLUMN fence;
ALTER TABLE sessions DROP COLUMN arriving;
ALTER TABLE entries DROP COLUMN marks;
PRAGMA user_version = 2;
"""
VERSION_1 = f"""
{VERSION_2}
ALTER TABLE sessions DROP COLUMN checksum;
ALTER TABLE tokens DROP COLUMN checksum;
ALTER TABLE tokens DROP COLUMN rotation;
PRAGMA user_version = 1;
"""


async def make_version_1(path: Path) -> Token:
    """A database as version 1 wrote it, with one session of one entry and a token."""
    async with SQLiteStore(path) as store:
        head = await store.create("s", "user", Lifetime(1e6, 1e7), [Record(b"x")])
        now = head.created_at
        token = Token("hash", "user", "s", now, 1000.0, now + 1000, now + 9000)
        await store.put_token(token)
    connection = sqlite3.connect(path)
    connection.executescript(VERSION_1)
    connection.close()
    return token


async def test_a_database_of_an_older_version_is_brought_up_to_date(path: Path) -> None:
    token = await make_version_1(path)
    with pytest.raises(StoreUnavailable, match="older version"):
        await SQLiteStore(path, read_only=True).__aenter__()
    async with SQLiteStore(path) as store:
        assert await store.find_token("hash") == token
        assert (await store.append("s", [Record(b"y")])).first_seq == 2
        assert [damage async for damage in store.verify()] == []
    async with SQLiteStore(path, read_only=True) as store:
        assert [item.data for item in await store.read("s")] == [b"x", b"y"]
        assert [damage async for damage in store.verify()] == []


async def test_what_version_2_did_not_keep_with_an_entry_is_put_back_where_it_decides(path: Path) -> None:
    """A copy of an upgraded session accepts and refuses what the session does."""
    async with SQLiteStore(path) as store:
        for session_id, topic in (("named", "w"), ("nameless", None)):
            await store.create(session_id, "user", LIFETIME, [Record(b"1", None, ("k", "l"))])
            for name in ("w", "v"):
                await store.append(session_id, [Record(b"open", topic and name, (), Work(name, "open", "lane"))])
            await store.append(session_id, [Record(b"6", None, ("k",)), Record(b"7", None, ("m",))], op_id="op")
            for name in ("v", "w"):
                await store.append(session_id, [Record(b"close", topic and name, (), Work(name, "close"))])
            await store.append(session_id, [Record(b"open", None, (), Work("z", "open", "lane"))])
    make_version_2(path)
    async with SQLiteStore(path) as store, MemoryStore() as copied:
        assert [damage async for damage in store.verify()] == []
        for session_id in ("named", "nameless"):
            await copied.copy_in(await store.copy_out(session_id))
            for kept in (store, copied):
                assert (await kept.append(session_id, [Record(b"x")], op_id="op")).repeated
                assert [item.work_id for item in (await kept.list_open_work())[0]].count("z") >= 1
                for records, expected_seq in (
                    ([Record(b"x", None, ("k",))], 3),
                    ([Record(b"x", None, (), Work("w", "open"))], None),
                    ([Record(b"x", None, (), Work("w", "close"))], None),
                    ([Record(b"x", None, (), Work("v", "within"))], None),
                ):
                    with pytest.raises(Conflict):
                        await kept.append(session_id, records, expected_seq=expected_seq)
                await kept.append(session_id, [Record(b"x", None, ("l",))], expected_seq=1)
                await kept.append(session_id, [Record(b"x", None, (), Work("z", "close"))])
                assert {item.session_id for item in (await kept.list_open_work())[0]} <= {"nameless"}


def make_version_2(path: Path) -> None:
    connection = sqlite3.connect(path)
    names = dict(connection.execute("SELECT number, session_id FROM sessions").fetchall())
    for key, topic, op_id, span, _, _, data in connection.execute(f"SELECT {ENTRY} FROM entries").fetchall():
        digest = checksum(names[key >> 32], key & 0xFFFF_FFFF, topic, op_id, span, None, data)
        connection.execute("UPDATE entries SET checksum = ? WHERE id = ?", (digest, key))
    connection.commit()
    connection.executescript(VERSION_2)
    connection.close()


@pytest.mark.parametrize("column", ["marks = NULL", "marks = replace(marks, 'k', 'j')", "marks = '[[],null]'"])
async def test_changed_keys_of_an_entry_are_damage(path: Path, column: str) -> None:
    async with SQLiteStore(path) as store:
        await store.create("s", "user", LIFETIME, [Record(b"x", None, ("k",))])
    connection = sqlite3.connect(path)
    connection.execute(f"UPDATE entries SET {column}")
    connection.commit()
    connection.close()
    async with SQLiteStore(path) as store:
        assert [(damage.session_id, damage.seq) async for damage in store.verify()] == [("s", 1)]
        with pytest.raises(DataDamaged):
            await store.copy_out("s")


async def test_an_upgrade_that_is_interrupted_anywhere_is_made_again(path: Path) -> None:
    """The writer's connection is cut after each statement of the upgrade, as a crash would do it."""
    await make_version_1(path)
    most = 0
    for most in range(1, 100):
        connection = sqlite3.connect(path, isolation_level=None)
        counted = StopAfter(connection, most)
        try:
            make_tables(counted)
        except StopAfter.Stopped:
            connection.close()
            found = sqlite3.connect(path)
            assert found.execute("PRAGMA user_version").fetchone() == (1,)
            assert "checksum" not in str(found.execute("SELECT sql FROM sqlite_master").fetchall()).split("entries")[0]
            found.close()
            continue
        connection.close()
        break
    assert most > 5
    async with SQLiteStore(path) as store:
        assert [damage async for damage in store.verify()] == []


class StopAfter(sqlite3.Connection):
    """A connection that stops for good after so many statements."""

    class Stopped(Exception):
        pass

    def __init__(self, connection: sqlite3.Connection, most: int) -> None:
        self._real = connection
        self._left = most

    def execute(self, *arguments: Any) -> sqlite3.Cursor:
        self._left -= 1
        if self._left < 0:
            raise StopAfter.Stopped
        return self._real.execute(*arguments)


async def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable, match="cannot be used"):
        await SQLiteStore(tmp_path / "file" / "symphainy.db").__aenter__()


async def test_nobody_else_may_read_the_data(path: Path) -> None:
    async with SQLiteStore(path) as store:
        await store.create("s", "user", LIFETIME, [])
        assert path.parent.stat().st_mode & 0o077 == 0
        for file in path.parent.iterdir():
            assert file.stat().st_mode & 0o077 == 0, file


CANARY = b"canary-7f3a"


async def write_canary(store: SQLiteStore) -> str:
    """A session that has left its mark in every table."""
    name = CANARY.decode()
    await store.create(name, name, LIFETIME, [Record(CANARY * 900, name)] * 30)
    await store.append(name, [Record(CANARY, None, (name,), Work(name, "open", name))], op_id=name)
    await store.acquire_lease(name, name, name, 10)
    await store.save_snapshot(name, StoredSnapshot(1, CANARY, CANARY * 900))
    await store.put_token(Token(name, name, name, 0, 1, 1, 1))
    return name


async def test_no_table_keeps_a_row_of_an_erased_session(path: Path) -> None:
    async with SQLiteStore(path) as store:
        session_id = await write_canary(store)
        reader = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        tables = [name for (name,) in reader.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        assert len(tables) >= 8

        def filled() -> set[str]:
            return {name for name in tables if reader.execute(f"SELECT count(*) FROM {name}").fetchone() != (0,)}

        assert filled() == set(tables) - {"meta"}
        await store.delete(session_id)
        assert filled() == set()
        reader.close()


async def test_an_erased_session_is_gone_from_the_files_while_the_server_runs(path: Path) -> None:
    async with SQLiteStore(path) as store:
        for number in range(5):
            await store.create(f"keep {number}", "user", LIFETIME, [Record(b"kept")] * 50)
        session_id = await write_canary(store)
        assert CANARY in content(path)
        await store.delete(session_id)
        deadline = time.monotonic() + 10
        while CANARY in content(path) and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
        assert CANARY not in content(path)
    assert CANARY not in content(path)


def content(path: Path) -> bytes:
    """Every byte in the data folder."""
    return b"".join(file.read_bytes() for file in path.parent.iterdir())


async def test_an_erasure_that_a_reader_holds_up_is_finished_when_the_reader_is_done(path: Path) -> None:
    async with SQLiteStore(path) as store:
        await store.create("s", "user", LIFETIME, [Record(b"canary-51c2" * 900)])
        reader = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM entries").fetchone()
        await store.delete("s")
        await store.create("next", "user", LIFETIME, [])
        assert b"canary-51c2" in content(path)
        reader.close()
        deadline = time.monotonic() + 10
        while b"canary-51c2" in content(path) and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
        assert b"canary-51c2" not in content(path)


async def test_the_loop_is_free_while_the_disk_is_busy(path: Path) -> None:
    async with SQLiteStore(path) as store:
        await store.create("s", "user", LIFETIME, [])
        busy = asyncio.create_task(store.append("s", [Record(b"x" * 2_000)] * 10_000))
        longest, last = 0.0, time.perf_counter()
        while not busy.done():
            await asyncio.sleep(0.002)
            longest, last = max(longest, time.perf_counter() - last), time.perf_counter()
        await busy
        assert longest < 0.5


async def test_an_acknowledgement_waits_for_the_disk(path: Path) -> None:
    async with SQLiteStore(path) as store:
        assert store._writer is not None
        for pragma, wanted in (("journal_mode", "wal"), ("synchronous", 2), ("wal_autocheckpoint", 0)):
            query = f"PRAGMA {pragma}"
            answer = await store._writer.submit("", lambda log, query=query: log.connection.execute(query).fetchone())
            assert answer == (wanted,)


def test_a_url_names_a_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(open_store("memory://"), MemoryStore)
    absolute, relative = open_store(f"sqlite:///{tmp_path}/a.db"), open_store("sqlite:///data/a.db")
    assert isinstance(absolute, SQLiteStore)
    assert isinstance(relative, SQLiteStore)
    assert (absolute._path, relative._path) == (tmp_path / "a.db", Path("data/a.db"))
    for unknown in ("", "sqlite://", "sqlite:///", "sqlite:////", "mysql://localhost", "/data/a.db", "memory://x"):
        with pytest.raises(InvalidInput, match=r"memory://.*sqlite:///"):
            open_store(unknown)
    with pytest.raises(InvalidInput) as refusal:
        open_store("postgres:/user:hunter2@host/database")
    assert "hunter2" not in refusal.value.message


def test_naming_a_store_loads_no_other_driver() -> None:
    script = (
        "import sys; from symphainy.stores import open_store; open_store('memory://');"
        "sys.exit('sqlite3' in sys.modules or 'symphainy.stores.sqlite' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
