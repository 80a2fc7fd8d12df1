"""How often somebody may do something, by user and by address."""

from __future__ import annotations

from symphainy.errors import InvalidInput
from symphainy.rates.base import Counted, Rates
from symphainy.rates.local import LocalRates

__all__ = ["Counted", "LocalRates", "Rates", "open_rates"]


def open_rates(redis_url: str | None) -> Rates:
    """Counted by all server processes together in that Redis or Valkey; None: by this process alone."""
    if redis_url is None:
        return LocalRates()
    try:
        from symphainy.rates.shared import SharedRates
    except ImportError as missing:
        raise InvalidInput("A Redis needs the extra: pip install 'symphainy[redis]'.") from missing
    return SharedRates(redis_url)
