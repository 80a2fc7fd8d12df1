"""What a server process counts and traces. No label or attribute holds a name, a token or anything that a user wrote."""

from symphainy.telemetry.calls import observe_calls
from symphainy.telemetry.metrics import MEDIA_TYPE, Metrics
from symphainy.telemetry.tracing import Span, inner_span, span, traceparent, traces_to, tracing

__all__ = [
    "MEDIA_TYPE",
    "Metrics",
    "Span",
    "inner_span",
    "observe_calls",
    "span",
    "traceparent",
    "traces_to",
    "tracing",
]
