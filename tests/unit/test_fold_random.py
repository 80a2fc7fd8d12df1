"""I3 and the fold's other promises, on seeded random logs."""

from typing import get_args

import pytest

from symphainy.codec import decode_snapshot, encode_snapshot, entry_from_json
from symphainy.entries import Body
from symphainy.fold import apply, fold
from symphainy.session import MESSAGES_KEPT, Session
from tests.unit.random_logs import SESSION_ID, random_log

SEEDS = range(1, 41)


@pytest.mark.parametrize("seed", SEEDS)
def test_i3_a_snapshot_at_any_place_and_the_rest_is_the_whole_log(seed: int) -> None:
    entries = [entry_from_json(item) for item in random_log(seed)]
    session = Session(SESSION_ID)
    for entry in entries:
        session = apply(session, entry)
        # Equal here, at every place, means equal after the rest: apply is a function of the two.
        assert decode_snapshot(encode_snapshot(session)) == session
    for place in range(0, len(entries), 35):
        stored = decode_snapshot(encode_snapshot(fold(Session(SESSION_ID), entries[:place])))
        assert stored is not None
        assert fold(stored, entries[place:]) == session


def test_the_random_logs_have_every_entry_type() -> None:
    types = {entry_from_json(item).body.type for seed in SEEDS for item in random_log(seed)}
    assert types >= {body.type for body in get_args(Body)}


@pytest.mark.parametrize("seed", SEEDS[:10])
def test_a_log_folds_to_the_same_session_twice(seed: int) -> None:
    first, second = (fold(Session(SESSION_ID), map(entry_from_json, random_log(seed))) for _ in range(2))
    assert encode_snapshot(first) == encode_snapshot(second)


@pytest.mark.parametrize("seed", SEEDS[:10])
def test_no_entry_changes_the_session_before_it(seed: int) -> None:
    session = Session(SESSION_ID)
    for item in random_log(seed):
        before = encode_snapshot(session)
        after = apply(session, entry_from_json(item))
        assert encode_snapshot(session) == before
        session = after


@pytest.mark.parametrize("seed", SEEDS[:10])
def test_no_conversation_outgrows_its_window(seed: int) -> None:
    session = fold(Session(SESSION_ID), map(entry_from_json, random_log(seed)))
    assert all(len(item.messages) <= MESSAGES_KEPT for item in session.conversations.values())
