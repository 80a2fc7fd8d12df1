"""Durable workflows: a workflow's journal is in its session's log, so whoever can read the session can go on with it.

A step's function may run more than once (a crash between its end and its record); its record is made exactly once,
and a recorded step is never run again. Effects outside of the session need the step's own key to be idempotent.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from symphainy import entries as log
from symphainy.entries import Draft, Entry
from symphainy.errors import (
    InvalidInput,
    ServiceError,
    SymphainyError,
    WorkClosed,
    WorkflowNotFound,
)
from symphainy.fold import fold, fold_alone
from symphainy.ids import derived_id, new_id
from symphainy.session import (
    Action,
    AgentType,
    Failure,
    JsonObject,
    OrchestratorName,
    Role,
    Session,
    Status,
    StepPlan,
    Workflow,
)
from symphainy.sessions import SessionManagerService
from symphainy.stores.base import Lease
from symphainy.traffic_cop import workflow_lane

logger = logging.getLogger(__name__)

T = TypeVar("T")

MAX_ATTEMPTS: Final = 100
PROGRESS_INTERVAL: Final = 0.2
SUPERVISOR: Final = "BusinessOrchestrator"

ProgressCallback = Callable[[float, str], Awaitable[None]]
"""Awaited with a fraction from 0 to 1 and what is happening, in plain words."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an operation will do, before it begins."""

    title: str
    steps: tuple[StepPlan, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A message about a workflow."""

    content: str
    actions: tuple[Action, ...] = ()
    evidence: tuple[JsonObject, ...] = ()


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """What a step gives to the steps after it (small JSON; bulk belongs into artifacts), and entries to record with
    it."""

    output: JsonObject
    detail: str | None = None
    also: tuple[Draft, ...] = ()


StepFunction = Callable[[ProgressCallback], Awaitable[StepOutcome]]


class Executor(Protocol):
    """The part of an orchestrator that workflows need."""

    @property
    def name(self) -> OrchestratorName: ...
    @property
    def conversation(self) -> AgentType: ...
    def plan(self, session: Session, operation: str, input: JsonObject) -> Plan: ...
    async def run(self, flow: Flow) -> JsonObject: ...
    def report(self, session: Session, workflow: Workflow) -> Report: ...
    def consequences(self, session: Session, workflow: Workflow) -> Sequence[Draft]: ...
    async def tidy(self, session_id: str, workflow: Workflow) -> None: ...


class Dispatcher(Protocol):
    """Decides who executes a lane of a session, and when. Lanes are idempotent: submitting one that is going on is
    fine."""

    def submit(self, session_id: str, lane: str) -> None: ...
    def interrupt(self, session_id: str, lane: str) -> None: ...


class Flow:
    """One execution of one workflow, in the hands of its orchestrator."""

    def __init__(
        self, sessions: SessionManagerService, workflow: Workflow, session_id: str, lease: Lease, recorded: Recorded
    ) -> None:
        self.sessions = sessions
        self.session_id = session_id
        self.workflow_id = workflow.workflow_id
        self.orchestrator = workflow.orchestrator
        self.operation = workflow.operation
        self.input = workflow.input
        self._lease = lease
        self._recorded = recorded

    async def step(self, name: str, service: str, run: StepFunction) -> JsonObject:
        """The recorded output of the step, or what `run` gives now, durably recorded before this returns.

        Raises WorkClosed if the workflow was cancelled meanwhile, LeaseLost if another process has taken it over.
        """
        if name in self._recorded.outputs:
            return self._recorded.outputs[name]
        attempt = self._recorded.attempts.get(name, 0) + 1
        if attempt > MAX_ATTEMPTS:
            raise ServiceError(
                "step_crashed", f"The step {name!r} ended the server {MAX_ATTEMPTS} times and is not tried again."
            )
        await self._record(
            log.WorkflowStepStarted(name, service, attempt),
            log.ServiceUpdated(service, Status.PROCESSING.value),
            log.DelegationAppended(self.orchestrator.value, service),
        )
        started = time.monotonic()
        try:
            outcome = await run(self._progress(name))
        except ServiceError:
            await self._record(log.ServiceUpdated(service, Status.FAILED.value))
            raise
        elapsed = round((time.monotonic() - started) * 1000)
        await self._record(
            log.WorkflowStepCompleted(name, outcome.output, elapsed, outcome.detail),
            log.ServiceUpdated(service, Status.COMPLETED.value),
            also=outcome.also,
        )
        return outcome.output

    def draft(self, body: log.Body) -> Draft:
        """An entry of this workflow, for `StepOutcome.also`."""
        return Draft(body, f"orchestrator:{self.orchestrator.value}", workflow_id=self.workflow_id)

    def _progress(self, step: str) -> ProgressCallback:
        last = 0.0

        async def progress(fraction: float, detail: str) -> None:
            nonlocal last
            now = time.monotonic()
            if now - last < PROGRESS_INTERVAL:
                return
            last = now
            await self._record(log.WorkflowProgressed(step, min(max(fraction, 0.0), 1.0), detail))

        return progress

    async def _record(self, *bodies: log.Body, also: Sequence[Draft] = ()) -> None:
        drafts = [self.draft(body) for body in bodies]
        await self.sessions.record(self.session_id, [*drafts, *also], fence=self._lease)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a workflow's journal says is done already."""

    outputs: Mapping[str, JsonObject]
    attempts: Mapping[str, int]

    @classmethod
    def of(cls, journal: Sequence[Entry]) -> Recorded:
        bodies = [entry.body for entry in journal]
        return cls(
            {body.step: body.output for body in bodies if isinstance(body, log.WorkflowStepCompleted)},
            Counter(body.step for body in bodies if isinstance(body, log.WorkflowStepStarted)),
        )


class Workflows:
    """Starts, executes, resumes and cancels workflows of any orchestrator."""

    def __init__(self, sessions: SessionManagerService, dispatcher: Dispatcher, executors: Sequence[Executor]) -> None:
        self._sessions = sessions
        self._dispatcher = dispatcher
        self._executors = {executor.name: executor for executor in executors}

    async def start(
        self,
        session_id: str,
        orchestrator: OrchestratorName,
        operation: str,
        input: JsonObject,
        *,
        requested_by: str,
        workflow_id: str | None = None,
        before: Sequence[Draft] = (),
    ) -> Workflow:
        """A queued workflow, durable on return and dispatched. `before` is appended in front of it, in the same append.

        The same `workflow_id` again starts nothing and returns the workflow as it is. Raises InvalidInput,
        FileNotFound.
        """
        executor = self._executors.get(orchestrator)
        if executor is None:
            raise InvalidInput(f"{orchestrator.value} runs no workflows in this version.")
        workflow_id = workflow_id or new_id("wf")
        try:
            return await self.get(session_id, workflow_id)
        except WorkflowNotFound:
            pass
        session = await self._sessions.get_session(session_id)
        plan = executor.plan(foresee(session, before), operation, input)
        opening = [
            _draft(
                workflow_id,
                orchestrator,
                log.WorkflowStarted(orchestrator, operation, plan.title, input, plan.steps, (), executor.conversation),
            ),
            Draft(log.DelegationAppended(requested_by, SUPERVISOR), requested_by, workflow_id=workflow_id),
            Draft(log.DelegationAppended(SUPERVISOR, orchestrator.value), requested_by, workflow_id=workflow_id),
        ]
        await self._report(session, executor, workflow_id, [*before, *opening], "started", None)
        self._dispatcher.submit(session_id, workflow_lane(workflow_id))
        return await self.get(session_id, workflow_id)

    async def cancel(self, session_id: str, workflow_id: str, *, requested_by: str) -> Workflow:
        """Ends the workflow now; what its finished steps made is kept. One that has ended already is returned as it
        ended."""
        workflow = await self.get(session_id, workflow_id)
        if not workflow.status.finished:
            try:
                await self._finish(session_id, workflow, log.WorkflowFinished(Status.CANCELLED), None, requested_by)
            except WorkClosed:
                logger.debug("workflow %s ended before it could be cancelled", workflow_id)
            self._dispatcher.interrupt(session_id, workflow_lane(workflow_id))
            await self._executors[workflow.orchestrator].tidy(session_id, workflow)
        return await self.get(session_id, workflow_id)

    async def get(self, session_id: str, workflow_id: str) -> Workflow:
        """The workflow as of now, also one that the session's snapshot no longer holds. Raises WorkflowNotFound."""
        session = await self._sessions.get_session(session_id)
        if workflow_id in session.workflows:
            return session.workflows[workflow_id]
        alone = fold_alone(session_id, await self.journal(session_id, workflow_id))
        if workflow_id not in alone.workflows:
            raise WorkflowNotFound(f"There is no workflow {workflow_id!r} in this session.")
        return alone.workflows[workflow_id]

    async def unfinished(self, session_id: str) -> list[Workflow]:
        """The session's workflows that have not ended, in the order in which they started."""
        session = await self._sessions.get_session(session_id)
        return [workflow for workflow in session.workflows.values() if not workflow.status.finished]

    async def journal(self, session_id: str, workflow_id: str) -> list[Entry]:
        """The workflow's own entries, in order; empty if there is no such workflow."""
        found: list[Entry] = []
        while page := await self._sessions.entries(session_id, after=found[-1].seq if found else 0, topic=workflow_id):
            found.extend(page)
        return found

    async def execute(self, session_id: str, workflow_id: str, lease: Lease) -> None:
        """Runs the workflow to its end, from where its journal stops, under the lease.

        Returns when it has ended, here or by a cancel. Raises LeaseLost, StoreUnavailable: somebody resumes it later.
        """
        workflow = await self.get(session_id, workflow_id)
        executor = self._executors.get(workflow.orchestrator)
        if workflow.status.finished or executor is None:
            return
        recorded = Recorded.of(await self.journal(session_id, workflow_id))
        flow = Flow(self._sessions, workflow, session_id, lease, recorded)
        try:
            ending = await _end_of(executor, flow)
            await self._finish(session_id, workflow, ending, lease, executor.name.value)
        except WorkClosed:
            logger.info("workflow %s was ended while it ran", workflow_id)
        await executor.tidy(session_id, workflow)

    async def _finish(
        self, session_id: str, workflow: Workflow, ending: log.WorkflowFinished, lease: Lease | None, by: str
    ) -> None:
        session = await self._sessions.get_session(session_id)
        executor = self._executors.get(workflow.orchestrator)
        closing = [Draft(ending, by if ":" in by else f"orchestrator:{by}", workflow_id=workflow.workflow_id)]
        for step in session.workflows.get(workflow.workflow_id, workflow).steps:
            if step.status is Status.PROCESSING:
                closing.insert(0, Draft(log.ServiceUpdated(step.service, ending.status.value), closing[-1].actor))
        if executor is None:
            await self._sessions.record(session_id, closing, fence=lease)
        else:
            await self._report(session, executor, workflow.workflow_id, closing, ending.status.value, lease)

    async def _report(
        self,
        session: Session,
        executor: Executor,
        workflow_id: str,
        drafts: Sequence[Draft],
        event: str,
        lease: Lease | None,
    ) -> None:
        """Appends the drafts, what follows from them, and the liaison's message about it: all or nothing."""
        after = foresee(session, drafts)
        workflow = after.workflows[workflow_id]
        report = executor.report(after, workflow)
        await self._sessions.add_conversation_message(
            session.session_id,
            executor.conversation,
            Role.ASSISTANT,
            report.content,
            {
                "orchestrator": workflow.orchestrator.value,
                "workflow_id": workflow_id,
                "status": workflow.status.value,
            },
            message_id=derived_id("msg", workflow_id, event),
            actions=report.actions,
            evidence=report.evidence,
            also=[*drafts, *executor.consequences(after, workflow)],
            fence=lease,
        )


def foresee(session: Session, drafts: Sequence[Draft]) -> Session:
    """The session as it will be once the drafts are appended right after what is known now."""
    ts = session.updated_at
    return fold(
        session,
        (
            Entry(session.seq + n, ts, item.actor, item.body, item.conversation, item.run_id, item.workflow_id)
            for n, item in enumerate(drafts, 1)
        ),
    )


async def _end_of(executor: Executor, flow: Flow) -> log.WorkflowFinished:
    result = await outcome_of(executor.run(flow))
    if isinstance(result, Failure):
        return log.WorkflowFinished(Status.FAILED, error=result)
    return log.WorkflowFinished(Status.COMPLETED, result)


async def outcome_of(work: Awaitable[T]) -> T | Failure:
    """The step recorder's edge: whatever the work of a step or a turn raises becomes a failure to be recorded.

    What concerns the record itself (the lease is lost, the work was ended, the store is away) is raised on.
    """
    try:
        return await work
    except ServiceError as failure:
        return Failure(failure.service_code, failure.message, dict(failure.details))
    except SymphainyError:
        raise
    except Exception:
        logger.exception("a step or turn failed")
        return Failure(
            "internal_error", "Something went wrong inside the server. Everything before it is kept; try again."
        )


def _draft(workflow_id: str, orchestrator: OrchestratorName, body: log.Body) -> Draft:
    return Draft(body, f"orchestrator:{orchestrator.value}", workflow_id=workflow_id)
