"""Elements of bpmn-io's model: it builds their classes at run time, so their shape is BPMN's and not Python's."""

from __future__ import annotations

from typing import Any, cast

from bpmn_io import is_a
from bpmn_io.moddle.base import ModdleElement

Element = Any


def is_kind(element: Element, type_name: str) -> bool:
    """Whether it is of that BPMN type, or of one below it: `bpmn:Activity` holds for every task."""
    return is_a(element, type_name)


def is_element(value: object) -> bool:
    """A resolved reference; an unresolved one is text or missing."""
    return isinstance(value, ModdleElement)


def many(element: Element, name: str) -> list[Element]:
    value: object = element.get(name)
    return cast("list[Element]", value) if isinstance(value, list) else []


def text_of(element: Element, name: str) -> str:
    """A text attribute in one line, empty where it is missing."""
    value: object = element.get(name)
    return " ".join(value.split()) if isinstance(value, str) else ""
