"""The session after each entry. One function for each group of entry types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypedDict, assert_never

from symphainy import entries as log
from symphainy.entries import Entry
from symphainy.errors import JsonObject, JsonValue
from symphainy.fold.artifacts import artifacts_after
from symphainy.fold.values import FINISHED, bounded, merge_patch, replace, without
from symphainy.fold.workflow import WorkflowChange, started_workflow, workflow_after
from symphainy.ids import later
from symphainy.session import (
    DELEGATIONS_KEPT,
    FINISHED_RUNS_KEPT,
    FINISHED_WORKFLOWS_KEPT,
    MESSAGES_KEPT,
    AgentType,
    Artifact,
    Conversation,
    Delegation,
    File,
    FileStatus,
    Message,
    MessageStatus,
    Run,
    ServiceUse,
    Session,
    StateRef,
    Status,
    Workflow,
    conversation_id,
)


class Changes(TypedDict, total=False):
    """The fields of a session that one entry gives new values."""

    user_id: str
    epoch: str
    title: str
    context: JsonObject
    closed: bool
    conversations: Mapping[str, Conversation]
    workflows: Mapping[str, Workflow]
    runs: Mapping[str, Run]
    files: Mapping[str, File]
    artifacts: Mapping[str, Artifact]
    states: Mapping[str, StateRef]
    enabling_services: Mapping[str, ServiceUse]
    delegations: tuple[Delegation, ...]
    state: JsonObject
    created_at: str
    expires_at: str
    idle_ms: int | None
    ends_at: str | None


def fold(session: Session, entries: Iterable[Entry]) -> Session:
    for entry in entries:
        session = apply(session, entry)
    return session


def fold_alone(session_id: str, entries: Iterable[Entry]) -> Session:
    """What one topic's entries make by themselves: a workflow or run that the snapshot no longer holds."""
    return fold(Session(session_id), (replace(entry, seq=place) for place, entry in enumerate(entries, 1)))


def apply(session: Session, entry: Entry) -> Session:
    """The session after `entry`. Raises ValueError if `entry.seq` is not the next: a gap must never fold silently."""
    if entry.seq != session.seq + 1:
        raise ValueError(f"entry {entry.seq} cannot follow {session.seq} in session {session.session_id}")
    changes = _change(session, entry)
    if session.idle_ms is not None:
        changes["expires_at"] = min(later(entry.ts, session.idle_ms), session.ends_at or "9")
    return replace(session, **changes, seq=entry.seq, updated_at=entry.ts, last_activity=entry.ts)


def _change(session: Session, entry: Entry) -> Changes:
    match entry.body:
        case log.SessionCreated() as body:
            return _created(session, entry, body)
        case log.SessionUpdated() as body:
            return _updated(session, body)
        case log.SessionClosed():
            return {"closed": True}
        case log.MessageAdded() as body:
            return _message_added(session, entry, body)
        case log.MessageDelta() | log.MessageCompleted() as body:
            return _message_changed(session, entry, body)
        case log.ConversationContextUpdated() as body:
            return _in_conversation(session, entry, body.orchestrator_context)
        case log.RunStarted() as body:
            return _run_started(session, entry, body)
        case log.RunFinished() as body:
            return _run_finished(session, entry, body)
        case log.WorkflowStarted() as body:
            return _workflow_started(session, entry, body)
        case (
            log.WorkflowStepStarted()
            | log.WorkflowStepCompleted()
            | log.WorkflowProgressed()
            | log.WorkflowAsked()
            | log.WorkflowAnswered()
            | log.WorkflowFinished() as body
        ):
            return _workflow_changed(session, entry, body)
        case log.ServiceUpdated() as body:
            return _service(session, entry, body)
        case log.DelegationAppended() as body:
            link = Delegation(body.source, body.target, entry.workflow_id, entry.ts)
            return {"delegations": (*session.delegations, link)[-DELEGATIONS_KEPT:]}
        case log.StateStored() as body:
            return {"states": {**session.states, body.state_id: _state_ref(entry, body)}}
        case log.StateDeleted() as body:
            return {"states": without(session.states, body.state_id)}
        case log.ValuePatched() as body:
            return {"state": merge_patch(session.state, body.patch)}
        case log.FileAdded() | log.FileUpdated() | log.FileRemoved() as body:
            return {"files": _files(session.files, entry, body)}
        case log.ArtifactCreated() | log.ArtifactUpdated() as body:
            return {"artifacts": artifacts_after(session.artifacts, entry, body)}
        case log.Unknown():
            return {}
        case _ as unreachable:
            assert_never(unreachable)


def _created(session: Session, entry: Entry, body: log.SessionCreated) -> Changes:
    return {
        "user_id": body.user_id,
        "epoch": body.epoch,
        "title": body.title,
        "context": dict(body.context),
        "conversations": {
            agent_type.value: Conversation(conversation_id(session.session_id, agent_type)) for agent_type in AgentType
        },
        "created_at": entry.ts,
        "expires_at": body.expires_at,
        "idle_ms": body.idle_ms,
        "ends_at": body.ends_at,
    }


def _updated(session: Session, body: log.SessionUpdated) -> Changes:
    return {
        "title": session.title if body.title is None else body.title,
        "context": session.context if body.context is None else merge_patch(session.context, body.context),
        "epoch": session.epoch if body.epoch is None else body.epoch,
    }


def _message_added(session: Session, entry: Entry, body: log.MessageAdded) -> Changes:
    held = _conversation(session, entry.conversation)
    if held is None:
        return {}
    message = Message(
        message_id=body.message_id,
        role=body.role,
        content=body.content,
        timestamp=entry.ts,
        status=body.status,
        seq=entry.seq,
        run_id=entry.run_id,
        orchestrator_context=body.orchestrator_context,
        actions=body.actions,
        evidence=body.evidence,
        files=body.files,
    )
    messages = (*held.messages, message)
    conversation = replace(
        held, messages=messages[-MESSAGES_KEPT:], has_more=held.has_more or len(messages) > MESSAGES_KEPT
    )
    changes = _put_conversation(session, entry.conversation, conversation)
    run = session.runs.get(entry.run_id or "")
    if run is not None and run.status is Status.QUEUED and body.message_id != run.message_id:
        changes["runs"] = {**session.runs, run.run_id: replace(run, status=Status.PROCESSING)}
    return changes


def _message_changed(session: Session, entry: Entry, body: log.MessageDelta | log.MessageCompleted) -> Changes:
    held = _conversation(session, entry.conversation)
    if held is None:
        return {}
    messages = [
        _message_after(message, body) if message.message_id == body.message_id else message for message in held.messages
    ]
    return _put_conversation(session, entry.conversation, replace(held, messages=tuple(messages)))


def _message_after(message: Message, body: log.MessageDelta | log.MessageCompleted) -> Message:
    if isinstance(body, log.MessageDelta):
        return replace(message, content=message.content + body.text)
    return replace(
        message,
        content=body.content,
        status=body.status,
        orchestrator_context=body.orchestrator_context,
        actions=body.actions,
        evidence=body.evidence,
    )


def _in_conversation(session: Session, entry: Entry, patch: JsonObject) -> Changes:
    held = _conversation(session, entry.conversation)
    if held is None:
        return {}
    context = merge_patch(held.orchestrator_context, patch)
    return _put_conversation(session, entry.conversation, replace(held, orchestrator_context=context))


def _run_started(session: Session, entry: Entry, body: log.RunStarted) -> Changes:
    if entry.run_id is None or entry.conversation is None:
        return {}
    run = Run(entry.run_id, entry.conversation, body.message_id, Status.QUEUED, entry.ts, retry_of=body.retry_of)
    return {"runs": bounded({**session.runs, run.run_id: run}, FINISHED_RUNS_KEPT)}


def _run_finished(session: Session, entry: Entry, body: log.RunFinished) -> Changes:
    held = session.runs.get(entry.run_id or "")
    if held is None:
        return {}
    run = replace(held, status=body.status, finished_at=entry.ts, error=body.error)
    changes = _close_messages(session, run)
    changes["runs"] = bounded({**session.runs, run.run_id: run}, FINISHED_RUNS_KEPT)
    return changes


def _close_messages(session: Session, run: Run) -> Changes:
    """Ending a run ends its open messages, whatever the writer forgot."""
    held = _conversation(session, run.agent_type)
    if held is None:
        return {}
    ended = {Status.CANCELLED: MessageStatus.CANCELLED, Status.FAILED: MessageStatus.FAILED}.get(
        run.status, MessageStatus.COMPLETED
    )
    messages = [
        replace(message, status=ended)
        if message.run_id == run.run_id and message.status is MessageStatus.STREAMING
        else message
        for message in held.messages
    ]
    return _put_conversation(session, run.agent_type, replace(held, messages=tuple(messages)))


def _workflow_started(session: Session, entry: Entry, body: log.WorkflowStarted) -> Changes:
    if entry.workflow_id is None:
        return {}
    return _put_workflow(session, entry, started_workflow(entry.workflow_id, entry, body))


def _workflow_changed(session: Session, entry: Entry, body: WorkflowChange) -> Changes:
    held = session.workflows.get(entry.workflow_id or "")
    if held is None or held.status in FINISHED:
        return {}
    return _put_workflow(session, entry, workflow_after(held, entry, body))


def _put_workflow(session: Session, entry: Entry, workflow: Workflow) -> Changes:
    workflows = bounded({**session.workflows, workflow.workflow_id: workflow}, FINISHED_WORKFLOWS_KEPT)
    held = _conversation(session, workflow.conversation)
    if held is None:
        return {"workflows": workflows}
    active = [
        item.workflow_id
        for item in workflows.values()
        if item.status not in FINISHED and item.conversation == workflow.conversation
    ]
    context: dict[str, JsonValue] = {
        **held.orchestrator_context,
        "orchestrator": workflow.orchestrator.value,
        "workflow_id": workflow.workflow_id,
        "status": workflow.status.value,
        "active_workflows": active,
        "last_workflow_update": entry.ts,
    }
    changes = _put_conversation(session, workflow.conversation, replace(held, orchestrator_context=context))
    changes["workflows"] = workflows
    return changes


def _service(session: Session, entry: Entry, body: log.ServiceUpdated) -> Changes:
    held = session.enabling_services.get(body.service)
    counts = held is None or body.status == Status.PROCESSING
    use = ServiceUse((held.invocations if held else 0) + counts, entry.ts, body.status)
    return {"enabling_services": {**session.enabling_services, body.service: use}}


def _state_ref(entry: Entry, body: log.StateStored) -> StateRef:
    return StateRef(
        state_id=body.state_id,
        seq=entry.seq,
        stored_at=entry.ts,
        ttl=body.ttl,
        created_by_orchestrator=body.orchestrator_metadata.created_by_orchestrator,
        workflow_id=body.orchestrator_metadata.workflow_id,
        metadata=body.metadata,
    )


def _files(
    files: Mapping[str, File], entry: Entry, body: log.FileAdded | log.FileUpdated | log.FileRemoved
) -> Mapping[str, File]:
    if isinstance(body, log.FileRemoved):
        return without(files, body.file_id)
    if isinstance(body, log.FileAdded):
        file = File(
            file_id=body.file_id,
            name=body.name,
            media_type=body.media_type,
            size=body.size,
            sha256=body.sha256,
            status=FileStatus.UPLOADED,
            added_at=entry.ts,
            kind=body.kind,
        )
        return {**files, body.file_id: file}
    held = files.get(body.file_id)
    if held is None:
        return files
    file = replace(
        held,
        status=body.status,
        kind=body.kind or held.kind,
        reason=body.reason,
        workflow_id=entry.workflow_id or held.workflow_id,
    )
    return {**files, body.file_id: file}


def _conversation(session: Session, agent_type: AgentType | None) -> Conversation | None:
    return None if agent_type is None else session.conversations.get(agent_type)


def _put_conversation(session: Session, agent_type: AgentType | None, conversation: Conversation) -> Changes:
    return {} if agent_type is None else {"conversations": {**session.conversations, agent_type.value: conversation}}
