"""Copying sessions out and in, and dropping a copy: see `Replicable`."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from symphainy.errors import LeaseHeld, VersionConflict
from symphainy.ids import new_id
from symphainy.stores.arango import statements
from symphainy.stores.arango.connection import Attempts, Changed, Connection, Taken
from symphainy.stores.arango.documents import Document, Session, damaged, is_intact, record_of, session_document
from symphainy.stores.arango.log import Log, next_place
from symphainy.stores.arango.sessions import UNFINISHED_SECONDS, Sessions
from symphainy.stores.base import AppendCopy, Head, Lease, SessionCopy
from symphainy.stores.checks import check_copy, check_same_session, check_unchanged, not_found


class Copies:
    def __init__(self, connection: Connection, log: Log, sessions: Sessions) -> None:
        self._connection = connection
        self._log = log
        self._sessions = sessions

    async def _there(self, session_id: str) -> Session:
        """Also one that has expired, or of which there is half."""
        session = await self._log.settled(session_id)
        if session is None or not (session.is_whole or session.state == "arriving"):
            raise not_found(session_id)
        return session

    async def copy_out(self, session_id: str, after: int, limit: int) -> SessionCopy:
        session = await self._there(session_id)
        head = session.newest.head
        rows: list[Document] = []
        if limit > 0 and after < head:
            rows = await self._connection.run(
                statements.PAGE, life=session.life, low=after + 1, end=head + 1, count=limit
            )
        (greatest,) = await self._connection.run(statements.FENCE, life=session.life)
        appends: list[AppendCopy] = []
        for row in rows:
            last = appends[-1].last_seq if appends else after
            if last - after >= limit:
                break
            appends.append(_copy_of(session_id, row, last + 1))
        if limit > 0 and after < head and (appends[-1].last_seq if appends else after) < min(after + limit, head):
            again = await self._there(session_id)
            missing = damaged(session_id, appends[-1].last_seq + 1 if appends else after + 1)
            raise not_found(session_id) if again.life != session.life else missing
        return SessionCopy(
            session_id,
            session.user_id,
            session.lifetime,
            session.created_at,
            session.last_activity,
            head,
            max(session.fence, greatest or 0),
            tuple(appends),
        )

    async def copy_in(self, copy: SessionCopy) -> int:
        async for _ in Attempts(self._connection.patience):
            session = await self._log.settled(copy.session_id)
            if session is None:
                await self._arrive(copy)
            elif not (session.is_whole or session.state == "arriving"):
                await self._sessions.end_unfinished(session)
            else:
                check_same_session(copy, session.user_id, session.lifetime, session.created_at)
                seq = await self._take_in(session, copy)
                if seq is not None:
                    return seq
        raise AssertionError("Attempts never ends by itself")

    async def _arrive(self, copy: SessionCopy) -> None:
        if copy.appends:
            check_copy(copy.appends[0], 0, [])
        life = new_id("l")
        state = "arriving" if copy.seq else "live"
        document = session_document(copy.session_id, copy.user_id, copy.lifetime, life, state)
        times = {"created_at": copy.created_at, "touched_at": copy.last_activity, "fence": copy.fence}
        session = Session.of(
            {"session": {**document, **times, "_rev": "", "expires_at": 0.0}, "newest": None, "now": 0.0}
        )
        until = session.expires_at if state == "live" else session.remove_at
        with suppress(Taken):
            await self._connection.run(statements.ARRIVE, document={**document, **times, "expires_at": until})

    async def _take_in(self, session: Session, copy: SessionCopy) -> int | None:
        """How long the log is now. None if somebody else has written meanwhile."""
        if copy.last_activity > session.last_activity or copy.fence > session.fence:
            touched = max(session.touched_at, copy.last_activity)
            changes = {"touched_at": touched, "fence": max(session.fence, copy.fence)}
            if not await self._change(session, changes):
                return None
            session = await self._there(copy.session_id)
        for append in copy.appends:
            place = next_place(session)
            there: list[bytes] = []
            if append.first_seq < place.seq:
                there = [record.data for record in await self._records(session, append)]
            if not check_copy(append, place.seq - 1, there):
                continue
            document = place.append(append.records, append.op_id, new_id("copy"))
            if not await self._log.write(document, session.newest.at):
                return None
            session = session.grown(place.position, append.last_seq)
        head = session.newest.head
        if session.state == "arriving" and head >= copy.seq:
            now = await self._there(copy.session_id)
            if now.state == "arriving" and not await self._change(now, {"state": "live", "expires_at": now.expires_at}):
                return None
        return head

    async def _records(self, session: Session, append: AppendCopy) -> list[Any]:
        rows = await self._connection.run(
            statements.PAGE,
            life=session.life,
            low=append.first_seq,
            end=append.last_seq + 1,
            count=len(append.records),
        )
        return [
            record_of(entry)
            for row in rows
            for entry in row["entries"]
            if append.first_seq <= entry["seq"] <= append.last_seq
        ]

    async def _change(self, session: Session, changes: dict[str, Any]) -> bool:
        try:
            await self._connection.swap(statements.CHANGE_SESSION, key=session.key, rev=session.rev, changes=changes)
            return True
        except Changed:
            return False

    async def drop(self, head: Head) -> None:
        """First the session's document says `dropping`: whoever would touch it, lease a lane of it or write to it then
        waits. If it still is what `head` says, and nobody holds a lease, the end of the log decides: it gets the next
        place, or an append that was on its way does, and the session lives on."""
        session, stopped = await self._stopped(head)
        refusal = await self._refusal(stopped, head)
        if refusal is None and await self._log.end_at(next_place(stopped)):
            await self._sessions.take_back(stopped)
            return
        await self._go_on(stopped, session)
        raise refusal or VersionConflict("The session has changed.", details={"seq": head.seq + 1})

    async def _go_on(self, stopped: Session, before: Session) -> None:
        changes = {"state": before.state, "expires_at": before.overdue_at}
        async for _ in Attempts(self._connection.patience):
            if await self._change(stopped, changes):
                return
            now = await self._log.look(stopped.session_id)
            if now is None or now.life != stopped.life or now.state != "dropping":
                return
            stopped = now

    async def _stopped(self, head: Head) -> tuple[Session, Session]:
        """The session before and after it was stopped."""
        async for _ in Attempts(self._connection.patience):
            session = await self._there(head.session_id)
            refusal = await self._refusal(session, head)
            if refusal is not None:
                raise refusal
            changes = {"state": "dropping", "expires_at": session.now + UNFINISHED_SECONDS}
            if await self._change(session, changes):
                stopped = await self._log.look(head.session_id)
                if stopped is not None and stopped.life == session.life and stopped.state == "dropping":
                    return session, stopped
        raise AssertionError("Attempts never ends by itself")

    async def _refusal(self, session: Session, head: Head) -> VersionConflict | LeaseHeld | None:
        rows = await self._connection.run(statements.LIVE_LEASES, life=session.life, now=self._log.now())
        leases = [Lease(session.session_id, row["lane"], row["owner"], row["fence"], row["expires_at"]) for row in rows]
        try:
            check_unchanged(head, session.newest.head, session.last_activity, leases, session.now)
        except (VersionConflict, LeaseHeld) as refusal:
            return refusal
        return None


def _copy_of(session_id: str, row: Document, first: int) -> AppendCopy:
    for seq, entry in enumerate(row["entries"], first):
        if entry.get("seq") != seq or not is_intact(row, entry):
            raise damaged(session_id, seq)
    return AppendCopy(row["first"], tuple(record_of(entry) for entry in row["entries"]), row["op_id"])
