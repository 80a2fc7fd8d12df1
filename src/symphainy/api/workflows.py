"""Workflows: start, look at, answer, cancel. Their progress is on the session's feed."""

from __future__ import annotations

from typing import Annotated

import orjson
from fastapi import APIRouter, Header, Response

from symphainy.api.auth import App, Opened
from symphainy.api.errors import problems, writing
from symphainy.api.models import (
    AcceptedWorkflow,
    AnswerWorkflow,
    ClientId,
    StartWorkflow,
    WorkflowJournal,
    WorkflowList,
    WorkflowStatus,
)
from symphainy.api.paging import CursorQuery, LimitQuery, page
from symphainy.api.strict_json import StrictRoute
from symphainy.codec import entry_to_json
from symphainy.errors import IdempotencyMismatch

router = APIRouter(tags=["workflows"], route_class=StrictRoute)


@router.post(
    "/sessions/{session_id}/workflows",
    status_code=202,
    response_model=AcceptedWorkflow,
    responses=writing(404, 409),
)
async def start_workflow(app: App, opened: Opened, body: StartWorkflow) -> AcceptedWorkflow:
    """A queued workflow, durable when this answers. The same `workflow_id` again is the same workflow."""
    workflow = await app.business.start(
        opened.session_id,
        body.orchestrator,
        body.operation,
        body.input,
        requested_by=opened.actor,
        workflow_id=body.workflow_id,
    )
    if (workflow.orchestrator, workflow.operation, workflow.input) != (body.orchestrator, body.operation, body.input):
        raise IdempotencyMismatch(f"Workflow {workflow.workflow_id!r} was started before with another task.")
    (first, *_) = await app.sessions.entries(opened.session_id, topic=workflow.workflow_id)
    return AcceptedWorkflow(workflow_id=workflow.workflow_id, seq=first.seq)


@router.get("/sessions/{session_id}/workflows", response_model=WorkflowList, responses=problems(404, 409))
async def list_workflows(opened: Opened, cursor: CursorQuery = None, limit: LimitQuery = 50) -> WorkflowList:
    """Every unfinished workflow and the newest finished ones, in the order in which they started."""
    items, following = page(list(opened.session.workflows.items()), cursor, limit)
    return WorkflowList(workflows=items, next_cursor=following)


@router.get("/sessions/{session_id}/workflows/{workflow_id}", response_model=WorkflowJournal, responses=problems(404))
async def get_workflow(app: App, opened: Opened, workflow_id: str) -> Response:
    """One workflow with its journal and the recorded output of each finished step."""
    document = {
        "workflow": await app.business.get_workflow(opened.session_id, workflow_id),
        "journal": [entry_to_json(entry) for entry in await app.business.journal(opened.session_id, workflow_id)],
        "outputs": dict(await app.business.outputs(opened.session_id, workflow_id)),
    }
    return Response(orjson.dumps(document), media_type="application/json")


@router.post(
    "/sessions/{session_id}/workflows/{workflow_id}/answers",
    status_code=202,
    response_model=WorkflowStatus,
    responses=writing(404, 409),
)
async def answer_workflow(
    app: App,
    opened: Opened,
    workflow_id: str,
    body: AnswerWorkflow,
    idempotency_key: Annotated[ClientId | None, Header()] = None,
) -> WorkflowStatus:
    """Gives a waiting workflow what it asks for (`asked`), durable when this answers; then it goes on. The same answers again
    change nothing. 422 names each field that is wrong in `fields`, and then nothing is recorded; 409 when it does not wait
    for these answers."""
    workflow = await app.business.answer(
        opened.session_id,
        workflow_id,
        body.name,
        body.answers,
        requested_by=opened.actor,
        op_id=idempotency_key,
    )
    return WorkflowStatus(workflow_id=workflow.workflow_id, status=workflow.status)


@router.post(
    "/sessions/{session_id}/workflows/{workflow_id}/cancel",
    status_code=202,
    response_model=WorkflowStatus,
    responses=writing(404),
)
async def cancel_workflow(app: App, opened: Opened, workflow_id: str) -> WorkflowStatus:
    """Ends the workflow now; what its finished steps made is kept."""
    workflow = await app.business.cancel(opened.session_id, workflow_id, requested_by=opened.actor)
    return WorkflowStatus(workflow_id=workflow.workflow_id, status=workflow.status)
