"""What an orchestrator promises: it plans an operation, and runs the plan's steps through enabling services."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from symphainy.entries import Draft
from symphainy.session import AgentType, JsonObject, OrchestratorName, Session, Workflow
from symphainy.workflows import Flow, Plan, Report


@dataclass(frozen=True, slots=True)
class Operation:
    """One of an orchestrator's operations as somebody who has never seen it needs it: what for, and the JSON Schema of its
    input. `plan` is what decides whether an input is good."""

    description: str
    input: JsonObject


def operation(description: str, required: Sequence[str] = (), **properties: JsonObject) -> Operation:
    """An operation whose input is an object of these properties and no others."""
    schema = {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }
    return Operation(description, schema)


class Orchestrator(ABC):
    """Stateless: the workflow's journal is its only memory, and any process can go on where another one stopped."""

    name: OrchestratorName
    conversation: AgentType
    described: ClassVar[Mapping[str, Operation]] = {}
    """Its operations, as language models and the API's documents are told them."""

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
