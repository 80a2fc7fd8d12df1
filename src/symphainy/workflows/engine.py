"""Workflows: starts, executes, resumes, answers and cancels workflows of any orchestrator."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from symphainy import entries as log
from symphainy.entries import Draft, Entry
from symphainy.errors import IdempotencyMismatch, InvalidInput, NotAsked, VersionConflict, WorkClosed, WorkflowNotFound
from symphainy.fold import fold, fold_alone
from symphainy.ids import derived_id, new_id
from symphainy.questions import check_answers
from symphainy.session import Failure, JsonObject, OrchestratorName, Role, Session, Status, Workflow
from symphainy.sessions import SessionManagerService
from symphainy.stores.base import Lease
from symphainy.telemetry import span, traceparent
from symphainy.traffic_cop import workflow_lane
from symphainy.workflows.asking import asking_report
from symphainy.workflows.flow import Flow, Recorded, Waiting, outcome_of
from symphainy.workflows.plans import Dispatcher, Executor, Report
from symphainy.workflows.watching import unless_ended

logger = logging.getLogger(__name__)

SUPERVISOR: Final = "BusinessOrchestrator"


def _unheard(accepted_at: str) -> None: ...


class Workflows:
    """Starts, executes, resumes and cancels workflows of any orchestrator."""

    def __init__(
        self,
        sessions: SessionManagerService,
        dispatcher: Dispatcher,
        executors: Sequence[Executor],
        *,
        begun: Callable[[str], None] = _unheard,
    ) -> None:
        """`begun` is told when a workflow that begins here was accepted."""
        self._begun = begun
        self._sessions = sessions
        self._dispatcher = dispatcher
        self._executors = {executor.name: executor for executor in executors}
        self._awaited: dict[tuple[str, str], Sequence[str]] = {}
        """What workflows that were executed here wait for. Only saves looking: who resumes one finds out again."""

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
            Draft(
                log.WorkflowStarted(orchestrator, operation, plan.title, input, plan.steps, (), executor.conversation),
                f"orchestrator:{orchestrator.value}",
                workflow_id=workflow_id,
                traceparent=traceparent(),
            ),
            Draft(log.DelegationAppended(requested_by, SUPERVISOR), requested_by, workflow_id=workflow_id),
            Draft(log.DelegationAppended(SUPERVISOR, orchestrator.value), requested_by, workflow_id=workflow_id),
        ]
        await self._tell(session, executor, workflow_id, [*before, *opening], "started", None)
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

    async def answer(
        self,
        session_id: str,
        workflow_id: str,
        name: str,
        answers: JsonObject,
        *,
        requested_by: str,
        op_id: str | None = None,
    ) -> Workflow:
        """Records the answers to what the workflow asks under `name`, durable on return, and lets it go on.

        The same answers again change nothing. Raises InvalidInput, and then nothing is recorded; NotAsked when it does
        not wait for these answers (any more); IdempotencyMismatch for an `op_id` that was used with other answers.
        """
        op_id = f"answer:{workflow_id}:{name}:{op_id}" if op_id else None
        while True:
            session = await self._sessions.get_session(session_id)
            workflow = session.workflows.get(workflow_id) or await self.get(session_id, workflow_id)
            if workflow.asked is None or workflow.asked.name != name:
                return await self._answered_before(session_id, workflow, name, answers, op_id)
            body = log.WorkflowAnswered(name, check_answers(workflow.asked.questions, answers))
            try:
                await self._sessions.record(
                    session_id,
                    [Draft(body, requested_by, workflow_id=workflow_id)],
                    op_id=op_id,
                    expected_seq=session.seq,
                )
            except (VersionConflict, WorkClosed):
                continue  # somebody else answered, or cancelled it, meanwhile
            self._dispatcher.submit(session_id, workflow_lane(workflow_id))
            return await self.get(session_id, workflow_id)

    async def _answered_before(
        self, session_id: str, workflow: Workflow, name: str, answers: JsonObject, op_id: str | None
    ) -> Workflow:
        given = {key: value for key, value in answers.items() if value not in (None, "")}
        if name in workflow.answers and workflow.answers[name] == given:
            return workflow
        journal = await self.journal(session_id, workflow.workflow_id)
        if op_id is not None and any(entry.op_id == op_id for entry in journal):
            raise IdempotencyMismatch("This Idempotency-Key was used before with other answers.")
        details = {"asked": workflow.asked.name if workflow.asked else None, "workflow_status": workflow.status.value}
        if name in workflow.answers:
            raise NotAsked("This was answered already, in another way. The first answers are kept.", details=details)
        if workflow.status.finished:
            raise NotAsked(f"This workflow has ended ({workflow.status.value}); it needs no answer.", details=details)
        raise NotAsked(f"This workflow does not ask {name!r} now.", details=details)

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

    async def tidy(self, session_id: str, workflow_id: str) -> None:
        """Removes what a workflow that has ended needed for its steps; one that goes on keeps it. For a process that died
        between the two. Raises SessionNotFound, WorkflowNotFound."""
        workflow = await self.get(session_id, workflow_id)
        executor = self._executors.get(workflow.orchestrator)
        if workflow.status.finished and executor is not None:
            await executor.tidy(session_id, workflow)

    async def journal(self, session_id: str, workflow_id: str) -> list[Entry]:
        """The workflow's own entries, in order; empty if there is no such workflow."""
        found: list[Entry] = []
        while page := await self._sessions.entries(session_id, after=found[-1].seq if found else 0, topic=workflow_id):
            found.extend(page)
        return found

    async def execute(self, session_id: str, workflow_id: str, lease: Lease) -> None:
        """Runs the workflow from where its journal stops, under the lease, to its end or until it needs an answer.

        Returns when it has ended, here or by a cancel, and when it waits: then it costs nothing until it is answered.
        Raises LeaseLost, StoreUnavailable: somebody resumes it later.
        """
        while True:
            workflow = await self.get(session_id, workflow_id)
            executor = self._executors.get(workflow.orchestrator)
            if workflow.status.finished or workflow.asked is not None or executor is None:
                return
            self._awaited.pop((session_id, workflow_id), None)
            if workflow.status is Status.QUEUED:
                self._begun(workflow.started_at)
            try:
                has_ended = partial(self._has_ended, session_id, workflow_id)
                await unless_ended(self._run(session_id, workflow, executor, lease), has_ended)
            except Waiting:
                if await self.pending(session_id, workflow_id):
                    continue  # it may have been answered meanwhile, by somebody who cannot execute it
                return
            except WorkClosed:
                logger.info("workflow %s was ended while it ran", workflow_id)
            await executor.tidy(session_id, workflow)
            return

    async def _has_ended(self, session_id: str, workflow_id: str) -> bool:
        return (await self.get(session_id, workflow_id)).status.finished

    async def pending(self, session_id: str, workflow_id: str) -> bool:
        """Whether the workflow can be executed now: it has neither ended nor does it wait for an answer or for others."""
        workflow = await self.get(session_id, workflow_id)
        if workflow.status.finished or workflow.asked is not None or workflow.orchestrator not in self._executors:
            self._awaited.pop((session_id, workflow_id), None)
            return False
        awaited = self._awaited.get((session_id, workflow_id), ())
        return all([(await self.get(session_id, other)).status.finished for other in awaited])

    async def has_begun(self, session_id: str, workflow_id: str) -> bool:
        """Whether the workflow has been executed and has neither ended nor does it wait for an answer."""
        return (await self.get(session_id, workflow_id)).status is Status.PROCESSING

    async def _run(self, session_id: str, workflow: Workflow, executor: Executor, lease: Lease) -> None:
        recorded = Recorded.of(await self.journal(session_id, workflow.workflow_id))

        async def ask(body: log.WorkflowAsked) -> None:
            session = await self._sessions.get_session(session_id)
            asked = [_draft(workflow.workflow_id, workflow.orchestrator, body)]
            event = f"asked:{body.name}:{recorded.asked.get(body.name, 0)}"
            await self._tell(session, executor, workflow.workflow_id, asked, event, lease)

        async def begin(operation: str, input: JsonObject, workflow_id: str, before: Sequence[Draft]) -> Workflow:
            by = f"orchestrator:{workflow.orchestrator.value}"
            return await self.start(
                session_id,
                workflow.orchestrator,
                operation,
                input,
                requested_by=by,
                workflow_id=workflow_id,
                before=before,
            )

        async def ended(workflow_ids: Sequence[str]) -> list[Workflow]:
            self._awaited[session_id, workflow.workflow_id] = workflow_ids
            others = [await self.get(session_id, other) for other in workflow_ids]
            if not all(other.status.finished for other in others):
                raise Waiting("The workflow waits for others.")
            return others

        flow = Flow(self._sessions, workflow, session_id, lease, recorded, ask, begin, ended)
        about = {"symphainy.session.id": session_id, "symphainy.workflow.id": workflow.workflow_id}
        with span(
            f"workflow.{workflow.operation}", about, parent=recorded.trace, expected=(Waiting, WorkClosed)
        ) as going:
            ending = await _end_of(executor, flow)
            if ending.error is not None:
                going.fail(ending.error.code)
            await self._finish(session_id, workflow, ending, lease, executor.name.value)

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
            await self._tell(session, executor, workflow.workflow_id, closing, ending.status.value, lease)
        for other in session.workflows.values():
            if between_steps(other) and other.workflow_id != workflow.workflow_id:
                self._dispatcher.submit(session_id, workflow_lane(other.workflow_id))

    async def _tell(
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
        report = _report(executor, after, workflow)
        await self._sessions.add_conversation_message(
            session.session_id,
            executor.conversation,
            Role.ASSISTANT,
            report.content,
            _context(workflow),
            message_id=derived_id("msg", workflow_id, event),
            actions=report.actions,
            evidence=report.evidence,
            also=[*drafts, *executor.consequences(after, workflow)],
            fence=lease,
        )


def _report(executor: Executor, session: Session, workflow: Workflow) -> Report:
    return executor.report(session, workflow) if workflow.asked is None else asking_report(workflow.asked, workflow)


def _context(workflow: Workflow) -> JsonObject:
    """What a message about a workflow carries: also which questions belong into it."""
    about = {
        "orchestrator": workflow.orchestrator.value,
        "workflow_id": workflow.workflow_id,
        "status": workflow.status.value,
    }
    return about if workflow.asked is None else {**about, "asked": workflow.asked.name}


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


def between_steps(workflow: Workflow) -> bool:
    """Whether it may be one that waits for others to end: none of its steps is going on."""
    return workflow.status is Status.PROCESSING and not any(step.status is Status.PROCESSING for step in workflow.steps)


async def _end_of(executor: Executor, flow: Flow) -> log.WorkflowFinished:
    result = await outcome_of(executor.run(flow))
    if isinstance(result, Failure):
        return log.WorkflowFinished(Status.FAILED, error=result)
    return log.WorkflowFinished(Status.COMPLETED, result)


def _draft(workflow_id: str, orchestrator: OrchestratorName, body: log.Body) -> Draft:
    return Draft(body, f"orchestrator:{orchestrator.value}", workflow_id=workflow_id)
