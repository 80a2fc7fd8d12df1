"""Watches the calls of an object's own methods: how long each takes, and how it ends."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from symphainy.telemetry.tracing import span


class CallObserver(Protocol):
    def called(self, call: str, seconds: float, failure: Exception | None, result: object) -> None: ...


def observe_calls(target: object, calls: Sequence[str], observer: CallObserver, *, kind: str) -> None:
    """From now on `observer` is told of every one of the `calls` (names of coroutine methods) on `target`, and each is a span
    `<kind>.<call>`. The object stays what it is, with all of its abilities."""
    for call in calls:
        setattr(target, call, _observed(getattr(target, call), call, observer, f"{kind}.{call}"))


def _observed(
    method: Callable[..., Awaitable[object]], call: str, observer: CallObserver, name: str
) -> Callable[..., Awaitable[object]]:
    async def observed(*given: Any, **named: Any) -> object:
        started = time.perf_counter()
        try:
            with span(name):
                result = await method(*given, **named)
        except Exception as failure:
            observer.called(call, time.perf_counter() - started, failure, None)
            raise
        observer.called(call, time.perf_counter() - started, None, result)
        return result

    return observed
