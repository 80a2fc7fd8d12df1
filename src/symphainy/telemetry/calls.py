"""Watches the calls of an object's own methods: how long each takes, and how it ends."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from symphainy.telemetry.tracing import inner_span, tracing


class CallObserver(Protocol):
    def called(self, call: str, seconds: float, failure: Exception | None, result: object) -> None: ...


def observe_calls(target: object, calls: Sequence[str], observer: CallObserver, *, kind: str) -> None:
    """From now on `observer` is told of every one of the `calls` (names of coroutine methods) on `target`, and each is a span
    `<kind>.<call>` of the work that it is part of. The object stays what it is, with all of its abilities."""
    for call in calls:
        setattr(target, call, _observed(getattr(target, call), call, observer, f"{kind}.{call}"))


def _observed(
    method: Callable[..., Awaitable[object]], call: str, observer: CallObserver, name: str
) -> Callable[..., Awaitable[object]]:
    clock, called = time.perf_counter, observer.called

    async def observed(*given: Any, **named: Any) -> object:
        started = clock()
        try:
            if tracing():
                with inner_span(name):
                    result = await method(*given, **named)
            else:
                result = await method(*given, **named)
        except Exception as failure:
            called(call, clock() - started, failure, None)
            raise
        called(call, clock() - started, None, result)
        return result

    return observed
