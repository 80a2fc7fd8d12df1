"""Appends of many callers at once, in few calls of the server: a further append in one call costs it little.

What is asked while enough calls are under way waits for the next, which takes all of it. Nobody waits for a clock. On
one server a call has appends to any sessions; on a cluster, where it reaches one slot, to one session.

A call is no transaction. Each append in it is atomic, and done, refused or recognised by itself, in the order in which
they were asked. When no answer comes, each is asked again by itself, and finds what it has done already.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any, Final

from symphainy.stores.base import Lease, Record
from symphainy.stores.redis.calls import LISTS_NAMED, Caller, call
from symphainy.stores.redis.failures import ours
from symphainy.stores.redis.keys import list_of_session, lists_of_session
from symphainy.stores.redis.rows import op_field, pack_records
from symphainy.stores.redis.wire import Broken, NotReplicated

CALLS: Final = 2
"""Under way at once: while the server does one, the next is made."""

SLOW: Final = 0.001
"""Seconds that a call takes, on average, from which a server that syncs gets one at a time: so a sync is of more."""

MOST_APPENDS: Final = 128
MOST_BYTES: Final = 1 << 18
"""In one call, so that other callers of the server do not wait long; an append of more goes alone."""

NO_CONDITION: Final = (b"", b"", b"", b"", b"")

KEPT_SEQS: Final = 20_000


@lru_cache(4096)
def topic_field(topic: str | None) -> bytes:
    return b"" if topic is None else b"t" + topic.encode()


class Seqs:
    """How long the logs were when they were last seen, of sessions used lately."""

    def __init__(self) -> None:
        self._seqs: OrderedDict[str, int] = OrderedDict()

    def get(self, session_id: str) -> int:
        return self._seqs.get(session_id, 0)

    def saw(self, session_id: str, seq: int) -> None:
        seqs = self._seqs
        seqs[session_id] = seq
        seqs.move_to_end(session_id)
        if len(seqs) > KEPT_SEQS:
            seqs.popitem(last=False)

    def forget(self, session_id: str) -> None:
        self._seqs.pop(session_id, None)


class Append:
    """`floor` is a seq that the log has already; `topic` of a plain one and `conditions` are as in lua/append.lua."""

    __slots__ = (
        "asked_before",
        "conditions",
        "floor",
        "future",
        "key",
        "lists",
        "op",
        "plain",
        "records",
        "session_id",
        "since",
        "size",
        "topic",
        "turns",
    )

    def __init__(
        self, session_id: str, key: bytes, records: Sequence[Record], request: bytes, op_id: str | None
    ) -> None:
        self.session_id = session_id
        self.key = key
        self.records = pack_records(session_id, records, request, op_id)
        self.op = op_field(op_id)
        record = records[0]
        self.plain = len(records) == 1 and not record.keys and record.work is None
        self.topic = topic_field(record.topic) if self.plain else b""
        self.size = len(self.records[0]) if self.plain else sum(map(len, self.records))
        self.conditions: Sequence[bytes] = ()
        self.floor = 0
        self.lists: Sequence[bytes] = ()
        self.asked_before = False
        self.since = 0.0
        self.turns = 0
        self.future: asyncio.Future[Any]

    def set_conditions(self, expected_seq: int | None, fence: Lease | None, intended_at: bytes) -> None:
        expected = b"" if expected_seq is None else b"%d" % expected_seq
        lease = (b"", b"", b"")
        if fence is not None:
            lease = b"l" + fence.lane.encode(), b"%d" % fence.fence, fence.owner.encode()
        self.conditions = (expected, *lease, intended_at)
        self.plain = False

    def lost(self) -> None:
        """It was sent, and no answer came."""
        self.asked_before = True
        self.plain = False

    def args(self) -> tuple[bytes, ...]:
        count = b"%d" % len(self.records)
        if not self.conditions and not self.asked_before:
            return (self.op, b"", count, *self.records)
        floor = b"%d" % self.floor if self.asked_before else b""
        return (self.op, b"+", count, floor, *(self.conditions or NO_CONDITION), *self.records)


class _Call:
    """Some appends as one question. `appends` are in the order of the answers: session after session."""

    __slots__ = ("_groups", "_now", "_seqs", "_under_way", "appends", "name", "since")

    def __init__(self, appends: Sequence[Append], now: bytes, seqs: Seqs, under_way: int) -> None:
        self.name = "append"
        self.since = appends[0].since
        self._now = now
        self._seqs = seqs
        self._under_way = under_way
        groups: dict[bytes, list[Append]] = {}
        for append in appends:
            groups.setdefault(append.key, []).append(append)
        self._groups = groups
        self.appends = [append for group in groups.values() for append in group]

    def lost(self) -> None:
        for append in self.appends:
            append.lost()

    def packed(self, functions: bool) -> bytes:
        keys: list[bytes] = []
        args: list[bytes] = [self._now]
        for key, group in self._groups.items():
            keys.append(key)
            plain, count, lists = b"p", self._under_way, ()
            for append in group:
                count += len(append.records)
                if not append.plain:
                    plain = b""
                    lists = (*lists, *append.lists)
            args += b"%d" % len(keys), b"%d" % len(group), plain
            for append in group:
                if plain:
                    args += append.op, append.topic, append.records[0]
                else:
                    args += append.args()
            seen = self._seqs.get(group[0].session_id)
            named = lists_of_session(key, seen + 1, seen + count)
            keys += dict.fromkeys((*named, *lists)) if lists else named
        return call(self.name, functions, keys, args)


class _Lane:
    """Appends that may share a call.

    `most` is how many of them were waiting or under way at once lately. Half of them are a call, so that one is made
    while another is done; but where the disk takes long for each call, all of them are one.
    """

    __slots__ = ("calls", "most", "scheduled", "under_way", "waiting")

    def __init__(self) -> None:
        self.waiting: list[Append] = []
        self.under_way = 0
        self.calls = 0
        self.most = 1
        self.scheduled = False


class Appends:
    """`synced`: the server's disk has each append before it is answered."""

    def __init__(self, caller: Caller, seqs: Seqs, now: Callable[[], bytes]) -> None:
        self.synced = False
        self._caller = caller
        self._seqs = seqs
        self._now = now
        self._lanes: dict[bytes, _Lane] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._seconds = 0.0

    async def close(self) -> None:
        """After the caller: then nothing is waited for any more."""
        await asyncio.sleep(0)
        while self._tasks:
            await asyncio.wait(self._tasks)

    def ask(self, append: Append) -> asyncio.Future[int | list[Any]]:
        """The first seq if it is written now, else as in lua/append.lua. Raises what `Caller` raises."""
        loop = asyncio.get_running_loop()
        append.floor = self._seqs.get(append.session_id)
        append.since = loop.time()
        append.future = loop.create_future()
        self._put(append, loop)
        return append.future

    def _put(self, append: Append, loop: asyncio.AbstractEventLoop) -> None:
        group = append.key if self._caller.by_slot else b""
        lane = self._lanes.get(group)
        if lane is None:
            lane = self._lanes[group] = _Lane()
        lane.waiting.append(append)
        if lane.calls < CALLS and not self._slow and len(lane.waiting) * 2 >= lane.most:
            self._send(group, lane)
        elif lane.calls < CALLS:
            self._send_soon(group, lane, loop)

    def _send_soon(self, group: bytes, lane: _Lane, loop: asyncio.AbstractEventLoop) -> None:
        """After all that can be asked now has been asked."""
        if not lane.scheduled:
            lane.scheduled = True
            loop.call_soon(self._flush, group, lane)

    @property
    def _slow(self) -> bool:
        return self.synced and self._seconds > SLOW

    def _flush(self, group: bytes, lane: _Lane) -> None:
        lane.scheduled = False
        if self._due(lane):
            self._send(group, lane)
        elif not lane.calls and self._caller.by_slot:
            self._lanes.pop(group, None)

    def _due(self, lane: _Lane) -> bool:
        """A few wait for the end of a call under way rather than take the place of one of many."""
        if lane.calls == 0:
            return len(lane.waiting) > 0
        return not self._slow and lane.calls < CALLS and len(lane.waiting) * 5 >= lane.most * 2

    def _send(self, group: bytes, lane: _Lane) -> None:
        """Of what waits, as much as may be in one call."""
        waiting = lane.waiting
        lane.most = max(len(waiting) + lane.under_way, lane.most - 1)
        count, size = 0, 0
        for append in waiting:
            size += append.size
            if count and (size > MOST_BYTES or count == MOST_APPENDS):
                break
            count += 1
        some, lane.waiting = waiting[:count], waiting[count:]
        asked = _Call(some, self._now(), self._seqs, lane.under_way)
        wire = self._caller.known_wire(some[0].key)
        if wire is None:
            lane.waiting = []
            self._ask_each(waiting)
            self._send_soon(group, lane, asyncio.get_running_loop())
            return
        lane.calls += 1
        lane.under_way += count
        loop = asyncio.get_running_loop()
        sent = loop.time()
        answer = wire.ask(asked.packed(self._caller.functions), durable=True, at_once=True)

        def answered(answer: asyncio.Future[Any]) -> None:
            self._seconds += (loop.time() - sent - self._seconds) / 8
            self._answered(group, lane, asked, answer)
            # after those who have their answer, for most of them ask again at once
            self._send_soon(group, lane, loop)

        answer.add_done_callback(answered)

    def _answered(self, group: bytes, lane: _Lane, asked: _Call, answer: asyncio.Future[Any]) -> None:
        """When it failed, be it for one of them or for all, each is asked by itself as often as it takes: so nobody
        waits for another's trouble, and answers are as short as can be while connections break."""
        appends, error = asked.appends, answer.exception()
        lane.calls -= 1
        lane.under_way -= len(appends)
        if isinstance(error, Broken):
            # so that those who wait end in time too
            waiting, lane.waiting = lane.waiting, []
            self._ask_each(waiting)
        elif not self._slow and self._due(lane):
            self._send(group, lane)
        if error is None:
            self._settle(appends, answer.result()[1])
            return
        if isinstance(error, NotReplicated):
            for append in appends:
                if not append.future.done():
                    append.future.set_exception(ours(error, str(self._caller.address)))
            return
        if not isinstance(error, Broken) or error.sent:
            asked.lost()
        self._ask_each(appends)

    def _ask_each(self, appends: Sequence[Append]) -> None:
        for append in appends:
            task = asyncio.create_task(self._ask_alone(append, len(appends)))
            self._tasks.add(task)
            task.add_done_callback(partial(self._done, append))

    async def _ask_alone(self, append: Append, under_way: int) -> None:
        asked = _Call([append], self._now(), self._seqs, under_way)
        reply = await self._caller.ask(asked, append.key, durable=True, since=append.since)
        self._settle([append], reply[1])

    def _settle(self, appends: Sequence[Append], answers: Sequence[Any]) -> None:
        for append, answer in zip(appends, answers, strict=True):
            if append.future.done():
                continue
            if isinstance(answer, int) or answer[0] != b"Needs":
                append.future.set_result(answer)
            elif append.turns == LISTS_NAMED:
                append.future.set_result([b"Unknown"])
            else:
                append.turns += 1
                append.lists = [list_of_session(append.key, number) for number in answer[1:]]
                append.plain = False
                self._put(append, append.future.get_loop())

    def _done(self, append: Append, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if task.cancelled():
            append.future.cancel()
        elif error is not None and not append.future.done():
            append.future.set_exception(error)
