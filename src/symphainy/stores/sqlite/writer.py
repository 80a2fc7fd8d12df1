"""The writer thread: operations of all callers in, one synced transaction per batch, all results back in one call."""

from __future__ import annotations

import asyncio
import logging
import queue
import sqlite3
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from symphainy.errors import DataDamaged, StorageFull, StoreUnavailable, SymphainyError
from symphainy.ids import Clock
from symphainy.stores.base import Head
from symphainy.stores.sqlite.log import Log, RepeatedOperation
from symphainy.stores.sqlite.schema import BUSY_SECONDS, connect_writer, mapped, sync_failed

T = TypeVar("T")
Changed = Mapping[str, Head | None]

MOST_IN_BATCH: Final = 256
MOST_WAITING: Final = 10_000
ROWS_PER_CHECKPOINT: Final = 4_000
BYTES_PER_CHECKPOINT: Final = 8_000_000
SCRUB_RETRY_SECONDS: Final = 0.2

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Operation:
    session_id: str
    run: Callable[[Log], Any]
    future: asyncio.Future[Any]
    result: Any = None
    error: SymphainyError | None = None


class Writer:
    """The only writer of one database. `submit` and the callback `on_commit` belong to the event loop's thread.

    An operation that raises was not written. When a batch cannot be committed, all of its operations raise, and what
    the thread remembers of the database is thrown away. After a failed sync every operation is refused until the store
    is opened anew, because the operating system may have dropped what it could not sync.
    """

    def __init__(self, path: Path, clock: Clock, on_commit: Callable[[Changed], None]) -> None:
        self._path = path
        self._clock = clock
        self._on_commit = on_commit
        self._queue: queue.SimpleQueue[list[_Operation] | None] = queue.SimpleQueue()
        self._arrived: list[_Operation] = []
        self._waiting = 0
        self._accepts = False
        self._refusal: str | None = None
        self._connection: sqlite3.Connection | None = None
        self._log: Log | None = None
        self._rows_at_checkpoint = 0
        self._scrub_due = False
        self._thread = threading.Thread(target=self._run, name="symphainy-sqlite-writer", daemon=True)

    async def start(self) -> None:
        """Opens the database, making it if need be, and ends the leases of owners that are gone."""
        self._loop = asyncio.get_running_loop()
        self._accepts = True
        self._thread.start()
        try:
            await self.submit("", Log.end_leases)
        except SymphainyError:
            await self.close()
            raise

    async def close(self) -> None:
        """After everything submitted has been committed; merges the log into the database file."""
        if self._accepts:
            self._accepts = False
            self._send()
            self._queue.put(None)
        if self._thread.ident is not None:
            await asyncio.to_thread(self._thread.join)

    def submit(self, session_id: str, run: Callable[[Log], T]) -> asyncio.Future[T]:
        """Raises StoreUnavailable if the store is closed, or if so many operations wait that the disk cannot keep
        up."""
        if not self._accepts:
            raise StoreUnavailable("The store is closed.")
        if self._waiting >= MOST_WAITING:
            raise StoreUnavailable(f"{self._waiting} operations wait for the disk.")
        future: asyncio.Future[T] = self._loop.create_future()
        if not self._arrived:
            # Not at once: the other callers that the last commit woke get into the same batch.
            self._loop.call_soon(self._send)
        self._arrived.append(_Operation(session_id, run, future))
        self._waiting += 1
        return future

    def _send(self) -> None:
        if self._arrived:
            self._queue.put(self._arrived)
            self._arrived = []

    def _resolve(self, batch: list[_Operation], changed: Changed) -> None:
        self._waiting -= len(batch)
        for operation in batch:
            future = operation.future
            if not future.done():
                if operation.error is None:
                    future.set_result(operation.result)
                else:
                    future.set_exception(operation.error)
        self._on_commit(changed)

    def _stopped(self) -> None:
        """Nothing stays waiting for a thread that is gone, whatever ended it."""
        self._accepts = False
        left, self._arrived = self._arrived, []
        while not self._queue.empty():
            left += self._queue.get() or []
        for operation in left:
            operation.error = StoreUnavailable("The store is closed.")
        self._resolve(left, {})

    def _run(self) -> None:
        batch: list[_Operation] | None = []
        try:
            while (batch := self._next_batch()) is not None:
                if batch:
                    changed = self._commit(batch)
                    self._loop.call_soon_threadsafe(self._resolve, batch, changed)
                    batch = []
                self._checkpoint()
        finally:
            self._disconnect()
            if not self._loop.is_closed():
                if batch:
                    self._queue.put(batch)
                self._loop.call_soon_threadsafe(self._stopped)

    def _next_batch(self) -> list[_Operation] | None:
        """None when the store closes; empty when it is time to try again to scrub."""
        try:
            batch = self._queue.get(timeout=SCRUB_RETRY_SECONDS if self._scrub_due else None)
        except queue.Empty:
            return []
        while batch and len(batch) < MOST_IN_BATCH and not self._queue.empty():
            more = self._queue.get()
            if more is None:
                self._queue.put(None)
                break
            batch += more
        return batch

    def _commit(self, batch: list[_Operation], *, careful: bool = False) -> Changed:
        try:
            with mapped(batch[0].session_id if len(batch) == 1 else ""):
                log = self._open()
                log.begin(careful=careful)
                for operation in batch:
                    self._perform(operation, log)
                log.commit()
        except RepeatedOperation:
            self._roll_back()
            return self._commit(batch, careful=True)
        except SymphainyError as error:
            self._give_up(error)
            if isinstance(error, DataDamaged) and len(batch) > 1:
                return self._commit_one_by_one(batch)
            for operation in batch:
                operation.error = error
            return {}
        return log.changed

    def _commit_one_by_one(self, batch: list[_Operation]) -> Changed:
        """One session's damage is no reason to refuse the others in the batch."""
        changed: dict[str, Head | None] = {}
        for operation in batch:
            changed.update(self._commit([operation]))
        return changed

    def _perform(self, operation: _Operation, log: Log) -> None:
        operation.error = None
        try:
            operation.result = operation.run(log)
        except SymphainyError as error:
            operation.error = error

    def _open(self) -> Log:
        if self._refusal is not None:
            raise StoreUnavailable(self._refusal)
        if self._connection is None:
            self._connection = connect_writer(self._path)
            self._rows_at_checkpoint = 0
        if self._log is None:
            self._log = Log(self._connection, self._clock)
        return self._log

    def _give_up(self, error: SymphainyError) -> None:
        """After an error whose effect on the file is not known, the next batch begins with a new connection."""
        if sync_failed(error):
            self._refusal = "A sync to disk has failed: nothing more is written until the server is started again."
        if isinstance(error, StorageFull | DataDamaged):
            self._roll_back()
        else:
            self._disconnect()

    def _roll_back(self) -> None:
        self._log = None
        if self._connection is not None and self._connection.in_transaction:
            try:
                self._connection.execute("ROLLBACK")
            except sqlite3.Error:
                self._disconnect()

    def _disconnect(self) -> None:
        connection, self._connection, self._log = self._connection, None, None
        if connection is not None:
            try:
                connection.close()
            except sqlite3.Error as error:
                logger.warning("the database did not close cleanly: %s", error)

    def _checkpoint(self) -> None:
        """Between batches, when nobody waits for it: merges the log into the database, or, after an erasure, also
        empties it."""
        connection, log = self._connection, self._log
        if connection is None or log is None:
            return
        erased, log.erased = log.erased, False
        rows = connection.total_changes - self._rows_at_checkpoint
        due = rows >= ROWS_PER_CHECKPOINT or log.bytes_written >= BYTES_PER_CHECKPOINT
        if not (due or erased or (self._scrub_due and self._queue.empty())):
            return
        self._rows_at_checkpoint, log.bytes_written = connection.total_changes, 0
        try:
            with mapped():
                if erased or self._scrub_due:
                    connection.execute("PRAGMA busy_timeout = 0")
                    (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                    connection.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
                    self._scrub_due = bool(busy)
                else:
                    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        except SymphainyError as error:
            logger.warning("the log could not be merged into the database: %s", error)
            self._scrub_due = self._scrub_due or erased
            self._give_up(error)
