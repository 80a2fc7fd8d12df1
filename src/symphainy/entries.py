"""The entries of a session's log: a closed union of frozen values. `fold.apply` says what each one does to the session.

An entry is a fact that already happened. Readers skip a type that they do not know (`Unknown`) and still advance, so
that an old reader can follow a newer writer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from symphainy.errors import JsonObject, JsonValue
from symphainy.session import (
    Action,
    AgentType,
    ArtifactStatus,
    Failure,
    FileStatus,
    MessageStatus,
    OrchestratorMetadata,
    OrchestratorName,
    Question,
    Rendition,
    Role,
    Status,
    StepPlan,
)

CredentialChange = Literal["rotated", "revoked"]


def _empty() -> dict[str, JsonValue]:
    return {}


@dataclass(frozen=True, slots=True)
class SessionCreated:
    """`idle_ms` after the session's last entry it expires, and at `ends_at` in any case; None in logs older than these
    two, which say no more than when it would expire without another entry."""

    type: ClassVar[str] = "session.created"
    user_id: str
    epoch: str
    expires_at: str
    title: str = ""
    context: JsonObject = field(default_factory=_empty)
    idle_ms: int | None = None
    ends_at: str | None = None


@dataclass(frozen=True, slots=True)
class SessionUpdated:
    """None leaves a field as it is. `context` is a JSON Merge Patch (RFC 7396). `epoch` is new after a rewind was seen.
    `credential` tells open feeds to check again whether their token is still good."""

    type: ClassVar[str] = "session.updated"
    title: str | None = None
    context: JsonObject | None = None
    epoch: str | None = None
    credential: CredentialChange | None = None


@dataclass(frozen=True, slots=True)
class SessionClosed:
    type: ClassVar[str] = "session.closed"
    reason: str


@dataclass(frozen=True, slots=True)
class MessageAdded:
    """A message takes its place in its conversation: whole, or `streaming` with more text to come."""

    type: ClassVar[str] = "message.added"
    message_id: str
    role: Role
    content: str
    status: MessageStatus = MessageStatus.COMPLETED
    orchestrator_context: JsonObject | None = None
    actions: tuple[Action, ...] = ()
    evidence: tuple[JsonObject, ...] = ()
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MessageDelta:
    type: ClassVar[str] = "message.delta"
    message_id: str
    text: str


@dataclass(frozen=True, slots=True)
class MessageCompleted:
    """Carries the whole text, so that the deltas before it need not be kept."""

    type: ClassVar[str] = "message.completed"
    message_id: str
    content: str
    status: MessageStatus = MessageStatus.COMPLETED
    orchestrator_context: JsonObject | None = None
    actions: tuple[Action, ...] = ()
    evidence: tuple[JsonObject, ...] = ()


@dataclass(frozen=True, slots=True)
class ConversationContextUpdated:
    """A JSON Merge Patch (RFC 7396) of the conversation's orchestrator context."""

    type: ClassVar[str] = "conversation.context_updated"
    orchestrator_context: JsonObject


@dataclass(frozen=True, slots=True)
class RunStarted:
    """An agent turn is accepted and queued; it is processing once its answer's `message.added` is in the log."""

    type: ClassVar[str] = "run.started"
    message_id: str
    retry_of: str | None = None


@dataclass(frozen=True, slots=True)
class RunFinished:
    type: ClassVar[str] = "run.finished"
    status: Status
    error: Failure | None = None


@dataclass(frozen=True, slots=True)
class WorkflowStarted:
    """A workflow is accepted and queued. `conversation` is the agent type that reports on it."""

    type: ClassVar[str] = "workflow.started"
    orchestrator: OrchestratorName
    operation: str
    title: str
    input: JsonObject = field(default_factory=_empty)
    steps: tuple[StepPlan, ...] = ()
    enabling_services: tuple[str, ...] = ()
    conversation: AgentType | None = None


@dataclass(frozen=True, slots=True)
class WorkflowStepStarted:
    type: ClassVar[str] = "workflow.step_started"
    step: str
    service: str
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class WorkflowStepCompleted:
    """The step's output is what a resumed workflow uses in place of running the step again."""

    type: ClassVar[str] = "workflow.step_completed"
    step: str
    output: JsonObject
    elapsed_ms: int
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class WorkflowProgressed:
    """`fraction` (0 to 1) and `detail` of the step that is going on; `status` only where the workflow's own changes."""

    type: ClassVar[str] = "workflow.progressed"
    step: str | None = None
    fraction: float | None = None
    detail: str | None = None
    status: Status | None = None
    enabling_services: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkflowAsked:
    """The workflow waits for its user. `name` is unique within it."""

    type: ClassVar[str] = "workflow.asked"
    name: str
    title: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class WorkflowAnswered:
    """What a resumed workflow uses in place of asking again: each question's value under its name."""

    type: ClassVar[str] = "workflow.answered"
    name: str
    answers: JsonObject


@dataclass(frozen=True, slots=True)
class WorkflowFinished:
    type: ClassVar[str] = "workflow.finished"
    status: Status
    result: JsonObject | None = None
    error: Failure | None = None


@dataclass(frozen=True, slots=True)
class ServiceUpdated:
    """An enabling service's use. `processing` counts as one more invocation, and so does the first report of all."""

    type: ClassVar[str] = "service.updated"
    service: str
    status: str


@dataclass(frozen=True, slots=True)
class DelegationAppended:
    type: ClassVar[str] = "delegation.appended"
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class StateStored:
    type: ClassVar[str] = "state.stored"
    state_id: str
    state_data: JsonObject
    orchestrator_metadata: OrchestratorMetadata = OrchestratorMetadata()
    metadata: JsonObject = field(default_factory=_empty)
    ttl: int | None = None


@dataclass(frozen=True, slots=True)
class StateDeleted:
    type: ClassVar[str] = "state.deleted"
    state_id: str


@dataclass(frozen=True, slots=True)
class ValuePatched:
    """A JSON Merge Patch (RFC 7396) of the session's general state."""

    type: ClassVar[str] = "value.patched"
    patch: JsonObject


@dataclass(frozen=True, slots=True)
class FileAdded:
    type: ClassVar[str] = "file.added"
    file_id: str
    name: str
    media_type: str
    size: int
    sha256: str
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class FileUpdated:
    type: ClassVar[str] = "file.updated"
    file_id: str
    status: FileStatus
    kind: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class FileRemoved:
    type: ClassVar[str] = "file.removed"
    file_id: str


@dataclass(frozen=True, slots=True)
class ArtifactCreated:
    """An artifact, or the next version of one that is there. `blob` names the version's bytes in the file store; None:
    they are under `artifact_id`."""

    type: ClassVar[str] = "artifact.created"
    artifact_id: str
    name: str
    kind: str
    media_type: str
    size: int
    file_id: str | None = None
    blob: str | None = None
    renditions: tuple[Rendition, ...] = ()


@dataclass(frozen=True, slots=True)
class ArtifactUpdated:
    type: ClassVar[str] = "artifact.updated"
    artifact_id: str
    version: int
    status: ArtifactStatus


@dataclass(frozen=True, slots=True)
class Unknown:
    """A type that this version does not know. Skipped by the fold, kept in the log."""

    type: str
    data: JsonObject


Body = (
    SessionCreated
    | SessionUpdated
    | SessionClosed
    | MessageAdded
    | MessageDelta
    | MessageCompleted
    | ConversationContextUpdated
    | RunStarted
    | RunFinished
    | WorkflowStarted
    | WorkflowStepStarted
    | WorkflowStepCompleted
    | WorkflowProgressed
    | WorkflowAsked
    | WorkflowAnswered
    | WorkflowFinished
    | ServiceUpdated
    | DelegationAppended
    | StateStored
    | StateDeleted
    | ValuePatched
    | FileAdded
    | FileUpdated
    | FileRemoved
    | ArtifactCreated
    | ArtifactUpdated
)


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry before the store has given it its place: what happened, who did it, and what it belongs to.

    `traceparent` is the span in which it was written (W3C Trace Context), where somebody goes on with the work that
    the entry begins, and another process may be that somebody. It is no part of what happened."""

    body: Body
    actor: str
    conversation: AgentType | None = None
    run_id: str | None = None
    workflow_id: str | None = None
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a session's log. `seq` is gapless from 1 and the only order; `ts` informs a reader and decides
    nothing."""

    seq: int
    ts: str
    actor: str
    body: Body | Unknown
    conversation: AgentType | None = None
    run_id: str | None = None
    workflow_id: str | None = None
    op_id: str | None = None
    traceparent: str | None = None
