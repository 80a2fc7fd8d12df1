"""Where a session is: in the hot store, in the durable one, or in both; and how it gets from one to the other.

The durable store's log is the truth. Whatever the hot store has that does not go on from it (because it was set back, or
because two went on from the same place) gives way, and the log says so.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Final

from symphainy.errors import LeaseHeld, SessionExists, SessionNotFound, StoreUnavailable, VersionConflict
from symphainy.ids import new_id
from symphainy.stores.base import AppendCopy, Head, Lease, Record, SessionCopy, StoredSnapshot
from symphainy.stores.tiered.names import (
    ERASED_FOR,
    ERASED_USER,
    ReplicableStore,
    is_parked,
    next_generation,
)

logger = logging.getLogger(__name__)

PAGE: Final = 200
"""Entries copied at a time."""
LANE: Final = "tiered"
"""Held in the durable store by who moves the session between the two."""
MOVE_SECONDS: Final = 10.0
POLL_SECONDS: Final = 0.02
TRIES: Final = 3
MARKS_KEPT: Final = 20_000


class SetBack(Exception):
    """The hot log does not go on from the durable one."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """How far a session is drained: to `seq`, with this `activity`. Its last append had `span` entries (0: not known)."""

    seq: int
    activity: float
    span: int = 0
    digest: bytes = b""


def _digest(append: AppendCopy) -> bytes:
    digest = blake2b(repr((append.first_seq, append.op_id)).encode(), digest_size=16)
    for record in append.records:
        digest.update(len(record.data).to_bytes(8, "big") + record.data)
    return digest.digest()


class Residence:
    def __init__(self, hot: ReplicableStore, durable: ReplicableStore) -> None:
        self._hot = hot
        self._durable = durable
        self._marks: OrderedDict[str, _Mark] = OrderedDict()
        self._snapshots: dict[str, StoredSnapshot] = {}
        self._moving: dict[str, asyncio.Lock] = {}
        self.rewound: Callable[[], Record] | None = None

    async def durable_head(self, session_id: str) -> Head | None:
        """None if the durable store has no such session, or it has expired there."""
        try:
            head, _ = await self._durable.load(session_id)
        except SessionNotFound:
            return None
        return None if head.user_id == ERASED_USER else head

    async def durable_facts(self, session_id: str) -> SessionCopy | None:
        """As `durable_head`, of expired sessions too, and of what stands in place of an erased one."""
        try:
            return await self._durable.copy_out(session_id, limit=0)
        except SessionNotFound:
            return None

    async def drain(self, session_id: str) -> int | None:
        """Brings the durable store up to what the hot one has now, and says up to where. None if the session is not in
        the hot store. Raises StoreUnavailable; whatever was copied stays copied."""
        for _ in range(TRIES):
            try:
                drained = await self._drain(session_id)
            except SetBack:
                await self.heal(session_id)
            except SessionNotFound:
                self._forget(session_id)
                return None
            except VersionConflict:
                self._forget(session_id)  # what was known of the durable store is not so: look again
            except SessionExists:
                if await self._is_erased(session_id):
                    return None
                raise
            else:
                await self._drain_snapshot(session_id, drained)
                return drained
        raise StoreUnavailable(f"The two stores do not agree on {session_id!r}; the copy is tried again later.")

    async def _drain(self, session_id: str) -> int:
        mark = self._marks.get(session_id) or await self._where_to_go_on(session_id)
        while True:
            # the last append goes along once more: the durable store compares it, and so notices another log
            copy = await self._hot.copy_out(session_id, after=mark.seq - mark.span, limit=PAGE + mark.span)
            if copy.seq < mark.seq or (mark.span and _digest(copy.appends[0]) != mark.digest):
                raise SetBack
            end = copy.appends[-1].last_seq if copy.appends else mark.seq
            if end == mark.seq and copy.last_activity <= mark.activity:
                return end
            await self._durable.copy_in(replace(copy, seq=end))
            if copy.appends:
                mark = _Mark(end, copy.last_activity, len(copy.appends[-1].records), _digest(copy.appends[-1]))
            else:
                mark = replace(mark, activity=copy.last_activity)
            self._marks[session_id] = mark
            self._marks.move_to_end(session_id)
            if len(self._marks) > MARKS_KEPT:
                self._marks.popitem(last=False)
            if end >= copy.seq:
                return end

    async def _drain_snapshot(self, session_id: str, drained: int) -> None:
        snapshot = self._snapshots.get(session_id)
        if snapshot is not None and snapshot.seq <= drained:
            await self._durable.save_snapshot(session_id, snapshot)
            self._snapshots.pop(session_id, None)

    def keep_snapshot(self, session_id: str, snapshot: StoredSnapshot) -> None:
        """For the next drain."""
        self._snapshots[session_id] = snapshot

    def _forget(self, session_id: str) -> None:
        self._marks.pop(session_id, None)
        self._snapshots.pop(session_id, None)

    async def _where_to_go_on(self, session_id: str) -> _Mark:
        """The end of the durable log, which must be in the hot one. Raises SetBack, SessionExists."""
        facts = await self.durable_facts(session_id)
        if facts is None:
            return _Mark(0, -1.0)
        if facts.user_id == ERASED_USER:
            raise SessionExists("It was erased.")
        try:
            kept = await self._durable.read(session_id, after=facts.seq - 1, limit=1)
        except SessionNotFound:
            return _Mark(facts.seq, facts.last_activity)  # it expired there, and not in the hot store
        if kept != await self._hot.read(session_id, after=facts.seq - 1, before=facts.seq + 1, limit=1):
            raise SetBack
        return _Mark(facts.seq, facts.last_activity)

    async def _is_erased(self, session_id: str) -> bool:
        """Whether the session was erased. Then what a late writer or copier has made of it in the hot store goes too."""
        facts = await self.durable_facts(session_id)
        if facts is None or facts.user_id != ERASED_USER:
            return False
        await self._forget_hot(session_id)
        return True

    async def _forget_hot(self, session_id: str) -> None:
        self._forget(session_id)
        with suppress(SessionNotFound):
            await self._hot.delete(session_id)

    async def heal(self, session_id: str) -> None:
        """The hot copy gives way to the durable log. Its tokens are found in the durable store."""
        logger.warning("the hot store's log of %s does not go on from the durable one and gives way to it", session_id)
        await self._forget_hot(session_id)
        await self.bring(session_id)

    async def bring(self, session_id: str) -> bool:
        """Makes the hot copy of a session that is in the durable store only. False if it is not there either.

        The end of the log is marked first if the last hot copy was not dropped but lost.
        """
        async with self._moving.setdefault(session_id, asyncio.Lock()):
            try:
                return await self._bring(session_id)
            finally:
                self._moving.pop(session_id, None)

    async def _bring(self, session_id: str) -> bool:
        lease = await self._begin_move(session_id)
        if lease is None:
            return False
        try:
            if await self._is_hot(session_id):
                return True
            facts = await self._mark(session_id)
            await self._bring_copy(session_id, facts.seq)
        except SessionNotFound:
            return False  # erased meanwhile
        finally:
            await self._durable.release_lease(lease)
        return not await self._is_erased(session_id)

    async def _begin_move(self, session_id: str) -> Lease | None:
        """None if there is nothing (any more) to be moved."""
        deadline = asyncio.get_running_loop().time() + 2 * MOVE_SECONDS
        while await self.durable_head(session_id) is not None:
            try:
                return await self._durable.acquire_lease(session_id, LANE, new_id("move"), MOVE_SECONDS)
            except SessionNotFound:
                return None
            except LeaseHeld:
                if asyncio.get_running_loop().time() > deadline:
                    raise StoreUnavailable("The session is being brought back; try again.") from None
                await asyncio.sleep(POLL_SECONDS)
        return None

    async def _is_hot(self, session_id: str) -> bool:
        try:
            await self._hot.load(session_id)
        except SessionNotFound:
            return False
        return True

    async def _mark(self, session_id: str) -> SessionCopy:
        """Begins a generation, before any entry of it can be acknowledged. The facts that the hot copy begins with."""
        while True:
            facts = await self._durable.copy_out(session_id, limit=0)
            marked = replace(facts, fence=next_generation(facts.fence, parked=False))
            if not is_parked(facts.fence):
                logger.warning(
                    "the hot copy of %s is gone: what was not drained is lost after %d", session_id, facts.seq
                )
                if self.rewound is not None:
                    append = AppendCopy(facts.seq + 1, (self.rewound(),), f"rewound:{marked.fence}")
                    marked = replace(marked, seq=facts.seq + 1, appends=(append,))
            try:
                await self._durable.copy_in(marked)
            except VersionConflict:
                continue  # a late drain came first
            return marked

    async def _bring_copy(self, session_id: str, seq: int) -> None:
        for _ in range(TRIES):
            try:
                return await self._copy_to_hot(session_id, seq)
            except (VersionConflict, SessionExists):
                # what is left there of another copy is not the beginning of this log
                await self._forget_hot(session_id)
        raise StoreUnavailable(f"The two stores do not agree on {session_id!r}; try again.")

    async def _copy_to_hot(self, session_id: str, seq: int) -> None:
        after = 0
        while True:
            copy = await self._durable.copy_out(session_id, after=after, limit=PAGE)
            await self._hot.copy_in(replace(copy, seq=max(seq, copy.seq)))
            after = copy.appends[-1].last_seq if copy.appends else after
            if after >= copy.seq:
                break
        _, snapshot = await self._durable.load(session_id)
        if snapshot is not None:
            await self._hot.save_snapshot(session_id, snapshot)

    async def park(self, head: Head) -> bool:
        """Drops a hot copy that is drained and that nobody uses. False if somebody does after all."""
        lease = await self._begin_move(head.session_id)
        if lease is None:
            return False
        try:
            facts = await self._durable.copy_out(head.session_id, limit=0)
            if (facts.seq, facts.last_activity) != (head.seq, head.last_activity):
                return False
            # dropped first: if this process ends in between, the next hot copy is marked without need, and not the other way round
            await self._hot.drop(head)
            await self._durable.copy_in(replace(facts, fence=next_generation(facts.fence, parked=True)))
        except (VersionConflict, LeaseHeld, SessionNotFound):
            return False
        finally:
            await self._durable.release_lease(lease)
        self._forget(head.session_id)
        return True

    async def erase(self, session_id: str) -> None:
        """Erases the session in both stores, for good: nothing that is still on its way makes it again. Can be repeated."""
        await self._bury(session_id)
        await self._durable.delete_tokens(session_id=session_id)
        await self._forget_hot(session_id)
        await self._hot.delete_tokens(session_id=session_id)

    async def _bury(self, session_id: str) -> None:
        while True:
            await self.unbury(session_id)
            try:
                await self._durable.create(session_id, ERASED_USER, ERASED_FOR, [])
            except SessionExists:
                continue  # a late copy was quicker
            return

    async def unbury(self, session_id: str) -> None:
        """The id is free again."""
        with suppress(SessionNotFound):
            await self._durable.delete(session_id)

    async def exists(self, session_id: str) -> bool:
        """In either store, expired or not."""
        try:
            await self._hot.copy_out(session_id, limit=0)
        except SessionNotFound:
            facts = await self.durable_facts(session_id)
            return facts is not None and facts.user_id != ERASED_USER
        return True

    async def forget_erased(self) -> None:
        """What stands in place of erased sessions goes when no copy can be on its way any more."""
        heads, _ = await self._durable.list_sessions(user_id=ERASED_USER, expired=True, limit=500)
        for head in heads:
            await self.unbury(head.session_id)
