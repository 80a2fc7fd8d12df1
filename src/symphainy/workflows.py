"""Durable workflows: a workflow's journal is in its session's log, so whoever can read the session can go on with it.

A step's function may run more than once (a crash between its end and its record); its record is made exactly once, and a
recorded step is never run again. Effects outside of the session need the step's own key to be idempotent.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from symphainy import entries as log
from symphainy.entries import Draft
from symphainy.errors import (
    InvalidInput,
    LeaseLost,
    ServiceError,
    SessionNotFound,
    StoreUnavailable,
    WorkClosed,
    WorkflowNotFound,
)
from symphainy.fold import fold
from symphainy.ids import new_id
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
from symphainy.traffic_cop import TrafficCop, workflow_lane

logger = logging.getLogger(__name__)

MAX_ATTEMPTS: Final = 3
PROGRESS_INTERVAL: Final = 0.2

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
    """What a step gives to the steps after it (small JSON; bulk belongs into artifacts), and entries to record with it."""

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


class Dispatcher(Protocol):
    """Decides who executes a lane of a session, and when. Lanes are idempotent: submitting one that is going on is fine."""

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
        self._caller: str = workflow.orchestrator.value

    async def step(self, name: str, service: str, run: StepFunction) -> JsonObject:
        """The recorded output of the step, or what `run` gives now, durably recorded before this returns.

        Raises WorkClosed if the workflow was cancelled meanwhile, LeaseLost if another process has taken it over.
        """
        if name in self._recorded.outputs:
            self._caller = service
            return self._recorded.outputs[name]
        attempt = self._recorded.attempts.get(name, 0) + 1
        if attempt > MAX_ATTEMPTS:
            raise ServiceError("step_crashed", f"The step {name!r} ended the server {MAX_ATTEMPTS} times and is not tried again.")
        await self._record(
            log.WorkflowStepStarted(name, service, attempt),
            log.ServiceUpdated(service, Status.PROCESSING.value),
            log.DelegationAppended(self._caller, service),
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
        self._caller = service
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


class Workflows:
    """Starts, executes, resumes and cancels workflows of any orchestrator."""

    def __init__(
        self, sessions: SessionManagerService, traffic_cop: TrafficCop, dispatcher: Dispatcher, executors: Sequence[Executor]
    ) -> None:
        self._sessions = sessions
        self._cop = traffic_cop
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
        """A queued workflow, durable on return and dispatched. `before` is appended with it, in front.

        The same `workflow_id` again starts nothing and returns the workflow as it is. Raises InvalidInput, FileNotFound.
        """
        executor = self._executor(orchestrator)
        session = fold_drafts(await self._sessions.get_session(session_id), before)
        workflow_id = workflow_id or new_id("wf")
        if workflow_id not in session.workflows:
            await self._open(session, executor, workflow_id, operation, input, requested_by, before)
        self._dispatcher.submit(session_id, workflow_lane(workflow_id))
        return await self.get(session_id, workflow_id)
