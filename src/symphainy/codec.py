"""Entries and snapshots to bytes and back. The only place that knows how they look at rest and on the wire.

An entry is encoded once, without its `seq`, before the store has given it one; `wire` splices the seq in. Decoding
is tolerant in the two ways that let old data be read by new code and new data by old code: a missing field takes its
default, an unknown field or type is skipped.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import orjson

from symphainy.entries import Body, Draft, Entry, Unknown
from symphainy.errors import JsonObject, JsonValue
from symphainy.session import (
    AGENT_TYPES,
    AgentType,
    Session,
    orchestrator_context,
    orchestrator_states,
    workflow_states,
)

_TIME = b'"ts":"'
T = TypeVar("T")

BODY_TYPES: Mapping[str, type[Body]] = {body.type: body for body in get_args(Body)}

SNAPSHOT_FORMAT = 3
"""2: artifacts have versions."""


def encode_draft(draft: Draft, *, ts: str, op_id: str | None) -> bytes:
    """A JSON object without `seq`. Raises TypeError if an open payload holds something that is not JSON."""
    document = {
        "ts": ts,
        "type": draft.body.type,
        "actor": draft.actor,
        "conversation": draft.conversation,
        "run_id": draft.run_id,
        "workflow_id": draft.workflow_id,
        "op_id": op_id,
        "data": draft.body,
    }
    if draft.traceparent is not None:
        document["traceparent"] = draft.traceparent
    return orjson.dumps(document)


def time_of(data: bytes) -> str:
    """The time that an encoded entry bears, without decoding it."""
    start = data.index(_TIME) + len(_TIME)
    return data[start : data.index(b'"', start)].decode()


def wire(seq: int, data: bytes) -> bytes:
    """The entry as clients see it: the stored bytes with `seq` in front."""
    return b'{"seq":%d,%b' % (seq, data[1:])


def decode_entry(seq: int, data: bytes) -> Entry:
    return entry_from_json({"seq": seq, **orjson.loads(data)})


def entry_from_json(document: JsonObject) -> Entry:
    kind: str = document["type"]
    body_type = BODY_TYPES.get(kind)
    data: JsonObject = document.get("data") or {}
    conversation = document.get("conversation")
    return Entry(
        seq=document["seq"],
        ts=document["ts"],
        actor=document["actor"],
        body=Unknown(kind, data) if body_type is None else from_json(body_type, data),
        conversation=AgentType(conversation) if conversation in AGENT_TYPES else None,
        run_id=document.get("run_id"),
        workflow_id=document.get("workflow_id"),
        op_id=document.get("op_id"),
        traceparent=document.get("traceparent"),
    )


def entry_to_json(entry: Entry) -> dict[str, JsonValue]:
    """The inverse of `entry_from_json`."""
    body = entry.body
    return {
        "seq": entry.seq,
        "ts": entry.ts,
        "type": body.type,
        "actor": entry.actor,
        "conversation": entry.conversation,
        "run_id": entry.run_id,
        "workflow_id": entry.workflow_id,
        "op_id": entry.op_id,
        "data": dict(body.data) if isinstance(body, Unknown) else to_json(body),
        **({} if entry.traceparent is None else {"traceparent": entry.traceparent}),
    }


def snapshot_document(session: Session) -> dict[str, JsonValue]:
    """The whole fold as JSON values, with the derived views beside it: what a client gets and replicates."""
    return orjson.loads(encode_snapshot(session))


def encode_snapshot(session: Session) -> bytes:
    return orjson.dumps(
        {
            "format": SNAPSHOT_FORMAT,
            **{item.name: getattr(session, item.name) for item in fields(Session)},
            "orchestrator_states": orchestrator_states(session),
            "orchestrator_context": orchestrator_context(session),
            "workflow_states": workflow_states(session),
        }
    )


def decode_snapshot(data: bytes) -> Session | None:
    """The session, or None if the snapshot is of another format: it is a cache, the log is folded again."""
    document = orjson.loads(data)
    if document.get("format") != SNAPSHOT_FORMAT:
        return None
    return from_json(Session, document)


def to_json(value: object) -> JsonValue:
    """A frozen value as plain JSON values."""
    return orjson.loads(orjson.dumps(value))


def from_json(cls: type[T], document: JsonObject) -> T:
    """A frozen value from JSON, by its type hints. Unknown keys are skipped; a missing key without default raises
    KeyError."""
    arguments: dict[str, Any] = {}
    for name, read, required in _readers(cls):
        if name in document:
            arguments[name] = read(document[name])
        elif required:
            raise KeyError(name)
    return cls(**arguments)


@cache
def _readers(cls: type[Any]) -> tuple[tuple[str, Callable[[JsonValue], Any], bool], ...]:
    hints = get_type_hints(cls)
    return tuple(
        (item.name, _reader(hints[item.name]), item.default is MISSING and item.default_factory is MISSING)
        for item in fields(cls)
    )


def _reader(hint: Any) -> Callable[[JsonValue], Any]:
    origin = get_origin(hint)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint
    if isinstance(hint, type) and is_dataclass(hint):
        return lambda value: from_json(cast("type[Any]", hint), value)
    if origin in (Union, types.UnionType):
        return _optional(hint)
    if origin is tuple:
        read = _reader(get_args(hint)[0])
        return lambda value: tuple(read(item) for item in value)
    if (
        origin is not None
        and isinstance(origin, type)
        and issubclass(origin, Mapping)
        and is_dataclass(get_args(hint)[1])
    ):
        read = _reader(get_args(hint)[1])
        return lambda value: {key: read(item) for key, item in value.items()}
    return _as_is


def _optional(hint: Any) -> Callable[[JsonValue], Any]:
    (inner,) = (item for item in get_args(hint) if item is not type(None))
    read = _reader(inner)
    return lambda value: None if value is None else read(value)


def _as_is(value: JsonValue) -> JsonValue:
    return value
