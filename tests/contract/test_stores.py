"""Every backend against the one contract."""

from __future__ import annotations

from pathlib import Path

import pytest

from symphainy.stores import open_store as open_url
from symphainy.testing import DurableStoreContract, ReplicableContract, StoreContract
from symphainy.testing.store_contract import OpenStore
from tests.servers.valkey import valkey_cluster_url, valkey_url

__all__ = ["valkey_cluster_url", "valkey_url"]


class TestMemory(StoreContract, ReplicableContract):
    @pytest.fixture
    def open_store(self) -> OpenStore:
        return lambda clock: open_url("memory://", clock=clock)


class TestSQLite(DurableStoreContract, ReplicableContract):
    @pytest.fixture
    def open_store(self, tmp_path: Path) -> OpenStore:
        return lambda clock: open_url(f"sqlite:///{tmp_path}/data/symphainy.db", clock=clock)


class TestValkey(DurableStoreContract, ReplicableContract):
    @pytest.fixture
    def open_store(self, valkey_url: str) -> OpenStore:
        return lambda clock: open_url(valkey_url, clock=clock)


class TestValkeyScripts(DurableStoreContract, ReplicableContract):
    """As on a server that has no functions."""

    @pytest.fixture
    def open_store(self, valkey_url: str) -> OpenStore:
        return lambda clock: open_url(f"{valkey_url}?functions=no&prefix=scripts", clock=clock)


class TestValkeyCluster(DurableStoreContract, ReplicableContract):
    @pytest.fixture
    def open_store(self, valkey_cluster_url: str) -> OpenStore:
        return lambda clock: open_url(valkey_cluster_url, clock=clock)


class TestPostgreSQL(DurableStoreContract, ReplicableContract):
    @pytest.fixture
    def open_store(self, postgres_url: str) -> OpenStore:
        return lambda clock: open_url(postgres_url, clock=clock)


class TestArangoDB(DurableStoreContract, ReplicableContract):
    @pytest.fixture
    def open_store(self, arango_url: str) -> OpenStore:
        return lambda clock: open_url(arango_url, clock=clock)
