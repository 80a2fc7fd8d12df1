"""Spans of OpenTelemetry where they are wanted, and nothing at all where they are not.

A span says what was done, for which ids, and how long it took; of a failure it says the code. What an exception tells stays out,
and so does its stack: both may quote what a user wrote.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from symphainy.errors import InvalidInput, ServiceError, SymphainyError

if TYPE_CHECKING:
    from opentelemetry import trace

Attributes = Mapping[str, str | int | float]

SERVICE: Final = "symphainy"
BY_ENVIRONMENT: Final = "on"
_NONE: Final[Attributes] = MappingProxyType({})
_tracers: list[trace.Tracer] = []


class Span:
    """What a span may be told while it lasts; this one forgets it."""

    def set(self, attributes: Attributes, *, name: str | None = None) -> None:
        """`name` is a new one, for what is known late."""

    def fail(self, code: str) -> None:
        """The work has failed, for a reason that `code` names."""


class _Recorded(Span):
    def __init__(self, span: trace.Span) -> None:
        self._span = span

    def set(self, attributes: Attributes, *, name: str | None = None) -> None:
        self._span.set_attributes(dict(attributes))
        if name is not None:
            self._span.update_name(name)

    def fail(self, code: str) -> None:
        from opentelemetry.trace import StatusCode

        self._span.set_attribute("error.type", code)
        self._span.set_status(StatusCode.ERROR)


_NOT_TRACED: Final = nullcontext(Span())


def tracing() -> bool:
    return bool(_tracers)


def span(
    name: str,
    attributes: Attributes = _NONE,
    *,
    parent: str | None = None,
    links: Sequence[str] = (),
    serves: bool = False,
    expected: tuple[type[Exception], ...] = (),
) -> AbstractContextManager[Span]:
    """A span around a piece of work: child of `parent`, or else of the one around it. `parent` and `links` are values of
    `traceparent`, from here or from another process. `serves`: it answers a request. An exception passes on: it is the
    span's failure, or where it is `expected`, or a cancel, what the work was stopped by."""
    return _recorded(name, attributes, parent, links, serves, expected) if _tracers else _NOT_TRACED


def inner_span(name: str) -> AbstractContextManager[Span]:
    """A span only where there is one around it: alone it would say nothing."""
    return _recorded(name, _NONE, None, (), False, ()) if _tracers and traceparent() else _NOT_TRACED


def traceparent() -> str | None:
    """The span that is going on here, as W3C Trace Context writes it; None where there is none."""
    return _carried().get("traceparent") if _tracers else None


def _carried() -> dict[str, str]:
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier


@contextmanager
def _recorded(
    name: str,
    attributes: Attributes,
    parent: str | None,
    links: Sequence[str],
    serves: bool,
    expected: tuple[type[Exception], ...],
) -> Generator[Span]:
    from opentelemetry.trace import Link, SpanKind, get_current_span
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    extract = TraceContextTextMapPropagator().extract
    linked = [get_current_span(extract({"traceparent": link})).get_span_context() for link in links]
    with _tracers[0].start_as_current_span(
        name,
        context=extract({"traceparent": parent}) if parent else None,
        kind=SpanKind.SERVER if serves else SpanKind.INTERNAL,
        attributes=dict(attributes),
        links=[Link(context) for context in linked if context.is_valid],
        record_exception=False,
        set_status_on_exception=False,
    ) as going:
        recorded = _Recorded(going)
        try:
            yield recorded
        except BaseException as ending:
            if isinstance(ending, Exception) and not isinstance(ending, expected):
                recorded.fail(_code_of(ending))
            else:
                recorded.set({"symphainy.stopped_by": type(ending).__name__})
            raise


def _code_of(failure: Exception) -> str:
    if isinstance(failure, ServiceError):
        return failure.service_code
    return failure.code if isinstance(failure, SymphainyError) else type(failure).__name__


@contextmanager
def traces_to(endpoint: str, version: str) -> Generator[None]:
    """Until the end, spans are sent to this OTLP endpoint over HTTP (`http://collector:4318/v1/traces`), or with `on` to where
    OTEL_EXPORTER_OTLP_ENDPOINT says, in batches by a thread of their own: a collector that is away costs spans and, at the end, a
    few seconds. An empty endpoint sends none. The other variables OTEL_* of the SDK (service name, resource, sampler, headers,
    timeout, batches) apply.

    Raises InvalidInput where the extra is not installed.
    """
    if not endpoint:
        yield
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import OTELResourceDetector, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as missing:
        raise InvalidInput("Traces need the extra: pip install 'symphainy[otel]'.") from missing
    instance = f"{socket.gethostname()}/{os.getpid()}"
    ours = Resource({"service.name": SERVICE, "service.version": version, "service.instance.id": instance})
    provider = TracerProvider(resource=ours.merge(OTELResourceDetector().detect()))
    exporter = OTLPSpanExporter(endpoint=None if endpoint == BY_ENVIRONMENT else endpoint)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    _tracers.append(provider.get_tracer(SERVICE, version))
    try:
        yield
    finally:
        _tracers.pop()
        provider.shutdown()
