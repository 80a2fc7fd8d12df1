"""BusinessOrchestrator: starts, supervises and cancels the orchestrators' workflows on behalf of a session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from symphainy import inputs
from symphainy.entries import Draft, Entry, WorkflowStepCompleted
from symphainy.session import JsonObject, OrchestratorName, Workflow
from symphainy.workflows import Workflows


class BusinessOrchestrator:
    def __init__(self, workflows: Workflows, operations: Mapping[OrchestratorName, Sequence[str]]) -> None:
        self._workflows = workflows
        self._operations = operations

    def operations(self) -> Mapping[OrchestratorName, Sequence[str]]:
        """What can be started: the operations of each orchestrator that runs workflows."""
        return self._operations

    async def start(
        self,
        session_id: str,
        orchestrator: OrchestratorName | str,
        operation: str,
        input: JsonObject,
        *,
        requested_by: str,
        workflow_id: str | None = None,
        before: Sequence[Draft] = (),
    ) -> Workflow:
        """A queued workflow, durable on return; its steps show in the session's feed. See `Workflows.start`."""
        return await self._workflows.start(
            session_id,
            inputs.orchestrator_name(orchestrator),
            operation,
            input,
            requested_by=requested_by,
            workflow_id=workflow_id,
            before=before,
        )

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
        """Gives a waiting workflow what it asked for, durable on return. See `Workflows.answer`."""
        return await self._workflows.answer(
            session_id, workflow_id, name, answers, requested_by=requested_by, op_id=op_id
        )

    async def cancel(self, session_id: str, workflow_id: str, *, requested_by: str) -> Workflow:
        """The workflow, ended: by this call or before it. Raises WorkflowNotFound."""
        return await self._workflows.cancel(session_id, workflow_id, requested_by=requested_by)

    async def cancel_all(self, session_id: str, *, requested_by: str) -> None:
        """Ends whatever is going on in the session."""
        for workflow in await self._workflows.unfinished(session_id):
            await self.cancel(session_id, workflow.workflow_id, requested_by=requested_by)

    async def tidy(self, session_id: str, workflow_id: str) -> None:
        """See `Workflows.tidy`."""
        await self._workflows.tidy(session_id, workflow_id)

    async def get_workflow(self, session_id: str, workflow_id: str) -> Workflow:
        """Raises WorkflowNotFound."""
        return await self._workflows.get(session_id, workflow_id)

    async def journal(self, session_id: str, workflow_id: str) -> list[Entry]:
        """The workflow's entries in order. Raises WorkflowNotFound."""
        await self.get_workflow(session_id, workflow_id)
        return await self._workflows.journal(session_id, workflow_id)

    async def outputs(self, session_id: str, workflow_id: str) -> Mapping[str, JsonObject]:
        """The recorded output of each finished step. Raises WorkflowNotFound."""
        bodies = [entry.body for entry in await self.journal(session_id, workflow_id)]
        return {body.step: body.output for body in bodies if isinstance(body, WorkflowStepCompleted)}
