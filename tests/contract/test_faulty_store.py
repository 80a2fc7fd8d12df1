"""FaultyStore fails as planned, and a caller that repeats with its `op_id` comes through both kinds of fault."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from symphainy.errors import StoreUnavailable
from symphainy.stores import open_store as open_url
from symphainy.stores.base import Appended, Lifetime, Record
from symphainy.testing import FaultyStore, ReplicableContract, StoreContract
from symphainy.testing.faulty_store import Fault
from symphainy.testing.store_contract import OpenStore


class TestWithoutFaults(StoreContract, ReplicableContract):
    @pytest.fixture
    def open_store(self) -> OpenStore:
        return lambda clock: FaultyStore(open_url("memory://", clock=clock))


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[FaultyStore]:
    url = "memory://" if request.param == "memory" else f"sqlite:///{tmp_path}/data/symphainy.db"
    async with FaultyStore(open_url(url)) as store:
        await store.create("s", "user", Lifetime(1e6, 1e7), [])
        yield store


@pytest.mark.parametrize(("fault", "repeated"), [("refuse", False), ("lose_answer", True)])
async def test_a_repeat_after_a_fault_writes_once(store: FaultyStore, fault: Fault, repeated: bool) -> None:
    store.plan(fault, method="append")
    await store.probe()
    with pytest.raises(StoreUnavailable):
        await store.append("s", [Record(b"a")], op_id="op")
    assert await store.append("s", [Record(b"a")], op_id="op") == Appended(1, 1, repeated)
    assert store.calls == {"create": 1, "probe": 1, "append": 2}


async def test_the_nth_call_fails_and_no_other(store: FaultyStore) -> None:
    store.plan("refuse", nth=3)
    store.plan("refuse", nth=2, method="append")
    outcomes: list[bool] = []
    for _ in range(5):
        try:
            await store.append("s", [Record(b"a")])
            outcomes.append(True)
        except StoreUnavailable:
            outcomes.append(False)
    assert outcomes == [True, False, False, True, True]


async def test_a_store_that_is_away_answers_nothing(store: FaultyStore) -> None:
    store.away = True
    for asked in (store.probe(), store.read("s"), store.append("s", [Record(b"a")], op_id="op")):
        with pytest.raises(StoreUnavailable):
            await asked
    store.away = False
    assert await store.append("s", [Record(b"a")], op_id="op") == Appended(1, 1)
