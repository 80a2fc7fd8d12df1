"""A collector of spans on loopback: takes OTLP over HTTP, as the specification has it, and keeps what it was sent."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span


class Collector:
    def __init__(self, port: int) -> None:
        self.endpoint = f"http://127.0.0.1:{port}/v1/traces"
        self.received: list[bytes] = []

    def requests(self) -> list[ExportTraceServiceRequest]:
        return [ExportTraceServiceRequest.FromString(body) for body in list(self.received)]

    def spans(self) -> list[Span]:
        scopes = [scope for sent in self.requests() for item in sent.resource_spans for scope in item.scope_spans]
        return [span for scope in scopes for span in scope.spans]

    def resource(self) -> dict[str, str]:
        """What says who sends, of the first request."""
        return _attributes(self.requests()[0].resource_spans[0].resource)

    def senders(self, trace_id: str) -> set[str]:
        """The `service.instance.id` of whoever sent spans of the trace."""
        sent = [item for request in self.requests() for item in request.resource_spans]
        return {
            _attributes(item.resource)["service.instance.id"]
            for item in sent
            if any(span.trace_id.hex() == trace_id for scope in item.scope_spans for span in scope.spans)
        }


def _attributes(resource: Resource) -> dict[str, str]:
    return {item.key: item.value.string_value for item in resource.attributes}


@contextmanager
def collecting() -> Iterator[Collector]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            collector.received.append(gzip.decompress(body) if self.headers.get("content-encoding") == "gzip" else body)
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        collector = Collector(server.server_port)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield collector
        finally:
            server.shutdown()
            thread.join()
