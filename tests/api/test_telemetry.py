"""What a server counts and traces: for operators, and nothing in it that a user wrote."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import httpx
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from symphainy.errors import ServiceError, SessionNotFound, WorkClosed
from symphainy.stores.base import Record
from symphainy.stores.memory import MemoryStore
from symphainy.telemetry import Metrics, observe_calls, span, traceparent, traces_to
from tests.servers.otlp import Collector, collecting

from .conftest import Visitor
from .feed_client import opened
from .server_process import ServerProcess

UPLOAD = "POST /api/v1/sessions/{session_id}/files"
SECRET = "what the user wrote"
TABLE = b"name,amount\n" + b"".join(b"n%d,%d\n" % (n, n * 3) for n in range(50))
LIMITS = ("0.00025", "0.0005", "0.001", "5.0", "+Inf")
PARENT = "4bf92f3577b34da6a3ce929d0e0e4736"


async def metrics(visitor: Visitor) -> dict[str, float]:
    lines = (await visitor.http.get("/metrics")).text.splitlines()
    pairs = [line.rpartition(" ") for line in lines if not line.startswith("#")]
    return {name: float(value) for name, _, value in pairs}


async def test_calls_of_the_store_are_counted_and_timed_with_what_they_appended(visitor: Visitor) -> None:
    before = await metrics(visitor)
    for number in range(3):
        body = {"message_id": f"message-{number}", "content": SECRET}
        await visitor.http.post(f"{visitor.path}/conversations/guide_agent/messages", json=body)
    after = await metrics(visitor)
    assert after["symphainy_entries_appended_total"] >= before["symphainy_entries_appended_total"] + 3
    assert after['symphainy_store_call_seconds_count{call="append"}'] >= 3


async def test_a_call_of_the_store_that_fails_is_counted_by_its_error_and_fails_all_the_same() -> None:
    counted = Metrics()
    async with MemoryStore() as store:
        observe_calls(store, ["append"], counted.store, kind="store")
        with pytest.raises(SessionNotFound):
            await store.append("ses_unknown", [Record(b"x")])
    assert b'symphainy_store_errors_total{call="append",error="SessionNotFound"} 1.0' in counted.text()
    assert b"symphainy_entries_appended_total 0.0" in counted.text()


async def test_a_feed_says_how_long_an_entry_took_to_it(url: str, visitor: Visitor) -> None:
    async with opened(url, visitor.session_id, visitor.token) as feed:
        await feed.next()
        body = {"message_id": "message-1", "content": SECRET}
        await visitor.http.post(f"{visitor.path}/conversations/guide_agent/messages", json=body)
        await feed.next()
        async with asyncio.timeout(5):
            while not (await metrics(visitor))["symphainy_feed_lag_seconds_count"]:
                await asyncio.sleep(0.01)


async def test_what_is_executed_and_waits_is_counted_by_kind(visitor: Visitor) -> None:
    body = {"message_id": "message-1", "content": SECRET}
    await visitor.http.post(f"{visitor.path}/conversations/guide_agent/messages", json=body)
    async with asyncio.timeout(5):
        while not (await metrics(visitor)).get('symphainy_lane_executions_total{outcome="done"}'):
            await asyncio.sleep(0.01)
    found = await metrics(visitor)
    assert found["symphainy_lane_takeovers_total"] == 0
    assert found['symphainy_work_wait_seconds_count{kind="turn"}'] == 1


async def test_a_duration_is_in_the_first_bucket_that_holds_it() -> None:
    counted = Metrics()
    for seconds in (0.0005, 0.0006, 99.0):
        counted.store.called("append", seconds, None, None)
    lines = [line.rpartition(" ") for line in counted.text().decode().splitlines()]
    said = {name: value for name, _, value in lines}
    buckets = {le: said[f'symphainy_store_call_seconds_bucket{{call="append",le="{le}"}}'] for le in LIMITS}
    assert buckets == {"0.00025": "0.0", "0.0005": "1.0", "0.001": "2.0", "5.0": "2.0", "+Inf": "3.0"}
    assert said['symphainy_store_call_seconds_count{call="append"}'] == "3.0"
    assert float(said['symphainy_store_call_seconds_sum{call="append"}']) == pytest.approx(99.0011)


def attributes_of(spanned: Span) -> dict[str, str]:
    return {item.key: item.value.string_value for item in spanned.attributes}


async def traced(collector: Collector, names: Iterable[str]) -> dict[str, Span]:
    """One span of each name."""
    wanted = set(names)
    async with asyncio.timeout(20):
        while wanted - {span.name for span in collector.spans()}:
            await asyncio.sleep(0.05)
    return {span.name: span for span in collector.spans()}


@pytest.fixture
def environment() -> dict[str, str]:
    return {"OTEL_BSP_SCHEDULE_DELAY": "100", "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=test"}


async def test_a_request_its_writes_and_the_work_that_it_begins_are_one_trace(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    with collecting() as collector:
        async with ServerProcess(tmp_path / "data", environment=environment, traces=collector.endpoint) as server:
            session_id, token = await server.new_session()
            async with httpx.AsyncClient(base_url=server.url, headers={"authorization": f"Bearer {token}"}) as http:
                parts = [("files", (f"{SECRET}.csv", TABLE, "text/csv"))]
                headers = {"traceparent": f"00-{PARENT}-00f067aa0ba902b7-01"}
                made = await http.post(f"/api/v1/sessions/{session_id}/files", files=parts, headers=headers)
                assert made.is_success
                found = await traced(collector, [UPLOAD, "workflow.analyze_file", "step.FileParser", "child.parse"])
            assert await server.stop() == 0
        of_the_request = [span for span in collector.spans() if span.trace_id == bytes.fromhex(PARENT)]
        assert {UPLOAD, "store.append", "workflow.analyze_file", "step.FileParser", "child.parse"} <= {
            span.name for span in of_the_request
        }
        request = next(span for span in of_the_request if span.name == UPLOAD)
        assert request.parent_span_id == bytes.fromhex("00f067aa0ba902b7")
        attributes = {item.key: item.value for item in request.attributes}
        assert attributes["http.route"].string_value == "/api/v1/sessions/{session_id}/files"
        assert attributes["http.response.status_code"].int_value == made.status_code
        step = found["step.FileParser"]
        assert {item.key for item in step.attributes} >= {"symphainy.workflow.id", "symphainy.attempt"}
        assert collector.resource()["service.name"] == "symphainy"
        assert collector.resource()["deployment.environment.name"] == "test"
        everything = b"".join(collector.received)
        assert SECRET.encode() not in everything
        assert token.encode() not in everything


async def test_a_collector_that_is_away_costs_nothing_but_spans(tmp_path: Path, environment: dict[str, str]) -> None:
    with collecting() as collector:
        endpoint = collector.endpoint
    async with ServerProcess(tmp_path / "data", environment=environment, traces=endpoint) as server:
        session_id, token = await server.new_session()
        async with httpx.AsyncClient(base_url=server.url, headers={"authorization": f"Bearer {token}"}) as http:
            assert (await http.get(f"/api/v1/sessions/{session_id}")).is_success
        assert await server.stop() == 0
    assert "Traceback" not in server.output


def test_without_the_extra_its_name_is_said(tmp_path: Path) -> None:
    script = (
        "import sys; sys.modules['opentelemetry.sdk'] = None\n"
        "from symphainy.telemetry import traces_to\n"
        "with traces_to('http://127.0.0.1:1/v1/traces', '1'): pass\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "pip install 'symphainy[otel]'" in done.stderr


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (ServiceError("encrypted", f"The file {SECRET!r} needs a password.", details={"file": SECRET}), "encrypted"),
        (SessionNotFound(SECRET), "session_not_found"),
        (ValueError(SECRET), "ValueError"),
    ],
)
def test_a_span_of_what_fails_names_the_error_and_not_what_it_says(failure: Exception, code: str) -> None:
    with collecting() as collector:
        with traces_to(collector.endpoint, "1"), pytest.raises(type(failure)), span("step.FileParser"):
            raise failure
        (failed,) = collector.spans()
        assert failed.status.code == Status.STATUS_CODE_ERROR
        assert attributes_of(failed) == {"error.type": code}
        assert SECRET.encode() not in b"".join(collector.received)


@pytest.mark.parametrize("ending", [WorkClosed(SECRET), asyncio.CancelledError(SECRET)])
def test_what_was_stopped_has_not_failed_and_is_told_from_what_ended(ending: BaseException) -> None:
    with collecting() as collector:
        with (
            traces_to(collector.endpoint, "1"),
            pytest.raises(type(ending)),
            span("step.FileParser", expected=(WorkClosed,)),
        ):
            raise ending
        (stopped,) = collector.spans()
        assert stopped.status.code == Status.STATUS_CODE_UNSET
        assert attributes_of(stopped) == {"symphainy.stopped_by": type(ending).__name__}
        assert SECRET.encode() not in b"".join(collector.received)


async def test_a_call_of_the_store_outside_of_any_work_is_no_trace() -> None:
    """A process asks its store every second for what others dropped: that is not for anybody to read."""
    with collecting() as collector:
        with traces_to(collector.endpoint, "1"):
            async with MemoryStore() as store:
                observe_calls(store, ["list_open_work"], Metrics().store, kind="store")
                await store.list_open_work()
                with span("workflow.x"):
                    await store.list_open_work()
        assert sorted(item.name for item in collector.spans()) == ["store.list_open_work", "workflow.x"]


def test_the_standard_variables_say_where_spans_go(monkeypatch: pytest.MonkeyPatch) -> None:
    with collecting() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint.removesuffix("/v1/traces"))
        with traces_to("on", "1"), span("workflow.x"):
            pass
        assert [item.name for item in collector.spans()] == ["workflow.x"]


def test_without_traces_nothing_is_carried_and_nothing_imported() -> None:
    script = (
        "import sys; from symphainy.telemetry import span, traceparent\n"
        "with span('x', {'a': 1}, links=['y']) as going: going.set({'b': 2}); going.fail('c')\n"
        "assert traceparent() is None\n"
        "assert not [name for name in sys.modules if name.startswith('opentelemetry')]"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
    assert traceparent() is None
