"""No user names another's key: whatever is in an id, its key is its own, and its hash tag is all of the id."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from redis.crc import key_slot

from symphainy.stores.redis.keys import Keys, list_of_session, snapshot_of_session

IDS = st.one_of(
    st.text(alphabet=":{}%se0t~ \x00\N{SNOWMAN}", max_size=8),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
)
KEYS = Keys("symphainy")


def keys_of(name: str) -> dict[str, bytes]:
    """Every key that can be made of one id."""
    session = KEYS.session(name)
    return {
        "session": session,
        "list": list_of_session(session, 0),
        "other list": list_of_session(session, 10),
        "snapshot": snapshot_of_session(session),
        "tokens of session": KEYS.tokens_of_session(name),
        "tokens of user": KEYS.tokens_of_user(name),
        "sessions of user": KEYS.sessions_of_user(name),
        "reserved of user": KEYS.reserved_of_user(name),
        "token": KEYS.token(name),
    }


SHARED = {KEYS.expiries(shard) for shard in range(16)} | {KEYS.with_open_work(shard) for shard in range(16)}


@given(IDS, IDS)
def test_two_ids_never_share_a_key(one: str, other: str) -> None:
    own, foreign = keys_of(one), keys_of(other)
    assert len(set(own.values())) == len(own)
    assert not SHARED & set(own.values())
    for kind, key in own.items():
        assert (key in foreign.values()) == (one == other), (kind, key)


@given(IDS)
def test_all_of_a_session_is_in_one_slot_and_so_is_all_of_a_user(name: str) -> None:
    keys = keys_of(name)
    session = [keys[kind] for kind in ("session", "list", "other list", "snapshot", "tokens of session")]
    user = [keys[kind] for kind in ("tokens of user", "sessions of user", "reserved of user")]
    assert len({key_slot(key) for key in session}) == len({key_slot(key) for key in user}) == 1
    for key in keys.values():
        assert key.count(b"{") == key.count(b"}") == 1
        assert key.startswith(b"symphainy:{")
