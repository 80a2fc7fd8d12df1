"""Durable workflows: steps are recorded once, resumed where they stopped, and ended exactly once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

import pytest

from symphainy.dispatch import LaneKind, Lanes, LeaseLoop
from symphainy.entries import RunFinished, WorkflowFinished
from symphainy.errors import InvalidInput, LeaseLost, ServiceError, WorkClosed
from symphainy.orchestrators.base import Orchestrator
from symphainy.orchestrators.business import BusinessOrchestrator
from symphainy.session import AgentType, JsonObject, OrchestratorName, Session, Status, StepPlan, Workflow
from symphainy.sessions import SessionManagerService
from symphainy.stores.base import Store
from symphainy.traffic_cop import TrafficCop, workflow_lane
from symphainy.workflows import Flow, Plan, ProgressCallback, Report, StepOutcome, Workflows

from .conftest import eventually

StepBody = Callable[[ProgressCallback], Awaitable[None]]


class Counting(Orchestrator):
    """Three steps; what the middle one does is the test's choice."""

    name = OrchestratorName.CONTENT
    conversation = AgentType.CONTENT

    def __init__(self, middle: StepBody) -> None:
        self.calls: Counter[str] = Counter()
        self.middle = middle

    def plan(self, session: Session, operation: str, input: JsonObject) -> Plan:
        if operation != "count":
            raise InvalidInput("only count")
        return Plan("Count", tuple(StepPlan(name, f"Service{name.title()}") for name in ("one", "two", "three")))

    async def run(self, flow: Flow) -> JsonObject:
        async def step(name: str) -> JsonObject:
            async def call(progress: ProgressCallback) -> StepOutcome:
                self.calls[name] += 1
                if name == "two":
                    await self.middle(progress)
                return StepOutcome({"value": len(name)}, f"{name} is done")

            return await flow.step(name, f"Service{name.title()}", call)

        outputs = [await step(name) for name in ("one", "two", "three")]
        return {"total": sum(int(output["value"]) for output in outputs)}

    def report(self, session: Session, workflow: Workflow) -> Report:
        return Report(f"{workflow.title}: {workflow.status.value}")


async def nothing(progress: ProgressCallback) -> None:
    await progress(0.5, "half of it")


@pytest.fixture
async def session_id(sessions: SessionManagerService) -> str:
    return (await sessions.create_session("ada")).session_id


async def connect(sessions: SessionManagerService, loop: LeaseLoop, executor: Orchestrator) -> BusinessOrchestrator:
    workflows = Workflows(sessions, loop, [executor])

    await loop.start({"workflow": LaneKind(workflows.execute, 2, workflows.pending)})
    return BusinessOrchestrator(workflows, {executor.name: ("count",)})


async def ended(business: BusinessOrchestrator, session_id: str, workflow_id: str) -> bool:
    return (await business.get_workflow(session_id, workflow_id)).status.finished


async def start(business: BusinessOrchestrator, session_id: str, workflow_id: str = "workflow-1") -> Workflow:
    return await business.start(
        session_id, OrchestratorName.CONTENT, "count", {"n": 3}, requested_by="user:ada", workflow_id=workflow_id
    )


async def test_a_workflow_runs_its_steps_and_leaves_its_whole_story_in_the_session(
    sessions: SessionManagerService, loop: LeaseLoop, session_id: str
) -> None:
    business = await connect(sessions, loop, Counting(nothing))
    started = await start(business, session_id)
    assert started.status is Status.QUEUED or started.status is Status.PROCESSING
    await eventually(lambda: ended(business, session_id, "workflow-1"))
    session = await sessions.get_session(session_id)
    workflow = session.workflows["workflow-1"]
    assert (workflow.status, workflow.result) == (Status.COMPLETED, {"total": 11})
    assert [(step.status, step.fraction, step.attempt) for step in workflow.steps] == [(Status.COMPLETED, 1.0, 1)] * 3
    assert {name: use.invocations for name, use in session.enabling_services.items()} == {
        "ServiceOne": 1,
        "ServiceTwo": 1,
        "ServiceThree": 1,
    }
    assert [(link.source, link.target) for link in session.delegations] == [
        ("user:ada", "BusinessOrchestrator"),
        ("BusinessOrchestrator", "ContentAnalysisOrchestrator"),
        ("ContentAnalysisOrchestrator", "ServiceOne"),
        ("ContentAnalysisOrchestrator", "ServiceTwo"),
        ("ContentAnalysisOrchestrator", "ServiceThree"),
    ]
    messages = session.conversations["content_liaison"].messages
    assert [message.content for message in messages] == ["Count: queued", "Count: completed"]
    assert [dict(message.orchestrator_context or {})["status"] for message in messages] == ["queued", "completed"]
    assert await business.outputs(session_id, "workflow-1") == {
        "one": {"value": 3},
        "two": {"value": 3},
        "three": {"value": 5},
    }


async def test_starting_the_same_workflow_again_starts_nothing(
    sessions: SessionManagerService, loop: LeaseLoop, session_id: str
) -> None:
    counting = Counting(nothing)
    business = await connect(sessions, loop, counting)
    await asyncio.gather(*(start(business, session_id) for _ in range(10)))
    await eventually(lambda: ended(business, session_id, "workflow-1"))
    assert counting.calls == {"one": 1, "two": 1, "three": 1}
    assert len((await sessions.get_session(session_id)).conversations["content_liaison"].messages) == 2


async def test_a_failing_step_ends_the_workflow_with_its_reason_and_the_next_one_works(
    sessions: SessionManagerService, loop: LeaseLoop, session_id: str
) -> None:
    async def broken(progress: ProgressCallback) -> None:
        raise ServiceError("encrypted", "This file is locked with a password.")

    counting = Counting(broken)
    business = await connect(sessions, loop, counting)
    await start(business, session_id)
    await eventually(lambda: ended(business, session_id, "workflow-1"))
    workflow = (await sessions.get_session(session_id)).workflows["workflow-1"]
    assert workflow.error is not None
    assert (workflow.status, workflow.error.code) == (Status.FAILED, "encrypted")
    assert [step.status for step in workflow.steps] == [Status.COMPLETED, Status.FAILED, Status.QUEUED]
    counting.middle = nothing
    await start(business, session_id, "workflow-2")
    await eventually(lambda: ended(business, session_id, "workflow-2"))
    assert (await business.get_workflow(session_id, "workflow-2")).status is Status.COMPLETED


async def test_an_unexpected_error_is_a_recorded_failure_that_says_nothing_of_the_inside(
    sessions: SessionManagerService, loop: LeaseLoop, session_id: str
) -> None:
    async def bug(progress: ProgressCallback) -> None:
        raise RuntimeError("password=hunter2")

    business = await connect(sessions, loop, Counting(bug))
    await start(business, session_id)
    await eventually(lambda: ended(business, session_id, "workflow-1"))
    error = (await business.get_workflow(session_id, "workflow-1")).error
    assert error is not None
    assert error.code == "internal_error"
    assert "hunter2" not in error.message


async def test_i4_cancel_ends_a_workflow_at_once_and_only_once(
    sessions: SessionManagerService, loop: LeaseLoop, session_id: str
) -> None:
    going = asyncio.Event()
    stopped = asyncio.Event()

    async def endless(progress: ProgressCallback) -> None:
        going.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    business = await connect(sessions, loop, Counting(endless))
    await start(business, session_id)
    await asyncio.wait_for(going.wait(), 5)
    cancelled = await business.cancel(session_id, "workflow-1", requested_by="user:ada")
    assert cancelled.status is Status.CANCELLED
    assert [step.status for step in cancelled.steps] == [Status.COMPLETED, Status.CANCELLED, Status.QUEUED]
    await asyncio.wait_for(stopped.wait(), 5)
    again = await business.cancel(session_id, "workflow-1", requested_by="user:ada")
    assert again.finished_at == cancelled.finished_at
    journal = await business.journal(session_id, "workflow-1")
    assert sum(isinstance(entry.body, WorkflowFinished) for entry in journal) == 1
    assert not any(isinstance(entry.body, RunFinished) for entry in journal)


async def test_a_workflow_goes_on_after_its_process_died_without_repeating_a_finished_step(
    store: Store, cop: TrafficCop, sessions: SessionManagerService, session_id: str
) -> None:
    going = asyncio.Event()

    async def dies(progress: ProgressCallback) -> None:
        going.set()
        await asyncio.Event().wait()

    counting = Counting(dies)
    first = LeaseLoop(Lanes(cop, lease_seconds=0.5))
    await start(await connect(sessions, first, counting), session_id)
    await asyncio.wait_for(going.wait(), 5)
    await first.close()
    counting.middle = nothing
    second = LeaseLoop(Lanes(cop, lease_seconds=0.5))
    business = await connect(sessions, second, counting)
    await eventually(lambda: ended(business, session_id, "workflow-1"))
    await second.close()
    assert counting.calls == {"one": 1, "two": 2, "three": 1}
    workflow = await business.get_workflow(session_id, "workflow-1")
    assert [step.attempt for step in workflow.steps] == [1, 2, 1]
    assert workflow.result == {"total": 11}


async def test_a_stalled_owner_that_wakes_up_is_refused(
    cop: TrafficCop, sessions: SessionManagerService, loop: LeaseLoop, session_id: str
) -> None:
    workflows = Workflows(sessions, loop, [Counting(nothing)])
    business = BusinessOrchestrator(workflows, {})
    await start(business, session_id)
    lane = workflow_lane("workflow-1")
    stalled = await cop.acquire_lease(session_id, lane, "stalled", 60)
    await cop.release_lease(stalled)
    fresh = await cop.acquire_lease(session_id, lane, "fresh", 60)
    with pytest.raises(LeaseLost):
        await workflows.execute(session_id, "workflow-1", stalled)
    await workflows.execute(session_id, "workflow-1", fresh)
    assert (await business.get_workflow(session_id, "workflow-1")).status is Status.COMPLETED
    with pytest.raises(WorkClosed):
        await sessions.track_orchestrator_workflow(
            session_id, OrchestratorName.CONTENT, {"workflow_id": "workflow-1", "status": "failed"}
        )
