"""How the child tells its parent how far it is."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import orjson

from symphainy.enabling_services.json_values import Json

_SECONDS_BETWEEN: Final = 0.05


class Reporter:
    """Writes messages to the parent. Progress never falls; within a twentieth of a second only a new detail text of another
    stage or the end gets through, so that a fast file does not flood the parent."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self._write = write
        self._reached = 0.0
        self._last = -1.0
        self._stage: str = ""

    def send(self, message: Json) -> None:
        self._write(orjson.dumps(message) + b"\n")

    def progress(self, fraction: float, detail: str, stage: str) -> None:
        now = time.monotonic()
        if now - self._last < _SECONDS_BETWEEN and stage == self._stage and fraction < 1.0:
            return
        self._last, self._stage = now, stage
        self._reached = max(self._reached, min(fraction, 1.0))
        self.send({"progress": {"fraction": round(self._reached, 4), "detail": detail}})


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of the whole, from `start` to `end`; fractions given to it count within this part."""

    reporter: Reporter
    start: float
    end: float
    name: str

    def __call__(self, fraction: float, detail: str) -> None:
        within = self.start + (self.end - self.start) * min(max(fraction, 0.0), 1.0)
        self.reporter.progress(within, detail, self.name)

    def of(self, detail: str) -> Callable[[float], None]:
        """The same, for work whose detail never changes."""
        return lambda fraction: self(fraction, detail)

    def part(self, start: float, end: float, name: str) -> Stage:
        width = self.end - self.start
        return Stage(self.reporter, self.start + width * start, self.start + width * end, f"{self.name}/{name}")
