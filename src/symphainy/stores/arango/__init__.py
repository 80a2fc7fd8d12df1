"""The ArangoDB store: for teams that run ArangoDB already. Single server or cluster, 3.11 to 4.x.

It relies on three things that every deployment promises, and on nothing else: one document is written as a whole or
not at all; `_key` is unique; a change that names the `_rev` it has seen is refused when that is no longer the one. No
statement needs two documents to change together, so there are no transactions to lose on a cluster, where a statement
that changes several documents is not atomic. Why each promise of the contract holds:

- **All of an append or nothing**: it is one document (`log`).
- **`seq` without gap or repeat, no writer lost**: the next place of a log is a unique key; of two writers one gets
  it, and the other looks again. Nobody is refused for having been slower.
- **`op_id`, `expected_seq`, open work**: they are marks inside the append's document, so they exist exactly when it
  does; a check made after place `p` was seen holds for an insert at `p + 1` (`log` says why, for any number of shards).
- **Fences**: a lane's lease is one document, changed by its revision; a change of owners then takes a place in the log,
  so that a checked write which is still on its way finds its place gone (`leases`).
- **Creation, erasure**: one document says that a session is there or not (`sessions`). A session that is made again
  has a new life, and nothing of an earlier one is found by it.
- **A lost answer changes nothing twice**: a statement that is sent again finds its own key, or its own revision, and
  knows it. The driver's own repeats are off.
- **Time** is the server's (`DATE_NOW()`), unless a clock was injected. It expires and informs; it decides no order.
- **Expiry** is worked out on every read. The TTL indexes only sweep what nobody can read any more.

Acknowledged is synced (`fsync`) while the collections have `waitForSync`, as they are made; on a cluster, by every
follower that is in sync. How many must be is the database's `replicationFactor` and `writeConcern`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Self

from symphainy.errors import InvalidInput, NotAllowed
from symphainy.ids import Clock, new_id
from symphainy.stores.arango import schema, statements, verify
from symphainy.stores.arango.connection import PATIENCE_SECONDS, Connection, address_of
from symphainy.stores.arango.copies import Copies
from symphainy.stores.arango.leases import Leases
from symphainy.stores.arango.log import Log
from symphainy.stores.arango.sessions import Sessions
from symphainy.stores.arango.snapshots import Snapshots
from symphainy.stores.arango.tokens import Tokens
from symphainy.stores.arango.turns import Turns
from symphainy.stores.arango.watch import Watch
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
from symphainy.stores.checks import check_append, check_records, check_texts


class ArangoStore(Store, Verifiable, Replicable):
    """A database of its own in an ArangoDB; entering makes the collections, and the database if it may.

    An operation that ArangoDB does not do within about twice `patience` seconds raises StoreUnavailable. With
    `read_only` nothing is written, and every method that would write raises NotAllowed.
    """

    def __init__(
        self,
        url: str,
        *,
        clock: Clock | None = None,
        read_only: bool = False,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._read_only = read_only
        self._connection = Connection(address_of(url), patience=patience)
        self._log = Log(self._connection, clock)
        self._tokens = Tokens(self._connection)
        self._sessions = Sessions(self._connection, self._log, self._tokens)
        self._leases = Leases(self._connection, self._log)
        self._copies = Copies(self._connection, self._log, self._sessions)
        self._snapshots = Snapshots(self._connection, self._log)
        self._watch = Watch(self._connection)
        self._writers = Turns()
        self._durability: Durability = "none"

    async def __aenter__(self) -> Self:
        try:
            await self._connection.open()
            self._durability = await schema.prepare(self._connection, read_only=self._read_only)
        except BaseException:
            await self._connection.close()
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._connection.close()
        await self._watch.close()

    def _writes(self) -> None:
        if self._read_only:
            raise NotAllowed("The store was opened for reading only.")

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
        self._writes()
        head = await self._sessions.create(session_id, user_id, lifetime, records, max_sessions)
        self._watch.wake(session_id)
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
        check_append(session_id, records, op_id)
        self._writes()
        async with self._writers.of(session_id, self._connection.patience):
            done = await self._log.append(session_id, records, op_id, expected_seq, fence)
        self._watch.wake(session_id)
        return done

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
        return await self._log.read(session_id, after=after, before=before, limit=limit, topic=topic, newest=newest)

    async def load(self, session_id: str) -> tuple[Head, StoredSnapshot | None]:
        check_texts(session_id)
        session = await self._log.living(session_id)
        return session.head(), await self._snapshots.find(session.life)

    async def save_snapshot(self, session_id: str, snapshot: StoredSnapshot) -> None:
        check_texts(session_id)
        self._writes()
        await self._snapshots.save(session_id, snapshot)

    async def acquire_lease(self, session_id: str, lane: str, owner: str, seconds: float) -> Lease:
        check_texts(session_id, lane, owner)
        self._writes()
        return await self._leases.acquire(session_id, lane, owner, seconds)

    async def release_lease(self, lease: Lease) -> None:
        self._writes()
        await self._leases.release(lease)

    async def list_sessions(
        self, *, user_id: str | None = None, expired: bool = False, cursor: str | None = None, limit: int = 50
    ) -> tuple[list[Head], str | None]:
        check_texts(user_id, cursor)
        size = max(1, limit)
        if user_id is not None:
            return await self._sessions.list_of(user_id, cursor, size, expired=expired)
        if not expired:
            return await self._sessions.list_live(cursor, size)
        return await self._sessions.list_expired(cursor, size, tidy=not self._read_only)

    async def list_open_work(self, *, cursor: str | None = None, limit: int = 500) -> tuple[list[OpenWork], str | None]:
        check_texts(cursor)
        return await self._sessions.open_work(cursor, max(1, limit), tidy=not self._read_only)

    async def touch(self, session_id: str) -> Head:
        check_texts(session_id)
        self._writes()
        return await self._sessions.touch(session_id)

    async def delete(self, session_id: str) -> None:
        check_texts(session_id)
        self._writes()
        await self._sessions.delete(session_id)
        self._watch.wake(session_id)

    async def wait(self, session_id: str, after: int) -> None:
        check_texts(session_id)
        future = self._watch.register(session_id)
        try:
            session = await self._log.look(session_id)
            if session is not None and session.lives and session.newest.head <= after:
                await self._watch.until(future, session_id, after)
        finally:
            self._watch.forget(session_id, future)

    async def probe(self) -> Durability:
        self._writes()
        await self._connection.run(statements.PROBE, nonce=new_id("probe"))
        return self._durability

    async def put_token(self, token: Token) -> None:
        check_texts(token.token_hash, token.user_id, token.session_id)
        self._writes()
        await self._tokens.put(token)

    async def find_token(self, token_hash: str) -> Token | None:
        check_texts(token_hash)
        return await self._tokens.find(token_hash, self._log.now(), uses=not self._read_only)

    async def delete_tokens(
        self, *, token_hash: str | None = None, session_id: str | None = None, user_id: str | None = None
    ) -> list[str]:
        if token_hash is None and session_id is None and user_id is None:
            raise InvalidInput("Say which tokens to delete.")
        check_texts(token_hash, session_id, user_id)
        self._writes()
        return await self._tokens.delete(token_hash, session_id, user_id)

    async def copy_out(self, session_id: str, *, after: int = 0, limit: int = READ_LIMIT) -> SessionCopy:
        check_texts(session_id)
        return await self._copies.copy_out(session_id, after, limit)

    async def copy_in(self, copy: SessionCopy) -> int:
        check_texts(copy.session_id, copy.user_id)
        for append in copy.appends:
            check_append(copy.session_id, append.records, append.op_id)
        self._writes()
        try:
            async with self._writers.of(copy.session_id, self._connection.patience):
                return await self._copies.copy_in(copy)
        finally:
            self._watch.wake(copy.session_id)

    async def drop(self, head: Head) -> None:
        check_texts(head.session_id)
        self._writes()
        await self._copies.drop(head)
        self._watch.wake(head.session_id)

    def verify(self) -> AsyncIterator[Damage]:
        return verify.verify(self._connection, self._log)
