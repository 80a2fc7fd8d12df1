from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from symphainy.dispatch import Lanes, LeaseLoop
from symphainy.files.base import FileStore
from symphainy.files.folder import FolderFileStore
from symphainy.sessions import SessionManagerService
from symphainy.stores import open_store
from symphainy.stores.base import Store
from symphainy.traffic_cop import TrafficCop


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    url = "memory://" if request.param == "memory" else f"sqlite:///{tmp_path / 'data' / 'symphainy.db'}"
    (tmp_path / "data").mkdir()
    async with open_store(url) as opened:
        yield opened


@pytest.fixture
async def cop(store: Store) -> AsyncIterator[TrafficCop]:
    traffic_cop = TrafficCop(store, snapshot_every=20)
    yield traffic_cop
    await traffic_cop.close()


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    return FolderFileStore(tmp_path / "files")


@pytest.fixture
def sessions(cop: TrafficCop, files: FileStore) -> SessionManagerService:
    return SessionManagerService(cop, files)


@pytest.fixture
async def loop(cop: TrafficCop) -> AsyncIterator[LeaseLoop]:
    lease_loop = LeaseLoop(Lanes(cop))
    yield lease_loop
    await lease_loop.close()


async def eventually(condition: Callable[[], Awaitable[bool]], seconds: float = 10.0) -> None:
    """Waits until the condition holds; TimeoutError if it does not within the time."""
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.01)
