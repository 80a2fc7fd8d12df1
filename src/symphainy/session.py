"""The session as one frozen value: what a log of entries folds to. `entries.apply` is the only code that makes new
ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal

from symphainy.artifacts import Artifact
from symphainy.artifacts import ArtifactStatus as ArtifactStatus
from symphainy.artifacts import ArtifactVersion as ArtifactVersion
from symphainy.artifacts import Rendition as Rendition
from symphainy.errors import JsonObject, JsonValue
from symphainy.questions import Asked
from symphainy.questions import Question as Question

MESSAGES_KEPT: Final = 50
"""Messages of each conversation that a snapshot holds; older ones are read from the log by page."""
FINISHED_WORKFLOWS_KEPT: Final = 50
FINISHED_RUNS_KEPT: Final = 20
DELEGATIONS_KEPT: Final = 200


class AgentType(StrEnum):
    GUIDE = "guide_agent"
    CONTENT = "content_liaison"
    INSIGHTS = "insights_liaison"
    OPERATIONS = "operations_liaison"
    BUSINESS_OUTCOMES = "business_outcomes_liaison"


AGENT_TYPES: Final = frozenset(item.value for item in AgentType)


class OrchestratorName(StrEnum):
    CONTENT = "ContentAnalysisOrchestrator"
    INSIGHTS = "InsightsOrchestrator"
    OPERATIONS = "OperationsOrchestrator"
    BUSINESS_OUTCOMES = "BusinessOutcomesOrchestrator"


class Status(StrEnum):
    """The one closed set for workflows, steps and runs."""

    QUEUED = "queued"
    PROCESSING = "processing"
    WAITING_FOR_USER = "waiting_for_user"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def finished(self) -> bool:
        return self in (Status.COMPLETED, Status.FAILED, Status.CANCELLED)


class Role(StrEnum):
    USER = "user"
    ASSISTANT = "assistant"


class MessageStatus(StrEnum):
    STREAMING = "streaming"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    FAILED = "failed"


class FileStatus(StrEnum):
    UPLOADED = "uploaded"
    PARSING = "parsing"
    PARSED = "parsed"
    REJECTED = "rejected"


ActionKind = Literal[
    "send_message",
    "upload_file",
    "open_area",
    "open_file",
    "open_artifact",
    "start_workflow",
    "answer_workflow",
    "cancel_workflow",
    "retry_run",
]


@dataclass(frozen=True, slots=True)
class Action:
    """A button under an answer. `target` holds what the kind needs: `{"area"}`, `{"file_id"}`, `{"workflow_id"}`,
    `{"artifact_id", "version"?}`, `{"agent_type", "content"}`, `{"orchestrator", "operation", "input"}`,
    `{"workflow_id", "name", "answers"}` or `{"run_id"}`."""

    label: str
    kind: ActionKind
    target: JsonObject = field(default_factory=dict[str, JsonValue])


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a run or a workflow failed: a stable code, and a sentence for the user that says what was kept and what to
    do."""

    code: str
    message: str
    details: JsonObject = field(default_factory=dict[str, JsonValue])


@dataclass(frozen=True, slots=True)
class Message:
    message_id: str
    role: Role
    content: str
    timestamp: str
    status: MessageStatus
    seq: int
    run_id: str | None = None
    orchestrator_context: JsonObject | None = None
    actions: tuple[Action, ...] = ()
    evidence: tuple[JsonObject, ...] = ()
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conversation:
    """`messages` are the newest, in log order of their `message.added`; `has_more` says that the log holds older
    ones."""

    conversation_id: str
    messages: tuple[Message, ...] = ()
    orchestrator_context: JsonObject = field(default_factory=dict[str, JsonValue])
    has_more: bool = False


@dataclass(frozen=True, slots=True)
class StepPlan:
    name: str
    service: str


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    service: str
    status: Status = Status.QUEUED
    attempt: int = 0
    fraction: float = 0.0
    detail: str | None = None
    started_at: str | None = None
    finished_at: str | None = None
    elapsed_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Workflow:
    """One run of an orchestrator's operation. `seq` is its newest entry's. Step outputs are in the journal, not
    here.

    `asked` is what it waits for; `answers` are those given, by the name under which it asked.
    """

    workflow_id: str
    orchestrator: OrchestratorName
    operation: str
    title: str
    status: Status
    input: JsonObject
    steps: tuple[Step, ...]
    enabling_services: tuple[str, ...]
    conversation: AgentType | None
    started_at: str
    updated_at: str
    seq: int
    finished_at: str | None = None
    result: JsonObject | None = None
    error: Failure | None = None
    asked: Asked | None = None
    answers: JsonObject = field(default_factory=dict[str, JsonValue])


@dataclass(frozen=True, slots=True)
class Run:
    """One agent turn."""

    run_id: str
    agent_type: AgentType
    message_id: str
    status: Status
    started_at: str
    finished_at: str | None = None
    retry_of: str | None = None
    error: Failure | None = None


@dataclass(frozen=True, slots=True)
class File:
    """An uploaded file. Its bytes are in the file store under `file_id`; `reason` says why it was rejected."""

    file_id: str
    name: str
    media_type: str
    size: int
    sha256: str
    status: FileStatus
    added_at: str
    workflow_id: str | None = None
    kind: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ServiceUse:
    invocations: int
    last_used: str
    status: str


@dataclass(frozen=True, slots=True)
class Delegation:
    source: str
    target: str
    workflow_id: str | None
    at: str


@dataclass(frozen=True, slots=True)
class Contribution:
    service: str
    contribution: str
    timestamp: str


@dataclass(frozen=True, slots=True)
class OrchestratorMetadata:
    """A stored state's provenance: which orchestrator, workflow, services and delegation chain produced it."""

    created_by_orchestrator: str | None = None
    workflow_id: str | None = None
    enabling_service_contributions: tuple[Contribution, ...] = ()
    delegation_chain: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class State:
    state_id: str
    session_id: str
    state_data: JsonObject
    orchestrator_metadata: OrchestratorMetadata
    metadata: JsonObject
    ttl: int | None
    stored_at: str


@dataclass(frozen=True, slots=True)
class StateRef:
    """Where in the log a state's newest version is: snapshots hold this, not the data."""

    state_id: str
    seq: int
    stored_at: str
    ttl: int | None
    created_by_orchestrator: str | None
    workflow_id: str | None
    metadata: JsonObject


@dataclass(frozen=True, slots=True)
class Session:
    """The fold of a session's log up to `seq`. Mappings keep log order; nothing in it may be mutated."""

    session_id: str
    user_id: str = ""
    epoch: str = ""
    seq: int = 0
    title: str = ""
    context: JsonObject = field(default_factory=dict[str, JsonValue])
    closed: bool = False
    conversations: Mapping[str, Conversation] = field(default_factory=dict[str, Conversation])
    workflows: Mapping[str, Workflow] = field(default_factory=dict[str, Workflow])
    runs: Mapping[str, Run] = field(default_factory=dict[str, Run])
    files: Mapping[str, File] = field(default_factory=dict[str, File])
    artifacts: Mapping[str, Artifact] = field(default_factory=dict[str, Artifact])
    states: Mapping[str, StateRef] = field(default_factory=dict[str, StateRef])
    enabling_services: Mapping[str, ServiceUse] = field(default_factory=dict[str, ServiceUse])
    delegations: tuple[Delegation, ...] = ()
    state: JsonObject = field(default_factory=dict[str, JsonValue])
    created_at: str = ""
    updated_at: str = ""
    expires_at: str = ""
    last_activity: str = ""
    idle_ms: int | None = None
    ends_at: str | None = None

    def to_dict(self, session_token: str | None = None) -> dict[str, JsonValue]:
        """The session document, with exactly the fields of the published schema. The token only in the answer that
        mints it."""
        return {
            "session_id": self.session_id,
            "user_id": self.user_id,
            "session_token": session_token,
            "orchestrator_context": orchestrator_context(self),
            "conversations": {name: _conversation_document(item) for name, item in self.conversations.items()},
            "state": dict(self.state),
            "workflow_states": workflow_states(self),
            "created_at": self.created_at,
            "updated_at": self.updated_at,
            "expires_at": self.expires_at,
            "last_activity": self.last_activity,
            "seq": self.seq,
        }


NOT_STARTED: Final = "not_started"


def get_initial_orchestrator_states() -> dict[str, str]:
    return {name.value: NOT_STARTED for name in OrchestratorName}


def orchestrator_states(session: Session) -> dict[str, str]:
    """All four orchestrators, derived from their workflows: an unfinished one decides, else the one that finished last.

    A cancelled workflow leaves no mark; the user took it back.
    """
    states = get_initial_orchestrator_states()
    decided: dict[str, tuple[bool, int]] = {}
    for workflow in session.workflows.values():
        if workflow.status is Status.CANCELLED:
            continue
        shown = Status.PROCESSING if workflow.status is Status.QUEUED else workflow.status
        rank = (not workflow.status.finished, workflow.seq)
        if rank >= decided.get(workflow.orchestrator, (False, 0)):
            decided[workflow.orchestrator] = rank
            states[workflow.orchestrator] = shown.value
    return states


def orchestrator_context(session: Session) -> dict[str, JsonValue]:
    return {
        "active_orchestrators": [
            {
                "orchestrator_name": workflow.orchestrator.value,
                "workflow_id": workflow.workflow_id,
                "status": workflow.status.value,
                "started_at": workflow.started_at,
                "enabling_services": list(workflow.enabling_services),
            }
            for workflow in session.workflows.values()
        ],
        "enabling_services": {
            name: {"invocations": use.invocations, "last_used": use.last_used, "status": use.status}
            for name, use in session.enabling_services.items()
        },
        "workflow_delegation_chain": [
            {"from": link.source, "to": link.target, "workflow_id": link.workflow_id, "at": link.at}
            for link in session.delegations
        ],
    }


def workflow_states(session: Session) -> dict[str, str]:
    return {workflow.workflow_id: workflow.status.value for workflow in session.workflows.values()}


def conversation_id(session_id: str, agent_type: AgentType) -> str:
    """A conversation's id names its session and its agent, so the mapping needs no table and cannot be lost. It
    opens nothing."""
    return f"conv_{session_id}.{agent_type.value}"


def parse_conversation_id(text: str) -> tuple[str, AgentType] | None:
    prefix, _, agent_type = text.rpartition(".")
    if not prefix.startswith("conv_") or agent_type not in AGENT_TYPES:
        return None
    return prefix.removeprefix("conv_"), AgentType(agent_type)


def _conversation_document(conversation: Conversation) -> dict[str, JsonValue]:
    return {
        "conversation_id": conversation.conversation_id,
        "messages": [_message_document(message) for message in conversation.messages],
        "orchestrator_context": dict(conversation.orchestrator_context),
        "has_more": conversation.has_more,
    }


def _message_document(message: Message) -> dict[str, JsonValue]:
    document: dict[str, JsonValue] = {
        "message_id": message.message_id,
        "role": message.role.value,
        "content": message.content,
        "timestamp": message.timestamp,
        "status": message.status.value,
    }
    if message.orchestrator_context is not None:
        document["orchestrator_context"] = dict(message.orchestrator_context)
    return document
