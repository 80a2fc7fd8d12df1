"""What a reader of the fold relies on and no vector can show."""

import pytest

from symphainy.entries import Entry, MessageAdded, SessionClosed, SessionCreated, Unknown, ValuePatched
from symphainy.fold import apply, fold, fold_alone, merge_patch
from symphainy.fold.values import replace
from symphainy.session import AgentType, Role, Session


def entry(seq: int, body: object, conversation: AgentType | None = None) -> Entry:
    return Entry(seq, f"2026-11-23T10:00:{seq:02}.000Z", "system", body, conversation)  # type: ignore[arg-type]


CREATED = entry(1, SessionCreated("usr_1", "epo_1", "2026-12-23T10:00:00.000Z"))


@pytest.mark.parametrize("seq", [0, 1, 3])
def test_an_entry_that_is_not_the_next_is_refused(seq: int) -> None:
    session = apply(Session("ses_1"), CREATED)
    with pytest.raises(ValueError, match=f"entry {seq} cannot follow 1"):
        apply(session, entry(seq, SessionClosed("deleted")))


def test_an_unknown_type_advances_the_session_and_changes_nothing_else() -> None:
    session = apply(Session("ses_1"), CREATED)
    after = apply(session, entry(2, Unknown("presence.changed", {"who": "me"})))
    moment = "2026-11-23T10:00:02.000Z"
    assert after == replace(session, seq=2, updated_at=moment, last_activity=moment)


def test_conversations_that_an_entry_does_not_touch_are_shared_with_the_session_before() -> None:
    session = apply(Session("ses_1"), CREATED)
    after = apply(session, entry(2, MessageAdded("msg_1", Role.USER, "Hello"), AgentType.GUIDE))
    assert after.conversations["content_liaison"] is session.conversations["content_liaison"]
    assert after.workflows is session.workflows


def test_one_topic_of_a_log_folds_alone_whatever_its_numbers() -> None:
    session = fold_alone("ses_1", [CREATED, entry(7, ValuePatched({"a": 1})), entry(90, ValuePatched({"b": 2}))])
    assert (session.seq, session.state) == (3, {"a": 1, "b": 2})


def test_a_merge_patch_leaves_what_it_merges_as_it_was() -> None:
    target = {"a": {"b": 1}, "c": [1]}
    patch = {"a": {"b": None, "d": {"e": None}}}
    assert merge_patch(target, patch) == {"a": {"d": {}}, "c": [1]}
    assert target == {"a": {"b": 1}, "c": [1]}
    assert patch == {"a": {"b": None, "d": {"e": None}}}


def test_a_copy_differs_in_the_named_fields_alone() -> None:
    session = fold(Session("ses_1"), [CREATED])
    copy = replace(session, title="Other", closed=True)
    assert (copy.title, copy.closed) == ("Other", True)
    assert replace(copy, title=session.title, closed=False) == session


def test_a_copy_cannot_name_a_field_that_there_is_not() -> None:
    with pytest.raises(TypeError, match="no_such_field"):
        replace(Session("ses_1"), no_such_field=1)
