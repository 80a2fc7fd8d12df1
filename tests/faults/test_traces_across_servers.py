"""One trace of one piece of work, whichever processes execute it: the log carries it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.api.server_process import ServerProcess
from tests.faults.crash_loop import shared_store
from tests.faults.test_many_servers import Servers, ended, with_a_step_going
from tests.servers.otlp import Collector, collecting

ENVIRONMENT = {"OTEL_BSP_SCHEDULE_DELAY": "100"}


@pytest.fixture(scope="module", params=["postgres", "valkey"])
def store(request: pytest.FixtureRequest) -> Iterator[str]:
    with shared_store(request.param) as (url, _):
        yield url


async def found(collector: Collector, what: Callable[[Span], bool]) -> Span:
    async with asyncio.timeout(20):
        while True:
            for span in collector.spans():
                if what(span):
                    return span
            await asyncio.sleep(0.05)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.02)


def senders(collector: Collector, trace_id: str) -> set[int]:
    """Processes."""
    return {int(sender.rpartition("/")[2]) for sender in collector.senders(trace_id)}


def about(span: Span, workflow_id: str) -> bool:
    return any(item.value.string_value == workflow_id for item in span.attributes)


def of_type(name: str, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [entry for entry in entries if entry["type"] == name]


def going_on(entries: list[dict[str, Any]]) -> dict[str, Any]:
    """The beginning of the step that nothing was heard of since."""
    done = {entry["data"]["step"] for entry in of_type("workflow.step_completed", entries)}
    return next(entry for entry in of_type("workflow.step_started", entries) if entry["data"]["step"] not in done)


async def test_what_another_process_takes_over_stays_in_the_one_trace_and_names_the_first_attempt(
    store: str, tmp_path: Path
) -> None:
    with collecting() as collector:
        async with AsyncExitStack() as stack:
            traced = [
                ServerProcess(tmp_path / "data", environment=ENVIRONMENT, store=store, traces=collector.endpoint)
                for _ in range(2)
            ]
            for process in traced:
                stack.push_async_exit(process)
            await asyncio.gather(*(process.start() for process in traced))
            servers = Servers(traced, *await traced[0].new_session())
            stack.push_async_callback(servers.http.aclose)
            workflow_id, owner, other = await with_a_step_going(servers)
            accepted = of_type("workflow.started", await servers.entries(other, workflow_id))[0]["traceparent"]
            _, trace_id, accepted_id, _ = accepted.split("-")
            first, second = owner.pid, other.pid
            await until(lambda: first in senders(collector, trace_id))
            await owner.stop(signal.SIGKILL)
            attempt_id = going_on(await servers.entries(other, workflow_id))["traceparent"].split("-")[2]
            await servers.until(other, workflow_id, ended)
            again = await found(collector, lambda span: attempt_id in [link.span_id.hex() for link in span.links])
            assert again.name.startswith("step.")
            workflow = await found(collector, lambda span: span.span_id == again.parent_span_id)
            assert workflow.name == "workflow.analyze_file"
            assert workflow.parent_span_id.hex() == accepted_id
            assert {span.trace_id.hex() for span in collector.spans() if about(span, workflow_id)} == {trace_id}
            assert senders(collector, trace_id) == {first, second}


async def test_an_agents_turn_is_part_of_the_trace_of_its_message(store: str, tmp_path: Path) -> None:
    with collecting() as collector:
        async with AsyncExitStack() as stack:
            server = ServerProcess(tmp_path / "data", environment=ENVIRONMENT, store=store, traces=collector.endpoint)
            await stack.enter_async_context(server)
            servers = Servers([server], *await server.new_session())
            stack.push_async_callback(servers.http.aclose)
            body = {"message_id": "message-1", "content": "what can you do?"}
            await servers.http.post(f"{server.url}{servers.path}/conversations/guide_agent/messages", json=body)
            turn = await found(collector, lambda span: span.name == "turn.guide_agent")
            request = await found(collector, lambda span: span.span_id == turn.parent_span_id)
            assert request.kind == Span.SPAN_KIND_SERVER
            assert request.trace_id == turn.trace_id
