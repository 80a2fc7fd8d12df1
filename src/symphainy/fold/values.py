"""Copies of frozen values and mappings that differ in some fields or keys: all that a fold does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeVar

from symphainy.errors import JsonObject, JsonValue
from symphainy.session import Run, Status, Workflow

Item = TypeVar("Item")
Value = TypeVar("Value")
Held = TypeVar("Held", Run, Workflow)

FINISHED: Final = (Status.COMPLETED, Status.FAILED, Status.CANCELLED)


def replace(value: Value, **changes: object) -> Value:
    """`dataclasses.replace` without running `__init__`: at half its cost, which is most of the cost of folding.
    Raises TypeError for a name that is no field."""
    kind: Any = type(value)
    for name in changes:
        if name not in kind.__slots__:
            raise TypeError(f"{kind.__name__} has no field {name}")
    made = object.__new__(kind)
    for name in kind.__slots__:
        object.__setattr__(made, name, changes[name] if name in changes else getattr(value, name))
    return made


def merge_patch(target: JsonObject, patch: JsonObject) -> dict[str, JsonValue]:
    """JSON Merge Patch, RFC 7396: null removes a key, objects merge, everything else replaces."""
    merged: dict[str, JsonValue] = dict(target)
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping):
            held = merged.get(key)
            merged[key] = merge_patch(held if isinstance(held, Mapping) else {}, value)  # pyright: ignore[reportUnknownArgumentType]
        else:
            merged[key] = value
    return merged


def without(items: Mapping[str, Item], key: str) -> dict[str, Item]:
    return {name: item for name, item in items.items() if name != key}


def union(held: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return (*held, *(name for name in dict.fromkeys(more) if name not in held))


def bounded(items: Mapping[str, Held], kept: int) -> Mapping[str, Held]:
    """Everything unfinished and the `kept` newest finished, in log order of their start."""
    finished = [key for key, item in items.items() if item.status in FINISHED]
    if len(finished) <= kept:
        return items
    dropped = set(finished[: len(finished) - kept])
    return {key: item for key, item in items.items() if key not in dropped}
