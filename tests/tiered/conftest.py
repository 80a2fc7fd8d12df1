import pytest

from symphainy.stores.tiered import drainer


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A drain does not wait for more to drain."""
    monkeypatch.setattr(drainer, "GATHER_SECONDS", 0.001)
