"""Cursors over what a snapshot holds: the next page starts after the item that the cursor names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, TypeVar

from fastapi import Query

from symphainy.errors import InvalidInput

Item = TypeVar("Item")

CursorQuery = Annotated[str | None, Query(max_length=200, description="`next_cursor` of the page before.")]
LimitQuery = Annotated[int, Query(ge=1, le=200)]


def page(items: Sequence[tuple[str, Item]], cursor: str | None, limit: int) -> tuple[list[Item], str | None]:
    """The items after the one whose key is `cursor`, and the next cursor. Raises InvalidInput for a key that is not
    there."""
    keys = [key for key, _ in items]
    if cursor is not None and cursor not in keys:
        raise InvalidInput("This cursor is not of this list, or what it names is gone. Start again without it.")
    start = keys.index(cursor) + 1 if cursor is not None else 0
    chosen = items[start : start + limit]
    more = start + limit < len(items)
    return [item for _, item in chosen], chosen[-1][0] if more else None
