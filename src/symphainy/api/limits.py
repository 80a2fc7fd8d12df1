"""How often somebody may do something: counted in this process, by user and by address."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from symphainy.errors import TooMany

MINUTE: Final = 60.0
KEPT: Final = 50_000
"""The most pairs of what and whose that are counted at once."""


class Limits:
    """The generic cell rate algorithm (ITU-T I.371): one number for each pair, whatever the limit.

    `per_minute` may happen at once; after that one more each `60 / per_minute` seconds. Fails closed: when more pairs are
    active than can be counted, new ones are refused.
    """

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic, kept: int = KEPT) -> None:
        self._monotonic = monotonic
        self._kept = kept
        self._full_at: dict[tuple[str, str], float] = {}

    def count(self, what: str, whose: str, per_minute: int) -> None:
        """Counts one more. Raises TooMany, saying after how many seconds it will be allowed again."""
        now = self._monotonic()
        key = (what, whose)
        if key not in self._full_at and len(self._full_at) >= self._kept:
            self._forget_idle(now)
        if key not in self._full_at and len(self._full_at) >= self._kept:
            raise TooMany("The server is too busy to count more callers. Wait a little.", retry_after=MINUTE)
        full_at = max(self._full_at.get(key, now), now) + MINUTE / per_minute
        if full_at - now > MINUTE + 1e-6:
            raise TooMany(
                f"That was too often: {per_minute} in a minute are allowed. Wait a little and try again.",
                retry_after=full_at - now - MINUTE,
            )
        self._full_at[key] = full_at

    def _forget_idle(self, now: float) -> None:
        self._full_at = {key: full_at for key, full_at in self._full_at.items() if full_at > now}
