"""For tests of Symphainy, of applications on it, and of other people's stores. Needs the extra `testing` (pytest,
hypothesis)."""

import pytest

pytest.register_assert_rewrite("symphainy.testing.store_contract")

from symphainy.testing.clock import ManualClock  # noqa: E402
from symphainy.testing.faulty_store import FaultyStore  # noqa: E402
from symphainy.testing.store_contract import DurableStoreContract, ReplicableContract, StoreContract  # noqa: E402

__all__ = ["DurableStoreContract", "FaultyStore", "ManualClock", "ReplicableContract", "StoreContract"]
