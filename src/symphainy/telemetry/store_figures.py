"""What the calls of the store come to. Counted in plain numbers, because every append is: a histogram of prometheus_client costs
ten times as much as all of this."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from itertools import accumulate
from typing import Final

from prometheus_client.metrics_core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from symphainy.stores.base import Appended, Head

LIMITS: Final = (0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Seconds. From an append to memory to one that a stalled disk holds up."""


class StoreFigures(Collector):
    """Told and asked by one thread, that of the event loop."""

    def __init__(self) -> None:
        self._buckets: dict[str, list[int]] = {}
        self._seconds: dict[str, float] = {}
        self._errors: Counter[tuple[str, str]] = Counter()
        self._appended = 0

    def called(self, call: str, seconds: float, failure: Exception | None, result: object) -> None:
        """One call of the store has ended."""
        buckets = self._buckets.get(call)
        if buckets is None:
            buckets = self._buckets[call] = [0] * (len(LIMITS) + 1)
            self._seconds[call] = 0.0
        buckets[bisect_left(LIMITS, seconds)] += 1
        self._seconds[call] += seconds
        if failure is not None:
            self._errors[call, type(failure).__name__] += 1
        elif isinstance(result, Appended):
            if not result.repeated:
                self._appended += result.last_seq - result.first_seq + 1
        elif call == "create" and isinstance(result, Head):
            self._appended += result.seq

    def collect(self) -> Iterable[Metric]:
        seconds = HistogramMetricFamily(
            "symphainy_store_call_seconds", "Calls of the store, waits left out.", labels=["call"]
        )
        names = [*map(str, LIMITS), "+Inf"]
        for call, buckets in self._buckets.items():
            seconds.add_metric([call], list(zip(names, accumulate(buckets), strict=True)), self._seconds[call])
        errors = CounterMetricFamily(
            "symphainy_store_errors", "Calls of the store that raised, by error.", labels=["call", "error"]
        )
        for labels, count in self._errors.items():
            errors.add_metric(labels, count)
        appended = CounterMetricFamily(
            "symphainy_entries_appended", "Entries that this process had appended.", value=self._appended
        )
        return seconds, errors, appended
