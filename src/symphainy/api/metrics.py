"""What this process counts, under Prometheus' naming rules. No label holds an id, a name or a token."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from symphainy.agents.understanding.router import is_warm
from symphainy.stores.base import Lag

MEDIA_TYPE = CONTENT_TYPE_LATEST


class Metrics:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "symphainy_http_requests", "Requests answered.", ["method", "route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "symphainy_http_request_seconds",
            "Time to the first byte of the answer.",
            ["method", "route"],
            registry=self.registry,
        )
        self.feeds = Gauge("symphainy_feeds_open", "Live feeds open now.", registry=self.registry)
        self.entries_sent = Counter(
            "symphainy_feed_entries_sent", "Entries written to live feeds.", registry=self.registry
        )
        self.feeds_ended = Counter(
            "symphainy_feeds_ended", "Live feeds that the server ended, by reason.", ["reason"], registry=self.registry
        )
        self._gauge(
            "symphainy_understanding_loaded",
            "1 once messages are understood as well as this installation can; a server loads it after its start.",
            lambda: float(is_warm()),
        )

    def follow_lag(self, lag: Callable[[], Lag | None]) -> None:
        """Of a store that acknowledges before it keeps durably."""

        def seconds() -> float:
            now = lag()
            return now.seconds if now else 0.0

        def entries() -> float:
            now = lag()
            return float(now.entries) if now else 0.0

        if lag() is not None:
            self._gauge("symphainy_store_lag_seconds", "Age of the oldest write that is not drained.", seconds)
            self._gauge("symphainy_store_lag_entries", "Entries acknowledged and not drained.", entries)

    def _gauge(self, name: str, text: str, value: Callable[[], float]) -> None:
        Gauge(name, text, registry=self.registry).set_function(value)

    def text(self) -> bytes:
        return generate_latest(self.registry)
