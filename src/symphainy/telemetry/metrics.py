"""What this process counts, under Prometheus' naming rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from symphainy.ids import Clock, seconds_of
from symphainy.stores.base import Lag
from symphainy.telemetry.store_figures import StoreFigures

MEDIA_TYPE = CONTENT_TYPE_LATEST

# The moment at which each counter began is one more series for each, and nobody asks for it.
disable_created_metrics()


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
        self.feed_lag = Histogram(
            "symphainy_feed_lag_seconds",
            "From the time that an entry bears until it is written to a live feed that was waiting for it.",
            registry=self.registry,
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10),
        )
        self.work_wait = Histogram(
            "symphainy_work_wait_seconds",
            "From the acceptance of a turn or workflow until a process begins it.",
            ["kind"],
            registry=self.registry,
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900),
        )
        self.store = StoreFigures()
        self.registry.register(self.store)

    def begun(self, kind: str, clock: Clock, accepted_at: str) -> None:
        """A process begins a turn or workflow."""
        self.work_wait.labels(kind).observe(max(0.0, clock.now() - seconds_of(accepted_at)))

    def follow_lag(self, lag: Callable[[], Lag | None]) -> None:
        """Of a store that acknowledges before it keeps durably."""

        def seconds() -> float:
            now = lag()
            return now.seconds if now else 0.0

        def entries() -> float:
            now = lag()
            return float(now.entries) if now else 0.0

        if lag() is not None:
            self.gauge("symphainy_store_lag_seconds", "Age of the oldest write that is not drained.", seconds)
            self.gauge("symphainy_store_lag_entries", "Entries acknowledged and not drained.", entries)

    def gauge(self, name: str, says: str, value: Callable[[], float]) -> None:
        """A number that is asked for whenever the metrics are read."""
        Gauge(name, says, registry=self.registry).set_function(value)

    def collect(self, metrics: Callable[[], Iterable[Metric]]) -> None:
        """More of them, made whenever the metrics are read."""
        self.registry.register(_Collector(metrics))

    def text(self) -> bytes:
        return generate_latest(self.registry)


class _Collector(Collector):
    def __init__(self, metrics: Callable[[], Iterable[Metric]]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self._metrics()
