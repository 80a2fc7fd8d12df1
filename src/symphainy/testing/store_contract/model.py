"""Contract: any order of operations does what a model of a few lines does."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from symphainy.errors import SessionExists, SessionNotFound, SymphainyError, VersionConflict, WorkClosed, WorkExists
from symphainy.ids import new_id
from symphainy.stores.base import Lifetime, Record, Store, StoredSnapshot, Work, WorkPhase
from symphainy.testing.clock import ManualClock
from symphainy.testing.store_contract.fixtures import ContractFixtures, OpenStore, sessions_of

T = TypeVar("T")

IDLE = 10
NAMES = st.sampled_from(["a", "b"])
KEYS = st.sampled_from([(), ("k",), ("l",), ("k", "l")])
TOPICS = st.sampled_from([None, "t", "u"])
WORK = st.one_of(st.none(), st.builds(Work, st.sampled_from(["w", "v"]), st.sampled_from(["open", "within", "close"])))
SETTINGS = settings(
    max_examples=40,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
RECORDS = st.lists(st.builds(Record, st.sampled_from([b"x", b"y"]), TOPICS, KEYS, WORK), min_size=1, max_size=3)


class _Session:
    def __init__(self, now: float) -> None:
        self.log: list[Record] = []
        self.operations: dict[str, tuple[int, int]] = {}
        self.snapshot: StoredSnapshot | None = None
        self.active = now

    def refusal(self, records: list[Record], expected_seq: int | None) -> type[SymphainyError] | None:
        keys = {key for record in records for key in record.keys}
        if expected_seq is not None and any(
            not keys or keys & set(later.keys) for later in self.log[max(0, expected_seq) :]
        ):
            return VersionConflict
        phases: dict[str, WorkPhase] = {}
        for position, record in enumerate([*self.log, *records]):
            if record.work is None:
                continue
            last = phases.get(record.work.work_id)
            if position >= len(self.log):
                if record.work.phase == "open" and last is not None:
                    return WorkExists
                if record.work.phase != "open" and last in (None, "close"):
                    return WorkClosed
            if record.work.phase != "within":
                phases[record.work.work_id] = record.work.phase
        return None


class _Machine(RuleBasedStateMachine):
    def __init__(self, open_store: OpenStore) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.clock = ManualClock()
        self.prefix = new_id("model")
        self.model: dict[str, _Session] = {}
        self.store: Store = self.run(open_store(self.clock).__aenter__())

    def run(self, call: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(call)

    def attempt(self, call: Coroutine[Any, Any, T]) -> T | type[SymphainyError]:
        try:
            return self.run(call)
        except SymphainyError as error:
            return type(error)

    def teardown(self) -> None:
        self.run(self.store.__aexit__(None, None, None))
        self.runner.close()

    def live(self, name: str) -> _Session | None:
        session = self.model.get(name)
        return None if session is None or self.clock.now() >= session.active + IDLE else session

    def id_of(self, name: str) -> str:
        return f"{self.prefix}:{name}"

    @rule(name=NAMES)
    def create(self, name: str) -> None:
        done = self.attempt(self.store.create(self.id_of(name), self.prefix, Lifetime(IDLE, 10**6), []))
        assert (done is SessionExists) == (name in self.model), done
        self.model.setdefault(name, _Session(self.clock.now()))

    @rule(
        name=NAMES,
        records=RECORDS,
        op_id=st.sampled_from([None, "o", "p"]),
        expected_seq=st.one_of(st.none(), st.integers(0, 6)),
    )
    def append(self, name: str, records: list[Record], op_id: str | None, expected_seq: int | None) -> None:
        done = self.attempt(self.store.append(self.id_of(name), records, op_id=op_id, expected_seq=expected_seq))
        session = self.live(name)
        if session is None:
            assert done is SessionNotFound, done
            return
        if op_id is not None and op_id in session.operations:
            assert not isinstance(done, type), done
            assert ((done.first_seq, done.last_seq), done.repeated) == (session.operations[op_id], True)
            return
        refusal = session.refusal(records, expected_seq)
        if refusal is not None:
            assert done is refusal, done
            return
        place = (len(session.log) + 1, len(session.log) + len(records))
        assert not isinstance(done, type), done
        assert ((done.first_seq, done.last_seq), done.repeated) == (place, False)
        session.log += records
        session.active = self.clock.now()
        if op_id is not None:
            session.operations[op_id] = place

    @rule(name=NAMES, seq=st.integers(1, 6))
    def save_snapshot(self, name: str, seq: int) -> None:
        snapshot = StoredSnapshot(seq, b"chain", b"data %d" % seq)
        self.run(self.store.save_snapshot(self.id_of(name), snapshot))
        session = self.live(name)
        if session is not None and (session.snapshot is None or session.snapshot.seq < seq):
            session.snapshot = snapshot

    @rule(name=NAMES)
    def touch(self, name: str) -> None:
        done = self.attempt(self.store.touch(self.id_of(name)))
        session = self.live(name)
        assert (done is SessionNotFound) == (session is None), done
        if session is not None:
            session.active = self.clock.now()

    @rule(name=NAMES)
    def delete(self, name: str) -> None:
        done = self.attempt(self.store.delete(self.id_of(name)))
        assert (done is SessionNotFound) == (name not in self.model), done
        self.model.pop(name, None)

    @rule(seconds=st.sampled_from([1, IDLE - 1, IDLE]))
    def advance(self, seconds: int) -> None:
        self.clock.advance(seconds)

    @rule(
        name=NAMES,
        after=st.integers(0, 6),
        before=st.one_of(st.none(), st.integers(0, 8)),
        limit=st.integers(1, 4),
        topic=TOPICS,
        newest=st.booleans(),
    )
    def read(self, name: str, after: int, before: int | None, limit: int, topic: str | None, newest: bool) -> None:
        session = self.live(name)
        done = self.attempt(
            self.store.read(self.id_of(name), after=after, before=before, limit=limit, topic=topic, newest=newest)
        )
        if session is None:
            assert done is SessionNotFound
            return
        wanted = [
            (seq, record.data)
            for seq, record in enumerate(session.log, 1)
            if after < seq < (before if before is not None else 10**9) and topic in (None, record.topic)
        ]
        assert not isinstance(done, type)
        assert [(item.seq, item.data) for item in done] == (wanted[-limit:] if newest else wanted[:limit])

    @invariant()
    def heads_and_snapshots_agree(self) -> None:
        live = {self.id_of(name): session for name in self.model if (session := self.live(name))}
        heads = self.run(sessions_of(self.store, user_id=self.prefix))
        assert {head.session_id: head.seq for head in heads} == {name: len(item.log) for name, item in live.items()}
        for name, session in live.items():
            assert self.run(self.store.load(name))[1] == session.snapshot


@pytest.mark.asyncio
class ModelContract(ContractFixtures):
    async def test_any_order_of_operations_does_what_the_model_does(self, open_store: OpenStore) -> None:
        class Machine(_Machine):
            def __init__(self) -> None:
                super().__init__(open_store)

        # In a thread, because the machine has an event loop of its own.
        await asyncio.to_thread(run_state_machine_as_test, Machine, settings=SETTINGS)
