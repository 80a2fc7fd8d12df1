"""The store on PostgreSQL: any number of server processes, on one database.

What must be checked and written together is one function of the database (`formats/`), and so one statement: locks are
never held across the network. Appends of one process are committed together (`appends`); subscribers are woken across
processes (`watcher`); the tables are made and brought up to date by the first server that starts (`migrations`).
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Sequence
from typing import Self

from symphainy.errors import InvalidInput, NotAllowed
from symphainy.ids import Clock, new_id
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
from symphainy.stores.postgres import calls, copies, readers, tokens, verify
from symphainy.stores.postgres.appends import Appender
from symphainy.stores.postgres.database import Address, Connection, Database, Query, T
from symphainy.stores.postgres.migrations import check_is_current, migrate
from symphainy.stores.postgres.readers import Page, Sessions
from symphainy.stores.postgres.rows import check_records_storable, check_storable
from symphainy.stores.postgres.watcher import Watcher


class PostgresStore(Store, Verifiable, Replicable):
    """Acknowledged means what the server's `synchronous_commit` and `fsync` say: `probe` reads them.

    Every call ends within the URL's `timeout`; until then one that failed because of the connection is made again, and
    is not done twice. Times are the database server's, or, for tests, those of `clock`. With `read_only` every method
    that would write, or wait, raises NotAllowed. Entering raises StoreUnavailable if the server does not answer, or if
    the database was written by a newer version.
    """

    def __init__(self, url: str, *, clock: Clock | None = None, read_only: bool = False) -> None:
        address = Address.parse(url)
        self._clock = clock
        self._read_only = read_only
        self._database = Database(address)
        self._watcher = Watcher(address, self._now)
        self._appender = Appender(self._database, self._now, self._watcher.changed)
        self._requests = itertools.count()
        self._name = new_id("request")

    def _now(self) -> float | None:
        """None: the server's own."""
        return None if self._clock is None else self._clock.now()

    async def __aenter__(self) -> Self:
        await self._database.open()
        try:
            if self._read_only:
                await check_is_current(self._database)
                return self
            await migrate(self._database)
        except BaseException:
            await self._database.close()
            raise
        self._watcher.open()
        self._appender.open()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._appender.close()
        await self._watcher.close()
        await self._database.close()

    def _check_writable(self) -> None:
        if self._read_only:
            raise NotAllowed("The store was opened for reading only.")

    async def _write(self, query: Query[T], session_id: str = "", *, seconds: float | None = None) -> T:
        self._check_writable()
        return await self._database.run(query, session_id=session_id, seconds=seconds)

    async def create(
        self,
        session_id: str,
        user_id: str,
        lifetime: Lifetime,
        records: Sequence[Record],
        *,
        max_sessions: int | None = None,
    ) -> Head:
        check_storable(session_id, user_id)
        check_records_storable(records)
        request = f"{self._name}.{next(self._requests):x}"

        async def call(connection: Connection) -> Head:
            return await calls.create(
                connection, self._now(), request, session_id, user_id, lifetime, records, max_sessions
            )

        head = await self._write(call, session_id)
        self._watcher.changed(session_id)
        return head

    async def append(
        self,
        session_id: str,
        records: Sequence[Record],
        *,
        op_id: str | None = None,
        expected_seq: int | None = None,
        fence: Lease | None = None,
    ) -> Appended:
        if not records:
            raise InvalidInput("An append needs at least one record.")
        check_storable(session_id, op_id)
        check_records_storable(records)
        self._check_writable()
        return await self._appender.submit(session_id, records, op_id, expected_seq, fence)

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
        check_storable(session_id, topic)
        wanted = Page(session_id, after, before, limit, topic, newest)
        return await self._database.run(lambda connection: wanted.read(connection, self._now()), session_id=session_id)

    async def load(self, session_id: str) -> tuple[Head, StoredSnapshot | None]:
        check_storable(session_id)
        return await self._database.run(
            lambda connection: readers.load(connection, session_id, self._now()), session_id=session_id
        )

    async def save_snapshot(self, session_id: str, snapshot: StoredSnapshot) -> None:
        check_storable(session_id)
        await self._write(lambda connection: calls.save_snapshot(connection, session_id, snapshot), session_id)

    async def acquire_lease(self, session_id: str, lane: str, owner: str, seconds: float) -> Lease:
        check_storable(session_id, lane, owner)
        return await self._write(
            lambda connection: calls.acquire_lease(connection, self._now(), session_id, lane, owner, seconds),
            session_id,
        )

    async def release_lease(self, lease: Lease) -> None:
        check_storable(lease.session_id, lease.lane, lease.owner)
        await self._write(lambda connection: calls.release_lease(connection, self._now(), lease), lease.session_id)

    async def list_sessions(
        self, *, user_id: str | None = None, expired: bool = False, cursor: str | None = None, limit: int = 50
    ) -> tuple[list[Head], str | None]:
        check_storable(user_id)
        wanted = Sessions(user_id, expired, cursor, limit)
        return await self._database.run(lambda connection: wanted.read(connection, self._now()))

    async def list_open_work(self, *, cursor: str | None = None, limit: int = 500) -> tuple[list[OpenWork], str | None]:
        return await self._database.run(
            lambda connection: readers.list_open_work(connection, cursor, limit, self._now())
        )

    async def touch(self, session_id: str) -> Head:
        check_storable(session_id)
        return await self._write(lambda connection: calls.touch(connection, self._now(), session_id), session_id)

    async def delete(self, session_id: str) -> None:
        check_storable(session_id)
        await self._write(calls.Deletion(session_id), session_id, seconds=calls.DELETE_SECONDS)
        self._watcher.changed(session_id)

    async def wait(self, session_id: str, after: int) -> None:
        check_storable(session_id)
        self._check_writable()
        future = self._watcher.register(session_id, after)
        try:
            await future
        finally:
            self._watcher.forget(session_id, future)

    async def probe(self) -> Durability:
        return await self._write(calls.probe)

    async def put_token(self, token: Token) -> None:
        check_storable(token.token_hash, token.user_id, token.session_id, token.rotation)
        await self._write(lambda connection: tokens.put(connection, token))

    async def find_token(self, token_hash: str) -> Token | None:
        check_storable(token_hash)
        use = not self._read_only
        return await self._database.run(lambda connection: tokens.find(connection, token_hash, self._now(), use=use))

    async def delete_tokens(
        self, *, token_hash: str | None = None, session_id: str | None = None, user_id: str | None = None
    ) -> list[str]:
        if token_hash is None and session_id is None and user_id is None:
            raise InvalidInput("Say which tokens to delete.")
        check_storable(token_hash, session_id, user_id)
        return await self._write(tokens.Deletion(token_hash, session_id, user_id))

    async def copy_out(self, session_id: str, *, after: int = 0, limit: int = READ_LIMIT) -> SessionCopy:
        check_storable(session_id)
        return await self._database.run(
            lambda connection: copies.copy_out(connection, session_id, after, limit), session_id=session_id
        )

    async def copy_in(self, copy: SessionCopy) -> int:
        check_storable(copy.session_id, copy.user_id)
        for append in copy.appends:
            check_storable(append.op_id)
            check_records_storable(append.records)
        length = await self._write(lambda connection: copies.copy_in(connection, copy), copy.session_id)
        self._watcher.changed(copy.session_id)
        return length

    async def drop(self, head: Head) -> None:
        check_storable(head.session_id)
        await self._write(copies.Drop(head, self._now()), head.session_id, seconds=calls.DELETE_SECONDS)
        self._watcher.changed(head.session_id)

    def verify(self) -> AsyncIterator[Damage]:
        return verify.verify(self._database)
