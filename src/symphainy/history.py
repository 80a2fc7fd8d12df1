"""Older messages of a conversation, read from the log by page."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from symphainy import entries as log
from symphainy.codec import decode_entry, encode_draft
from symphainy.entries import Draft, Entry
from symphainy.errors import IdempotencyMismatch
from symphainy.session import AgentType, Message, MessageStatus, Session, State
from symphainy.traffic_cop import TrafficCop

PAGE: Final = 200


async def read_history(
    cop: TrafficCop, session: Session, agent_type: AgentType, *, before: int | None, limit: int | None
) -> list[Message]:
    """The newest `limit` messages added before the seq `before`, oldest first.

    A message's place is its `message.added`, its text that of its `message.completed`, which may stand on either
    side of the page's edge; only the one message that is still streaming has none, and is taken from the fold.
    """
    held = session.conversations[agent_type]
    if before is None and (not held.has_more or (limit is not None and limit <= len(held.messages))):
        return list(held.messages if limit is None else held.messages[max(0, len(held.messages) - limit) :])
    added: list[Entry] = []
    endings: dict[str, log.MessageCompleted] = {}
    cursor = before
    while limit is None or len(added) < limit:
        size = PAGE if limit is None else min(PAGE, 2 * limit)
        page = await cop.entries(session.session_id, before=cursor, limit=size, topic=agent_type.value, newest=True)
        for entry in reversed(page):
            if isinstance(entry.body, log.MessageCompleted):
                endings.setdefault(entry.body.message_id, entry.body)
            elif isinstance(entry.body, log.MessageAdded):
                added.append(entry)
        if len(page) < size:
            break
        cursor = page[0].seq
    wanted = added if limit is None else added[:limit]
    folded = {message.message_id: message for message in held.messages}
    return [await _whole(cop, session, agent_type, entry, endings, folded) for entry in reversed(wanted)]


async def _whole(
    cop: TrafficCop,
    session: Session,
    agent_type: AgentType,
    entry: Entry,
    endings: dict[str, log.MessageCompleted],
    folded: dict[str, Message],
) -> Message:
    body = entry.body
    assert isinstance(body, log.MessageAdded)
    if body.message_id in folded:
        return folded[body.message_id]
    message = message_of(entry, body)
    if body.status is not MessageStatus.STREAMING:
        return message
    ending = endings.get(body.message_id) or await _ending_after(cop, session, agent_type, entry.seq, body.message_id)
    if ending is None:
        return message
    return replace(
        message,
        content=ending.content,
        status=ending.status,
        orchestrator_context=ending.orchestrator_context,
        actions=ending.actions,
        evidence=ending.evidence,
    )


async def _ending_after(
    cop: TrafficCop, session: Session, agent_type: AgentType, seq: int, message_id: str
) -> log.MessageCompleted | None:
    while page := await cop.entries(session.session_id, after=seq, limit=PAGE, topic=agent_type.value):
        for entry in page:
            if isinstance(entry.body, log.MessageCompleted) and entry.body.message_id == message_id:
                return entry.body
        seq = page[-1].seq
    return None


def message_of(entry: Entry, body: log.MessageAdded) -> Message:
    """The message as its own entry says it, without what came after."""
    return Message(
        body.message_id,
        body.role,
        body.content,
        entry.ts,
        body.status,
        entry.seq,
        entry.run_id,
        body.orchestrator_context,
        body.actions,
        body.evidence,
        body.files,
    )


def state_of(session_id: str, entry: Entry, body: log.StateStored) -> State:
    """The state as its own entry says it."""
    return State(
        body.state_id,
        session_id,
        body.state_data,
        body.orchestrator_metadata,
        body.metadata,
        body.ttl,
        entry.ts,
    )


def check_repeat(first: Entry, draft: Draft) -> None:
    """Raises IdempotencyMismatch unless `draft`, sent again under the id of `first`, says the same."""
    again = decode_entry(first.seq, encode_draft(draft, ts=first.ts, op_id=first.op_id))
    if (again.body, again.conversation, again.workflow_id) != (first.body, first.conversation, first.workflow_id):
        raise IdempotencyMismatch("This id was used before for a write with other content.")
