"""What a language model may do in a session: start an orchestrator's operation, look at the session, stop a workflow.

A tool has the rights of the turn: it reaches the turn's session and nothing else, its effects carry the agent's name in the
delegation chain, and the same call in the same run, also after a crash, has its effect once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

import orjson

from symphainy.agents.answers import Answer, about_workflow, context_of, stop
from symphainy.agents.base import Turn
from symphainy.agents.model import Tool, ToolResult
from symphainy.agents.situation import next_step, status
from symphainy.errors import InvalidInput
from symphainy.ids import derived_id
from symphainy.orchestrators.base import Operation
from symphainy.orchestrators.business import BusinessOrchestrator
from symphainy.session import AgentType, JsonObject, OrchestratorName, Session, Status, Workflow
from symphainy.sessions import SessionManagerService

WAIT_SECONDS: Final = 15.0
"""A tool waits so long for its workflow; one that takes longer is reported as going on."""
NOTHING: Final[JsonObject] = {"type": "object", "properties": {}, "additionalProperties": False}
FILES_NAMED: Final = 50

Operations = Mapping[OrchestratorName, Mapping[str, Operation]]


class Toolbox:
    """The tools of one agent: the operations of `operations`, and those that every agent has."""

    def __init__(
        self, sessions: SessionManagerService, business: BusinessOrchestrator, agent: AgentType, operations: Operations
    ) -> None:
        self._sessions = sessions
        self._business = business
        self._agent = agent
        self._operations = operations

    def __call__(self, turn: Turn) -> Sequence[Tool]:
        started = [
            Tool(operation, described.description, described.input, self._starting(turn, orchestrator, operation))
            for orchestrator, operations in self._operations.items()
            for operation, described in operations.items()
        ]
        return (
            *started,
            Tool(
                "session_status",
                "What is in the session now: files with their ids, what is running, how work ended, what is next.",
                NOTHING,
                self._status(turn),
            ),
            Tool(
                "cancel_workflow",
                "Stops a workflow that is going on, if the user asks for it.",
                _one("workflow_id", "the workflow's id, as the status names it"),
                self._cancelling(turn),
            ),
        )

    def _starting(
        self, turn: Turn, orchestrator: OrchestratorName, operation: str
    ) -> Callable[[JsonObject], Awaitable[ToolResult]]:
        async def start(given: JsonObject) -> ToolResult:
            same = orjson.dumps(dict(given), option=orjson.OPT_SORT_KEYS).decode()
            workflow = await self._business.start(
                turn.session_id,
                orchestrator,
                operation,
                given,
                requested_by=f"agent:{self._agent.value}",
                workflow_id=derived_id("wf", turn.run_id, operation, same),
            )
            return await self._ended(turn.session_id, workflow)

        return start

    def _status(self, turn: Turn) -> Callable[[JsonObject], Awaitable[ToolResult]]:
        async def look(_: JsonObject) -> ToolResult:
            session = await self._sessions.get_session(turn.session_id)
            told = status(session).then(next_step(session))
            return _result(Answer(f"{_listed(session)}\n\n{told.text}", told.actions, told.evidence, told.context))

        return look

    def _cancelling(self, turn: Turn) -> Callable[[JsonObject], Awaitable[ToolResult]]:
        async def cancel(given: JsonObject) -> ToolResult:
            workflow_id = given.get("workflow_id")
            if not isinstance(workflow_id, str):
                raise InvalidInput("Name the workflow by its id.")
            workflow = await self._business.cancel(
                turn.session_id, workflow_id, requested_by=f"agent:{self._agent.value}"
            )
            return _of_workflow(await self._sessions.get_session(turn.session_id), workflow)

        return cancel

    async def _ended(self, session_id: str, workflow: Workflow) -> ToolResult:
        """The workflow as it ended, or as it is after a while."""
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await self._until_it_needs_nobody(session_id, workflow)
        except TimeoutError:
            pass
        session = await self._sessions.get_session(session_id)
        return _of_workflow(session, session.workflows.get(workflow.workflow_id, workflow))

    async def _until_it_needs_nobody(self, session_id: str, workflow: Workflow) -> None:
        if workflow.status.finished or workflow.status is Status.WAITING_FOR_USER:
            return
        async for entry in self._sessions.watch(session_id, workflow.seq):
            if entry.workflow_id == workflow.workflow_id and entry.body.type in ("workflow.finished", "workflow.asked"):
                return


def _of_workflow(session: Session, workflow: Workflow) -> ToolResult:
    """What the liaison says about the workflow in its own conversation, and the result it says it from."""
    said = [
        message
        for conversation in session.conversations.values()
        for message in conversation.messages
        if (message.orchestrator_context or {}).get("workflow_id") == workflow.workflow_id
        and (message.orchestrator_context or {}).get("status") == workflow.status.value
    ]
    text = said[-1].content if said else f"{workflow.title}: {workflow.status.value}."
    evidence = said[-1].evidence if said else ()
    actions = said[-1].actions if said else (() if workflow.status.finished else (stop(workflow),))
    return ToolResult(
        text,
        (*evidence, about_workflow(workflow, title=workflow.title, result=workflow.result)),
        actions,
        context_of(workflow),
    )


def _result(answer: Answer) -> ToolResult:
    return ToolResult(answer.text, answer.evidence, answer.actions, answer.context)


def _listed(session: Session) -> str:
    files = list(session.files.values())[-FILES_NAMED:]
    artifacts = list(session.artifacts.values())[-FILES_NAMED:]
    lines = [f"- file {item.file_id}: {item.name} ({item.status.value})" for item in files]
    lines += [f"- artifact {item.artifact_id}: {item.name} ({item.kind})" for item in artifacts]
    lines += [
        f"- workflow {item.workflow_id}: {item.title} ({item.status.value})" for item in session.workflows.values()
    ]
    return "\n".join(lines) or "There are no files yet."


def _one(name: str, description: str) -> JsonObject:
    return {
        "type": "object",
        "properties": {name: {"type": "string", "description": description}},
        "required": [name],
        "additionalProperties": False,
    }
