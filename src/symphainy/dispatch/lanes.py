"""Lanes: executes lanes of sessions in this process, each under its lease, which is renewed while it runs."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from symphainy.dispatch.slots import Slots
from symphainy.errors import LeaseHeld, LeaseLost, NotFound, StoreUnavailable, SymphainyError
from symphainy.ids import SystemClock, new_id
from symphainy.stores.base import Lease, OpenWork
from symphainy.traffic_cop import TrafficCop

logger = logging.getLogger(__name__)

LEASE_SECONDS: Final = 15.0
SHARED_LEASE_SECONDS: Final = 3.0
"""Where other processes wait to take over: the longest that a lane stands still because its owner died."""
BEATS_IN_LEASE: Final = 4
LOOK_SECONDS: Final = 1.0
"""What waits for a slot, and is among the next, is looked at this often: another process may have begun it, and died."""

Key = tuple[str, str]
"""Of a session and a lane."""
Handler = Callable[[str, str, Lease], Awaitable[None]]
"""Executes one lane of a session to its end: `(session_id, what stands after the colon in the lane, lease)`."""
Pending = Callable[[str, str], Awaitable[bool]]
"""Whether the lane has something to execute now: `(session_id, what stands after the colon in the lane)`."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`done`: nothing is left to execute now. `held`: another process has the lease, for so many `seconds` unless it renews
    it. `away`: the store cannot be reached."""

    kind: Literal["done", "held", "away"]
    seconds: float = 0.0


DONE: Final = Outcome("done")
AWAY: Final = Outcome("away")


async def _never(session_id: str, name: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class LaneKind:
    handler: Handler
    at_once: int
    """How many lanes of this kind this process executes at the same time; see `Slots` for those that have begun before."""
    pending: Pending
    begun: Pending = _never
    """Whether the lane has something to execute now, and was executed before."""
    slots: Slots = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "slots", Slots(self.at_once))


class Lanes:
    """Whatever is submitted, a lane is executed by one owner at a time, and nothing submitted is overlooked.

    Whoever finds the lease held may leave: the holder looks once more after it has released it, and so sees what was
    appended before the other tried. Only a dead holder does not, and its lease ends by itself.
    """

    def __init__(self, traffic_cop: TrafficCop, *, lease_seconds: float = LEASE_SECONDS) -> None:
        self.lease_seconds = lease_seconds
        self.outcomes: Counter[str] = Counter()
        """Executions by how they ended."""
        self.taken_over = 0
        """Executions that went on with what the owner of the lease before had left."""
        self._cop = traffic_cop
        self._clock = SystemClock()
        self._owner = new_id("srv")
        self._kinds: Mapping[str, LaneKind] = {}
        self._running: dict[Key, asyncio.Future[None] | None] = {}
        self._again: set[Key] = set()
        self._closing = False

    def serve(self, kinds: Mapping[str, LaneKind]) -> None:
        """`kinds` by the part of a lane before the colon."""
        self._kinds = kinds

    def knows(self, lane: str) -> bool:
        return lane.partition(":")[0] in self._kinds

    def count(self) -> Counter[tuple[str, bool]]:
        """Lanes in this process now, by kind and by whether they are being executed or wait for a slot."""
        return Counter((lane.partition(":")[0], work is not None) for (_, lane), work in self._running.items())

    def close(self) -> None:
        """Stops what runs and begins nothing more. Nothing is lost: open work goes on in another process, or in the next."""
        self._closing = True
        for work in self._running.values():
            if work is not None:
                work.cancel()

    def interrupt(self, session_id: str, lane: str) -> None:
        """Stops executing the lane here, now, and looks at it once more: its records say what becomes of it."""
        work = self._running.get((session_id, lane))
        if work is not None:
            work.cancel()

    def again(self, session_id: str, lane: str) -> bool:
        """Whether the lane is being executed here, or waits for a slot; then it is looked at once more afterwards."""
        key = (session_id, lane)
        if key in self._running:
            self._again.add(key)
        return key in self._running

    async def open_work(self) -> AsyncIterator[OpenWork]:
        """What any process of any time left open, and this one knows how to execute."""
        async for work in self._cop.open_work():
            if self.knows(work.lane):
                yield work

    async def execute(self, session_id: str, lane: str, *, was_held: bool = False) -> Outcome:
        """Executes the lane until nothing is left in it. One that is being executed here already is looked at once more
        afterwards, and this call is done. `was_held`: the last try found somebody else's lease."""
        key = (session_id, lane)
        if self._closing or not self.knows(lane):
            return DONE
        if self.again(session_id, lane):
            return DONE
        self._running[key] = None
        try:
            outcome = await self._in_turn(key, was_held)
        finally:
            del self._running[key]
            self._again.discard(key)
        self.outcomes[outcome.kind] += 1
        return outcome

    async def _in_turn(self, key: Key, was_held: bool) -> Outcome:
        session_id, lane = key
        slots = self._kinds[lane.partition(":")[0]].slots
        turn = slots.join(begun=was_held)
        try:
            if turn.done() or await self._until(turn, key, was_held):
                await self._while_pending(key, was_held)
        except LeaseHeld as held:
            ends = held.details.get("expires_at")
            left = ends - self._clock.now() if isinstance(ends, float) else 0.0
            return Outcome("held", min(max(left, 0.0), self.lease_seconds))
        except LeaseLost as reason:
            logger.warning("lane %s of %s is stopped here, and nothing is written: %s", lane, session_id, reason)
        except NotFound as reason:
            logger.info("lane %s of %s is not executed here: %s", lane, session_id, reason)
        except StoreUnavailable:
            logger.warning("the store is away; lane %s of %s is tried again", lane, session_id)
            return AWAY
        finally:
            slots.quit(turn)
        return DONE

    async def _until(self, turn: asyncio.Future[None], key: Key, was_held: bool) -> bool:
        """Waits for the turn, as long as there is something to execute. A lane that another process has begun meanwhile
        does not wait in order: either its lease is held, or it goes first."""
        session_id, lane = key
        kind, _, name = lane.partition(":")
        pending, begun, slots = self._kinds[kind].pending, self._kinds[kind].begun, self._kinds[kind].slots
        if was_held:
            logger.warning("lane %s of %s was left by another process and waits for a slot", lane, session_id)
        looking = True
        while not turn.done():
            if looking and await begun(session_id, name):
                slots.hurry(turn)
            elif looking and not await pending(session_id, name):
                return False
            await asyncio.wait({turn}, timeout=LOOK_SECONDS)
            looking = slots.among_next(turn)
        return True

    async def _while_pending(self, key: Key, was_held: bool) -> None:
        session_id, lane = key
        kind, _, name = lane.partition(":")
        pending = self._kinds[kind].pending
        left = was_held
        if was_held and not await pending(session_id, name):
            return
        while not self._closing:
            self._again.discard(key)
            await self._under_lease(key, name, self._kinds[kind].handler, left)
            left = False
            if not await pending(session_id, name) and key not in self._again:
                return

    async def _under_lease(self, key: Key, name: str, handler: Handler, left: bool) -> None:
        lease = await self._cop.acquire_lease(*key, self._owner, self.lease_seconds)
        if left:
            self.taken_over += 1
            logger.warning("lane %s of %s is taken over: the process that executed it has stopped", key[1], key[0])
        work = asyncio.ensure_future(handler(key[0], name, lease))
        self._running[key] = work
        heart = asyncio.create_task(self._renew(lease, work))
        try:
            await asyncio.wait({work})
            if not work.cancelled():
                work.result()
        finally:
            self._running[key] = None
            heart.cancel()
            work.cancel()
            await asyncio.gather(heart, work, return_exceptions=True)
            await self._release(lease)

    async def _renew(self, lease: Lease, work: asyncio.Future[None]) -> None:
        while True:
            await asyncio.sleep(self.lease_seconds / BEATS_IN_LEASE)
            try:
                await self._cop.acquire_lease(lease.session_id, lease.lane, self._owner, self.lease_seconds)
            except StoreUnavailable:
                continue
            except SymphainyError as reason:
                logger.warning("lane %s of %s is stopped here: %s", lease.lane, lease.session_id, reason)
                work.cancel()
                return

    async def _release(self, lease: Lease) -> None:
        releasing = asyncio.ensure_future(self._cop.release_lease(lease))
        try:
            await asyncio.shield(releasing)
        except asyncio.CancelledError:
            # whoever stops this must not leave the lease behind: the next owner would wait for its end
            await asyncio.gather(releasing, return_exceptions=True)
            raise
        except SymphainyError as reason:
            logger.info("lease of %s was not released, it ends by itself: %s", lease.lane, reason)
