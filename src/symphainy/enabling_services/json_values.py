"""Frozen dataclasses to JSON and back, so that a result can be journaled and read again after a crash.

Supported field types: str, int, float, bool, None, enums, `JsonValue`, `tuple[T, ...]`, other dataclasses and unions
with None.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import Any, Final, TypeVar, Union, cast, get_args, get_origin, get_type_hints

JsonValue = Any
"""A JSON value: None, bool, int, float, str, list or dict of them."""

Json = dict[str, JsonValue]
"""One JSON object."""

T = TypeVar("T")

_PLAIN: Final = frozenset({str, int, float, bool, type(None)})


def encode(value: object) -> JsonValue:
    """Tuples become lists, enums their values, dataclasses objects; everything else must already be JSON."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, Enum):
        return value.value
    if dataclasses.is_dataclass(value):
        return {name: encode(getattr(value, name)) for name in _names(type(value))}
    if isinstance(value, (list, tuple)):
        return [encode(item) for item in cast("tuple[object, ...]", value)]
    if isinstance(value, Mapping):
        return {str(key): encode(item) for key, item in cast("Mapping[object, object]", value).items()}
    return value


@cache
def _names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


def decode(wanted: type[T], data: Mapping[str, JsonValue]) -> T:
    """The inverse of `encode` for a dataclass. Unknown keys are skipped, missing ones take the field's default."""
    return wanted(**{name: _decode_value(hint, data[name]) for name, hint in _fields(wanted) if name in data})


@cache
def _fields(wanted: type[Any]) -> tuple[tuple[str, Any], ...]:
    hints = get_type_hints(wanted)
    return tuple((field.name, hints[field.name]) for field in dataclasses.fields(wanted))


def _decode_value(wanted: Any, value: JsonValue) -> Any:
    origin = get_origin(wanted)
    if origin is Union or origin is types.UnionType:
        if value is None:
            return None
        return _decode_value(next(arm for arm in get_args(wanted) if arm is not type(None)), value)
    if origin is tuple:
        return tuple(_decode_value(get_args(wanted)[0], item) for item in value)
    if not isinstance(wanted, type):
        return value
    plain = cast("type[Any]", wanted)
    if issubclass(plain, Enum):
        return plain(value)
    if dataclasses.is_dataclass(plain):
        return decode(plain, value)
    return float(value) if plain is float else value
