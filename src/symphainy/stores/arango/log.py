"""A session's log: looking at it, writing its next document, reading pages.

The log of one life of a session is a chain of documents at the places 1, 2, 3, ...; the place is in the unique `_key`.
An append is one document with all of its entries, its `op_id`, and the marks that later writers look for. So it is
there or not, on any deployment, and with it everything that follows from it.

`_key` is the compare-and-set. A writer knows place `p`, checks, and inserts at `p + 1`; who finds the place taken
looks again and checks again. The checks hold because `p` was seen before they were made: each shard answers with what
was committed before it was asked, so with every document up to `p`; and had there been another one, the insert would
have failed. No two shards need agree on one moment.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from symphainy.errors import LeaseLost, VersionConflict
from symphainy.ids import Clock, new_id
from symphainy.stores.arango import statements
from symphainy.stores.arango.connection import Attempts, Changed, Connection, Taken
from symphainy.stores.arango.documents import Document, Newest, Place, Session, damaged, entries_of, key_of, mark_of
from symphainy.stores.base import READ_LIMIT, Appended, Lease, Record, Stored
from symphainy.stores.checks import check_work, not_found, page

PLACES_KEPT: Final = 10_000
QUICK_LOOKS: Final = 8
TOPIC_WINDOW: Final = 2_000
"""How many entries of the log are searched first for a page of a topic; four times as many at each further step. The
array index has the entries of a topic in no order that AQL may use, so that an unbounded search would sort them all."""


@dataclass(frozen=True, slots=True)
class Known:
    """A place that is known to be the last one, or to have been it."""

    life: str
    position: int


def lease_key(life: str, lane: str) -> str:
    return f"{life}:{key_of(lane)}"


class Log:
    def __init__(self, connection: Connection, clock: Clock | None) -> None:
        self._connection = connection
        self._clock = clock
        self._known: OrderedDict[str, Known] = OrderedDict()

    def now(self) -> float | None:
        """What statements are told: null, and the server goes by its own clock."""
        return None if self._clock is None else self._clock.now()

    async def look(self, session_id: str) -> Session | None:
        rows = await self._connection.run(statements.LOOK, session=key_of(session_id), now=self.now())
        session = Session.of(rows[0]) if rows and rows[0]["session"]["session_id"] == session_id else None
        if session is None:
            self._known.pop(session_id, None)
        else:
            self._learn(session_id, Known(session.life, session.newest.position))
        return session

    async def settled(self, session_id: str) -> Session | None:
        """As `look`, but a session that somebody tries to drop is seen when that is over."""
        async for _ in Attempts(self._connection.patience):
            session = await self.look(session_id)
            if session is None or session.is_settled:
                return session
            if session.overdue_at <= session.now and await self.bar(session):
                # Whoever tried it is gone; should he come back, his place is taken.
                with suppress(Changed):
                    changes = {"state": "live", "expires_at": session.expires_at}
                    await self._connection.swap(
                        statements.CHANGE_SESSION, key=session.key, rev=session.rev, changes=changes
                    )
        raise AssertionError("Attempts never ends by itself")

    async def living(self, session_id: str) -> Session:
        session = await self.settled(session_id)
        if session is None or not session.lives:
            raise not_found(session_id)
        return session

    def _learn(self, session_id: str, known: Known) -> None:
        self._known[session_id] = known
        self._known.move_to_end(session_id)
        if len(self._known) > PLACES_KEPT:
            self._known.popitem(last=False)

    async def append(
        self,
        session_id: str,
        records: Sequence[Record],
        op_id: str | None,
        expected_seq: int | None,
        fence: Lease | None,
    ) -> Appended:
        """See `Store.append`. Callers of one process come one after the other."""
        nonce = new_id("append")
        async for _ in Attempts(self._connection.patience):
            session, checked = await self._settled(session_id, records, op_id, expected_seq, fence)
            earlier = self._verdict(session, checked, records, op_id, expected_seq, fence)
            if earlier is not None:
                return earlier
            place = next_place(session)
            document = place.append(records, op_id, nonce)
            if await self.write(document, session.last_activity, counts=True):
                self._learn(session_id, Known(session.life, place.position))
                return Appended(place.seq, document["last"])
            self._known.pop(session_id, None)
        raise AssertionError("Attempts never ends by itself")

    async def _settled(
        self,
        session_id: str,
        records: Sequence[Record],
        op_id: str | None,
        expected_seq: int | None,
        fence: Lease | None,
    ) -> tuple[Session, Document]:
        """What the append depends on, asked for after the last place of the log had been seen."""
        if session_id not in self._known:
            await self.living(session_id)
        known = self._known[session_id]
        async for _ in Attempts(self._connection.patience):
            for _ in range(QUICK_LOOKS):
                session, checked = await self._checked(session_id, known, records, op_id, expected_seq, fence)
                if not session.is_settled:
                    session = await self.living(session_id)
                    known = Known("", 0)
                seen = Known(session.life, session.newest.position)
                self._learn(session_id, seen)
                if seen == known:
                    return session, checked
                known = seen
        raise AssertionError("Attempts never ends by itself")

    async def _checked(
        self,
        session_id: str,
        known: Known,
        records: Sequence[Record],
        op_id: str | None,
        expected_seq: int | None,
        fence: Lease | None,
    ) -> tuple[Session, Document]:
        life = known.life
        marks = [] if op_id is None else [mark_of(life, "op", op_id)]
        for record in records:
            if record.work is not None:
                marks += [mark_of(life, "open", record.work.work_id), mark_of(life, "close", record.work.work_id)]
        keys = {key for record in records for key in record.keys} if expected_seq is not None else set[str]()
        rows = await self._connection.run(
            statements.CHECK,
            session=key_of(session_id),
            now=self.now(),
            lease=None if fence is None else lease_key(life, fence.lane),
            marks=sorted(set(marks)),
            keys=sorted(mark_of(life, "key", key) for key in keys),
            expected=expected_seq,
        )
        session = Session.of(rows[0]) if rows and rows[0]["session"]["session_id"] == session_id else None
        if session is None or (session.is_settled and not session.lives):
            self._known.pop(session_id, None)
            raise not_found(session_id)
        return session, rows[0]

    def _verdict(
        self,
        session: Session,
        checked: Document,
        records: Sequence[Record],
        op_id: str | None,
        expected_seq: int | None,
        fence: Lease | None,
    ) -> Appended | None:
        """Where an earlier append with this `op_id` wrote; None if this one may. Raises what forbids it."""
        found: dict[str, Document] = {row["mark"]: row for row in checked["found"]}
        life = session.life
        if op_id is not None and (earlier := found.get(mark_of(life, "op", op_id))) is not None:
            return Appended(earlier["first"], earlier["last"], repeated=True)
        if fence is not None:
            newest = checked["lease"]
            if newest is None or (newest["fence"], newest["owner"]) != (fence.fence, fence.owner):
                raise LeaseLost(f"The lease on {fence.lane!r} has a newer owner.", details={"lane": fence.lane})
        if expected_seq is not None:
            head = session.newest.head
            if checked["changed"] or (head > expected_seq and not any(record.keys for record in records)):
                raise VersionConflict(f"The session has changed after {expected_seq}.", details={"seq": head})

        def was_opened(work_id: str) -> bool:
            return mark_of(life, "open", work_id) in found

        def is_open(work_id: str) -> bool:
            return was_opened(work_id) and mark_of(life, "close", work_id) not in found

        check_work(records, is_open=is_open, was_opened=was_opened)
        return None

    async def write(self, document: dict[str, Any], at: float | None, *, counts: bool = False) -> bool:
        """Whether the document has its place. A place that this very document has taken, by a try whose answer was
        lost, is its own. `at`: the last activity so far; where this `counts` as activity, it is now."""
        try:
            await self._connection.run(statements.WRITE, document=document, now=self.now(), at=at, counts=counts)
            return True
        except Taken:
            rows = await self._connection.run(statements.WRITTEN, key=document["_key"])
            return bool(rows) and rows[0]["nonce"] == document["nonce"]

    async def bar(self, session: Session) -> bool:
        """Whoever has checked before now, and not written yet, must check again: his place is taken on return. False if
        it was somebody else who took it."""
        place = next_place(session)
        return await self.write(place.document(new_id("bar")), session.newest.at)

    async def end(self, session: Session, remove_at: float) -> int:
        """Nothing is ever written to this life of the session again. Returns the place that says so."""
        async for _ in Attempts(self._connection.patience):
            rows = await self._connection.run(statements.NEWEST_OF, life=session.life)
            newest = Newest.of(rows[0] if rows else None)
            if newest.end:
                return newest.position
            if await self.end_at(Place(session.key, session.life, newest.position + 1, newest.head + 1, remove_at)):
                return newest.position + 1
        raise AssertionError("Attempts never ends by itself")

    async def end_at(self, place: Place) -> bool:
        """Whether the log ends here: not if somebody else has written here first."""
        return await self.write({**place.document(new_id("end")), "end": True}, None)

    async def read(
        self, session_id: str, *, after: int, before: int | None, limit: int, topic: str | None, newest: bool
    ) -> list[Stored]:
        session = await self.living(session_id)
        size = max(0, min(limit, READ_LIMIT))
        if topic is not None:
            return await self._topic(session, topic, max(after, 0), before, size, newest=newest)
        wanted = page(session.newest.head, after=after, before=before, limit=limit, newest=newest)
        found = await self._page(session_id, session.life, wanted)
        seqs = {item.seq for item in found}
        missing = next((seq for seq in wanted if seq not in seqs), None)
        if missing is not None:
            again = await self.living(session_id)
            raise not_found(session_id) if again.life != session.life else damaged(session_id, missing)
        return found

    async def _page(self, session_id: str, life: str, wanted: range) -> list[Stored]:
        if not wanted:
            return []
        rows = await self._connection.run(
            statements.PAGE, life=life, low=wanted.start, end=wanted.stop, count=len(wanted)
        )
        return [
            item for row in rows for item in entries_of(session_id, row, after=wanted.start - 1, before=wanted.stop)
        ]

    async def _topic(
        self, session: Session, topic: str, after: int, before: int | None, size: int, *, newest: bool
    ) -> list[Stored]:
        head = session.newest.head
        end = head + 1 if before is None else min(before, head + 1)
        if size == 0 or after + 1 >= end:
            return []
        low, high = after, head if end > head else await self._end_of_append(session.life, end - 1)
        statement = statements.TOPIC_DOWN if newest else statements.TOPIC_UP
        mark, width, found = mark_of(session.life, "topic", topic), TOPIC_WINDOW, list[Stored]()
        while low < high and len(found) < size:
            window = (max(low, high - width), high) if newest else (low, min(high, low + width))
            # at either end there may be one append without an entry in the range
            rows = await self._connection.run(
                statement, mark=mark, low=window[0], high=window[1], count=size - len(found) + 2
            )
            for row in rows:
                entries = list(entries_of(session.session_id, row, after=after, before=end, topic=topic))
                found = [*entries, *found] if newest else [*found, *entries]
            low, high = (low, window[0]) if newest else (window[1], high)
            width *= 4
        return found[-size:] if newest else found[:size]

    async def _end_of_append(self, life: str, seq: int) -> int:
        """The last entry of the append that entry `seq` belongs to."""
        rows = await self._connection.run(statements.PAGE, life=life, low=seq, end=seq + 1, count=1)
        return rows[0]["last"] if rows else seq


def next_place(session: Session) -> Place:
    position, head = session.newest.position, session.newest.head
    return Place(session.key, session.life, position + 1, head + 1, session.remove_at)
