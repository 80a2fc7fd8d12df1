"""Appends of all callers in one process, committed together: one statement, one sync for each batch."""

from __future__ import annotations

import asyncio
import itertools
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from symphainy.errors import (
    DataDamaged,
    InvalidInput,
    LeaseLost,
    StoreUnavailable,
    SymphainyError,
    TooLarge,
    VersionConflict,
    WorkClosed,
    WorkExists,
)
from symphainy.ids import new_id
from symphainy.stores.base import Appended, Lease, Record
from symphainy.stores.checks import SEQ_END, not_found
from symphainy.stores.postgres.database import Connection, Database
from symphainy.stores.postgres.rows import Row, digest, head_damaged, key_list, operation_of

MOST_IN_BATCH: Final = 256
MOST_BYTES: Final = 8_000_000
MOST_WAITING: Final = 10_000
BATCHES_AT_ONCE: Final = 2

APPEND: Final = (
    "SELECT outcome, first_seq, last_seq, detail FROM symphainy.append("
    + ", ".join(f"${number}" for number in range(1, 21))
    + ")"
)


@dataclass(slots=True)
class _Append:
    session_id: str
    operation: str
    records: Sequence[Record]
    expected_seq: int | None
    fence: Lease | None
    future: asyncio.Future[Appended]
    size: int = field(init=False)

    def __post_init__(self) -> None:
        self.size = sum(len(record.data) for record in self.records)

    def is_marked(self) -> bool:
        return any(record.keys or record.work is not None for record in self.records)


class Appender:
    """A session's appends are in one batch at a time, in the order in which they came; the batches of other sessions
    go on beside it. A batch whose answer was lost is sent again, and each of its appends knows whether it has been
    written: by its `op_id`, or by a name that it was given here.

    `on_appended` is called with the id of every session that has grown.
    """

    def __init__(self, database: Database, now: Callable[[], float | None], on_appended: Callable[[str], None]) -> None:
        self._database = database
        self._now = now
        self._on_appended = on_appended
        self._ready: OrderedDict[str, deque[_Append]] = OrderedDict()
        self._later: dict[str, deque[_Append]] = {}
        self._waiting = 0
        self._undecided: deque[tuple[float, asyncio.Future[Appended]]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._batches: set[asyncio.Task[None]] = set()
        self._is_open = False
        self._is_due = False
        self._name = f"~{new_id('')[-16:]}."
        self._count = itertools.count()

    def open(self) -> None:
        self._is_open = True

    async def close(self) -> None:
        """After everything submitted has been decided."""
        self._is_open = False
        while self._ready or self._batches:
            self._start()
            if self._batches:
                await asyncio.wait(self._batches)
        if self._timer is not None:
            self._timer.cancel()

    def submit(
        self,
        session_id: str,
        records: Sequence[Record],
        op_id: str | None,
        expected_seq: int | None,
        fence: Lease | None,
    ) -> asyncio.Future[Appended]:
        """Raises StoreUnavailable if the store is closed, or if so many appends wait that the server cannot keep
        up."""
        if not self._is_open:
            raise StoreUnavailable("The store is closed.")
        if self._waiting >= MOST_WAITING:
            raise StoreUnavailable(f"{self._waiting} appends wait for PostgreSQL.")
        loop = asyncio.get_running_loop()
        operation = f"{self._name}{next(self._count):x}" if op_id is None else operation_of(op_id)
        append = _Append(session_id, operation, records, expected_seq, fence, loop.create_future())
        self._waiting += 1
        queue = self._later.get(session_id)
        if queue is None:
            queue = self._ready.setdefault(session_id, deque())
        queue.append(append)
        self._undecided.append((loop.time() + self._database.address.timeout, append.future))
        if self._timer is None:
            self._timer = loop.call_at(self._undecided[0][0], self._end_overdue)
        if not self._is_due:
            # Not at once: the other callers that the last commit woke get into the same batch.
            self._is_due = True
            loop.call_soon(self._start)
        return append.future

    def _end_overdue(self) -> None:
        """No caller waits longer than the time limit, also if its append has waited for those before it."""
        loop = asyncio.get_running_loop()
        self._timer = None
        while self._undecided:
            deadline, future = self._undecided[0]
            if not future.done() and deadline > loop.time():
                self._timer = loop.call_at(deadline, self._end_overdue)
                return
            self._undecided.popleft()
            fail(future, StoreUnavailable("PostgreSQL did not answer in time."))

    def _start(self) -> None:
        self._is_due = False
        while self._ready and len(self._batches) < BATCHES_AT_ONCE:
            batch = self._next_batch()
            if not batch:
                continue
            task = asyncio.create_task(self._commit(batch))
            self._batches.add(task)
            task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._batches.discard(task)
        self._start()

    def _next_batch(self) -> list[_Append]:
        """As many as fit. What else its sessions have waits until it is done, also a second append with one op_id."""
        batch: list[_Append] = []
        size = 0
        while self._ready and len(batch) < MOST_IN_BATCH and size < MOST_BYTES:
            session_id, queue = self._ready.popitem(last=False)
            operations: set[str] = set()
            while queue and len(batch) < MOST_IN_BATCH and size < MOST_BYTES and queue[0].operation not in operations:
                append = queue.popleft()
                if append.future.done():
                    self._waiting -= 1
                    continue
                operations.add(append.operation)
                batch.append(append)
                size += append.size
            if operations:
                self._later[session_id] = queue
        return sorted(batch, key=lambda append: append.session_id)

    async def _commit(self, batch: list[_Append]) -> None:
        try:
            await self._write(batch)
        finally:
            self._waiting -= len(batch)
            while self._undecided and self._undecided[0][1].done():
                self._undecided.popleft()
            for append in batch:
                fail(append.future, StoreUnavailable("The append was not decided."))
            for session_id in dict.fromkeys(append.session_id for append in batch):
                queue = self._later.pop(session_id)
                if queue:
                    self._ready[session_id] = queue

    async def _write(self, batch: list[_Append]) -> None:
        arguments = arguments_of(batch, self._now())

        async def call(connection: Connection) -> list[Row]:
            return await connection.fetch(APPEND, *arguments)

        try:
            rows = await self._database.run(call, session_id=batch[0].session_id if len(batch) == 1 else "")
        except SymphainyError as error:
            if len(batch) > 1 and isinstance(error, DataDamaged | InvalidInput | TooLarge):
                # One caller's bad luck is no reason to refuse the others in the batch.
                for append in batch:
                    await self._write([append])
                return
            for append in batch:
                fail(append.future, error)
            return
        for append, row in zip(batch, rows, strict=True):
            self._answer(append, row)

    def _answer(self, append: _Append, row: Row) -> None:
        match row["outcome"]:
            case "written" | "repeated" as outcome:
                # A name of the store's own that is there already was written by this very call, whose answer was lost.
                repeated = outcome == "repeated" and append.operation.startswith("=")
                if not append.future.done():
                    append.future.set_result(Appended(row["first_seq"], row["last_seq"], repeated))
                self._on_appended(append.session_id)
            case refusal:
                fail(append.future, refused(refusal, append.session_id, row["detail"], row["last_seq"], append))


def fail(future: asyncio.Future[Any], error: SymphainyError) -> None:
    if not future.done():
        future.set_exception(error)


def refused(
    outcome: str, session_id: str, detail: str | None, seq: int | None, append: _Append | None = None
) -> SymphainyError:
    """The error that an outcome of the database's functions stands for."""
    match outcome:
        case "not_found":
            return not_found(session_id)
        case "damaged":
            return head_damaged(session_id)
        case "lease_lost":
            return LeaseLost(f"The lease on {detail!r} has a newer owner.", details={"lane": detail})
        case "conflict":
            expected = None if append is None else append.expected_seq
            return VersionConflict(f"The session has changed after {expected}.", details={"seq": seq})
        case "work_exists":
            return WorkExists(f"{detail!r} was started before.", details={"work_id": detail})
        case "work_closed":
            return WorkClosed(f"{detail!r} is not open.", details={"work_id": detail})
        case _:
            return StoreUnavailable(f"The database answers {outcome!r}, which this server does not know.")


def arguments_of(batch: Sequence[_Append], now: float | None) -> list[object]:
    """The parallel arrays that `symphainy.append` takes."""
    appends: list[tuple[object, ...]] = []
    records: list[tuple[object, ...]] = []
    for number, append in enumerate(batch, 1):
        first, span, operation = len(records) + 1, len(append.records), append.operation
        fence = append.fence
        own_fence = (None, None, None) if fence is None else (fence.lane, fence.owner, fence.fence)
        expected = None if append.expected_seq is None else max(-1, min(append.expected_seq, SEQ_END))
        appends.append(
            (append.session_id, operation, first, first + span - 1, append.is_marked(), expected, *own_fence)
        )
        name: str | None = operation
        for record in append.records:
            records.append((number, span, name, *columns_of(append.session_id, name, span, record)))
            span, name = 0, None
    return [now, *map(list, zip(*appends, strict=True)), *map(list, zip(*records, strict=True))]


def columns_of(session_id: str, operation: str | None, span: int, record: Record) -> tuple[object, ...]:
    """Topic, keys, work, phase, lane, digest, data."""
    work = record.work
    own_work = (None, None, None) if work is None else (work.work_id, work.phase, work.lane)
    return (record.topic, key_list(record.keys), *own_work, digest(session_id, operation, span, record), record.data)
