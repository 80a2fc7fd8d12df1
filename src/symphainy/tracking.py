"""Workflows that somebody else executes and reports: their words to the entries of the session's log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from symphainy import entries as log
from symphainy import inputs
from symphainy.entries import Draft
from symphainy.errors import JsonObject
from symphainy.ids import new_id
from symphainy.session import OrchestratorName, Workflow


@dataclass(frozen=True, slots=True)
class OrchestratorState:
    orchestrator_name: OrchestratorName
    status: str
    workflows: tuple[Workflow, ...]


@dataclass(frozen=True, slots=True)
class Tracked:
    """`started` if this is the first report of the workflow, and `changes` in any case."""

    workflow_id: str
    started: Draft
    changes: Sequence[Draft]

    @classmethod
    def read(cls, name: OrchestratorName, report: JsonObject) -> Tracked:
        """Raises InvalidInput for a status that is not in the closed set."""
        workflow_id = str(report.get("workflow_id") or new_id("wf"))
        status = inputs.status(report.get("status"))
        services = tuple(str(item) for item in report.get("enabling_services") or ())
        title = str(report.get("title") or name.value)
        changes: list[log.Body] = []
        if status is not None and status.finished:
            changes.append(log.WorkflowFinished(status, report.get("result")))
        elif status is not None or services:
            changes.append(log.WorkflowProgressed(status=status, enabling_services=services))

        def draft(body: log.Body) -> Draft:
            return Draft(body, f"orchestrator:{name.value}", workflow_id=workflow_id)

        started = log.WorkflowStarted(name, "", title, enabling_services=services)
        return cls(workflow_id, draft(started), [draft(body) for body in changes])
