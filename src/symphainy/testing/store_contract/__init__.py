"""The store contract as tests: the same ones for every backend, ours and anybody else's.

A backend runs them by naming how it is opened, and nothing else:

    class TestMyStore(DurableStoreContract):
        @pytest.fixture
        def open_store(self, tmp_path: Path) -> OpenStore:
            return lambda clock: MyStore(tmp_path / "data", clock=clock)

A store that is `Replicable` as well adds `ReplicableContract` to its bases.

`open_store` gives a store that is not entered yet and that goes by the clock it is given. Called a second time within
one test, it opens the same data again. The tests make their own session and user ids, so they may share a store with
other data.
"""

from __future__ import annotations

from symphainy.testing.store_contract.credentials import CredentialContract
from symphainy.testing.store_contract.durable import DurableContract
from symphainy.testing.store_contract.exclusion import ExclusionContract
from symphainy.testing.store_contract.fixtures import OpenStore
from symphainy.testing.store_contract.lifetime import LifetimeContract
from symphainy.testing.store_contract.log import LogContract
from symphainy.testing.store_contract.model import ModelContract
from symphainy.testing.store_contract.replication import ReplicableContract

__all__ = ["DurableStoreContract", "OpenStore", "ReplicableContract", "StoreContract"]


class StoreContract(LogContract, ExclusionContract, LifetimeContract, CredentialContract, ModelContract):
    """What every store promises."""


class DurableStoreContract(StoreContract, DurableContract):
    """What a store promises that outlives the process."""
