"""A clock that stands still until a test moves it."""

from __future__ import annotations


class ManualClock:
    """Begins at a fixed instant, so that what a test prints is the same every time."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self._now = now

    def now(self) -> float:
        return self._now

    def advance(self, seconds: float) -> None:
        self._now += seconds
