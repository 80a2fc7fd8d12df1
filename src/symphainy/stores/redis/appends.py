"""Appends of many callers at once, in few calls of the server: a further append in one call costs it little.

What is asked while enough calls are under way waits for the next, which takes all of it. Nobody waits for a clock. On
one server a call has appends to any sessions; on a cluster, where it reaches one slot, to one session.

A call is no transaction. Each append in it is atomic, and done, refused or recognised by itself, in the order in which
they were asked. When no answer comes, all of them are asked again, and each finds by itself what it did.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from symphainy.stores.base import Lease, Record
from symphainy.stores.redis.calls import LISTS_NAMED, Caller, call
from symphainy.stores.redis.failures import ours
from symphainy.stores.redis.keys import list_of_session, lists_of_session
from symphainy.stores.redis.rows import op_field, pack_records
from symphainy.stores.redis.wire import Broken, NotReplicated

CALLS: Final = 2
"""Under way at once: while the server does one, the next is made."""

MOST_APPENDS: Final = 128
MOST_BYTES: Final = 1 << 18
"""In one call, so that other callers of the server do not wait long; an append of more goes alone."""

NO_CONDITION: Final = (b"", b"", b"", b"", b"")

KEPT_SEQS: Final = 20_000


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
        "records",
        "session_id",
        "since",
        "topic",
    )

    def __init__(
        self, session_id: str, key: bytes, records: Sequence[Record], request: bytes, op_id: str | None
    ) -> None:
        self.session_id = session_id
        self.key = key
        self.records = pack_records(session_id, records, request, op_id)
        self.op = op_field(op_id)
        self.topic: bytes | None = None
        if len(records) == 1:
            record = records[0]
            if not record.keys and record.work is None:
                self.topic = b"" if record.topic is None else b"t" + record.topic.encode()
        self.conditions: Sequence[bytes] = ()
        self.floor = 0
        self.lists: Sequence[bytes] = ()
        self.asked_before = False
        self.since = 0.0
        self.future: asyncio.Future[Any]

    def set_conditions(self, expected_seq: int | None, fence: Lease | None, intended_at: bytes) -> None:
        expected = b"" if expected_seq is None else b"%d" % expected_seq
        lease = (b"", b"", b"")
        if fence is not None:
            lease = b"l" + fence.lane.encode(), b"%d" % fence.fence, fence.owner.encode()
        self.conditions = (expected, *lease, intended_at)

    @property
    def plain(self) -> bool:
        return self.topic is not None and not self.conditions and not self.asked_before

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
            append.asked_before = True

    def packed(self, functions: bool) -> bytes:
        keys: list[bytes] = []
        args: list[bytes] = [self._now]
        for key, group in self._groups.items():
            keys.append(key)
            plain = all(append.plain for append in group)
            args += b"%d" % len(keys), b"%d" % len(group), b"p" if plain else b""
            count = self._under_way
            lists: list[bytes] = []
            for append in group:
                args += (append.op, append.topic or b"", *append.records) if plain else append.args()
                count += len(append.records)
                lists += append.lists
            seen = self._seqs.get(group[0].session_id)
            lists = [*lists_of_session(key, seen + 1, seen + count), *lists]
            keys += lists if len(lists) == 1 else dict.fromkeys(lists)
        return call(self.name, functions, keys, args)


class _Lane:
    """Appends that may share a call. `most` is how many of them were waiting or under way at once lately: half of them
    are a call, so that there is one to be made while another is done."""

    __slots__ = ("calls", "most", "scheduled", "under_way", "waiting")

    def __init__(self) -> None:
        self.waiting: list[Append] = []
        self.under_way = 0
        self.calls = 0
        self.most = 1
        self.scheduled = False


class Appends:
    def __init__(self, caller: Caller, seqs: Seqs, now: Callable[[], bytes]) -> None:
        self._caller = caller
        self._seqs = seqs
        self._now = now
        self._lanes: dict[bytes, _Lane] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """After the caller: then nothing is waited for any more."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def run(self, append: Append) -> int | list[Any]:
        """The first seq if it was written now, else as in lua/append.lua. Raises what `Caller` raises."""
        loop = asyncio.get_running_loop()
        append.floor = self._seqs.get(append.session_id)
        append.since = loop.time()
        for _ in range(LISTS_NAMED):
            future = append.future = loop.create_future()
            self._put(append, loop)
            answer: int | list[Any] = await future
            if isinstance(answer, int) or answer[0] != b"Needs":
                return answer
            append.lists = [list_of_session(append.key, number) for number in answer[1:]]
        return [b"Unknown"]

    def _put(self, append: Append, loop: asyncio.AbstractEventLoop) -> None:
        group = append.key if self._caller.by_slot else b""
        lane = self._lanes.get(group)
        if lane is None:
            lane = self._lanes[group] = _Lane()
        lane.waiting.append(append)
        if lane.calls < CALLS:
            if len(lane.waiting) * 2 >= lane.most:
                self._send(group, lane)
            elif not lane.scheduled:
                lane.scheduled = True
                loop.call_soon(self._flush, group, lane)

    def _flush(self, group: bytes, lane: _Lane) -> None:
        lane.scheduled = False
        if lane.waiting and (not lane.calls or (lane.calls < CALLS and len(lane.waiting) * 4 >= lane.most)):
            self._send(group, lane)

    def _send(self, group: bytes, lane: _Lane) -> None:
        """Of what waits, as much as may be in one call."""
        waiting = lane.waiting
        lane.most = max(len(waiting) + lane.under_way, lane.most - 1)
        count, size = 0, 0
        for append in waiting:
            size += sum(map(len, append.records))
            if count and (size > MOST_BYTES or count == MOST_APPENDS):
                break
            count += 1
        some, lane.waiting = waiting[:count], waiting[count:]
        asked = _Call(some, self._now(), self._seqs, lane.under_way)
        wire = self._caller.known_wire(some[0].key)
        if wire is None:
            self._ask_each(some)
            return
        lane.calls += 1
        lane.under_way += count
        answer = wire.ask(asked.packed(self._caller.functions), durable=True, at_once=True)
        answer.add_done_callback(lambda answer: self._answered(group, lane, asked, answer))

    def _answered(self, group: bytes, lane: _Lane, asked: _Call, answer: asyncio.Future[Any]) -> None:
        """When it failed, be it for one of them or for all, each is asked by itself as often as it takes: so nobody
        waits for another's trouble, and answers are as short as can be while connections break."""
        appends = asked.appends
        lane.calls -= 1
        lane.under_way -= len(appends)
        if lane.waiting:
            self._send(group, lane)
        elif not lane.calls and not lane.scheduled:
            self._lanes.pop(group, None)
        error = answer.exception()
        if error is None:
            _settle(appends, answer.result()[1])
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
            task.add_done_callback(partial(self._done, append.future))

    async def _ask_alone(self, append: Append, under_way: int) -> None:
        asked = _Call([append], self._now(), self._seqs, under_way)
        reply = await self._caller.ask(asked, append.key, durable=True, since=append.since)
        _settle([append], reply[1])

    def _done(self, future: asyncio.Future[Any], task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if future.done():
            return
        error = None if task.cancelled() else task.exception()
        if error is None:
            future.cancel()
        else:
            future.set_exception(error)


def _settle(appends: Sequence[Append], answers: Sequence[Any]) -> None:
    for append, answer in zip(appends, answers, strict=True):
        if not append.future.done():
            append.future.set_result(answer)
