"""Rates counted in this process: all that an embedded server needs, and what others fall back to."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from symphainy.errors import TooMany
from symphainy.rates.base import Counted, Rates, too_often

MINUTE: Final = 60.0
KEPT: Final = 50_000
"""The most pairs of what and whose that are counted at once."""


class LocalRates(Rates):
    """The generic cell rate algorithm (ITU-T I.371): one number for each pair, whatever the limit.

    `per_minute` may happen at once; after that one more each `60 / per_minute` seconds. Fails closed: when more pairs are
    active than can be counted, new ones are refused.
    """

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic, kept: int = KEPT) -> None:
        self._monotonic = monotonic
        self._kept = kept
        self._full_at: dict[tuple[str, str], float] = {}

    async def count(self, what: Counted, whose: str, per_minute: int) -> None:
        now = self._monotonic()
        key = (what, whose)
        if key not in self._full_at and len(self._full_at) >= self._kept:
            self._forget_idle(now)
        if key not in self._full_at and len(self._full_at) >= self._kept:
            raise TooMany("The server is too busy to count more callers. Wait a little.", retry_after=MINUTE)
        full_at = max(self._full_at.get(key, now), now) + MINUTE / per_minute
        if full_at - now > MINUTE + 1e-6:
            raise too_often(per_minute, full_at - now - MINUTE)
        self._full_at[key] = full_at

    def _forget_idle(self, now: float) -> None:
        self._full_at = {key: full_at for key, full_at in self._full_at.items() if full_at > now}
