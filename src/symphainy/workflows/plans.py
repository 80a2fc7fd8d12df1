"""What workflows and whoever plans, executes and dispatches them say to each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from symphainy.entries import Draft
from symphainy.session import Action, AgentType, JsonObject, OrchestratorName, Session, StepPlan, Workflow
from symphainy.workflows.flow import Flow


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
