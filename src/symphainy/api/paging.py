"""Cursors over what a snapshot holds: the next page starts after the item that the cursor names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, TypeVar

from fastapi import Query

from symphainy.errors import Conflict

Item = TypeVar("Item")

CursorQuery = Annotated[str | None, Query(max_length=200, description="`next_cursor` of the page before.")]
LimitQuery = Annotated[int, Query(ge=1, le=200)]


class CursorGone(Conflict):
    code = "cursor_gone"


def page(items: Sequence[tuple[str, Item]], cursor: str | None, limit: int) -> tuple[list[Item], str | None]:
    """The items after the one whose key is `cursor`, and the next cursor. Raises CursorGone for a key that is not there
    (any more)."""
    keys = [key for key, _ in items]
    if cursor is not None and cursor not in keys:
        raise CursorGone("What this cursor names is not in this list, or not any more. Start again without it.")
    start = keys.index(cursor) + 1 if cursor is not None else 0
    chosen = items[start : start + limit]
    more = start + limit < len(items)
    return [item for _, item in chosen], chosen[-1][0] if more else None
