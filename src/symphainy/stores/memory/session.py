"""One session as the memory store keeps it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from symphainy.stores.base import (
    AppendCopy,
    Appended,
    Head,
    Lease,
    Lifetime,
    Record,
    SessionCopy,
    StoredSnapshot,
)
from symphainy.stores.checks import check_copy, expiry


@dataclass(slots=True)
class SessionWork:
    lane: str
    opened: int
    is_open: bool = True


@dataclass(slots=True)
class MemorySession:
    """`ends` are the last entries of the appends. `arriving` says that it is half copied, and to be found by nobody."""

    number: int
    session_id: str
    user_id: str
    lifetime: Lifetime
    created_at: float
    last_activity: float
    log: list[Record] = field(default_factory=list[Record])
    ends: list[int] = field(default_factory=list[int])
    topics: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    operations: dict[str, Appended] = field(default_factory=dict[str, Appended])
    keys: dict[str, int] = field(default_factory=dict[str, int])
    work: dict[str, SessionWork] = field(default_factory=dict[str, SessionWork])
    leases: dict[str, Lease] = field(default_factory=dict[str, Lease])
    snapshot: StoredSnapshot | None = None
    fence: int = 0
    arriving: bool = False

    @property
    def expires_at(self) -> float:
        return expiry(self.lifetime, created_at=self.created_at, last_activity=self.last_activity)

    def head(self) -> Head:
        return Head(self.session_id, self.user_id, len(self.log), self.created_at, self.last_activity, self.expires_at)

    def write(self, records: Sequence[Record], op_id: str | None) -> Appended:
        first = len(self.log) + 1
        for record in records:
            self.log.append(record)
            seq = len(self.log)
            if record.topic is not None:
                self.topics.setdefault(record.topic, []).append(seq)
            for key in record.keys:
                self.keys[key] = seq
            match record.work:
                case None:
                    pass
                case work if work.phase == "open":
                    self.work[work.work_id] = SessionWork(work.lane, seq)
                case work if work.phase == "close" and work.work_id in self.work:
                    self.work[work.work_id].is_open = False
                case _:
                    pass
        appended = Appended(first, len(self.log))
        if records:
            self.ends.append(appended.last_seq)
        if op_id is not None:
            self.operations[op_id] = appended
        return appended

    def is_open(self, work_id: str) -> bool:
        work = self.work.get(work_id)
        return work is not None and work.is_open

    def changed_after(self, seq: int, records: Sequence[Record]) -> bool:
        keys = {key for record in records for key in record.keys}
        if keys:
            return any(self.keys.get(key, 0) > seq for key in keys)
        return len(self.log) > seq

    def next_fence(self, lane: str) -> int:
        newest = self.leases.get(lane)
        return max(self.fence, 0 if newest is None else newest.fence) + 1

    def copy_out(self, after: int, limit: int) -> SessionCopy:
        fence = max([self.fence, *(lease.fence for lease in self.leases.values())])
        names = {appended.first_seq: op_id for op_id, appended in self.operations.items()}
        appends: list[AppendCopy] = []
        for end in self.ends[bisect_right(self.ends, after) :]:
            start = appends[-1].last_seq if appends else after
            if start - after >= limit:
                break
            appends.append(AppendCopy(start + 1, tuple(self.log[start:end]), names.get(start + 1)))
        return SessionCopy(
            self.session_id,
            self.user_id,
            self.lifetime,
            self.created_at,
            self.last_activity,
            len(self.log),
            fence,
            tuple(appends),
        )

    def copy_in(self, copy: SessionCopy) -> None:
        """Raises before it has written anything of the append that it refuses."""
        self.last_activity = max(self.last_activity, copy.last_activity)
        self.fence = max(self.fence, copy.fence)
        for append in copy.appends:
            there = [record.data for record in self.log[append.first_seq - 1 : append.last_seq]]
            if check_copy(append, len(self.log), there):
                self.write(append.records, append.op_id)
        self.arriving = self.arriving and len(self.log) < copy.seq
