"""What an orchestrator promises: it plans an operation, and runs the plan's steps through enabling services."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from symphainy.entries import Draft
from symphainy.session import AgentType, JsonObject, OrchestratorName, Session, Workflow
from symphainy.workflows import Flow, Plan, Report


class Orchestrator(ABC):
    """Stateless: the workflow's journal is its only memory, and any process can go on where another one stopped."""

    name: OrchestratorName
    conversation: AgentType

    @abstractmethod
    def plan(self, session: Session, operation: str, input: JsonObject) -> Plan:
        """Checks the request against the session and says what will be done. Raises InvalidInput, FileNotFound."""

    @abstractmethod
    async def run(self, flow: Flow) -> JsonObject:
        """The workflow's result. Everything that takes time or has effects happens inside `flow.step`. Raises
        ServiceError."""

    @abstractmethod
    def report(self, session: Session, workflow: Workflow) -> Report:
        """What the domain's liaison says in its conversation about the workflow as it is now: begun, or ended."""

    def consequences(self, session: Session, workflow: Workflow) -> Sequence[Draft]:
        """Entries that belong into the same append as the workflow's start or end: a file's new status, for example."""
        return ()

    async def tidy(self, session_id: str, workflow: Workflow) -> None:
        """Removes what a workflow that has ended left besides its results. May be called more than once."""
