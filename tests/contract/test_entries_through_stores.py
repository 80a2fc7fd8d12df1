"""Every type of entry, with every field set, comes back from every store as it was written."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest

from symphainy.codec import BODY_TYPES, decode_entry, encode_draft
from symphainy.entries import Body, Draft, Entry
from symphainy.session import AgentType
from symphainy.stores import open_store
from symphainy.stores.base import Lifetime, Record

AGENT = list(AgentType)[-1]
TS = "2026-11-23T10:00:01.250Z"
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def sample(hint: Any, name: str) -> Any:
    """A value of the type that no default equals, and that no other field has."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return sample(next(item for item in get_args(hint) if item is not type(None)), name)
    if origin is Literal:
        return get_args(hint)[-1]
    if origin is tuple:
        item = get_args(hint)[0]
        return (sample(item, f"{name} 1"), sample(item, f"{name} 2"))
    if origin is not None and issubclass(origin, Mapping):
        return {name: [1, 2.5, None, True, {"deep": "\N{SNOWMAN}"}]}
    if is_dataclass(hint) and isinstance(hint, type):
        return made(hint, name)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return list(hint)[-1]
    if hint is Any:
        return [name, 1.5, None]
    return {str: f"some {name} \N{SNOWMAN}", int: len(name) + 17, float: len(name) + 0.25, bool: True}[hint]


def made(cls: type[Any], prefix: str) -> Any:
    hints = get_type_hints(cls)
    return cls(**{item.name: sample(hints[item.name], f"{prefix}.{item.name}") for item in fields(cls)})


@pytest.mark.parametrize("url", ["memory://", "sqlite:///{folder}/symphainy.db"])
async def test_every_type_of_entry_comes_back_as_it_was_written(url: str, tmp_path: Path) -> None:
    bodies: list[Body] = [made(body, name) for name, body in sorted(BODY_TYPES.items())]
    assert len(bodies) > 15
    drafts = [Draft(body, "agent:x", AGENT, "run 1", "workflow 1", TRACE) for body in bodies]
    async with open_store(url.format(folder=tmp_path)) as store:
        await store.create("s", "user", Lifetime(1e6, 1e7), [])
        await store.append("s", [Record(encode_draft(draft, ts=TS, op_id="op 1")) for draft in drafts], op_id="op 1")
        found = [decode_entry(item.seq, item.data) for item in await store.read("s")]
    assert found == [
        Entry(seq, TS, "agent:x", body, AGENT, "run 1", "workflow 1", "op 1", TRACE)
        for seq, body in enumerate(bodies, 1)
    ]
