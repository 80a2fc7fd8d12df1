"""The embedded store: one SQLite file, one server process, nothing else to install.

Writes go to one thread that commits the operations of all callers together (`writer`); reads go to a few read-only
connections (`readers`). The data folder is locked against a second server (`folder`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, Self

from symphainy.errors import DataDamaged, InvalidInput, NotAllowed, StoreUnavailable
from symphainy.ids import Clock, SystemClock
from symphainy.stores.base import (
    READ_LIMIT,
    Appended,
    Damage,
    Durability,
    Head,
    Lease,
    Lifetime,
    OpenWork,
    Record,
    Replicable,
    SessionCopy,
    Store,
    Stored,
    StoredSnapshot,
    Token,
    Verifiable,
)
from symphainy.stores.checks import check_append, check_records, check_texts, token_lives, token_use_due
from symphainy.stores.sqlite import copies, readers, tokens, verify
from symphainy.stores.sqlite.folder import FolderLock
from symphainy.stores.sqlite.readers import Page, Readers
from symphainy.stores.sqlite.schema import check_is_current
from symphainy.stores.sqlite.writer import Changed, Writer
from symphainy.stores.waiters import Waiters

KEPT_HEADS: Final = 10_000


class SQLiteStore(Store, Verifiable, Replicable):
    """Acknowledged means synced to disk (`probe` says `fsync`). The first to open a data folder makes it.

    With `read_only` it works beside the server that holds the folder; every method that would write, or wait, raises
    NotAllowed. Entering raises DataFolderLocked while another process serves the folder, and StoreUnavailable if the
    file cannot be opened or was written by a newer version.
    """

    def __init__(self, path: str | Path, *, clock: Clock | None = None, read_only: bool = False) -> None:
        self._path = Path(path)
        self._clock = clock or SystemClock()
        self._read_only = read_only
        self._lock = FolderLock(self._path.parent)
        self._readers = Readers(self._path)
        self._writer: Writer | None = None
        self._waiters = Waiters()
        self._heads: dict[str, Head] = {}

    async def __aenter__(self) -> Self:
        if self._read_only:
            await self._open_read_only()
            return self
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock.acquire(self._clock.now())
            if not self._path.exists():
                self._path.touch(mode=0o600)
        except OSError as error:
            raise StoreUnavailable(f"The data folder {self._path.parent} cannot be used: {error.strerror}.") from error
        writer = Writer(self._path, self._clock, self._committed)
        try:
            await writer.start()
        except BaseException:
            self._lock.release()
            raise
        self._writer = writer
        self._readers.open()
        return self

    async def _open_read_only(self) -> None:
        if not self._path.is_file():
            raise StoreUnavailable(f"There is no database {self._path}.")
        self._readers.open()
        try:
            await self._readers.run(check_is_current)
        except DataDamaged:
            # Opened all the same: `verify` is there to say what is wrong with it.
            return
        except BaseException:
            await self._readers.close()
            raise

    async def __aexit__(self, *exc: object) -> None:
        await self._readers.close()
        if self._writer is not None:
            await self._writer.close()
            self._writer = None
        self._lock.release()
        self._waiters.wake_all()

    def _committed(self, changed: Changed) -> None:
        if len(self._heads) > KEPT_HEADS:
            self._heads.clear()
        for session_id, head in changed.items():
            if head is None:
                self._heads.pop(session_id, None)
            else:
                self._heads[session_id] = head
            self._waiters.wake(session_id)

    def _write(self) -> Writer:
        if self._read_only:
            raise NotAllowed("The store was opened for reading only.")
        if self._writer is None:
            raise StoreUnavailable("The store is closed.")
        return self._writer

    async def create(
        self,
        session_id: str,
        user_id: str,
        lifetime: Lifetime,
        records: Sequence[Record],
        *,
        max_sessions: int | None = None,
    ) -> Head:
        check_texts(session_id, user_id)
        check_records(records)
        return await self._write().submit(
            session_id, lambda log: log.create(session_id, user_id, lifetime, records, max_sessions)
        )

    async def append(
        self,
        session_id: str,
        records: Sequence[Record],
        *,
        op_id: str | None = None,
        expected_seq: int | None = None,
        fence: Lease | None = None,
    ) -> Appended:
        check_append(session_id, records, op_id)
        return await self._write().submit(
            session_id, lambda log: log.append(session_id, records, op_id, expected_seq, fence)
        )

    async def read(
        self,
        session_id: str,
        *,
        after: int = 0,
        before: int | None = None,
        limit: int = READ_LIMIT,
        topic: str | None = None,
        newest: bool = False,
    ) -> list[Stored]:
        check_texts(session_id, topic)
        wanted = Page(session_id, after, before, limit, topic, newest)
        now = self._clock.now()
        return await self._readers.run(lambda connection: wanted.read(connection, now), session_id)

    async def load(self, session_id: str) -> tuple[Head, StoredSnapshot | None]:
        check_texts(session_id)
        now = self._clock.now()
        return await self._readers.run(lambda connection: readers.load(connection, session_id, now), session_id)

    async def save_snapshot(self, session_id: str, snapshot: StoredSnapshot) -> None:
        check_texts(session_id)
        await self._write().submit(session_id, lambda log: log.save_snapshot(session_id, snapshot))

    async def acquire_lease(self, session_id: str, lane: str, owner: str, seconds: float) -> Lease:
        check_texts(session_id, lane, owner)
        return await self._write().submit(session_id, lambda log: log.acquire_lease(session_id, lane, owner, seconds))

    async def release_lease(self, lease: Lease) -> None:
        await self._write().submit(lease.session_id, lambda log: log.release_lease(lease))

    async def list_sessions(
        self, *, user_id: str | None = None, expired: bool = False, cursor: str | None = None, limit: int = 50
    ) -> tuple[list[Head], str | None]:
        check_texts(user_id)
        now = self._clock.now()
        return await self._readers.run(
            lambda connection: readers.list_sessions(connection, user_id, expired, cursor, limit, now)
        )

    async def list_open_work(self, *, cursor: str | None = None, limit: int = 500) -> tuple[list[OpenWork], str | None]:
        now = self._clock.now()
        return await self._readers.run(lambda connection: readers.list_open_work(connection, cursor, limit, now))

    async def touch(self, session_id: str) -> Head:
        check_texts(session_id)
        return await self._write().submit(session_id, lambda log: log.touch(session_id))

    async def delete(self, session_id: str) -> None:
        check_texts(session_id)
        await self._write().submit(session_id, lambda log: log.delete(session_id))

    async def wait(self, session_id: str, after: int) -> None:
        check_texts(session_id)
        self._write()
        future = self._waiters.register(session_id)
        try:
            head = self._heads.get(session_id) or await self._find_head(session_id)
            if head is not None and self._clock.now() < head.expires_at and head.seq <= after:
                await future
        finally:
            self._waiters.forget(session_id, future)

    async def _find_head(self, session_id: str) -> Head | None:
        return await self._readers.run(lambda connection: readers.find_head(connection, session_id), session_id)

    async def probe(self) -> Durability:
        await self._write().submit("", lambda log: log.probe())
        return "fsync"

    async def put_token(self, token: Token) -> None:
        check_texts(token.token_hash, token.user_id, token.session_id)
        await self._write().submit("", lambda log: tokens.put(log.connection, token))

    async def find_token(self, token_hash: str) -> Token | None:
        check_texts(token_hash)
        token = await self._readers.run(lambda connection: tokens.find(connection, token_hash))
        now = self._clock.now()
        if token is None or not token_lives(token, now):
            return None
        if token_use_due(token, now) and not self._read_only:
            token = replace(token, idle_expires_at=now + token.idle_seconds)
            until = token.idle_expires_at
            await self._write().submit("", lambda log: tokens.use(log.connection, token_hash, until))
        return token

    async def delete_tokens(
        self, *, token_hash: str | None = None, session_id: str | None = None, user_id: str | None = None
    ) -> list[str]:
        if token_hash is None and session_id is None and user_id is None:
            raise InvalidInput("Say which tokens to delete.")
        check_texts(token_hash, session_id, user_id)
        return await self._write().submit(
            "", lambda log: tokens.delete(log.connection, token_hash, session_id, user_id)
        )

    def verify(self) -> AsyncIterator[Damage]:
        return verify.verify(self._readers)

    async def copy_out(self, session_id: str, *, after: int = 0, limit: int = READ_LIMIT) -> SessionCopy:
        check_texts(session_id)
        return await self._readers.run(
            lambda connection: copies.copy_out(connection, session_id, after, limit), session_id
        )

    async def copy_in(self, copy: SessionCopy) -> int:
        check_texts(copy.session_id, copy.user_id)
        return await self._write().submit(copy.session_id, lambda log: copies.copy_in(log, copy))

    async def drop(self, head: Head) -> None:
        now = self._clock.now()
        await self._write().submit(head.session_id, lambda log: copies.drop(log, head, now))
