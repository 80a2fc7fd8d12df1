"""TrafficCop: the only door to storage. It turns drafts into durable entries, folds logs into sessions, and tells
subscribers what was appended.

It holds no authority: a cached fold is advanced from the log before every use, and a subscriber's entries are read
by `seq` from the log (or from a tail that was). Losing the process loses nothing but time.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Sequence
from contextvars import Context
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from symphainy import entries as log
from symphainy.codec import decode_entry, decode_snapshot, encode_draft, encode_snapshot
from symphainy.entries import Draft, Entry
from symphainy.errors import LogSetBack, SessionNotFound, SymphainyError
from symphainy.fold import fold
from symphainy.ids import Clock, SystemClock, new_id, timestamp
from symphainy.session import Session
from symphainy.stores.base import (
    READ_LIMIT,
    Appended,
    Durability,
    Head,
    Lag,
    Lease,
    Lifetime,
    OpenWork,
    Record,
    Store,
    Stored,
    StoredSnapshot,
    Tiered,
    Token,
    Work,
    roll,
)

SNAPSHOT_EVERY: Final = 100
FOLDS_CACHED: Final = 256
TAIL_KEPT: Final = 512


def record_of(draft: Draft, *, ts: str, op_id: str | None) -> Record:
    """What the store is told of an entry. That every run and workflow ends exactly once follows from `work`: no
    writer can forget it."""
    topic: str | None = None
    keys: tuple[str, ...] = ()
    work: Work | None = None
    body = draft.body
    if isinstance(body, log.MessageAdded | log.MessageCompleted) and draft.conversation is not None:
        topic = draft.conversation.value
    if isinstance(body, log.MessageAdded | log.MessageCompleted | log.MessageDelta) and draft.run_id is not None:
        work = Work(draft.run_id, "within")
    elif isinstance(body, log.RunStarted | log.RunFinished) and draft.run_id is not None:
        topic = draft.run_id
        lane = turn_lane(draft.conversation.value) if draft.conversation is not None else ""
        work = Work(draft.run_id, "open" if isinstance(body, log.RunStarted) else "close", lane)
    elif draft.workflow_id is not None and body.type.startswith("workflow."):
        topic = draft.workflow_id
        work = _workflow_work(draft.workflow_id, body)
        if isinstance(body, log.WorkflowAsked | log.WorkflowAnswered):
            keys = (f"asked:{draft.workflow_id}",)
    elif isinstance(body, log.ArtifactCreated | log.ArtifactUpdated):
        topic = artifact_topic(body.artifact_id)
        keys = (topic,)
    elif isinstance(body, log.StateStored | log.StateDeleted):
        topic = state_topic(body.state_id)
        keys = (topic,)
    elif isinstance(body, log.ValuePatched):
        keys = tuple(f"value:{key}" for key in body.patch)
    return Record(encode_draft(draft, ts=ts, op_id=op_id), topic, keys, work)


def _workflow_work(workflow_id: str, body: log.Body) -> Work:
    match body:
        case log.WorkflowStarted(operation=operation):
            # a workflow without an operation is somebody else's, reported to us: nobody here can execute it
            return Work(workflow_id, "open", workflow_lane(workflow_id) if operation else "")
        case log.WorkflowFinished():
            return Work(workflow_id, "close")
        case _:
            return Work(workflow_id, "within")


def state_topic(state_id: str) -> str:
    return f"state:{state_id}"


def artifact_topic(artifact_id: str) -> str:
    return f"artifact:{artifact_id}"


def turn_lane(agent_type: str) -> str:
    return f"turn:{agent_type}"


def workflow_lane(workflow_id: str) -> str:
    return f"workflow:{workflow_id}"


@dataclass(frozen=True, slots=True)
class _Fold:
    """A fold, and the last entry in it if that is known: how a log that was set back is told from one that grew."""

    session: Session
    last: Stored | None = None


@dataclass(slots=True)
class _Tail:
    """The newest entries of one session that has subscribers: read once, shared by all of them."""

    position: int
    entries: deque[Stored] = field(default_factory=lambda: deque(maxlen=TAIL_KEPT))
    grown: asyncio.Event = field(default_factory=asyncio.Event)
    failure: SymphainyError | None = None
    readers: int = 0
    pump: asyncio.Task[None] | None = None

    def after(self, cursor: int) -> list[Stored] | None:
        """The entries after `cursor`, or None if the tail does not reach back so far."""
        if cursor >= self.position:
            return []
        skip = len(self.entries) - (self.position - cursor)
        return None if skip < 0 else list(islice(self.entries, skip, None))

    def extend(self, batch: Sequence[Stored]) -> None:
        self.entries.extend(batch)
        self.position = batch[-1].seq
        self.wake()

    def wake(self) -> None:
        self.grown.set()
        self.grown = asyncio.Event()


class TrafficCop:
    def __init__(self, store: Store, *, clock: Clock | None = None, snapshot_every: int = SNAPSHOT_EVERY) -> None:
        self._store = store
        self._clock = clock or SystemClock()
        self._snapshot_every = snapshot_every
        self._folds: OrderedDict[str, _Fold] = OrderedDict()
        self._tails: dict[str, _Tail] = {}
        self._saving: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        if isinstance(store, Tiered):
            store.mark_rewinds(self._new_epoch)

    def _new_epoch(self) -> Record:
        """Whatever a client has seen of the log until now is no place in it any more: it is told `rewound`."""
        draft = Draft(log.SessionUpdated(epoch=new_id("ep")), "system")
        return record_of(draft, ts=timestamp(self._clock.now()), op_id=None)

    @property
    def clock(self) -> Clock:
        return self._clock

    async def close(self) -> None:
        """Ends subscriptions and waits for snapshots that are being saved. The store stays open: its owner closes
        it."""
        tails = list(self._tails.values())
        for tail in tails:
            if tail.pump is not None:
                tail.pump.cancel()
        pumps = [tail.pump for tail in tails if tail.pump is not None]
        await asyncio.gather(*pumps, *self._tasks, return_exceptions=True)

    async def create(
        self,
        session_id: str,
        user_id: str,
        lifetime: Lifetime,
        drafts: Sequence[Draft],
        *,
        max_sessions: int | None = None,
    ) -> Session:
        """A new session, durable on return. Raises SessionExists, TooMany."""
        ts = timestamp(self._clock.now())
        records = [record_of(draft, ts=ts, op_id=None) for draft in drafts]
        await self._store.create(session_id, user_id, lifetime, records, max_sessions=max_sessions)
        return await self.session(session_id)

    async def append(
        self,
        session_id: str,
        drafts: Sequence[Draft],
        *,
        op_id: str | None = None,
        expected_seq: int | None = None,
        fence: Lease | None = None,
    ) -> Appended:
        """All drafts as entries next to each other, durable on return. See `Store.append` for what it raises."""
        ts = timestamp(self._clock.now())
        records = [record_of(draft, ts=ts, op_id=op_id) for draft in drafts]
        done = await self._store.append(session_id, records, op_id=op_id, expected_seq=expected_seq, fence=fence)
        every = self._snapshot_every
        crossed = done.last_seq // every > (done.first_seq - 1) // every
        if crossed and not done.repeated and session_id not in self._saving:
            self._saving.add(session_id)
            self._in_background(self._save_snapshot(session_id))
        return done

    async def session(self, session_id: str) -> Session:
        """The fold of the whole log as of now: it includes every append acknowledged before the call."""
        held = self._folds.get(session_id)
        try:
            current = await self._advance(held or await self._load_fold(session_id))
        except LogSetBack:
            current = await self._advance(_Fold(Session(session_id)))
        except SessionNotFound:
            self._folds.pop(session_id, None)
            raise
        now = self._folds.get(session_id)
        if now is None or now is held or now.session.seq <= current.session.seq:
            self._folds[session_id] = current
            self._folds.move_to_end(session_id)
            if len(self._folds) > FOLDS_CACHED:
                self._folds.popitem(last=False)
        return current.session

    async def _load_fold(self, session_id: str) -> _Fold:
        _, snapshot = await self._store.load(session_id)
        return _Fold((decode_snapshot(snapshot.data) if snapshot else None) or Session(session_id))

    async def _advance(self, fold_: _Fold) -> _Fold:
        """Raises LogSetBack if the log is not (any more) the one that was folded."""
        session, last = fold_.session, fold_.last
        while True:
            batch = await self._read_on(session.session_id, session.seq, last)
            session = fold(session, (decode_entry(item.seq, item.data) for item in batch if item.seq > session.seq))
            last = batch[-1] if batch else None
            if len(batch) < READ_LIMIT:
                return _Fold(session, last)

    async def _read_on(self, session_id: str, seq: int, last: Stored | None) -> list[Stored]:
        """The entry at `seq`, which must be the one that was `last` seen there, and what comes after it."""
        batch = await self._store.read(session_id, after=max(0, seq - 1))
        if seq and (not batch or (last is not None and batch[0] != last)):
            raise LogSetBack(f"The log of {session_id!r} was set back before entry {seq}: read the session again.")
        return batch

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
        """Encoded entries; see `Store.read`."""
        return await self._store.read(session_id, after=after, before=before, limit=limit, topic=topic, newest=newest)

    async def entries(
        self,
        session_id: str,
        *,
        after: int = 0,
        before: int | None = None,
        limit: int = READ_LIMIT,
        topic: str | None = None,
        newest: bool = False,
    ) -> list[Entry]:
        """Decoded entries; see `Store.read`."""
        batch = await self.read(session_id, after=after, before=before, limit=limit, topic=topic, newest=newest)
        return [decode_entry(item.seq, item.data) for item in batch]

    async def subscribe(
        self, session_id: str, after: int, *, limit: int = READ_LIMIT
    ) -> AsyncGenerator[list[Stored], None]:
        """Every entry after the cursor exactly once, in order, in batches, without end.

        Subscribed before the first read, so nothing is missed between the two. A slow subscriber costs no more memory
        than `limit` entries: it reads on from the log. Raises SessionNotFound once the session is deleted or has expired.
        """
        tail = await self._open_tail(session_id)
        cursor = after
        try:
            while True:
                grown = tail.grown
                batch = tail.after(cursor)
                if batch is None:
                    batch = await self._store.read(session_id, after=cursor, limit=limit)
                if batch:
                    batch = batch[:limit]
                    cursor = batch[-1].seq
                    yield batch
                elif tail.failure is not None:
                    raise tail.failure
                else:
                    await grown.wait()
        finally:
            self._close_tail(session_id, tail)

    async def _open_tail(self, session_id: str) -> _Tail:
        last = await self._store.read(session_id, newest=True, limit=1)
        tail = self._tails.get(session_id)
        if tail is None:
            tail = self._tails[session_id] = _Tail(last[0].seq if last else 0, deque(last, TAIL_KEPT))
            tail.pump = asyncio.create_task(self._pump(session_id, tail), context=Context())  # it outlives the request
        tail.readers += 1
        return tail

    def _close_tail(self, session_id: str, tail: _Tail) -> None:
        tail.readers -= 1
        if tail.readers == 0:
            if self._tails.get(session_id) is tail:
                del self._tails[session_id]
            if tail.pump is not None:
                tail.pump.cancel()

    async def _pump(self, session_id: str, tail: _Tail) -> None:
        try:
            while True:
                await self._store.wait(session_id, tail.position)
                last = tail.entries[-1] if tail.entries else None
                batch = await self._read_on(session_id, tail.position, last)
                if grown := [item for item in batch if item.seq > tail.position]:
                    tail.extend(grown)
        except SymphainyError as failure:
            tail.failure = failure
            if self._tails.get(session_id) is tail:
                del self._tails[session_id]
            tail.wake()

    async def _save_snapshot(self, session_id: str) -> None:
        try:
            _, held = await self._store.load(session_id)
            base = decode_snapshot(held.data) if held else None
            session, chain = (base, held.chain) if base and held else (Session(session_id), b"")
            while batch := await self._store.read(session_id, after=session.seq):
                for item in batch:
                    chain = roll(chain, item)
                session = fold(session, (decode_entry(item.seq, item.data) for item in batch))
            await self._store.save_snapshot(session_id, StoredSnapshot(session.seq, chain, encode_snapshot(session)))
        except SymphainyError:
            return  # a snapshot only saves time; whatever is wrong here meets the next reader, who is told
        finally:
            self._saving.discard(session_id)

    def _in_background(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def acquire_lease(self, session_id: str, lane: str, owner: str, seconds: float) -> Lease:
        return await self._store.acquire_lease(session_id, lane, owner, seconds)

    async def release_lease(self, lease: Lease) -> None:
        await self._store.release_lease(lease)

    async def open_work(self) -> AsyncIterator[OpenWork]:
        """Every run and workflow of every session that has not ended."""
        cursor: str | None = None
        while True:
            page, cursor = await self._store.list_open_work(cursor=cursor)
            for item in page:
                yield item
            if cursor is None:
                return

    async def list_sessions(self, user_id: str, *, cursor: str | None, limit: int) -> tuple[list[Head], str | None]:
        return await self._store.list_sessions(user_id=user_id, cursor=cursor, limit=limit)

    async def expired(self, limit: int) -> list[Head]:
        return (await self._store.list_sessions(expired=True, limit=limit))[0]

    async def touch(self, session_id: str) -> Head:
        return await self._store.touch(session_id)

    async def delete(self, session_id: str) -> None:
        """Erases the session everywhere; its subscribers are told SessionNotFound."""
        await self._store.delete(session_id)
        self._folds.pop(session_id, None)

    async def put_token(self, token: Token) -> None:
        await self._store.put_token(token)

    async def find_token(self, token_hash: str) -> Token | None:
        return await self._store.find_token(token_hash)

    async def delete_tokens(
        self, *, token_hash: str | None = None, session_id: str | None = None, user_id: str | None = None
    ) -> list[str]:
        return await self._store.delete_tokens(token_hash=token_hash, session_id=session_id, user_id=user_id)

    def lag(self) -> Lag | None:
        """None if what is acknowledged is where it stays."""
        return self._store.lag() if isinstance(self._store, Tiered) else None

    async def probe(self) -> Durability:
        return await self._store.probe()
