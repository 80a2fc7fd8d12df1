"""Pairs of stores against the one contract."""

from __future__ import annotations

from pathlib import Path

import pytest

from symphainy.errors import InvalidInput
from symphainy.stores import open_store as open_url
from symphainy.stores import tiers
from symphainy.stores.memory import MemoryStore
from symphainy.stores.tiered import TieredStore
from symphainy.testing import DurableStoreContract, FaultyStore
from symphainy.testing.store_contract import OpenStore
from tests.servers.valkey import valkey_cluster_url, valkey_url

__all__ = ["valkey_cluster_url", "valkey_url"]


class TestMemoryOverSQLite(DurableStoreContract):
    @pytest.fixture
    def open_store(self, tmp_path: Path) -> OpenStore:
        return lambda clock: open_url(f"memory://+sqlite:///{tmp_path}/data/symphainy.db", clock=clock)


class TestValkeyOverPostgreSQL(DurableStoreContract):
    @pytest.fixture
    def open_store(self, valkey_url: str, postgres_url: str) -> OpenStore:
        return lambda clock: open_url(f"{valkey_url}+{postgres_url}", clock=clock)


class TestValkeyClusterOverPostgreSQL(DurableStoreContract):
    @pytest.fixture
    def open_store(self, valkey_cluster_url: str, postgres_url: str) -> OpenStore:
        return lambda clock: open_url(f"{valkey_cluster_url}+{postgres_url}", clock=clock)


class TestValkeyOverArangoDB(DurableStoreContract):
    @pytest.fixture
    def open_store(self, valkey_url: str, arango_url: str) -> OpenStore:
        return lambda clock: open_url(f"{valkey_url}+{arango_url}", clock=clock)


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("memory://+sqlite:///data/a.db", ("memory://", "sqlite:///data/a.db")),
        ("memory://+sqlite:////var/a+b.db", ("memory://", "sqlite:////var/a+b.db")),
        (
            "redis://:a+b@cache:6379/0+postgresql://u:p+w@db/symphainy?sslmode=require",
            ("redis://:a+b@cache:6379/0", "postgresql://u:p+w@db/symphainy?sslmode=require"),
        ),
        ("redis+cluster://a:1,b:2+arangodb://u:p@c/d", ("redis+cluster://a:1,b:2", "arangodb://u:p@c/d")),
        ("redis+sentinel://a/m+arangodb+https://c/d", ("redis+sentinel://a/m", "arangodb+https://c/d")),
        ("rediss://a+postgres://b/c", ("rediss://a", "postgres://b/c")),
        ("redis+cluster://a:1", ("redis+cluster://a:1",)),
        ("arangodb+https://c/d", ("arangodb+https://c/d",)),
        ("sqlite:///a+b.db", ("sqlite:///a+b.db",)),
    ],
)
def test_a_pair_is_two_urls(url: str, parts: tuple[str, ...]) -> None:
    assert tiers(url) == parts


def test_what_cannot_be_a_pair_is_refused() -> None:
    for url in ("memory://+memory://+memory://", "memory://+", "+memory://", "memory://+nosuch://x"):
        with pytest.raises(InvalidInput):
            open_url(url)

    class Uncopyable:
        pass

    with pytest.raises(InvalidInput, match="cannot be the durable store"):
        TieredStore(FaultyStore(MemoryStore()), Uncopyable())  # type: ignore[arg-type]
