"""What the lanes of this process say to Prometheus."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

from symphainy.dispatch.lanes import Lanes


def lane_metrics(lanes: Lanes) -> Iterable[Metric]:
    """The queue of this process, what became of what it executed, and how much it took over from others."""
    now = GaugeMetricFamily(
        "symphainy_lanes", "Lanes that are executed here, or wait for a slot, by kind.", labels=["kind", "state"]
    )
    for (kind, running), count in lanes.count().items():
        now.add_metric([kind, "running" if running else "waiting"], count)
    ended = CounterMetricFamily(
        "symphainy_lane_executions", "Executions of lanes, by how they ended.", labels=["outcome"]
    )
    for outcome, count in lanes.outcomes.items():
        ended.add_metric([outcome], count)
    return (
        now,
        ended,
        CounterMetricFamily(
            "symphainy_lane_takeovers",
            "Lanes in which this process went on with what another one had left.",
            value=lanes.taken_over,
        ),
    )
