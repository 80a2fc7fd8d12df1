"""What a crash loop's clients saw while it went on: a feed that follows each session across every crash."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

SILENT_SECONDS = 30.0
"""A feed says at least that it is alive every 15 s."""


@dataclass
class Feed:
    """One client that follows a session through any of the servers, and goes on elsewhere, where it was, when one dies."""

    url: Callable[[], str]
    path: str
    headers: dict[str, str]
    seqs: list[int] = field(default_factory=list[int])
    begun: int = 0
    """The seq of the snapshot that the feed began with."""
    again: int = 0
    """How often it was given another snapshot instead of what it had missed."""
    _cursor: str = ""

    async def follow(self) -> None:
        async with httpx.AsyncClient(timeout=SILENT_SECONDS) as client:
            while True:
                try:
                    async for event, place, data in self._events(client):
                        self._take(event, data)
                        self._cursor = place or self._cursor
                except (httpx.TransportError, httpx.HTTPStatusError):
                    await asyncio.sleep(0.05)

    def _take(self, event: str, data: Any) -> None:
        if event == "snapshot":
            self.again += bool(self._cursor)
            self.begun = data["seq"]
            self.seqs.clear()
        elif event == "events":
            self.seqs += [entry["seq"] for entry in data]

    async def _events(self, client: httpx.AsyncClient) -> AsyncIterator[tuple[str, str, Any]]:
        headers = {**self.headers, "Accept": "text/event-stream"}
        headers |= {"Last-Event-ID": self._cursor} if self._cursor else {}
        async with client.stream("GET", self.url() + self.path + "/events", headers=headers) as answer:
            answer.raise_for_status()
            frame: dict[str, str] = {}
            async for line in answer.aiter_lines():
                name, _, value = line.partition(": ")
                if line:
                    frame[name] = value
                elif "event" in frame:
                    yield frame["event"], frame.get("id", ""), json.loads(frame.get("data") or "null")
                    frame = {}

    def at(self) -> int:
        return self.seqs[-1] if self.seqs else self.begun

    def faults(self, head: int) -> list[str]:
        """Everything after the snapshot, once and in order, up to the head."""
        found = [f"feed: begun anew {self.again} times"] if self.again else []
        if self.seqs != list(range(self.begun + 1, head + 1)):
            found.append(f"feed: a gap or a repeat between {self.begun} and {head}")
        return found
