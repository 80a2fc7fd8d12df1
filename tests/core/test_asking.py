"""Workflows that ask their user: they wait without holding anything, survive the server, and go on once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

import pytest

from symphainy.dispatch import LaneKind, Lanes, LeaseLoop
from symphainy.entries import WorkflowAnswered, WorkflowAsked, WorkflowFinished
from symphainy.errors import IdempotencyMismatch, InvalidInput, LeaseHeld, NotAsked
from symphainy.orchestrators.base import Orchestrator
from symphainy.orchestrators.business import BusinessOrchestrator
from symphainy.session import AgentType, JsonObject, OrchestratorName, Question, Session, Status, StepPlan, Workflow
from symphainy.sessions import SessionManagerService
from symphainy.traffic_cop import TrafficCop, workflow_lane
from symphainy.workflows import Flow, Plan, ProgressCallback, Report, StepOutcome, Workflows

from .conftest import eventually

BASIS = [
    Question("hours", "Hours a week", "number", unit="h", minimum=0, maximum=168),
    Question("goal", "Goal", "choice", options=("grow", "save")),
    Question("start", "First day", "date", required=False),
    Question("urgent", "Is it urgent?", "boolean", required=False),
    Question("why", "Why", "text", required=False),
]
GOOD: JsonObject = {"hours": 12.5, "goal": "save"}


class Asking(Orchestrator):
    """A step, questions, a step, and as many more questions as the test wants."""

    name = OrchestratorName.BUSINESS_OUTCOMES
    conversation = AgentType.BUSINESS_OUTCOMES

    def __init__(self, more: Sequence[str] = ()) -> None:
        self.calls: Counter[str] = Counter()
        self.more = more

    def plan(self, session: Session, operation: str, input: JsonObject) -> Plan:
        return Plan("Plan it", (StepPlan("read", "Reader"), StepPlan("write", "Writer")))

    async def run(self, flow: Flow) -> JsonObject:
        async def call(progress: ProgressCallback) -> StepOutcome:
            self.calls["steps"] += 1
            return StepOutcome({})

        self.calls["runs"] += 1
        await flow.step("read", "Reader", call)
        basis = await flow.ask("basis", "What the plan is based on", BASIS)
        await flow.step("write", "Writer", call)
        more = [await flow.ask(name, name, [Question("ok", "All right?", "boolean")]) for name in self.more]
        return {"basis": basis, "more": more}

    def report(self, session: Session, workflow: Workflow) -> Report:
        return Report(f"{workflow.title}: {workflow.status.value}")


async def connect(sessions: SessionManagerService, loop: LeaseLoop, executor: Orchestrator) -> BusinessOrchestrator:
    workflows = Workflows(sessions, loop, [executor])
    await loop.start({"workflow": LaneKind(workflows.execute, 2, workflows.pending)})
    return BusinessOrchestrator(workflows, {executor.name: ("plan",)})


@pytest.fixture
async def session_id(sessions: SessionManagerService) -> str:
    return (await sessions.create_session("ada")).session_id


async def start(business: BusinessOrchestrator, session_id: str, workflow_id: str = "workflow-1") -> None:
    await business.start(
        session_id, OrchestratorName.BUSINESS_OUTCOMES, "plan", {}, requested_by="user:ada", workflow_id=workflow_id
    )


async def until(business: BusinessOrchestrator, session_id: str, status: Status, ask: str | None = None) -> Workflow:
    async def reached() -> bool:
        found = await business.get_workflow(session_id, "workflow-1")
        return found.status is status and (found.asked.name if found.asked else None) == ask

    await eventually(reached)
    return await business.get_workflow(session_id, "workflow-1")


async def answer(business: BusinessOrchestrator, session_id: str, answers: JsonObject, **more: str) -> Workflow:
    name = more.pop("name", "basis")
    return await business.answer(session_id, "workflow-1", name, answers, requested_by="user:ada", **more)


async def test_a_workflow_asks_waits_without_a_lease_and_goes_on_with_the_answers(
    cop: TrafficCop, sessions: SessionManagerService, loop: LeaseLoop, session_id: str
) -> None:
    asking = Asking()
    business = await connect(sessions, loop, asking)
    await start(business, session_id)
    waiting = await until(business, session_id, Status.WAITING_FOR_USER, "basis")
    assert waiting.asked is not None
    assert (waiting.asked.title, waiting.asked.questions) == ("What the plan is based on", tuple(BASIS))

    async def lease_is_free() -> bool:
        try:
            lease = await cop.acquire_lease(session_id, workflow_lane("workflow-1"), "somebody", 60)
        except LeaseHeld:
            return False
        await cop.release_lease(lease)
        return True

    await eventually(lease_is_free)
    session = await sessions.get_session(session_id)
    message = session.conversations["business_outcomes_liaison"].messages[-1]
    assert "Hours a week (h)" in message.content
    assert "Goal: grow, save" in message.content
    assert dict(message.orchestrator_context or {}) == {
        "orchestrator": "BusinessOutcomesOrchestrator",
        "workflow_id": "workflow-1",
        "status": "waiting_for_user",
        "asked": "basis",
    }
    assert [action.kind for action in message.actions] == ["cancel_workflow"]
    await answer(business, session_id, {**GOOD, "why": "", "start": None})
    done = await until(business, session_id, Status.COMPLETED)
    assert done.result == {"basis": GOOD, "more": []}
    assert done.answers == {"basis": GOOD}
    assert asking.calls == {"runs": 2, "steps": 2}


async def test_what_was_asked_is_still_asked_after_a_restart_and_resuming_costs_no_run(
    cop: TrafficCop, sessions: SessionManagerService, session_id: str
) -> None:
    asking = Asking()
    first = LeaseLoop(Lanes(cop, lease_seconds=0.5))
    business = await connect(sessions, first, asking)
    await start(business, session_id)
    await until(business, session_id, Status.WAITING_FOR_USER, "basis")
    await first.close()
    seq = (await sessions.get_session(session_id)).seq
    second = LeaseLoop(Lanes(cop, lease_seconds=0.5))
    business = await connect(sessions, second, asking)
    for _ in range(5):
        second.submit(session_id, workflow_lane("workflow-1"))
        await asyncio.sleep(0.01)
    assert (await sessions.get_session(session_id)).seq == seq
    assert asking.calls == {"runs": 1, "steps": 1}
    await answer(business, session_id, GOOD)
    await until(business, session_id, Status.COMPLETED)
    await second.close()
    bodies = [entry.body for entry in await business.journal(session_id, "workflow-1")]
    assert sum(isinstance(body, WorkflowAsked) for body in bodies) == 1
    assert asking.calls == {"runs": 2, "steps": 2}


async def test_answers_that_were_recorded_by_a_process_that_died_at_once_are_used_by_the_next(
    cop: TrafficCop, sessions: SessionManagerService, session_id: str
) -> None:
    first = LeaseLoop(Lanes(cop))
    business = await connect(sessions, first, Asking())
    await start(business, session_id)
    await until(business, session_id, Status.WAITING_FOR_USER, "basis")
    await first.close()
    await answer(business, session_id, GOOD)  # its dispatcher is closed: nobody goes on with it here
    assert (await business.get_workflow(session_id, "workflow-1")).status is Status.PROCESSING
    second = LeaseLoop(Lanes(cop))
    await until(await connect(sessions, second, Asking()), session_id, Status.COMPLETED)
    await second.close()


async def test_the_same_answers_again_are_recorded_once_and_other_ones_are_refused(
    sessions: SessionManagerService, loop: LeaseLoop, session_id: str
) -> None:
    business = await connect(sessions, loop, Asking(more=["more"]))
    await start(business, session_id)
    await until(business, session_id, Status.WAITING_FOR_USER, "basis")
    await asyncio.gather(*(answer(business, session_id, GOOD, op_id="answer-1") for _ in range(5)))
    await until(business, session_id, Status.WAITING_FOR_USER, "more")
    await answer(business, session_id, GOOD, op_id="answer-1")
    await answer(business, session_id, {**GOOD, "why": None}, op_id="answer-2")
    with pytest.raises(IdempotencyMismatch):
        await answer(business, session_id, {**GOOD, "hours": 1}, op_id="answer-1")
    with pytest.raises(NotAsked, match="answered already") as refused:
        await answer(business, session_id, {**GOOD, "hours": 1}, op_id="answer-3")
    assert refused.value.details == {"asked": "more", "workflow_status": "waiting_for_user"}
    with pytest.raises(NotAsked):
        await answer(business, session_id, {}, name="never")
    bodies = [entry.body for entry in await business.journal(session_id, "workflow-1")]
    assert [body.answers for body in bodies if isinstance(body, WorkflowAnswered)] == [GOOD]


async def test_of_two_that_answer_at_the_same_time_one_wins(
    sessions: SessionManagerService, loop: LeaseLoop, session_id: str
) -> None:
    business = await connect(sessions, loop, Asking())
    await start(business, session_id)
    await until(business, session_id, Status.WAITING_FOR_USER, "basis")
    tried = [answer(business, session_id, {**GOOD, "hours": hours}) for hours in range(6)]
    outcomes = await asyncio.gather(*tried, return_exceptions=True)
    assert sum(isinstance(item, NotAsked) for item in outcomes) == 5
    assert (await until(business, session_id, Status.COMPLETED)).result is not None


async def test_a_second_question_and_one_answered_by_a_button(
    sessions: SessionManagerService, loop: LeaseLoop, session_id: str
) -> None:
    asking = Asking(more=["first", "second"])
    business = await connect(sessions, loop, asking)
    await start(business, session_id)
    await until(business, session_id, Status.WAITING_FOR_USER, "basis")
    await answer(business, session_id, GOOD)
    await until(business, session_id, Status.WAITING_FOR_USER, "first")
    message = (await sessions.get_session(session_id)).conversations["business_outcomes_liaison"].messages[-1]
    yes = message.actions[0]
    assert (yes.label, yes.kind) == ("Yes", "answer_workflow")
    assert yes.target == {"workflow_id": "workflow-1", "name": "first", "answers": {"ok": True}}
    await answer(business, session_id, yes.target["answers"], name="first")
    await until(business, session_id, Status.WAITING_FOR_USER, "second")
    await answer(business, session_id, {"ok": False}, name="second")
    done = await until(business, session_id, Status.COMPLETED)
    assert done.result == {"basis": GOOD, "more": [{"ok": True}, {"ok": False}]}
    assert asking.calls["steps"] == 2


async def test_i4_a_workflow_that_waits_can_be_cancelled_once_and_takes_no_answer_then(
    sessions: SessionManagerService, loop: LeaseLoop, session_id: str
) -> None:
    business = await connect(sessions, loop, Asking())
    await start(business, session_id)
    await until(business, session_id, Status.WAITING_FOR_USER, "basis")
    await asyncio.gather(*(business.cancel(session_id, "workflow-1", requested_by="user:ada") for _ in range(3)))
    cancelled = await business.get_workflow(session_id, "workflow-1")
    assert (cancelled.status, cancelled.asked) == (Status.CANCELLED, None)
    with pytest.raises(NotAsked, match="has ended"):
        await answer(business, session_id, GOOD)
    journal = await business.journal(session_id, "workflow-1")
    assert sum(isinstance(entry.body, WorkflowFinished) for entry in journal) == 1


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"hours": "12"}, ["hours"]),
        ({"hours": True}, ["hours"]),
        ({"hours": -1}, ["hours"]),
        ({"hours": 168.5}, ["hours"]),
        ({"hours": None}, ["hours"]),
        ({"hours": float("inf")}, ["hours"]),
        ({"goal": "shrink"}, ["goal"]),
        ({"goal": ""}, ["goal"]),
        ({"goal": ["save"]}, ["goal"]),
        ({"start": "23.11.2026"}, ["start"]),
        ({"start": "2026-02-30"}, ["start"]),
        ({"start": 20261123}, ["start"]),
        ({"urgent": "yes"}, ["urgent"]),
        ({"urgent": 1}, ["urgent"]),
        ({"why": 5}, ["why"]),
        ({"why": "x" * 4_001}, ["why"]),
        ({"colour": "red"}, ["colour"]),
        ({"hours": [], "goal": {}}, ["hours", "goal"]),
    ],
)
async def test_wrong_answers_are_refused_by_field_and_nothing_is_recorded(
    sessions: SessionManagerService, loop: LeaseLoop, session_id: str, change: JsonObject, fields: list[str]
) -> None:
    business = await connect(sessions, loop, Asking())
    await start(business, session_id)
    await until(business, session_id, Status.WAITING_FOR_USER, "basis")
    seq = (await sessions.get_session(session_id)).seq
    with pytest.raises(InvalidInput) as refused:
        await answer(business, session_id, {**GOOD, **change})
    assert [item["field"] for item in refused.value.details["fields"]] == fields
    session = await sessions.get_session(session_id)
    assert (session.seq, session.workflows["workflow-1"].status) == (seq, Status.WAITING_FOR_USER)


@pytest.mark.parametrize(
    "questions",
    [
        [],
        [Question("a", "A", "text"), Question("a", "B", "text")],
        [Question("a", "A", "choice")],
        [Question("a", "A", "number", suggestion=3)],
    ],
)
async def test_a_form_that_nobody_could_answer_is_a_failure_and_not_a_question(
    sessions: SessionManagerService, loop: LeaseLoop, session_id: str, questions: list[Question]
) -> None:
    class Wrong(Asking):
        async def run(self, flow: Flow) -> JsonObject:
            return await flow.ask("wrong", "Wrong", questions)

    business = await connect(sessions, loop, Wrong())
    await start(business, session_id)
    failed = await until(business, session_id, Status.FAILED)
    assert failed.error is not None
    assert failed.error.code == "internal_error"


async def test_two_questions_asked_side_by_side_are_answered_one_after_the_other(
    sessions: SessionManagerService, loop: LeaseLoop, session_id: str
) -> None:
    class Both(Asking):
        async def run(self, flow: Flow) -> JsonObject:
            ask = Question("ok", "All right?", "boolean")
            answers = await asyncio.gather(flow.ask("one", "One", [ask]), flow.ask("two", "Two", [ask]))
            return {"answers": list(answers)}

    business = await connect(sessions, loop, Both())
    await start(business, session_id)
    for _ in range(2):

        async def asks() -> bool:
            return (await business.get_workflow(session_id, "workflow-1")).asked is not None

        await eventually(asks)
        waiting = await business.get_workflow(session_id, "workflow-1")
        assert waiting.asked is not None
        await answer(business, session_id, {"ok": waiting.asked.name == "one"}, name=waiting.asked.name)
    done = await until(business, session_id, Status.COMPLETED)
    assert done.result == {"answers": [{"ok": True}, {"ok": False}]}
