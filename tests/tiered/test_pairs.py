"""Pairs of stores against the one contract."""

from __future__ import annotations

from pathlib import Path

import pytest

from symphainy.stores import open_store as open_url
from symphainy.testing import DurableStoreContract
from symphainy.testing.store_contract import OpenStore


class TestMemoryOverSQLite(DurableStoreContract):
    @pytest.fixture
    def open_store(self, tmp_path: Path) -> OpenStore:
        return lambda clock: open_url(f"memory://+sqlite:///{tmp_path}/data/symphainy.db", clock=clock)
