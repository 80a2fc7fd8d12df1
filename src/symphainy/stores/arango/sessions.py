"""Sessions: created once, capped, kept alive, listed, erased.

A session is there from the moment its one document says `live`, and gone from the moment that says `erasing`: two
changes of one document. Everything before the first and after the second is invisible, and is taken back or finished
by whoever finds it if the process that began it is gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from symphainy.errors import InvalidInput, SessionExists, StoreUnavailable, TooMany
from symphainy.ids import new_id
from symphainy.stores.arango import statements
from symphainy.stores.arango.connection import Attempts, Changed, Connection, Taken
from symphainy.stores.arango.documents import Document, Place, Session, key_of, session_document
from symphainy.stores.arango.log import Log
from symphainy.stores.arango.tokens import Tokens
from symphainy.stores.arango.turns import Turns
from symphainy.stores.base import Head, Lifetime, OpenWork, Record
from symphainy.stores.checks import check_work, not_found

UNFINISHED_SECONDS: Final = 60.0
"""How long a creation or an erasure may take before somebody else takes it back or finishes it."""

END_KEPT: Final = 86400.0
"""Seconds that the end of an erased log stays, far longer than any write can still be on its way."""

BATCH: Final = 1_000


class Sessions:
    def __init__(self, connection: Connection, log: Log, tokens: Tokens) -> None:
        self._connection = connection
        self._log = log
        self._tokens = tokens
        self._creators = Turns()

    async def create(
        self, session_id: str, user_id: str, lifetime: Lifetime, records: Sequence[Record], max_sessions: int | None
    ) -> Head:
        check_work(records, is_open=lambda _: False, was_opened=lambda _: False)
        if max_sessions is None:
            return await self._create(session_id, user_id, lifetime, records, None)
        async with self._creators.of(user_id, self._connection.patience):
            return await self._create(session_id, user_id, lifetime, records, max_sessions)

    async def _create(
        self, session_id: str, user_id: str, lifetime: Lifetime, records: Sequence[Record], max_sessions: int | None
    ) -> Head:
        at_once = not records and max_sessions is None
        session = await self._propose(session_id, user_id, lifetime, at_once=at_once)
        if at_once:
            return session.head()
        head = 0
        if records:
            place = Place(session.key, session.life, 1, 1, session.remove_at)
            document = place.append(records, None, new_id("append"))
            if not await self._log.write(document, session.created_at):
                raise StoreUnavailable("Creating the session took too long.")
            head = len(records)
        if max_sessions is not None:
            await self._claim(session, max_sessions)
        await self._admit(session)
        expires_at = session.created_at + min(lifetime.idle, lifetime.absolute)
        return Head(session_id, user_id, head, session.created_at, session.created_at, expires_at)

    async def _propose(self, session_id: str, user_id: str, lifetime: Lifetime, *, at_once: bool) -> Session:
        life = new_id("l")
        document = session_document(session_id, user_id, lifetime, life, "live" if at_once else "proposed")
        seconds = min(lifetime.idle, lifetime.absolute) if at_once else UNFINISHED_SECONDS
        async for _ in Attempts(self._connection.patience):
            try:
                now = self._log.now()
                rows = await self._connection.run(statements.PROPOSE, document=document, now=now, seconds=seconds)
                return _session(rows[0])
            except Taken:
                other = await self._log.settled(session_id)
            if other is None:
                continue
            if other.life == life:
                return other
            if other.is_whole or other.state == "arriving":
                raise SessionExists(f"There is a session {session_id!r} already.")
            await self.end_unfinished(other)
        raise AssertionError("Attempts never ends by itself")

    async def _admit(self, session: Session) -> None:
        until = session.created_at + min(session.lifetime.idle, session.lifetime.absolute)
        changes = {"state": "live", "expires_at": until}
        now: Session | None = session
        async for _ in Attempts(self._connection.patience):
            if now is None or now.life != session.life or now.state == "erasing":
                raise StoreUnavailable("Creating the session took too long, and was taken back.")
            if now.state != "proposed":
                return
            try:
                await self._connection.swap(statements.CHANGE_SESSION, key=now.key, rev=now.rev, changes=changes)
                return
            except Changed:
                now = await self._log.look(session.session_id)

    async def _claim(self, session: Session, max_sessions: int) -> None:
        """Counts the session among the user's, or takes it back and raises TooMany.

        Creators under a cap come one after the other by the revision of one document. It names those under way: who
        counts sees everybody's session document, because that is older than the claim. A claim whose creator is gone
        goes with its session document.
        """
        user = key_of(session.user_id)
        async for _ in Attempts(self._connection.patience):
            rows = await self._connection.run(statements.CLAIMS, user=user)
            claims: list[str] = rows[0]["claims"] if rows else []
            if session.life in claims:
                return
            counted = await self._connection.run(statements.COUNTED, user_id=session.user_id, now=self._log.now())
            others = [Session.of(row) for row in counted]
            under_way = [other.life for other in others if other.state == "proposed" and other.life in claims]
            if sum(other.lives for other in others) + len(under_way) >= max_sessions:
                await self.take_back(session)
                raise TooMany(
                    f"No more than {max_sessions} sessions at a time.", details={"max_sessions": max_sessions}
                )
            mine = [*under_way, session.life]
            try:
                if rows:
                    await self._connection.swap(statements.CLAIM, user=user, rev=rows[0]["rev"], claims=mine)
                else:
                    await self._connection.run(statements.FIRST_CLAIM, user=user, claims=mine)
                return
            except (Changed, Taken):
                continue

    async def touch(self, session_id: str) -> Head:
        async for _ in Attempts(self._connection.patience):
            session = await self._log.living(session_id)
            touched = max(session.now, session.last_activity)
            expires = min(touched + session.lifetime.idle, session.created_at + session.lifetime.absolute)
            changes = {"touched_at": touched, "expires_at": expires}
            try:
                await self._connection.swap(
                    statements.CHANGE_SESSION, key=session.key, rev=session.rev, changes=changes
                )
            except Changed:
                continue
            head = session.head()
            return Head(head.session_id, head.user_id, head.seq, head.created_at, touched, expires)
        raise AssertionError("Attempts never ends by itself")

    async def delete(self, session_id: str) -> None:
        """An erasure that was begun, but not ended, is ended now."""
        session = await self._log.settled(session_id)
        if session is None or session.state in ("proposed", "dropping"):
            raise not_found(session_id)
        await self.take_back(session)

    async def end_unfinished(self, session: Session) -> None:
        """A session that is being created or erased by somebody else: that ends, or is ended here when it takes too
        long."""
        if session.state == "erasing" or session.overdue_at <= session.now:
            await self.take_back(session)

    async def take_back(self, session: Session) -> None:
        """Erases this life of a session, whatever state it is in. One that was dropped leaves its tokens alone."""
        current: Session | None = session
        keeps_tokens = False
        async for _ in Attempts(self._connection.patience):
            if current is None or current.life != session.life:
                return
            keeps_tokens = current.state == "dropping" or current.keeps_tokens
            if current.state == "erasing":
                break
            until = current.now + UNFINISHED_SECONDS
            changes = {"state": "erasing", "expires_at": until, "keeps_tokens": keeps_tokens}
            try:
                await self._connection.swap(
                    statements.CHANGE_SESSION, key=session.key, rev=current.rev, changes=changes
                )
                break
            except Changed:
                current = await self._log.look(session.session_id)
        await self._erase(session, keeps_tokens=keeps_tokens)

    async def _erase(self, session: Session, *, keeps_tokens: bool) -> None:
        run, life = self._connection.run, session.life
        end = await self._log.end(session, remove_at=session.now + END_KEPT)
        while len(await run(statements.ERASE_LOG, life=life, position=end, count=BATCH)) == BATCH:
            pass
        await run(statements.ERASE_SNAPSHOT, life=life)
        await run(statements.ERASE_LEASES, life=life)
        if not keeps_tokens:
            await self._tokens.delete(None, session.session_id, None)
        await run(statements.ERASE_SESSION, key=session.key, life=life)

    async def list_of(
        self, user_id: str, cursor: str | None, limit: int, *, expired: bool
    ) -> tuple[list[Head], str | None]:
        activity, key = _cursor(cursor)
        rows = await self._connection.run(
            statements.SESSIONS_OF,
            user_id=user_id,
            expired=expired,
            activity=activity,
            key=key,
            count=limit + 1,
            now=self._log.now(),
        )
        sessions = [Session.of(row) for row in rows]
        more = f"{sessions[limit - 1].last_activity!r}:{sessions[limit - 1].key}" if len(sessions) > limit else None
        return [session.head() for session in sessions[:limit] if session.is_whole], more

    async def list_live(self, cursor: str | None, limit: int) -> tuple[list[Head], str | None]:
        """Everybody's, in no particular order."""
        after = _cursor(cursor)[1]
        rows = await self._connection.run(statements.ALL_SESSIONS, after=after, count=limit + 1, now=self._log.now())
        sessions = [Session.of(row) for row in rows]
        more = f"0:{sessions[limit - 1].key}" if len(sessions) > limit else None
        return [session.head() for session in sessions[:limit] if session.lives], more

    async def list_expired(self, cursor: str | None, limit: int, *, tidy: bool) -> tuple[list[Head], str | None]:
        if cursor is None and tidy:
            await self._finish()
        after, key = _cursor(cursor)
        sessions = await self._overdue("live", -1.0 if after is None else after, key, limit + 1)
        found: list[Head] = []
        for session in sessions[:limit]:
            if session.is_whole and session.now >= session.expires_at:
                found.append(session.head())
            elif session.is_whole and tidy:
                await self._put_off(session)
        more = f"{sessions[limit - 1].overdue_at!r}:{sessions[limit - 1].key}" if len(sessions) > limit else None
        return found, more

    async def _overdue(self, state: str, after: float, key: str, count: int) -> list[Session]:
        now = self._log.now()
        rows = await self._connection.run(statements.OVERDUE, state=state, after=after, key=key, count=count, now=now)
        return [Session.of(row) for row in rows]

    async def _put_off(self, session: Session) -> None:
        """Appends have kept it alive: it is looked at again when it may have expired."""
        changes = {"expires_at": session.expires_at}
        with suppress(Changed):
            await self._connection.swap(statements.CHANGE_SESSION, key=session.key, rev=session.rev, changes=changes)

    async def _finish(self) -> None:
        """What processes that are gone have begun: creations and copies are taken back, erasures ended."""
        for state in ("proposed", "arriving", "erasing", "dropping"):
            for session in await self._overdue(state, -1.0, "", BATCH):
                if session.is_settled:
                    await self.take_back(session)
                else:
                    await self._log.settled(session.session_id)

    async def open_work(self, cursor: str | None, limit: int, *, tidy: bool) -> tuple[list[OpenWork], str | None]:
        start, seen = _work_cursor(cursor)
        found: list[tuple[str, OpenWork]] = []
        while len(found) <= limit:
            rows = await self._connection.run(statements.OPEN_WORK, start=start, count=limit + 1, now=self._log.now())
            for row in rows:
                if not row["open"] and tidy:
                    await self._connection.run(statements.ALL_CLOSED, key=row["key"])
                if row["session"] is None or row["session"]["life"] != row["life"]:
                    continue
                session = Session.of(row)
                for work in row["open"] if session.lives else ():
                    place = f"{row['pending']}:{work['seq']}"
                    if row["pending"] != start or work["seq"] > seen:
                        found.append((place, OpenWork(session.session_id, work["work_id"], work["lane"])))
            if len(rows) <= limit:
                break
            start, seen = rows[-1]["pending"], max([work["seq"] for work in rows[-1]["open"]], default=0)
        more = found[limit - 1][0] if len(found) > limit else None
        return [work for _, work in found[:limit]], more


def _session(document: Document) -> Session:
    row: dict[str, Any] = {"session": document, "newest": None, "now": document["created_at"]}
    return Session.of(row)


def _cursor(cursor: str | None) -> tuple[float | None, str]:
    if cursor is None:
        return None, ""
    left, colon, key = cursor.partition(":")
    try:
        moment = float(left)
    except ValueError:
        moment = None
    if moment is None or not colon or moment != moment:
        raise InvalidInput(f"{cursor!r} is not a cursor of this list.")
    return moment, key


def _work_cursor(cursor: str | None) -> tuple[str, int]:
    if cursor is None:
        return "", 0
    match cursor.split(":"):
        case [life, position, seq] if life.startswith("l_") and len(position) == 10 and seq.isdecimal():
            return f"{life}:{position}", int(seq)
        case _:
            raise InvalidInput(f"{cursor!r} is not a cursor of this list.")
