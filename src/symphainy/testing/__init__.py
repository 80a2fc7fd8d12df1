"""For tests of Symphainy, of applications on it, and of other people's stores. Needs the extra `testing` (pytest, hypothesis)."""

import pytest

for _module in ("fixtures", "log", "exclusion", "lifetime", "credentials", "durable", "model"):
    pytest.register_assert_rewrite(f"symphainy.testing.store_contract.{_module}")

from symphainy.testing.clock import ManualClock
from symphainy.testing.faulty_store import FaultyStore
from symphainy.testing.store_contract import DurableStoreContract, StoreContract

__all__ = ["DurableStoreContract", "FaultyStore", "ManualClock", "StoreContract"]
