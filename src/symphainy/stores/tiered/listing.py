"""Lists over both stores: what the hot store has is as it says, and the durable one adds what is only there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from symphainy.errors import InvalidInput, SessionNotFound
from symphainy.stores.base import READ_LIMIT, Head, OpenWork
from symphainy.stores.tiered.names import RESERVED_USERS, ReplicableStore

T = TypeVar("T")

HOT: Final = "hot:"
DURABLE: Final = "durable:"


class Listing:
    def __init__(self, hot: ReplicableStore, durable: ReplicableStore) -> None:
        self._hot = hot
        self._durable = durable

    async def of_user(self, user_id: str, cursor: str | None, limit: int) -> tuple[list[Head], str | None]:
        """Newest activity first. All of the user's are read for every page: there is no common order to go on in."""
        start = _place_of(cursor)
        found = [item for item in await self._every(user_id) if start is None or _place(item) > start]
        found.sort(key=_place)
        size = max(1, limit)
        return found[:size], _cursor_of(found[size - 1]) if len(found) > size else None

    async def durable_only(self, user_id: str) -> list[Head]:
        """The user's live sessions that are not in the hot store."""
        # read first: a session that moves into the hot store meanwhile is then in one of the lists at least
        durable = await _all_of(self._durable, user_id)
        hot = {head.session_id for head in await _all_of(self._hot, user_id)}
        return [head for head in durable if head.session_id not in hot]

    async def _every(self, user_id: str) -> list[Head]:
        durable = await _all_of(self._durable, user_id)
        found = {head.session_id: head for head in durable}
        found |= {head.session_id: head for head in await _all_of(self._hot, user_id)}
        return list(found.values())

    async def of_all(
        self, user_id: str | None, cursor: str | None, limit: int, *, expired: bool
    ) -> tuple[list[Head], str | None]:
        """Everybody's, or all that have expired: first those in the hot store, then those that are not."""

        def hot(cursor: str | None, size: int) -> Awaitable[tuple[list[Head], str | None]]:
            return self._hot.list_sessions(user_id=user_id, expired=expired, cursor=cursor, limit=size)

        def durable(cursor: str | None, size: int) -> Awaitable[tuple[list[Head], str | None]]:
            return self._durable.list_sessions(user_id=user_id, expired=expired, cursor=cursor, limit=size)

        async def only_durable(head: Head) -> bool:
            return head.user_id not in RESERVED_USERS and not await self._is_in_hot(head.session_id)

        async def anybodys(head: Head) -> bool:
            return head.user_id not in RESERVED_USERS

        return await _one_after_the_other(hot, anybodys, durable, only_durable, cursor, limit)

    async def open_work(self, cursor: str | None, limit: int) -> tuple[list[OpenWork], str | None]:
        async def only_durable(work: OpenWork) -> bool:
            return not await self._is_in_hot(work.session_id)

        async def all_of_it(work: OpenWork) -> bool:
            return True

        def hot(cursor: str | None, size: int) -> Awaitable[tuple[list[OpenWork], str | None]]:
            return self._hot.list_open_work(cursor=cursor, limit=size)

        def durable(cursor: str | None, size: int) -> Awaitable[tuple[list[OpenWork], str | None]]:
            return self._durable.list_open_work(cursor=cursor, limit=size)

        return await _one_after_the_other(hot, all_of_it, durable, only_durable, cursor, limit)

    async def _is_in_hot(self, session_id: str) -> bool:
        """Half copied or expired ones too."""
        try:
            await self._hot.copy_out(session_id, limit=0)
        except SessionNotFound:
            return False
        return True


async def _all_of(store: ReplicableStore, user_id: str) -> list[Head]:
    found: list[Head] = []
    cursor: str | None = None
    while True:
        page, cursor = await store.list_sessions(user_id=user_id, cursor=cursor, limit=READ_LIMIT)
        found += page
        if cursor is None:
            return found


async def _one_after_the_other(
    hot: Callable[[str | None, int], Awaitable[tuple[list[T], str | None]]],
    in_hot: Callable[[T], Awaitable[bool]],
    durable: Callable[[str | None, int], Awaitable[tuple[list[T], str | None]]],
    in_durable: Callable[[T], Awaitable[bool]],
    cursor: str | None,
    limit: int,
) -> tuple[list[T], str | None]:
    """A page of one list and then of the other, of what each shall show; empty only at the end."""
    cursor = cursor or HOT
    if not cursor.startswith((HOT, DURABLE)):
        raise InvalidInput(f"{cursor!r} is not a cursor of this list.")
    found: list[T] = []
    while len(found) < max(1, limit):
        phase, _, place = cursor.partition(":")
        fetch, shown = (hot, in_hot) if f"{phase}:" == HOT else (durable, in_durable)
        page, more = await fetch(place or None, max(1, limit) - len(found))
        found += [item for item in page if await shown(item)]
        if more is not None:
            cursor = f"{phase}:{more}"
        elif f"{phase}:" == HOT:
            cursor = DURABLE
        else:
            return found, None
    return found, cursor


def _place(head: Head) -> tuple[float, str]:
    return -head.last_activity, head.session_id


def _cursor_of(head: Head) -> str:
    return f"{head.last_activity!r}:{head.session_id}"


def _place_of(cursor: str | None) -> tuple[float, str] | None:
    if cursor is None:
        return None
    activity, colon, session_id = cursor.partition(":")
    try:
        place = -float(activity), session_id
    except ValueError:
        place = None
    if place is None or not colon:
        raise InvalidInput(f"{cursor!r} is not a cursor of this list.")
    return place
