"""What the contract's tests have in common."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Final

import pytest
import pytest_asyncio

from symphainy.ids import Clock, new_id
from symphainy.stores.base import Head, Lifetime, OpenWork, Record, Store, Stored, Work, WorkPhase
from symphainy.testing.clock import ManualClock

OpenStore = Callable[[Clock], Store]

LIMIT_SECONDS: Final = 30
"""The most that one test may take: a subscriber that is never woken is a failure, not a hang."""

LONG: Final = Lifetime(idle=10_000, absolute=100_000)


@pytest.mark.timeout(LIMIT_SECONDS)
class ContractFixtures:
    @pytest.fixture
    def open_store(self) -> OpenStore:
        raise NotImplementedError("A test class of a store contract says how its store is opened: see the docstring.")

    @pytest.fixture
    def clock(self) -> ManualClock:
        return ManualClock()

    @pytest_asyncio.fixture
    async def store(self, open_store: OpenStore, clock: ManualClock) -> AsyncGenerator[Store, None]:
        async with open_store(clock) as store:
            yield store

    @pytest.fixture
    def user_id(self) -> str:
        return new_id("user")

    @pytest_asyncio.fixture
    async def session_id(self, store: Store, user_id: str) -> str:
        """A session whose log is still empty."""
        return (await store.create(new_id("session"), user_id, LONG, [])).session_id


def line(data: str = "x", *, topic: str | None = None, keys: tuple[str, ...] = (), work: Work | None = None) -> Record:
    return Record(data.encode(), topic, keys, work)


def work(phase: WorkPhase, work_id: str, lane: str = "") -> Record:
    return Record(f"{phase} {work_id}".encode(), work=Work(work_id, phase, lane))


def texts(found: Sequence[Stored]) -> list[str]:
    return [item.data.decode() for item in found]


async def whole_log(store: Store, session_id: str) -> list[Stored]:
    """All pages, which must join without gap or overlap."""
    found: list[Stored] = []
    while batch := await store.read(session_id, after=found[-1].seq if found else 0):
        found += batch
    assert [item.seq for item in found] == list(range(1, len(found) + 1))
    return found


async def head_of(store: Store, session_id: str) -> Head:
    return (await store.load(session_id))[0]


async def open_work_of(store: Store, *session_ids: str, limit: int = 500) -> list[OpenWork]:
    found: list[OpenWork] = []
    cursor: str | None = None
    while True:
        page, cursor = await store.list_open_work(cursor=cursor, limit=limit)
        assert len(page) <= limit
        found += [item for item in page if item.session_id in session_ids]
        if cursor is None:
            return found


async def sessions_of(
    store: Store, *, user_id: str | None = None, expired: bool = False, limit: int = 50
) -> list[Head]:
    found: list[Head] = []
    cursor: str | None = None
    while True:
        page, cursor = await store.list_sessions(user_id=user_id, expired=expired, cursor=cursor, limit=limit)
        assert len(page) <= limit
        found += page
        if cursor is None:
            return found


async def until_waiting() -> None:
    """Long enough for a `wait` that asks its store something first."""
    await asyncio.sleep(0.05)
