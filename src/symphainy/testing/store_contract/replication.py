"""Contract: a session that is copied from one store to another is the same session there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from typing import cast

import pytest
import pytest_asyncio

from symphainy.errors import (
    LeaseHeld,
    LeaseLost,
    SessionExists,
    SessionNotFound,
    VersionConflict,
    WorkClosed,
    WorkExists,
)
from symphainy.ids import new_id
from symphainy.stores.base import (
    READ_LIMIT,
    AppendCopy,
    Appended,
    Lifetime,
    Record,
    Replicable,
    SessionCopy,
    Store,
    Stored,
    StoredSnapshot,
    Token,
    Work,
)
from symphainy.stores.memory import MemoryStore
from symphainy.testing.clock import ManualClock
from symphainy.testing.store_contract.fixtures import (
    LONG,
    ContractFixtures,
    head_of,
    line,
    open_work_of,
    sessions_of,
    texts,
    until_waiting,
    whole_log,
    work,
)


class ReplicableStore(Store, Replicable):
    """What `store` and `other` are, for the type checker."""


async def copy_all(source: ReplicableStore, target: ReplicableStore, session_id: str, *, page: int = READ_LIMIT) -> int:
    """The whole session, page by page. How long its log is in `target` at the end."""
    after = 0
    while True:
        copy = await source.copy_out(session_id, after=after, limit=page)
        length = await target.copy_in(copy)
        after = copy.appends[-1].last_seq if copy.appends else after
        if after >= copy.seq:
            return length


@pytest.mark.asyncio
class ReplicableContract(ContractFixtures):
    """Everything is tried in both directions, between the store under test and one in memory."""

    @pytest_asyncio.fixture
    async def here(self, store: Store) -> ReplicableStore:
        assert isinstance(store, Replicable), "the store does not say that it is Replicable"
        return cast(ReplicableStore, store)

    @pytest_asyncio.fixture
    async def memory(self, clock: ManualClock) -> AsyncGenerator[ReplicableStore, None]:
        async with MemoryStore(clock=clock) as store:
            yield cast(ReplicableStore, store)

    @pytest.fixture(params=["out of it", "into it"])
    def source(self, request: pytest.FixtureRequest, here: ReplicableStore, memory: ReplicableStore) -> ReplicableStore:
        return here if request.param == "out of it" else memory

    @pytest.fixture
    def target(self, source: ReplicableStore, here: ReplicableStore, memory: ReplicableStore) -> ReplicableStore:
        return memory if source is here else here

    async def test_a_copy_is_exactly_what_was_appended(self, here: ReplicableStore, user_id: str) -> None:
        session_id, life = new_id("session"), Lifetime(1000.5, 20_000.25)
        first = [Record(b"\x00\xff", "t \N{SNOWMAN}", ("k", "l")), line("b")]
        second = [line("c", keys=("k",)), work("open", "w", "lane \N{SNOWMAN}")]
        third = [work("within", "w"), Record(b"", None, ("m",), Work("w", "close"))]
        created = await here.create(session_id, user_id, life, first)
        await here.append(session_id, second, op_id="op:1'")
        head = await here.append(session_id, third)
        assert head.last_seq == 6
        appends = (
            AppendCopy(1, tuple(first)),
            AppendCopy(3, tuple(second), "op:1'"),
            AppendCopy(5, tuple(third)),
        )
        facts = SessionCopy(session_id, user_id, life, created.created_at, created.created_at, 6, 0)
        assert await here.copy_out(session_id) == replace(facts, appends=appends)
        assert await here.copy_out(session_id, limit=0) == facts
        assert await here.copy_out(session_id, after=6) == facts

    async def test_pages_hold_whole_appends(self, here: ReplicableStore, session_id: str) -> None:
        for size in (1, 3, 2, 4):
            await here.append(session_id, [line() for _ in range(size)])

        async def places(after: int, limit: int) -> list[tuple[int, int]]:
            copy = await here.copy_out(session_id, after=after, limit=limit)
            assert copy.seq == 10
            return [(append.first_seq, append.last_seq) for append in copy.appends]

        assert await places(0, 1) == [(1, 1)]
        assert await places(0, 2) == await places(0, 4) == [(1, 1), (2, 4)]
        assert await places(1, 1) == await places(1, 3) == [(2, 4)]
        assert await places(1, 4) == [(2, 4), (5, 6)]
        assert await places(4, 500) == [(5, 6), (7, 10)]
        assert await places(6, 1) == [(7, 10)]
        assert await places(10, 5) == await places(0, 0) == []

    @pytest.mark.parametrize("page", [1, 3, READ_LIMIT])
    async def test_a_copied_session_is_the_same_session(
        self, source: ReplicableStore, target: ReplicableStore, user_id: str, clock: ManualClock, page: int
    ) -> None:
        session_id = new_id("session")
        await fill(source, session_id, user_id)
        clock.advance(7)
        await source.touch(session_id)
        clock.advance(7)
        assert await copy_all(source, target, session_id, page=page) == 9
        assert await source.copy_out(session_id) == await target.copy_out(session_id)
        assert await target.load(session_id) == (await head_of(source, session_id), None)
        assert await whole_log(source, session_id) == await whole_log(target, session_id)
        assert await target.read(session_id, topic="t") == await source.read(session_id, topic="t")
        assert await open_work_of(target, session_id) == await open_work_of(source, session_id)
        assert await sessions_of(target, user_id=user_id) == await sessions_of(source, user_id=user_id)
        for store in (source, target):
            assert await store.append(session_id, [line()], op_id="op") == Appended(2, 3, repeated=True)
            for refused, error in (
                ([line(keys=("k",))], VersionConflict),
                ([work("open", "done")], WorkExists),
                ([work("open", "w")], WorkExists),
                ([work("within", "done")], WorkClosed),
            ):
                with pytest.raises(error):
                    await store.append(session_id, refused, expected_seq=4 if refused[0].keys else None)
            assert await store.append(session_id, [line(keys=("l",))], expected_seq=4) == Appended(10, 10)
            assert await store.append(session_id, [work("close", "w")]) == Appended(11, 11)

    async def test_a_copy_taken_in_again_changes_nothing(
        self, source: ReplicableStore, target: ReplicableStore, user_id: str
    ) -> None:
        session_id = new_id("session")
        await fill(source, session_id, user_id)
        whole = await source.copy_out(session_id)
        assert await target.copy_in(whole) == 9
        await target.append(session_id, [line("more")])
        for appends in (whole.appends, whole.appends[2:4], whole.appends[:1], ()):
            assert await target.copy_in(replace(whole, appends=appends)) == 10
        assert texts(await whole_log(target, session_id))[9:] == ["more"]
        assert len(await open_work_of(target, session_id)) == 1

    async def test_many_who_copy_at_once_make_one_copy(
        self, source: ReplicableStore, target: ReplicableStore, user_id: str
    ) -> None:
        session_id = new_id("session")
        await fill(source, session_id, user_id)
        for number in range(20):
            await source.append(session_id, [line(str(number))] * 2, op_id=str(number))
        await asyncio.gather(*(copy_all(source, target, session_id, page=page) for page in (1, 2, 3, 7, 100)))
        assert await target.copy_out(session_id) == await source.copy_out(session_id)

    async def test_a_copy_that_differs_or_leaves_a_gap_is_refused(
        self, here: ReplicableStore, user_id: str, clock: ManualClock
    ) -> None:
        session_id, now = new_id("session"), clock.now()
        facts = SessionCopy(session_id, user_id, LONG, now, now, 2, 0)
        two = replace(facts, appends=(AppendCopy(1, (line("a"), line("b")), "op"),))
        with pytest.raises(VersionConflict) as refusal:
            await here.copy_in(replace(facts, appends=(AppendCopy(3, (line("c"),)),)))
        assert refusal.value.details["seq"] == 0
        with pytest.raises(SessionNotFound):
            await here.copy_out(session_id)
        assert await here.copy_in(two) == 2
        for refused in (
            AppendCopy(4, (line("gap"),)),
            AppendCopy(2, (line("not b"),)),
            AppendCopy(1, (line("not a"), line("b"))),
            AppendCopy(2, (line("b"), line("c"))),
        ):
            with pytest.raises(VersionConflict) as refusal:
                await here.copy_in(replace(facts, appends=(refused,)))
            assert refusal.value.details["seq"] == 2
        assert texts(await whole_log(here, session_id)) == ["a", "b"]
        for other in (
            replace(two, user_id="somebody else"),
            replace(two, created_at=now + 1),
            replace(two, lifetime=Lifetime(1, 1)),
        ):
            with pytest.raises(SessionExists):
                await here.copy_in(other)
        assert await here.copy_in(two) == 2

    async def test_half_a_copy_is_found_by_nobody(
        self, source: ReplicableStore, target: ReplicableStore, user_id: str
    ) -> None:
        session_id = new_id("session")
        await fill(source, session_id, user_id)
        waiting = asyncio.create_task(target.wait(session_id, 0))
        half = await source.copy_out(session_id, limit=4)
        assert await target.copy_in(half) == half.appends[-1].last_seq < half.seq
        await waiting
        for asked in (
            target.load(session_id),
            target.read(session_id),
            target.read(session_id, topic="t"),
            target.append(session_id, [line()]),
            target.append(session_id, [line()], op_id="op"),
            target.touch(session_id),
            target.acquire_lease(session_id, "lane", "a", 1),
        ):
            with pytest.raises(SessionNotFound):
                await asked
        await target.wait(session_id, 0)
        with pytest.raises(SessionExists):
            await target.create(session_id, user_id, LONG, [])
        await target.delete(session_id)
        await target.copy_in(half)
        assert await sessions_of(target, user_id=user_id) == await open_work_of(target, session_id) == []
        assert await copy_all(source, target, session_id, page=3) == 9
        assert texts(await whole_log(target, session_id)) == texts(await whole_log(source, session_id))
        assert len(await open_work_of(target, session_id)) == len(await sessions_of(target, user_id=user_id)) == 1

    async def test_a_part_can_be_all_that_is_wanted(
        self, source: ReplicableStore, target: ReplicableStore, user_id: str
    ) -> None:
        session_id = new_id("session")
        await fill(source, session_id, user_id)
        part = await source.copy_out(session_id, limit=4)
        end = part.appends[-1].last_seq
        await target.copy_in(replace(part, seq=end))
        assert (await head_of(target, session_id)).seq == end
        assert await copy_all(source, target, session_id, page=1) == 9

    async def test_a_session_without_entries_is_copied(
        self, source: ReplicableStore, target: ReplicableStore, user_id: str
    ) -> None:
        head = await source.create(new_id("session"), user_id, LONG, [])
        assert await copy_all(source, target, head.session_id) == 0
        assert await target.load(head.session_id) == (head, None)

    async def test_fences_of_a_copy_go_on_from_where_they_were(
        self, source: ReplicableStore, target: ReplicableStore, user_id: str, clock: ManualClock
    ) -> None:
        head = await source.create(new_id("session"), user_id, LONG, [line()])
        session_id = head.session_id
        await source.release_lease(await source.acquire_lease(session_id, "lane", "a", 10))
        stalled = await source.acquire_lease(session_id, "lane", "a", 10)
        await source.release_lease(stalled)
        await source.acquire_lease(session_id, "other", "b", 10)
        assert (await source.copy_out(session_id)).fence == stalled.fence
        await copy_all(source, target, session_id)
        with pytest.raises(LeaseLost):
            await target.append(session_id, [line()], fence=stalled)
        new = await target.acquire_lease(session_id, "lane", "a", 10)
        assert new.fence > stalled.fence
        assert (await target.acquire_lease(session_id, "never leased", "a", 10)).fence > stalled.fence
        await target.append(session_id, [line()], fence=new)
        await target.release_lease(new)
        assert (await target.acquire_lease(session_id, "lane", "b", 10)).fence > new.fence

    async def test_a_live_lease_outlives_a_copy_that_raises_the_fences(
        self, here: ReplicableStore, session_id: str, clock: ManualClock
    ) -> None:
        lease = await here.acquire_lease(session_id, "lane", "a", 10)
        raised = replace(await here.copy_out(session_id), fence=5_000_000_000)
        await here.copy_in(raised)
        await here.copy_in(replace(raised, fence=3))
        assert (await here.copy_out(session_id)).fence == 5_000_000_000
        await here.append(session_id, [line()], fence=lease)
        assert (await here.acquire_lease(session_id, "lane", "a", 10)).fence == lease.fence
        with pytest.raises(LeaseHeld):
            await here.acquire_lease(session_id, "lane", "b", 10)
        clock.advance(10)
        assert (await here.acquire_lease(session_id, "lane", "b", 10)).fence == 5_000_000_001

    async def test_activity_moves_forward_only(self, here: ReplicableStore, user_id: str, clock: ManualClock) -> None:
        head = await here.create(new_id("session"), user_id, Lifetime(100, 250), [line()])
        copy = await here.copy_out(head.session_id)
        later = replace(copy, last_activity=head.created_at + 90)
        await here.copy_in(later)
        await here.copy_in(copy)
        moved = replace(head, last_activity=head.created_at + 90, expires_at=head.created_at + 190)
        assert await head_of(here, head.session_id) == moved
        assert await sessions_of(here, user_id=user_id) == [moved]
        await here.copy_in(replace(copy, last_activity=head.created_at + 200))
        assert (await head_of(here, head.session_id)).expires_at == head.created_at + 250

    async def test_an_expired_session_can_be_copied_and_comes_back_with_its_activity(
        self, source: ReplicableStore, target: ReplicableStore, user_id: str, clock: ManualClock
    ) -> None:
        head = await source.create(new_id("session"), user_id, Lifetime(100, 1000), [line("a")])
        session_id = head.session_id
        await copy_all(source, target, session_id)
        clock.advance(90)
        await source.append(session_id, [line("b")])
        clock.advance(20)
        with pytest.raises(SessionNotFound):
            await target.load(session_id)
        assert (await target.copy_out(session_id)).seq == 1
        await copy_all(source, target, session_id)
        assert texts(await target.read(session_id)) == ["a", "b"]
        clock.advance(100)
        assert await sessions_of(target, user_id=user_id) == []
        assert await copy_all(source, target, session_id) == 2
        assert len(await sessions_of(target, user_id=user_id, expired=True)) == 1

    async def test_who_waits_sees_what_is_copied_in(
        self, source: ReplicableStore, target: ReplicableStore, user_id: str
    ) -> None:
        session_id = new_id("session")
        await fill(source, session_id, user_id)
        await copy_all(source, target, session_id)
        waiting = asyncio.create_task(target.wait(session_id, 9))
        await until_waiting()
        assert not waiting.done()
        await source.append(session_id, [line("next")])
        await copy_all(source, target, session_id)
        await waiting
        assert await target.read(session_id, after=9) == [Stored(10, b"next")]

    async def test_only_a_copy_that_is_as_it_was_seen_is_dropped(
        self, here: ReplicableStore, user_id: str, clock: ManualClock
    ) -> None:
        head = await here.create(new_id("session"), user_id, LONG, [line("a", topic="t"), work("open", "w")])
        session_id, now = head.session_id, clock.now()
        token = Token(new_id("hash"), user_id, session_id, now, 1000, now + 1000, now + 9000)
        await here.put_token(token)
        await here.save_snapshot(session_id, StoredSnapshot(2, b"chain", b"data"))
        waiting = asyncio.create_task(here.wait(session_id, 2))
        await until_waiting()
        lease = await here.acquire_lease(session_id, "lane", "a", 10)
        with pytest.raises(LeaseHeld):
            await here.drop(head)
        await here.release_lease(lease)
        clock.advance(1)
        for change in (here.touch(session_id), here.append(session_id, [line("b")])):
            await change
            with pytest.raises(VersionConflict):
                await here.drop(head)
            head = await head_of(here, session_id)
            clock.advance(1)
        await waiting
        copy = await here.copy_out(session_id)
        await here.drop(head)
        with pytest.raises(SessionNotFound):
            await here.drop(head)
        for asked in (here.load(session_id), here.copy_out(session_id), here.read(session_id, topic="t")):
            with pytest.raises(SessionNotFound):
                await asked
        assert await sessions_of(here, user_id=user_id) == await open_work_of(here, session_id) == []
        assert await here.find_token(token.token_hash) == token
        await here.copy_in(copy)
        assert await here.load(session_id) == (head, None)
        assert (await here.acquire_lease(session_id, "lane", "b", 10)).fence > lease.fence

    async def test_a_session_dropped_beside_its_writers_loses_nothing(
        self, here: ReplicableStore, user_id: str
    ) -> None:
        """Either the drop is refused, or no append that was acknowledged came after what the drop was told."""
        for _ in range(10):
            head = await here.create(new_id("session"), user_id, LONG, [line()])
            done = await asyncio.gather(
                here.append(head.session_id, [line()]),
                here.drop(head),
                here.append(head.session_id, [line()]),
                return_exceptions=True,
            )
            written = sum(isinstance(item, Appended) for item in done)
            if written:
                assert isinstance(done[1], VersionConflict)
                assert (await head_of(here, head.session_id)).seq == 1 + written
            else:
                assert done[1] is None
                assert all(isinstance(item, SessionNotFound) for item in (done[0], done[2]))


async def fill(store: ReplicableStore, session_id: str, user_id: str, records: Sequence[Record] = ()) -> None:
    """Nine entries in six appends, with one of everything: `k` was written last by entry 8, `l` by entry 3."""
    await store.create(session_id, user_id, LONG, [line("1", topic="t")])
    await store.append(session_id, [line("2", keys=("k",)), line("3", keys=("l",))], op_id="op")
    await store.append(session_id, [work("open", "done", "lane"), work("open", "w", "lane")])
    await store.append(session_id, [work("within", "w")], op_id="op2")
    await store.append(session_id, [work("close", "done")])
    await store.append(session_id, [line("8", keys=("k", "m"), topic="t"), line("9"), *records])
