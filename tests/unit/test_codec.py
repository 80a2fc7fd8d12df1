"""How entries and snapshots look at rest and on the wire."""

from dataclasses import dataclass

import orjson
import pytest

from symphainy.codec import (
    SNAPSHOT_FORMAT,
    decode_entry,
    decode_snapshot,
    encode_draft,
    encode_snapshot,
    entry_from_json,
    entry_to_json,
    from_json,
    wire,
)
from symphainy.entries import Draft, MessageAdded, MessageDelta, StateStored, Unknown
from symphainy.session import AgentType, MessageStatus, Role, Session

TS = "2026-11-23T10:00:00.000Z"


def test_the_seq_is_spliced_in_front_of_the_stored_bytes() -> None:
    stored = encode_draft(Draft(MessageDelta("msg_1", "é\u2028"), "system", AgentType.GUIDE), ts=TS, op_id="op_1")
    sent = orjson.loads(wire(318, stored))
    assert sent == {"seq": 318, **orjson.loads(stored)}
    assert next(iter(sent)) == "seq"
    assert decode_entry(318, stored) == entry_from_json(sent)


def test_a_trace_is_kept_with_an_entry_and_costs_one_without_it_nothing() -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    traced = encode_draft(Draft(MessageDelta("msg_1", "x"), "system", traceparent=trace), ts=TS, op_id=None)
    assert decode_entry(1, traced).traceparent == trace
    assert entry_from_json(entry_to_json(decode_entry(1, traced))) == decode_entry(1, traced)
    plain = encode_draft(Draft(MessageDelta("msg_1", "x"), "system"), ts=TS, op_id=None)
    assert b"traceparent" not in plain
    assert "traceparent" not in entry_to_json(decode_entry(1, plain))


def test_an_entry_on_the_wire_is_one_line() -> None:
    text = "a\nb\r\nc\u2028d\x00"
    data = wire(1, encode_draft(Draft(MessageDelta("msg_1", text), "system"), ts=TS, op_id=None))
    assert b"\n" not in data
    assert b"\r" not in data
    assert orjson.loads(data)["data"]["text"] == text


def test_a_field_that_an_old_writer_did_not_know_has_its_default() -> None:
    data = {"message_id": "msg_1", "role": "user", "content": "Hello"}
    entry = entry_from_json({"seq": 1, "ts": TS, "type": "message.added", "actor": "system", "data": data})
    assert entry.body == MessageAdded("msg_1", Role.USER, "Hello", MessageStatus.COMPLETED)
    assert (entry.conversation, entry.run_id, entry.workflow_id, entry.op_id) == (None, None, None, None)


def test_a_field_without_default_must_be_there() -> None:
    with pytest.raises(KeyError, match="content"):
        from_json(MessageAdded, {"message_id": "msg_1", "role": "user"})


def test_fields_and_types_of_a_newer_writer_are_skipped() -> None:
    newer = {"seq": 1, "ts": TS, "actor": "system", "conversation": "an_agent_of_tomorrow", "trace": "t"}
    assert entry_from_json({**newer, "type": "mood.changed", "data": {"mood": 1}}).body == Unknown(
        "mood.changed", {"mood": 1}
    )
    entry = entry_from_json({**newer, "type": "message.delta", "data": {"message_id": "m", "text": "t", "bold": True}})
    assert entry.body == MessageDelta("m", "t")
    assert entry.conversation is None


def test_an_open_payload_that_is_not_json_is_refused_before_it_is_stored() -> None:
    @dataclass
    class Odd:
        callback: object = print

    with pytest.raises(TypeError):
        encode_draft(Draft(StateStored("st_1", {"bad": Odd()}), "system"), ts=TS, op_id=None)


def test_text_that_is_not_unicode_is_refused_before_it_is_stored() -> None:
    with pytest.raises(TypeError):
        encode_draft(Draft(MessageDelta("msg_1", "\ud83d"), "system"), ts=TS, op_id=None)


def test_a_snapshot_of_another_format_is_as_good_as_none() -> None:
    document = orjson.loads(encode_snapshot(Session("ses_1")))
    assert decode_snapshot(orjson.dumps(document)) == Session("ses_1")
    assert decode_snapshot(orjson.dumps({**document, "format": SNAPSHOT_FORMAT + 1})) is None
