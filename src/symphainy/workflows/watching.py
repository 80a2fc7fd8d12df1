"""Notices that somebody else, in whatever process, has ended what is being executed here."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from symphainy.errors import StoreUnavailable, WorkClosed

T = TypeVar("T")

WATCH_SECONDS: Final = 1.0


async def unless_ended(work: Awaitable[T], has_ended: Callable[[], Awaitable[bool]]) -> T:
    """The result of `work`. It is stopped, and WorkClosed raised, within about a second of `has_ended` becoming true.

    A record of the work would be refused in any case; this spares what is computed for nothing until then.
    """
    doing = asyncio.ensure_future(work)
    watching = asyncio.create_task(_until(has_ended))
    try:
        await asyncio.wait({doing, watching}, return_when=asyncio.FIRST_COMPLETED)
        if doing.done():
            return doing.result()
        watching.result()
        raise WorkClosed("It was ended while it was being executed.")
    finally:
        for task in (doing, watching):
            task.cancel()
        await asyncio.gather(doing, watching, return_exceptions=True)


async def _until(has_ended: Callable[[], Awaitable[bool]]) -> None:
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        try:
            if await has_ended():
                return
        except StoreUnavailable:
            continue
