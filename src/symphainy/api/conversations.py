"""Conversations and runs: what the user says, and the agents' turns."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Annotated

from fastapi import APIRouter, Query, Request

from symphainy.api.auth import App, Opened, rates_of
from symphainy.api.errors import problems, writing
from symphainy.api.models import AcceptedMessage, AcceptedRun, MessageList, RetryRun, RunStatus, SendMessage
from symphainy.api.strict_json import StrictRoute
from symphainy.codec import to_json
from symphainy.errors import Conflict, IdempotencyMismatch
from symphainy.session import AgentType

router = APIRouter(tags=["conversations"], route_class=StrictRoute)

MESSAGES = "/sessions/{session_id}/conversations/{agent_type}/messages"


@router.get(MESSAGES, response_model=MessageList, responses=problems(404))
async def get_messages(
    app: App,
    opened: Opened,
    agent_type: AgentType,
    before: Annotated[int | None, Query(ge=1, le=2**53, description="Only messages added before this seq.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> MessageList:
    """A page of the conversation, oldest first; without `before` the newest page."""
    found = await app.sessions.get_conversation_history(opened.session_id, agent_type, before=before, limit=limit + 1)
    return MessageList(messages=to_json(found[-limit:]), has_more=len(found) > limit)


@router.post(MESSAGES, status_code=202, response_model=AcceptedMessage, responses=writing(404, 409))
async def send_message(
    request: Request, app: App, opened: Opened, agent_type: AgentType, body: SendMessage
) -> AcceptedMessage:
    """The message and the run that answers it are durable; the answer comes on the feed. The same `message_id` again
    is the same message."""
    await rates_of(request).count("message", opened.user_id, app.settings.messages_per_minute)
    with _run_going():
        accepted = await app.chat.send_message(
            opened.session_id,
            agent_type,
            body.content,
            user_id=opened.user_id,
            message_id=body.message_id,
            files=tuple(body.files),
            on_busy=body.on_busy,
        )
    return AcceptedMessage(message_id=accepted.message_id, run_id=accepted.run_id, seq=accepted.seq)


@router.post(
    "/sessions/{session_id}/runs/{run_id}/cancel",
    status_code=202,
    response_model=RunStatus,
    responses=writing(404, 409),
)
async def cancel_run(app: App, opened: Opened, run_id: str) -> RunStatus:
    """Ends the run now; what it has said is kept. A run that has ended already stays as it ended."""
    run = await app.chat.cancel_run(opened.session_id, run_id)
    return RunStatus(run_id=run.run_id, status=run.status)


@router.post(
    "/sessions/{session_id}/runs/{run_id}/retry",
    status_code=202,
    response_model=AcceptedRun,
    responses=writing(404, 409),
)
async def retry_run(
    request: Request, app: App, opened: Opened, run_id: str, body: RetryRun | None = None
) -> AcceptedRun:
    """Answers the same message again. The same new `run_id` again is the same run."""
    await rates_of(request).count("message", opened.user_id, app.settings.messages_per_minute)
    with _run_going():
        accepted = await app.chat.retry_run(opened.session_id, run_id, new_run_id=body.run_id if body else None)
    run = await app.chat.get_run(opened.session_id, accepted.run_id)
    if run.retry_of != run_id:
        raise IdempotencyMismatch(f"Run {accepted.run_id!r} was started before for another message.")
    return AcceptedRun(run_id=accepted.run_id, seq=accepted.seq)


class RunGoing(Conflict):
    code = "run_going"


@contextmanager
def _run_going() -> Generator[None]:
    """A conflict without a name of its own is that of two runs: it gets the one that clients know it by."""
    try:
        yield
    except Conflict as conflict:
        if type(conflict) is not Conflict:
            raise
        raise RunGoing(conflict.message, details=conflict.details) from conflict
