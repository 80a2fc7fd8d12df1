"""The tiered store: a hot store in front of a durable one, and itself a store.

It acknowledges what the hot store has acknowledged (`probe` says what that is worth) and drains it to the durable store in
the background (`drainer`), any number of processes at once; what a process leaves undrained another one drains (`outbox`).
What is only in the durable store is read there, and brought back before the first write (`residence`). A hot copy that
nobody uses is dropped once it is drained (`residents`).

The hot store may lose everything at any moment. What was drained is served; where the end of a log is lost, or may be, the
log says so in its next entry (`mark_rewinds`). Tokens are written to both stores before they are acknowledged, and a session
is erased in both.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final, Self, TypeVar

from symphainy.errors import (
    InvalidInput,
    NotAllowed,
    SessionExists,
    SessionNotFound,
    StoreUnavailable,
    SymphainyError,
    TooMany,
)
from symphainy.ids import Clock, SystemClock
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
)
from symphainy.stores.checks import check_texts, not_found
from symphainy.stores.tiered.drainer import Drainer
from symphainy.stores.tiered.listing import Listing
from symphainy.stores.tiered.names import ERASED_USER, RESERVED_USERS, replicable
from symphainy.stores.tiered.outbox import Outbox, Undrained, undrained_of
from symphainy.stores.tiered.residence import Residence
from symphainy.stores.tiered.residents import Residents
from symphainy.stores.tiered.tokens import TokenPair

T = TypeVar("T")

logger = logging.getLogger(__name__)

MOST_ENTRIES: Final = 100_000
MOST_SECONDS: Final = 600.0
IDLE_HOT: Final = 3600.0
SWEEP_SECONDS: Final = 2.0
SWEEPS_TO_PARK: Final = 15
CLOSE_SECONDS: Final = 10.0
TRIES: Final = 3


class TieredStore(Store, Tiered):
    """`hot` and `durable` are still to be entered; this store enters and leaves them.

    Past a lag of `most_entries` or `most_seconds` nothing more is acknowledged, until the durable store has caught up. A hot
    copy is dropped after `idle_hot` seconds without a write. Raises InvalidInput unless both can copy sessions.
    """

    def __init__(
        self,
        hot: Store,
        durable: Store,
        *,
        clock: Clock | None = None,
        most_entries: int = MOST_ENTRIES,
        most_seconds: float = MOST_SECONDS,
        idle_hot: float = IDLE_HOT,
        sweep_seconds: float = SWEEP_SECONDS,
        read_only: bool = False,
    ) -> None:
        self._hot = replicable(hot, "hot")
        self._durable = replicable(durable, "durable")
        self._residence = Residence(self._hot, self._durable)
        self._residents = Residents(self._hot, self._residence, clock or SystemClock(), idle_hot)
        self._listing = Listing(self._hot, self._durable)
        self._tokens = TokenPair(self._hot, self._durable, read_only=read_only)
        self._drainer = Drainer(
            self._residence.drain, self._residents.add, most_entries=most_entries, most_seconds=most_seconds
        )
        self._erasing: set[str] = set()
        self._outbox = Outbox(self._hot, self._undrained)
        self._sweep_seconds = sweep_seconds
        self._read_only = read_only
        self._sweeper: asyncio.Task[None] | None = None
        self._set_back = asyncio.Event()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._durable)
            await stack.enter_async_context(self._hot)
            self._stack = stack.pop_all()
        if not self._read_only:
            self._drainer.start()
            self._sweeper = asyncio.create_task(self._sweep_always())
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._sweeper is not None:
            self._sweeper.cancel()
            await asyncio.gather(self._sweeper, return_exceptions=True)
            self._sweeper = None
            self._set_back.set()
            try:
                if await self._drainer.close(CLOSE_SECONDS):
                    await self._residents.write()
                    await self._outbox.close()
                else:
                    logger.warning("not everything is drained; it is as soon as a process opens these stores again")
            except SymphainyError as failure:
                logger.warning("what is left in the hot store is drained by another process, or later: %s", failure)
            await self._tokens.close()
        await self._stack.aclose()

    def lag(self) -> Lag:
        return self._drainer.lag()

    def mark_rewinds(self, record: Callable[[], Record]) -> None:
        self._residence.rewound = record

    async def settled(self) -> None:
        """Returns when everything that this process has acknowledged is drained."""
        await self._drainer.settled()

    async def park_idle(self) -> int:
        """Drops the hot copies that nobody has written to for `idle_hot`, and says how many. It happens by itself."""
        await self._residents.write()
        return await self._residents.park()

    def _may_write(self) -> None:
        if self._read_only:
            raise NotAllowed("The store was opened for reading only.")

    def _undrained(self) -> Undrained:
        return Undrained(self._drainer.undrained, set(self._erasing))

    async def _sweep_always(self) -> None:
        sweeps = 0
        while True:
            try:
                await self._sweep()
                if sweeps % SWEEPS_TO_PARK == 0:
                    await self.park_idle()
                    await self._residence.forget_erased()
            except SymphainyError as failure:
                logger.warning("looking after the hot store goes on later: %s", failure)
            sweeps += 1
            await asyncio.sleep(self._sweep_seconds)

    async def _sweep(self) -> None:
        await self._residents.write()
        if not await self._outbox.keep():
            logger.warning("the hot store has lost this process's outbox: it was emptied or set back")
            self._set_back.set()
            self._set_back = asyncio.Event()
        for outbox in await self._outbox.abandoned():
            await self._take_over(outbox)
        for session_id in list(self._erasing):
            await self._erase(session_id)

    async def _take_over(self, outbox: str) -> None:
        """Drains what a process that is gone has left. It is in our outbox before it leaves that one."""
        try:
            left = await undrained_of(self._hot, outbox)
        except SessionNotFound:
            return
        for session_id in left.drain:
            self._drainer.add(session_id)
            await self._outbox.name(session_id)
        for session_id in left.erase:
            self._erasing.add(session_id)
            await self._outbox.intend_erasure(session_id)
        await self._outbox.done(outbox)

    @asynccontextmanager
    async def _writing(self, session_id: str) -> AsyncGenerator[list[Appended], None]:
        """What is acknowledged inside is named in an outbox, before and still after it. What is put into the list is
        what was appended."""
        self._may_write()
        check_texts(session_id)
        self._drainer.check()
        appended: list[Appended] = []
        self._drainer.begin(session_id)
        try:
            await self._outbox.name(session_id)
            yield appended
            await self._outbox.name(session_id)
        finally:
            if appended:
                self._drainer.end(session_id, appended[0].first_seq, appended[0].last_seq)
            else:
                self._drainer.end(session_id)

    async def _on_hot(self, session_id: str, call: Callable[[], Awaitable[T]]) -> T:
        """Brings the session back first if it is only in the durable store. Raises SessionNotFound."""
        for _ in range(TRIES):
            try:
                return await call()
            except SessionNotFound:
                await self._bring(session_id)
        return await call()

    async def _bring(self, session_id: str) -> None:
        """Raises SessionNotFound."""
        if await self._residence.durable_head(session_id) is None:
            raise not_found(session_id)
        async with self._writing(session_id):
            if not await self._residence.bring(session_id):
                raise not_found(session_id)

    async def create(
        self,
        session_id: str,
        user_id: str,
        lifetime: Lifetime,
        records: Sequence[Record],
        *,
        max_sessions: int | None = None,
    ) -> Head:
        if user_id in RESERVED_USERS:
            raise InvalidInput(f"{user_id!r} is no user.")
        await self._free(session_id)
        in_hot = max_sessions
        if max_sessions is not None:
            in_hot = max_sessions - len(await self._listing.durable_only(user_id))
        try:
            async with self._writing(session_id) as appended:
                head = await self._hot.create(session_id, user_id, lifetime, records, max_sessions=in_hot)
                appended.append(Appended(1, head.seq))
                return head
        except TooMany:
            message = f"No more than {max_sessions} sessions at a time."
            raise TooMany(message, details={"max_sessions": max_sessions}) from None

    async def _free(self, session_id: str) -> None:
        """Raises SessionExists if the durable store has the session. While it does not answer nobody knows."""
        try:
            facts = await self._residence.durable_facts(session_id)
        except StoreUnavailable:
            return
        if facts is not None and facts.user_id != ERASED_USER:
            raise SessionExists(f"There is a session {session_id!r} already.")
        if facts is not None:
            # while the stand-in is there, it stops the late copies of the session that was erased
            await self._drainer.done_with(session_id)
            await self._residence.unbury(session_id)

    async def append(
        self,
        session_id: str,
        records: Sequence[Record],
        *,
        op_id: str | None = None,
        expected_seq: int | None = None,
        fence: Lease | None = None,
    ) -> Appended:
        async with self._writing(session_id) as appended:
            done = await self._on_hot(
                session_id,
                lambda: self._hot.append(session_id, records, op_id=op_id, expected_seq=expected_seq, fence=fence),
            )
            appended.append(done)
            return done

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
        try:
            return await self._hot.read(session_id, after=after, before=before, limit=limit, topic=topic, newest=newest)
        except SessionNotFound:
            if await self._residence.durable_head(session_id) is None:
                raise
        return await self._durable.read(session_id, after=after, before=before, limit=limit, topic=topic, newest=newest)

    async def load(self, session_id: str) -> tuple[Head, StoredSnapshot | None]:
        try:
            return await self._hot.load(session_id)
        except SessionNotFound:
            head, snapshot = await self._durable.load(session_id)
            if head.user_id == ERASED_USER:
                raise
            return head, snapshot

    async def save_snapshot(self, session_id: str, snapshot: StoredSnapshot) -> None:
        self._may_write()
        check_texts(session_id)
        if await self._residence.save_snapshot(session_id, snapshot):
            self._drainer.add(session_id)

    async def acquire_lease(self, session_id: str, lane: str, owner: str, seconds: float) -> Lease:
        self._may_write()
        return await self._on_hot(session_id, lambda: self._hot.acquire_lease(session_id, lane, owner, seconds))

    async def release_lease(self, lease: Lease) -> None:
        self._may_write()
        await self._hot.release_lease(lease)

    async def list_sessions(
        self, *, user_id: str | None = None, expired: bool = False, cursor: str | None = None, limit: int = 50
    ) -> tuple[list[Head], str | None]:
        if user_id is None or expired:
            return await self._listing.of_all(user_id, cursor, limit, expired=expired)
        return await self._listing.of_user(user_id, cursor, limit)

    async def list_open_work(self, *, cursor: str | None = None, limit: int = 500) -> tuple[list[OpenWork], str | None]:
        return await self._listing.open_work(cursor, limit)

    async def touch(self, session_id: str) -> Head:
        async with self._writing(session_id):
            return await self._on_hot(session_id, lambda: self._hot.touch(session_id))

    async def delete(self, session_id: str) -> None:
        self._may_write()
        check_texts(session_id)
        if not await self._residence.exists(session_id):
            raise not_found(session_id)
        self._erasing.add(session_id)
        await self._outbox.intend_erasure(session_id)
        await self._erase(session_id)

    async def _erase(self, session_id: str) -> None:
        await self._residence.erase(session_id)
        self._erasing.discard(session_id)
        await self._outbox.erased(session_id)

    async def wait(self, session_id: str, after: int) -> None:
        self._may_write()
        try:
            await self._hot.load(session_id)
        except SessionNotFound:
            try:
                await self._bring(session_id)
            except SessionNotFound:
                return
        waiting = asyncio.ensure_future(self._hot.wait(session_id, after))
        set_back = asyncio.ensure_future(self._set_back.wait())
        try:
            await asyncio.wait({waiting, set_back}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
            set_back.cancel()
            outcome, _ = await asyncio.gather(waiting, set_back, return_exceptions=True)
        if isinstance(outcome, SymphainyError):
            raise outcome

    async def probe(self) -> Durability:
        """The hot store's class: what is drained is safer, what is not is not. Raises StoreUnavailable also at the limits of
        the lag."""
        self._may_write()
        self._drainer.check()
        return await self._hot.probe()

    async def put_token(self, token: Token) -> None:
        self._may_write()
        await self._tokens.put(token)

    async def find_token(self, token_hash: str) -> Token | None:
        return await self._tokens.find(token_hash)

    async def delete_tokens(
        self, *, token_hash: str | None = None, session_id: str | None = None, user_id: str | None = None
    ) -> list[str]:
        self._may_write()
        return await self._tokens.delete(token_hash, session_id, user_id)
