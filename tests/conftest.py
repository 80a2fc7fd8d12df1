"""Guards that every test runs under: nobody's environment, and nothing left running."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from symphainy.ids import new_id
from tests.servers.arango import ArangoServer, drop_database
from tests.servers.postgres import PostgresServer, emptied, fresh_database

# Helpers that the standard library starts once and keeps for the whole process.
_KEPT_BY_MULTIPROCESSING = ("multiprocessing.resource_tracker", "multiprocessing.forkserver")
_GRACE_SECONDS = 2.0


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the developer's shell reaches a test."""
    for name in [name for name in os.environ if name.startswith("SYMPHAINY_")]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _no_child_process_left() -> Iterator[None]:
    before = _child_processes()
    commands = {_command(pid) for pid in before}
    yield
    deadline = time.monotonic() + _GRACE_SECONDS
    # a server that was there before, on its own port, may have been killed and started again
    while left := {pid for pid in _child_processes() - before if _command(pid) not in commands}:
        if time.monotonic() > deadline:
            pytest.fail(f"The test left child processes running: {sorted(_command(pid) for pid in left)}")
        time.sleep(0.01)


@pytest.fixture(autouse=True)
async def _no_task_left() -> AsyncIterator[None]:
    yield
    left = asyncio.all_tasks() - {asyncio.current_task()}
    if left:
        _, left = await asyncio.wait(left, timeout=_GRACE_SECONDS)
    if left:
        pytest.fail(f"The test left asyncio tasks running: {sorted(str(task.get_coro()) for task in left)}")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a server that all tests of this process share; `POSTGRES_URL` names another one."""
    given = os.environ.get("POSTGRES_URL")
    if given:
        yield given
        return
    server = PostgresServer()
    try:
        server.start()
        yield server.url()
    finally:
        server.remove()


@pytest.fixture(scope="module")
def postgres_database(postgres_server: str) -> str:
    """A database that the tests of one module share."""
    return fresh_database(postgres_server)


@pytest.fixture(scope="class")
def postgres_url(postgres_database: str) -> str:
    """A database that is empty for the tests of one class, or for one test outside of classes."""
    return emptied(postgres_database)


ARANGO_URL = os.environ.get("ARANGO_URL")


@pytest.fixture(scope="session", params=["server"] if ARANGO_URL else ["one server", "apart"])
def arango_server(request: pytest.FixtureRequest) -> Iterator[ArangoServer | None]:
    """A stand-in that all tests of this process share: as one server, and as a cluster whose parts do not agree.
    None where `ARANGO_URL` names a server."""
    if ARANGO_URL:
        yield None
        return
    server = ArangoServer(apart=request.param == "apart")
    try:
        server.start()
        yield server
        assert server.refused == []
    finally:
        server.remove()


@pytest.fixture(scope="class")
def arango_url(arango_server: ArangoServer | None) -> Iterator[str]:
    """A database that is empty for the tests of one class."""
    name = new_id("test")
    if arango_server is not None:
        yield arango_server.url(name)
        return
    assert ARANGO_URL is not None
    yield f"{ARANGO_URL.rpartition('/')[0]}/{name}"
    asyncio.run(drop_database(ARANGO_URL, name))


def _child_processes() -> set[int]:
    """Direct children of this process; empty where the system has no /proc."""
    children: set[int] = set()
    for path in Path("/proc/self/task").glob("*/children"):
        try:
            children.update(int(pid) for pid in path.read_text().split())
        except FileNotFoundError:  # the thread has ended
            continue
    return {pid for pid in children if not any(name in _command(pid) for name in _KEPT_BY_MULTIPROCESSING)}


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""
