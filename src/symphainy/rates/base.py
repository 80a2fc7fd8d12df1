"""What counts how often somebody does something."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Final, Literal

from symphainy.errors import TooMany

Counted = Literal["failure", "session", "write", "message"]
GUARDED: Final[frozenset[Counted]] = frozenset({"failure", "session"})
"""What stands between a stranger and a credential: where it cannot be counted, it is refused."""


class Rates(ABC):
    @abstractmethod
    async def count(self, what: Counted, whose: str, per_minute: int) -> None:
        """Counts one more. Raises TooMany, saying after how many seconds it will be allowed again, and StoreUnavailable where
        something guarded cannot be counted."""

    async def close(self) -> None:
        """Gives back what it holds open."""


def too_often(per_minute: int, retry_after: float) -> TooMany:
    return TooMany(
        f"That was too often: {per_minute} in a minute are allowed. Wait a little and try again.",
        retry_after=retry_after,
    )
