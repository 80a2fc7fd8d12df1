"""One execution of a workflow: its steps, its questions, and what its journal says is done already."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from symphainy import entries as log
from symphainy.entries import Draft, Entry
from symphainy.errors import JsonObject, ServiceError, SymphainyError, WorkClosed
from symphainy.questions import Question, check_questions
from symphainy.session import Failure, Status, Workflow
from symphainy.sessions import SessionManagerService
from symphainy.stores.base import Lease
from symphainy.telemetry import span, traceparent

logger = logging.getLogger(__name__)

T = TypeVar("T")

MAX_ATTEMPTS: Final = 100
PROGRESS_INTERVAL: Final = 0.2

ProgressCallback = Callable[[float, str], Awaitable[None]]
"""Awaited with a fraction from 0 to 1 and what is happening, in plain words."""


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """What a step gives to the steps after it (small JSON; bulk belongs into artifacts), and entries to record with
    it."""

    output: JsonObject
    detail: str | None = None
    also: tuple[Draft, ...] = ()


StepFunction = Callable[[ProgressCallback], Awaitable[StepOutcome]]
Ask = Callable[[log.WorkflowAsked], Awaitable[None]]
Begin = Callable[[str, JsonObject, str, Sequence[Draft]], Awaitable[Workflow]]
Await = Callable[[Sequence[str]], Awaitable[list[Workflow]]]


class Waiting(SymphainyError):
    """Ends an execution that can only go on once its user has answered, or other workflows have ended. It reaches
    `Workflows` and nobody else."""

    code = "waiting_for_user"


class Flow:
    """One execution of one workflow, in the hands of its orchestrator."""

    def __init__(
        self,
        sessions: SessionManagerService,
        workflow: Workflow,
        session_id: str,
        lease: Lease,
        recorded: Recorded,
        ask: Ask,
        begin: Begin,
        await_: Await,
    ) -> None:
        self.sessions = sessions
        self.session_id = session_id
        self.workflow_id = workflow.workflow_id
        self.orchestrator = workflow.orchestrator
        self.operation = workflow.operation
        self.input = workflow.input
        self._lease = lease
        self._recorded = recorded
        self._ask = ask
        self._begin = begin
        self._await = await_

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
        about = {"symphainy.workflow.id": self.workflow_id, "symphainy.step": name, "symphainy.attempt": attempt}
        links = self._recorded.traces.get(name, ())
        with span(f"step.{service}", about, links=links, expected=(WorkClosed,)):
            return await self._attempt(name, service, attempt, run)

    async def _attempt(self, name: str, service: str, attempt: int, run: StepFunction) -> JsonObject:
        await self._record(
            log.WorkflowStepStarted(name, service, attempt),
            log.ServiceUpdated(service, Status.PROCESSING.value),
            log.DelegationAppended(self.orchestrator.value, service),
            trace=traceparent(),
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

    async def ask(self, name: str, title: str, questions: Sequence[Question]) -> JsonObject:
        """The user's answers by the questions' names, checked; optional ones that were left empty are not in it.

        Where they are not there yet, the questions are recorded, this execution ends and the lease is free; once the
        answers are recorded, the workflow is executed again from its journal, in whatever process. `name` is unique
        within the workflow.
        """
        if name in self._recorded.answers:
            return self._recorded.answers[name]
        check_questions(questions)
        await self._ask(log.WorkflowAsked(name, title, tuple(questions)))
        raise Waiting(f"The workflow waits for answers to {name!r}.")

    async def start(
        self, operation: str, input: JsonObject, *, workflow_id: str, before: Sequence[Draft] = ()
    ) -> Workflow:
        """Another workflow of the same orchestrator, durable on return and dispatched; `before` is appended in front of
        it. The same `workflow_id` again starts nothing, so that a step which does this may run again."""
        return await self._begin(operation, input, workflow_id, before)

    async def ended(self, workflow_ids: Sequence[str]) -> list[Workflow]:
        """The workflows, each of which has ended. Where one goes on, this execution ends and takes no slot; the workflow is
        executed again once all of them have ended."""
        return await self._await(workflow_ids)

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

    async def _record(self, *bodies: log.Body, also: Sequence[Draft] = (), trace: str | None = None) -> None:
        """`trace` goes with the first of the `bodies`."""
        first, *rest = [self.draft(body) for body in bodies]
        drafts = [replace(first, traceparent=trace), *rest]
        await self.sessions.record(self.session_id, [*drafts, *also], fence=self._lease)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a workflow's journal says is done already."""

    outputs: Mapping[str, JsonObject]
    attempts: Mapping[str, int]
    asked: Mapping[str, int]
    answers: Mapping[str, JsonObject]
    trace: str | None
    """The span in which the workflow was accepted."""
    traces: Mapping[str, Sequence[str]]
    """Those of each step's earlier attempts, by whatever process."""

    @classmethod
    def of(cls, journal: Sequence[Entry]) -> Recorded:
        bodies = [entry.body for entry in journal]
        traces: dict[str, list[str]] = {}
        for entry in journal:
            if isinstance(entry.body, log.WorkflowStepStarted) and entry.traceparent is not None:
                traces.setdefault(entry.body.step, []).append(entry.traceparent)
        return cls(
            {body.step: body.output for body in bodies if isinstance(body, log.WorkflowStepCompleted)},
            Counter(body.step for body in bodies if isinstance(body, log.WorkflowStepStarted)),
            Counter(body.name for body in bodies if isinstance(body, log.WorkflowAsked)),
            {body.name: body.answers for body in bodies if isinstance(body, log.WorkflowAnswered)},
            next((entry.traceparent for entry in journal if isinstance(entry.body, log.WorkflowStarted)), None),
            traces,
        )


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
