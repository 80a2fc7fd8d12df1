"""A store that fails when it is told to: how callers are tested against what a real store does on a bad day."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Self, TypeVar

from symphainy.errors import StoreUnavailable
from symphainy.stores.base import (
    READ_LIMIT,
    Appended,
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
)

T = TypeVar("T")

Fault = Literal["refuse", "lose_answer"]


@dataclass(slots=True)
class _Planned:
    countdown: int
    fault: Fault
    method: str | None


class FaultyStore(Store, Replicable):
    """Passes every call on to `store`, except those planned with `plan`. `calls` counts them by method.

    While `away` is set, every call raises StoreUnavailable, as when the server cannot be reached. What `Replicable`
    adds works if `store` is one.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.away = False
        self._planned: list[_Planned] = []
        self.calls: dict[str, int] = {}

    def plan(self, fault: Fault, *, nth: int = 1, method: str | None = None) -> None:
        """The `nth` call from now (of `method`, if given) raises StoreUnavailable: `refuse` without having done
        anything, `lose_answer` after having done it, as when a connection breaks between the write and its answer."""
        self._planned.append(_Planned(nth, fault, method))

    def _due(self, method: str) -> Fault | None:
        due: Fault | None = None
        for planned in list(self._planned):
            if planned.method in (None, method):
                planned.countdown -= 1
                if planned.countdown == 0:
                    self._planned.remove(planned)
                    due = due or planned.fault
        return due

    async def _call(self, method: str, call: Callable[[], Awaitable[T]]) -> T:
        self.calls[method] = self.calls.get(method, 0) + 1
        fault = self._due(method)
        if self.away:
            raise StoreUnavailable("The store was told to be away.")
        if fault == "refuse":
            raise StoreUnavailable(f"{method} was told to fail.")
        result = await call()
        if fault == "lose_answer" or self.away:
            raise StoreUnavailable(f"The answer of {method} was told to get lost.")
        return result

    async def __aenter__(self) -> Self:
        await self._store.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._store.__aexit__(*exc)

    async def create(
        self,
        session_id: str,
        user_id: str,
        lifetime: Lifetime,
        records: Sequence[Record],
        *,
        max_sessions: int | None = None,
    ) -> Head:
        return await self._call(
            "create", lambda: self._store.create(session_id, user_id, lifetime, records, max_sessions=max_sessions)
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
        return await self._call(
            "append",
            lambda: self._store.append(session_id, records, op_id=op_id, expected_seq=expected_seq, fence=fence),
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
        return await self._call(
            "read",
            lambda: self._store.read(session_id, after=after, before=before, limit=limit, topic=topic, newest=newest),
        )

    async def load(self, session_id: str) -> tuple[Head, StoredSnapshot | None]:
        return await self._call("load", lambda: self._store.load(session_id))

    async def save_snapshot(self, session_id: str, snapshot: StoredSnapshot) -> None:
        await self._call("save_snapshot", lambda: self._store.save_snapshot(session_id, snapshot))

    async def acquire_lease(self, session_id: str, lane: str, owner: str, seconds: float) -> Lease:
        return await self._call("acquire_lease", lambda: self._store.acquire_lease(session_id, lane, owner, seconds))

    async def release_lease(self, lease: Lease) -> None:
        await self._call("release_lease", lambda: self._store.release_lease(lease))

    async def list_sessions(
        self, *, user_id: str | None = None, expired: bool = False, cursor: str | None = None, limit: int = 50
    ) -> tuple[list[Head], str | None]:
        return await self._call(
            "list_sessions",
            lambda: self._store.list_sessions(user_id=user_id, expired=expired, cursor=cursor, limit=limit),
        )

    async def list_open_work(self, *, cursor: str | None = None, limit: int = 500) -> tuple[list[OpenWork], str | None]:
        return await self._call("list_open_work", lambda: self._store.list_open_work(cursor=cursor, limit=limit))

    async def touch(self, session_id: str) -> Head:
        return await self._call("touch", lambda: self._store.touch(session_id))

    async def delete(self, session_id: str) -> None:
        await self._call("delete", lambda: self._store.delete(session_id))

    async def wait(self, session_id: str, after: int) -> None:
        await self._call("wait", lambda: self._store.wait(session_id, after))

    async def probe(self) -> Durability:
        return await self._call("probe", lambda: self._store.probe())

    async def put_token(self, token: Token) -> None:
        await self._call("put_token", lambda: self._store.put_token(token))

    async def find_token(self, token_hash: str) -> Token | None:
        return await self._call("find_token", lambda: self._store.find_token(token_hash))

    async def delete_tokens(
        self, *, token_hash: str | None = None, session_id: str | None = None, user_id: str | None = None
    ) -> list[str]:
        return await self._call(
            "delete_tokens",
            lambda: self._store.delete_tokens(token_hash=token_hash, session_id=session_id, user_id=user_id),
        )

    @property
    def _replicable(self) -> Replicable:
        assert isinstance(self._store, Replicable), f"{type(self._store).__name__} is not Replicable"
        return self._store

    async def copy_out(self, session_id: str, *, after: int = 0, limit: int = READ_LIMIT) -> SessionCopy:
        return await self._call("copy_out", lambda: self._replicable.copy_out(session_id, after=after, limit=limit))

    async def copy_in(self, copy: SessionCopy) -> int:
        return await self._call("copy_in", lambda: self._replicable.copy_in(copy))

    async def drop(self, head: Head) -> None:
        await self._call("drop", lambda: self._replicable.drop(head))
