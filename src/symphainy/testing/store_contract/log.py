"""Contract: the log. Order, idempotence, concurrent writers, conditions, paging, waking."""

from __future__ import annotations

import asyncio

import pytest

from symphainy.errors import InvalidInput, SessionNotFound, SymphainyError, VersionConflict, WorkClosed
from symphainy.ids import new_id
from symphainy.stores.base import READ_LIMIT, Appended, Record, Store, Stored
from symphainy.testing.store_contract.fixtures import (
    LONG,
    ContractFixtures,
    head_of,
    line,
    open_work_of,
    texts,
    until_waiting,
    whole_log,
    work,
)


@pytest.mark.asyncio
class LogContract(ContractFixtures):
    async def test_entries_are_numbered_from_one_without_a_gap(self, store: Store, user_id: str) -> None:
        head = await store.create(new_id("session"), user_id, LONG, [line("a"), line("b")])
        assert head.seq == 2
        assert await store.append(head.session_id, [line("c")]) == Appended(3, 3)
        assert await store.append(head.session_id, [line("d"), line("e")]) == Appended(4, 5)
        assert texts(await whole_log(store, head.session_id)) == ["a", "b", "c", "d", "e"]
        assert (await head_of(store, head.session_id)).seq == 5

    async def test_bytes_come_back_as_they_were(self, store: Store, session_id: str) -> None:
        written = [b"", b"\x00\xff\r\n", "\N{SNOWMAN}".encode(), bytes(range(256)) * 4_000]
        await store.append(session_id, [Record(data, "topic \N{SNOWMAN} 'x' {y}") for data in written], op_id="a:b")
        assert [item.data for item in await whole_log(store, session_id)] == written

    async def test_four_writers_of_one_session_lose_nothing(self, store: Store, session_id: str) -> None:
        async def write(writer: int) -> list[tuple[int, str]]:
            places: list[tuple[int, str]] = []
            for number in range(50):
                text = f"{writer}/{number}"
                done = await store.append(session_id, [line(text)], op_id=text)
                assert not done.repeated
                places.append((done.first_seq, text))
            return places

        acknowledged = [place for places in await asyncio.gather(*map(write, range(4))) for place in places]
        log = await whole_log(store, session_id)
        assert len(acknowledged) == len(log) == 200
        assert sorted(acknowledged) == [(item.seq, item.data.decode()) for item in log]

    async def test_four_writers_of_different_keys_are_never_refused(self, store: Store, session_id: str) -> None:
        async def patch(writer: int) -> list[int]:
            seen, places = 0, list[int]()
            for number in range(50):
                done = await store.append(
                    session_id, [line(f"{writer}={number}", keys=(f"key{writer}",))], expected_seq=seen
                )
                seen = done.last_seq
                places.append(seen)
            return places

        places = await asyncio.gather(*map(patch, range(4)))
        assert sorted(seq for own in places for seq in own) == list(range(1, 201))
        assert all(own == sorted(own) for own in places)

    async def test_a_repeated_operation_writes_nothing_and_says_where_the_first_one_wrote(
        self, store: Store, session_id: str
    ) -> None:
        first = await store.append(session_id, [line("a"), line("b")], op_id="op")
        await store.append(session_id, [line("c")])
        assert (first.repeated, first.first_seq, first.last_seq) == (False, 1, 2)
        assert await store.append(session_id, [line("a"), line("b")], op_id="op") == Appended(1, 2, repeated=True)
        assert texts(await whole_log(store, session_id)) == ["a", "b", "c"]

    async def test_a_repeat_is_recognised_before_anything_else_is_checked(self, store: Store, session_id: str) -> None:
        lease = await store.acquire_lease(session_id, "lane", "a", 10)
        await store.append(session_id, [work("open", "w")], op_id="op", expected_seq=0, fence=lease)
        await store.append(session_id, [work("close", "w")])
        await store.release_lease(lease)
        await store.acquire_lease(session_id, "lane", "b", 10)
        repeat = await store.append(session_id, [work("open", "w")], op_id="op", expected_seq=0, fence=lease)
        assert repeat == Appended(1, 1, repeated=True)

    async def test_concurrent_repeats_write_once(self, store: Store, session_id: str) -> None:
        done = await asyncio.gather(*(store.append(session_id, [line(), line()], op_id="op") for _ in range(20)))
        assert {(item.first_seq, item.last_seq) for item in done} == {(1, 2)}
        assert sum(not item.repeated for item in done) == 1
        assert len(await whole_log(store, session_id)) == 2

    async def test_repeats_beside_new_operations_change_nothing_for_them(self, store: Store, session_id: str) -> None:
        for n in range(0, 10, 2):
            await store.append(session_id, [line(str(n))], op_id=str(n))
        numbers = list(range(9, -1, -1))
        done = await asyncio.gather(*(store.append(session_id, [line(str(n))], op_id=str(n)) for n in numbers))
        assert [item.repeated for item in done] == [n % 2 == 0 for n in numbers]
        log = await whole_log(store, session_id)
        assert [log[item.first_seq - 1].data for item in done] == [str(n).encode() for n in numbers]
        assert len(log) == 10

    async def test_the_same_operation_in_another_session_is_another_one(
        self, store: Store, session_id: str, user_id: str
    ) -> None:
        other = await store.create(new_id("session"), user_id, LONG, [line("first")])
        assert await store.append(session_id, [line()], op_id="op") == Appended(1, 1)
        assert await store.append(other.session_id, [line()], op_id="op") == Appended(2, 2)

    async def test_without_keys_any_later_entry_is_a_conflict(self, store: Store, session_id: str) -> None:
        await store.append(session_id, [line("a")], expected_seq=0)
        with pytest.raises(VersionConflict) as refusal:
            await store.append(session_id, [line("b")], expected_seq=0)
        assert refusal.value.details["seq"] == 1
        await store.append(session_id, [line("c")], expected_seq=1)
        assert texts(await whole_log(store, session_id)) == ["a", "c"]

    async def test_with_keys_only_a_later_entry_of_the_same_key_is_a_conflict(
        self, store: Store, session_id: str
    ) -> None:
        await store.append(session_id, [line("a=1", keys=("a",))])
        await store.append(session_id, [line("b=1 c=1", keys=("b", "c")), line("no key")])
        await store.append(session_id, [line("a=2", keys=("a",))], expected_seq=1)
        for keys in (("a",), ("new", "c"), ("b",)):
            with pytest.raises(VersionConflict):
                await store.append(session_id, [line("fine", keys=("new",)), line("late", keys=keys)], expected_seq=1)
        await store.append(session_id, [line("b=2", keys=("b",))], expected_seq=2)
        assert texts(await whole_log(store, session_id)) == ["a=1", "b=1 c=1", "no key", "a=2", "b=2"]

    async def test_of_concurrent_writers_with_one_expectation_one_wins(self, store: Store, session_id: str) -> None:
        done = await asyncio.gather(
            *(store.append(session_id, [line(str(n), keys=("k",))], expected_seq=0) for n in range(20)),
            return_exceptions=True,
        )
        assert sum(isinstance(item, Appended) for item in done) == 1
        assert sum(isinstance(item, VersionConflict) for item in done) == 19
        assert len(await whole_log(store, session_id)) == 1

    async def test_an_append_refused_half_way_leaves_nothing(self, store: Store, session_id: str) -> None:
        await store.append(session_id, [line("before")])
        with pytest.raises(WorkClosed):
            await store.append(
                session_id,
                [line("1", topic="t", keys=("k",)), work("open", "w"), work("within", "never opened")],
                op_id="op",
            )
        assert texts(await whole_log(store, session_id)) == ["before"]
        assert await store.read(session_id, topic="t") == []
        assert await open_work_of(store, session_id) == []
        assert (await head_of(store, session_id)).seq == 1
        again = await store.append(session_id, [work("open", "w"), line("k", keys=("k",))], op_id="op", expected_seq=1)
        assert again == Appended(2, 3)

    async def test_a_refused_caller_does_not_disturb_those_beside_it(self, store: Store, session_id: str) -> None:
        done = await asyncio.gather(
            *(
                store.append(session_id, [line(str(n)), work("within", "not open")] if n % 2 else [line(str(n))])
                for n in range(40)
            ),
            return_exceptions=True,
        )
        assert [isinstance(item, WorkClosed) for item in done] == [n % 2 == 1 for n in range(40)]
        log = texts(await whole_log(store, session_id))
        assert sorted(log, key=int) == [str(n) for n in range(0, 40, 2)]
        assert (await store.append(session_id, [line("next")])).first_seq == 21

    async def test_pages_from_either_end(self, store: Store, session_id: str) -> None:
        await store.append(session_id, [line(str(n)) for n in range(1, 11)])

        async def seqs(after: int = 0, before: int | None = None, limit: int = 500, newest: bool = False) -> list[int]:
            found = await store.read(session_id, after=after, before=before, limit=limit, newest=newest)
            assert all(item.data == str(item.seq).encode() for item in found)
            return [item.seq for item in found]

        assert await seqs() == list(range(1, 11))
        assert await seqs(limit=3) == [1, 2, 3]
        assert await seqs(limit=3, newest=True) == [8, 9, 10]
        assert await seqs(after=3, limit=3) == [4, 5, 6]
        assert await seqs(before=8, limit=3, newest=True) == [5, 6, 7]
        assert await seqs(after=3, before=6) == [4, 5]
        assert await seqs(after=4, before=9, limit=2, newest=True) == [7, 8]
        assert await seqs(after=9) == [10]
        assert await seqs(after=10) == await seqs(after=99) == await seqs(before=1) == await seqs(limit=0) == []
        assert await seqs(after=5, before=6) == []
        assert await seqs(before=99) == await seqs(after=-5, before=1 << 70) == list(range(1, 11))

    async def test_one_read_is_bounded(self, store: Store, session_id: str) -> None:
        await store.append(session_id, [line(topic="t") for _ in range(READ_LIMIT + 1)])
        assert len(await store.read(session_id, limit=10 * READ_LIMIT)) == READ_LIMIT
        assert len(await store.read(session_id, topic="t", limit=10 * READ_LIMIT)) == READ_LIMIT

    async def test_pages_of_a_topic(self, store: Store, session_id: str, user_id: str) -> None:
        other = await store.create(new_id("session"), user_id, LONG, [line("other", topic="even")])
        records = [line(str(n), topic="even" if n % 2 == 0 else "odd" if n % 3 else None) for n in range(1, 11)]
        await store.append(session_id, records)

        async def seqs(topic: str, after: int = 0, before: int | None = None, limit: int = 500) -> list[list[int]]:
            return [
                [
                    item.seq
                    for item in await store.read(
                        session_id, topic=topic, after=after, before=before, limit=limit, newest=newest
                    )
                ]
                for newest in (False, True)
            ]

        assert await seqs("even") == [[2, 4, 6, 8, 10]] * 2
        assert await seqs("even", limit=2) == [[2, 4], [8, 10]]
        assert await seqs("even", after=2, before=10, limit=2) == [[4, 6], [6, 8]]
        assert await seqs("even", after=4, before=6) == [[], []]
        assert await seqs("odd") == [[1, 5, 7]] * 2
        assert await seqs("none") == await seqs("even", limit=0) == [[], []]
        assert texts(await store.read(other.session_id, topic="even")) == ["other"]

    async def test_one_who_waits_before_the_first_write_is_woken_by_it(self, store: Store, session_id: str) -> None:
        waiting = [asyncio.create_task(store.wait(session_id, 0)) for _ in range(5)]
        await until_waiting()
        assert not any(task.done() for task in waiting)
        await store.append(session_id, [line()])
        await asyncio.gather(*waiting)

    async def test_a_follower_sees_every_entry_once_and_in_order(self, store: Store, session_id: str) -> None:
        async def follow() -> list[Stored]:
            seen: list[Stored] = []
            while len(seen) < 100:
                after = seen[-1].seq if seen else 0
                await store.wait(session_id, after)
                seen += await store.read(session_id, after=after)
            return seen

        async def write(writer: int) -> None:
            for number in range(25):
                await store.append(session_id, [line(f"{writer}/{number}")])

        seen, *_ = await asyncio.gather(follow(), *map(write, range(4)))
        assert seen == await whole_log(store, session_id)

    async def test_waiting_for_what_is_already_there_returns_at_once(self, store: Store, session_id: str) -> None:
        await store.append(session_id, [line(), line()])
        await store.wait(session_id, 1)
        await store.wait(new_id("session"), 0)

    async def test_a_wait_ends_when_the_session_is_deleted(self, store: Store, session_id: str) -> None:
        waiting = asyncio.create_task(store.wait(session_id, 0))
        await until_waiting()
        await store.delete(session_id)
        await waiting

    async def test_a_wait_can_be_cancelled(self, store: Store, session_id: str) -> None:
        waiting = asyncio.create_task(store.wait(session_id, 0))
        await until_waiting()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await store.append(session_id, [line()])

    async def test_what_cannot_be_kept_is_refused(self, store: Store, session_id: str) -> None:
        for refused in (
            store.append(session_id, []),
            store.append(session_id, [line()], op_id="\ud800"),
            store.append(session_id, [line(topic="\ud800")]),
            store.append(session_id, [line(keys=("\ud800",))]),
            store.create("\ud800", "user", LONG, []),
            store.list_sessions(cursor="no cursor"),
            store.list_open_work(cursor=f"1:{1 << 70}"),
        ):
            with pytest.raises(InvalidInput):
                await refused
        assert await whole_log(store, session_id) == []

    async def test_an_unknown_session_is_not_found(self, store: Store) -> None:
        unknown = new_id("session")
        for asked in (
            store.append(unknown, [line()]),
            store.read(unknown),
            store.read(unknown, topic="t"),
            store.load(unknown),
            store.acquire_lease(unknown, "lane", "a", 1),
            store.touch(unknown),
            store.delete(unknown),
        ):
            with pytest.raises(SessionNotFound):
                await asked

    async def test_a_closed_store_says_so_and_lets_nobody_wait(self, store: Store, session_id: str) -> None:
        waiting = asyncio.create_task(store.wait(session_id, 0))
        await until_waiting()
        await store.__aexit__(None, None, None)
        await waiting
        for asked in (store.append(session_id, [line()]), store.read(session_id), store.wait(session_id, 0)):
            with pytest.raises(SymphainyError) as refusal:
                await asked
            assert refusal.value.code == "store_unavailable"
