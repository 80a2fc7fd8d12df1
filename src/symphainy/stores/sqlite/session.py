"""What the writer thread remembers of one session."""

from __future__ import annotations

from dataclasses import dataclass

from symphainy.stores.base import Head, Lease, Lifetime
from symphainy.stores.checks import expiry
from symphainy.stores.sqlite.rows import Row, head_checksum


@dataclass(slots=True)
class WrittenSession:
    """`fence` is the least that every new fence exceeds. `arriving` is 1 while the session is half copied."""

    number: int
    session_id: str
    user_id: str
    seq: int
    created_at: float
    last_activity: float
    expires_at: float
    lifetime: Lifetime
    open_work: set[str]
    leases: dict[str, Lease]
    fence: int = 0
    arriving: int = 0

    def active(self, now: float) -> None:
        self.last_activity = now
        self.expires_at = expiry(self.lifetime, created_at=self.created_at, last_activity=now)

    def next_fence(self, lane: str) -> int:
        newest = self.leases.get(lane)
        return max(self.fence, 0 if newest is None else newest.fence) + 1

    def head(self) -> Head:
        return Head(self.session_id, self.user_id, self.seq, self.created_at, self.last_activity, self.expires_at)

    def head_row(self) -> Row:
        """What of the head can change, and the checksum over all of it."""
        return self.seq, self.last_activity, self.expires_at, self.fence, self.arriving, self.checksum()

    def checksum(self) -> bytes:
        return head_checksum(self.number, self.head(), self.lifetime, self.fence, self.arriving)
