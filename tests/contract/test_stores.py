"""Every backend against the one contract."""

from __future__ import annotations

from pathlib import Path

import pytest

from symphainy.stores import open_store as open_url
from symphainy.testing import DurableStoreContract, ReplicableContract, StoreContract
from symphainy.testing.store_contract import OpenStore


class TestMemory(StoreContract, ReplicableContract):
    @pytest.fixture
    def open_store(self) -> OpenStore:
        return lambda clock: open_url("memory://", clock=clock)


class TestSQLite(DurableStoreContract, ReplicableContract):
    @pytest.fixture
    def open_store(self, tmp_path: Path) -> OpenStore:
        return lambda clock: open_url(f"sqlite:///{tmp_path}/data/symphainy.db", clock=clock)
