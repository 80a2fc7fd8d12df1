"""Spans of OpenTelemetry where they are wanted, and nothing at all where they are not."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from symphainy.errors import InvalidInput

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

Attributes = Mapping[str, str | int | float]

SERVICE: Final = "symphainy"
_tracers: list[Tracer] = []


class Span:
    """What a span may be told while it lasts; this one forgets it."""

    def set(self, attributes: Attributes) -> None: ...


_NOTHING: Final = Span()


def span(
    name: str, attributes: Attributes = MappingProxyType({}), *, headers: Mapping[str, str] | None = None
) -> AbstractContextManager[Span]:
    """A span around a piece of work, child of the one around it or of the caller's, if the `headers` of a request name one
    (W3C Trace Context). An exception passes on; the span has its type and not its message, which may hold what a user wrote."""
    return _recorded(_tracers[0], name, attributes, headers) if _tracers else nullcontext(_NOTHING)


@contextmanager
def _recorded(tracer: Tracer, name: str, attributes: Attributes, headers: Mapping[str, str] | None) -> Generator[Span]:
    from opentelemetry.propagate import extract
    from opentelemetry.trace import StatusCode

    context = extract(headers) if headers else None
    with tracer.start_as_current_span(
        name, context=context, attributes=dict(attributes), record_exception=False, set_status_on_exception=False
    ) as going:

        class Recorded(Span):
            def set(self, attributes: Attributes) -> None:
                going.set_attributes(dict(attributes))

        try:
            yield Recorded()
        except BaseException as failure:
            going.set_attribute("error.type", type(failure).__name__)
            going.set_status(StatusCode.ERROR)
            raise


@contextmanager
def traces_to(endpoint: str, version: str) -> Generator[None]:
    """Until the end, spans are sent to this OTLP endpoint over HTTP (`http://collector:4318/v1/traces`), in batches by a thread
    of their own: a collector that is away costs spans and, at the end, five seconds. An empty endpoint sends none. The variables OTEL_*
    of the SDK (service name, resource, sampler, headers, batches) apply.

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
    ours = Resource({"service.name": SERVICE, "service.version": version})
    provider = TracerProvider(resource=ours.merge(OTELResourceDetector().detect()))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint, timeout=5)))
    _tracers.append(provider.get_tracer(SERVICE, version))
    try:
        yield
    finally:
        _tracers.pop()
        provider.shutdown()
