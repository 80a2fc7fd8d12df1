"""`apply`: what each entry does to the session. The front end's `replica.ts` is its twin; `spec/vectors` holds both to
it.

apply is pure and total: the same log folds to the same session everywhere, and an entry that refers to something the
snapshot no longer holds (an old message, an evicted workflow) changes nothing but `seq`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeVar, assert_never

from symphainy import entries as log
from symphainy.entries import Entry
from symphainy.errors import JsonObject, JsonValue
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
    Step,
    Workflow,
    conversation_id,
)

Item = TypeVar("Item")
Held = TypeVar("Held", Run, Workflow)


def fold(session: Session, entries: Iterable[Entry]) -> Session:
    for entry in entries:
        session = apply(session, entry)
    return session


def fold_alone(session_id: str, entries: Iterable[Entry]) -> Session:
    """What one topic's entries make by themselves: a workflow or run that the snapshot no longer holds."""
    return fold(Session(session_id), (replace(entry, seq=place) for place, entry in enumerate(entries, 1)))


def apply(session: Session, entry: Entry) -> Session:
    """The session after `entry`. Raises ValueError if `entry.seq` is not the next one: a gap must never fold
    silently."""
    if entry.seq != session.seq + 1:
        raise ValueError(f"entry {entry.seq} cannot follow {session.seq} in session {session.session_id}")
    changed = _change(session, entry)
    return replace(changed, seq=entry.seq, updated_at=entry.ts, last_activity=entry.ts)


def merge_patch(target: JsonObject, patch: JsonObject) -> dict[str, JsonValue]:
    """JSON Merge Patch, RFC 7396: null removes a key, objects merge, everything else replaces."""
    merged: dict[str, JsonValue] = dict(target)
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping):
            held = merged.get(key)
            merged[key] = merge_patch(held if isinstance(held, Mapping) else {}, value)  # pyright: ignore[reportUnknownArgumentType]
        else:
            merged[key] = value
    return merged


def _change(session: Session, entry: Entry) -> Session:
    match entry.body:
        case log.SessionCreated() as body:
            return _created(session, entry, body)
        case log.SessionUpdated() as body:
            return _updated(session, body)
        case log.SessionClosed():
            return replace(session, closed=True)
        case log.MessageAdded() as body:
            return _message_added(session, entry, body)
        case log.MessageDelta() | log.MessageCompleted() as body:
            return _message_changed(session, entry, body)
        case log.ConversationContextUpdated() as body:
            return _in_conversation(session, entry, body.orchestrator_context)
        case log.RunStarted() | log.RunFinished() as body:
            return _run(session, entry, body)
        case log.WorkflowStarted() as body:
            return _workflow_started(session, entry, body)
        case (
            log.WorkflowStepStarted()
            | log.WorkflowStepCompleted()
            | log.WorkflowProgressed()
            | log.WorkflowFinished() as body
        ):
            return _workflow_changed(session, entry, body)
        case log.ServiceUpdated() as body:
            return _service(session, entry, body)
        case log.DelegationAppended() as body:
            link = Delegation(body.source, body.target, entry.workflow_id, entry.ts)
            return replace(session, delegations=(*session.delegations, link)[-DELEGATIONS_KEPT:])
        case log.StateStored() as body:
            return replace(session, states=_put(session.states, body.state_id, _state_ref(entry, body)))
        case log.StateDeleted() as body:
            return replace(session, states=_without(session.states, body.state_id))
        case log.ValuePatched() as body:
            return replace(session, state=merge_patch(session.state, body.patch))
        case log.FileAdded() | log.FileUpdated() | log.FileRemoved() as body:
            return _file(session, entry, body)
        case log.ArtifactCreated() as body:
            artifact = Artifact(
                body.artifact_id,
                body.name,
                body.kind,
                body.media_type,
                body.size,
                entry.ts,
                entry.workflow_id,
                body.file_id,
            )
            return replace(session, artifacts=_put(session.artifacts, body.artifact_id, artifact))
        case log.Unknown():
            return session
        case _ as unreachable:
            assert_never(unreachable)


def _created(session: Session, entry: Entry, body: log.SessionCreated) -> Session:
    return replace(
        session,
        user_id=body.user_id,
        epoch=body.epoch,
        title=body.title,
        context=dict(body.context),
        conversations={
            agent_type.value: Conversation(conversation_id(session.session_id, agent_type)) for agent_type in AgentType
        },
        created_at=entry.ts,
        expires_at=body.expires_at,
    )


def _updated(session: Session, body: log.SessionUpdated) -> Session:
    return replace(
        session,
        title=session.title if body.title is None else body.title,
        context=session.context if body.context is None else merge_patch(session.context, body.context),
        epoch=session.epoch if body.epoch is None else body.epoch,
    )


def _message_added(session: Session, entry: Entry, body: log.MessageAdded) -> Session:
    if entry.conversation is None or entry.conversation not in session.conversations:
        return session
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
    held = session.conversations[entry.conversation]
    messages = (*held.messages, message)
    conversation = replace(
        held, messages=messages[-MESSAGES_KEPT:], has_more=held.has_more or len(messages) > MESSAGES_KEPT
    )
    session = replace(session, conversations=_put(session.conversations, entry.conversation.value, conversation))
    run = session.runs.get(entry.run_id or "")
    if run is not None and run.status is Status.QUEUED and body.message_id != run.message_id:
        session = replace(session, runs=_put(session.runs, run.run_id, replace(run, status=Status.PROCESSING)))
    return session


def _message_changed(session: Session, entry: Entry, body: log.MessageDelta | log.MessageCompleted) -> Session:
    def change(message: Message) -> Message:
        if message.message_id != body.message_id:
            return message
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

    held = session.conversations.get(entry.conversation or "")
    if held is None or entry.conversation is None:
        return session
    conversation = replace(held, messages=tuple(change(message) for message in held.messages))
    return replace(session, conversations=_put(session.conversations, entry.conversation.value, conversation))


def _in_conversation(session: Session, entry: Entry, patch: JsonObject) -> Session:
    held = session.conversations.get(entry.conversation or "")
    if held is None or entry.conversation is None:
        return session
    conversation = replace(held, orchestrator_context=merge_patch(held.orchestrator_context, patch))
    return replace(session, conversations=_put(session.conversations, entry.conversation.value, conversation))


def _run(session: Session, entry: Entry, body: log.RunStarted | log.RunFinished) -> Session:
    if entry.run_id is None:
        return session
    if isinstance(body, log.RunStarted):
        if entry.conversation is None:
            return session
        run = Run(entry.run_id, entry.conversation, body.message_id, Status.QUEUED, entry.ts, retry_of=body.retry_of)
        return replace(session, runs=_bounded(_put(session.runs, run.run_id, run), FINISHED_RUNS_KEPT))
    held = session.runs.get(entry.run_id)
    if held is None:
        return session
    run = replace(held, status=body.status, finished_at=entry.ts, error=body.error)
    session = replace(session, runs=_bounded(_put(session.runs, run.run_id, run), FINISHED_RUNS_KEPT))
    return _close_messages(session, run)


def _close_messages(session: Session, run: Run) -> Session:
    """Ending a run ends its open messages, whatever the writer forgot."""
    conversation = session.conversations.get(run.agent_type)
    if conversation is None:
        return session
    ended = {Status.CANCELLED: MessageStatus.CANCELLED, Status.FAILED: MessageStatus.FAILED}.get(
        run.status, MessageStatus.COMPLETED
    )
    messages = tuple(
        replace(message, status=ended)
        if message.run_id == run.run_id and message.status is MessageStatus.STREAMING
        else message
        for message in conversation.messages
    )
    return replace(
        session,
        conversations=_put(session.conversations, run.agent_type.value, replace(conversation, messages=messages)),
    )


def _workflow_started(session: Session, entry: Entry, body: log.WorkflowStarted) -> Session:
    if entry.workflow_id is None:
        return session
    workflow = Workflow(
        workflow_id=entry.workflow_id,
        orchestrator=body.orchestrator,
        operation=body.operation,
        title=body.title,
        status=Status.QUEUED,
        input=body.input,
        steps=tuple(Step(plan.name, plan.service) for plan in body.steps),
        enabling_services=body.enabling_services,
        conversation=body.conversation,
        started_at=entry.ts,
        updated_at=entry.ts,
        seq=entry.seq,
    )
    return _put_workflow(session, entry, workflow)


def _workflow_changed(
    session: Session,
    entry: Entry,
    body: log.WorkflowStepStarted | log.WorkflowStepCompleted | log.WorkflowProgressed | log.WorkflowFinished,
) -> Session:
    held = session.workflows.get(entry.workflow_id or "")
    if held is None or held.status.finished:
        return session
    match body:
        case log.WorkflowStepStarted():
            workflow = _step_started(held, entry, body)
        case log.WorkflowStepCompleted():
            workflow = replace(held, steps=tuple(_step_completed(step, entry, body) for step in held.steps))
        case log.WorkflowProgressed():
            workflow = replace(
                held,
                status=body.status or held.status,
                enabling_services=_union(held.enabling_services, body.enabling_services),
                steps=tuple(_step_progressed(step, body) for step in held.steps),
            )
        case log.WorkflowFinished():
            workflow = replace(
                held,
                status=body.status,
                result=body.result,
                error=body.error,
                finished_at=entry.ts,
                steps=tuple(_step_ended(step, entry, body) for step in held.steps),
            )
    return _put_workflow(session, entry, replace(workflow, updated_at=entry.ts, seq=entry.seq))


def _step_started(workflow: Workflow, entry: Entry, body: log.WorkflowStepStarted) -> Workflow:
    started = Step(body.step, body.service, Status.PROCESSING, body.attempt, started_at=entry.ts)
    known = any(step.name == body.step for step in workflow.steps)
    steps = tuple(started if step.name == body.step else step for step in workflow.steps)
    return replace(
        workflow,
        status=Status.PROCESSING,
        steps=steps if known else (*steps, started),
        enabling_services=_union(workflow.enabling_services, (body.service,)),
    )


def _step_completed(step: Step, entry: Entry, body: log.WorkflowStepCompleted) -> Step:
    if step.name != body.step:
        return step
    return replace(
        step,
        status=Status.COMPLETED,
        fraction=1.0,
        detail=body.detail,
        finished_at=entry.ts,
        elapsed_ms=body.elapsed_ms,
    )


def _step_progressed(step: Step, body: log.WorkflowProgressed) -> Step:
    if step.name != body.step:
        return step
    fraction = step.fraction if body.fraction is None else body.fraction
    return replace(step, fraction=fraction, detail=step.detail if body.detail is None else body.detail)


def _step_ended(step: Step, entry: Entry, body: log.WorkflowFinished) -> Step:
    """Ending a workflow ends the step that was going on; steps that never began stay queued."""
    if step.status is not Status.PROCESSING:
        return step
    return replace(step, status=body.status, finished_at=entry.ts)


def _put_workflow(session: Session, entry: Entry, workflow: Workflow) -> Session:
    workflows = _bounded(_put(session.workflows, workflow.workflow_id, workflow), FINISHED_WORKFLOWS_KEPT)
    session = replace(session, workflows=workflows)
    held = session.conversations.get(workflow.conversation or "")
    if held is None or workflow.conversation is None:
        return session
    active = [
        item.workflow_id
        for item in workflows.values()
        if item.conversation == workflow.conversation and not item.status.finished
    ]
    context: dict[str, JsonValue] = {
        **held.orchestrator_context,
        "orchestrator": workflow.orchestrator.value,
        "workflow_id": workflow.workflow_id,
        "status": workflow.status.value,
        "active_workflows": active,
        "last_workflow_update": entry.ts,
    }
    conversation = replace(held, orchestrator_context=context)
    return replace(session, conversations=_put(session.conversations, workflow.conversation.value, conversation))


def _service(session: Session, entry: Entry, body: log.ServiceUpdated) -> Session:
    held = session.enabling_services.get(body.service)
    counts = held is None or body.status == Status.PROCESSING
    use = ServiceUse((held.invocations if held else 0) + counts, entry.ts, body.status)
    return replace(session, enabling_services=_put(session.enabling_services, body.service, use))


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


def _file(session: Session, entry: Entry, body: log.FileAdded | log.FileUpdated | log.FileRemoved) -> Session:
    if isinstance(body, log.FileRemoved):
        return replace(session, files=_without(session.files, body.file_id))
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
        return replace(session, files=_put(session.files, body.file_id, file))
    held = session.files.get(body.file_id)
    if held is None:
        return session
    file = replace(
        held,
        status=body.status,
        kind=body.kind or held.kind,
        reason=body.reason,
        workflow_id=entry.workflow_id or held.workflow_id,
    )
    return replace(session, files=_put(session.files, body.file_id, file))


def _put(items: Mapping[str, Item], key: str, item: Item) -> dict[str, Item]:
    return {**items, key: item}


def _without(items: Mapping[str, Item], key: str) -> dict[str, Item]:
    return {name: item for name, item in items.items() if name != key}


def _union(held: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return (*held, *(name for name in dict.fromkeys(more) if name not in held))


def _bounded(items: Mapping[str, Held], kept: int) -> dict[str, Held]:
    """Everything unfinished and the `kept` newest finished, in log order of their start."""
    finished = [key for key, item in items.items() if item.status.finished]
    dropped = set(finished[: max(0, len(finished) - kept)])
    return {key: item for key, item in items.items() if key not in dropped}
