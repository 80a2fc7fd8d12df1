"""What goes over the wire, for the OpenAPI document: requests are checked by these, answers are described by them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from symphainy.session import (
    Action,
    AgentType,
    Artifact,
    File,
    OrchestratorName,
    Role,
    Status,
    Workflow,
)

ClientId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
Object = dict[str, Any]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class CreateSession(Body):
    title: str = Field("", max_length=200)
    context: Object = Field(default_factory=dict)
    credential: Literal["bearer", "cookie"] = "bearer"


class UpdateSession(Body):
    title: Annotated[str, Field(max_length=200)] | None = None
    context: Object | None = Field(None, description="JSON Merge Patch (RFC 7396).")


class SendMessage(Body):
    content: str = Field(min_length=1, max_length=32_000)
    message_id: ClientId | None = None
    files: Annotated[list[str], Field(max_length=20)] = Field(default_factory=list)
    on_busy: Literal["enqueue", "reject", "interrupt"] = "enqueue"
    role: Literal["user"] = "user"


class RetryRun(Body):
    run_id: ClientId | None = None


class StartWorkflow(Body):
    model_config = ConfigDict(extra="forbid")

    orchestrator: OrchestratorName
    operation: str = Field(min_length=1, max_length=100)
    input: Object = Field(default_factory=dict)
    workflow_id: ClientId | None = None


class PutState(Body):
    state_data: Object
    metadata: Object = Field(default_factory=dict)
    ttl: Annotated[int, Field(gt=0, le=366 * 86_400)] | None = None
    expected_seq: Annotated[int, Field(ge=0)] | None = None


class MessageModel(BaseModel):
    message_id: str
    role: Role
    content: str
    timestamp: str
    status: Literal["streaming", "completed", "cancelled", "failed"]
    seq: int
    run_id: str | None
    orchestrator_context: Object | None
    actions: list[Action]
    evidence: list[Object]
    files: list[str]


class ConversationModel(BaseModel):
    conversation_id: str
    messages: list[MessageModel]
    orchestrator_context: Object
    has_more: bool


class Snapshot(BaseModel):
    """A session as of `seq`; what follows is on its feed."""

    format: int
    session_id: str
    user_id: str
    epoch: str
    seq: int
    title: str
    context: Object
    closed: bool
    orchestrator_context: Object
    orchestrator_states: dict[OrchestratorName, str]
    conversations: dict[AgentType, ConversationModel]
    workflows: dict[str, Workflow]
    runs: dict[str, Object]
    files: dict[str, File]
    artifacts: dict[str, Artifact]
    states: dict[str, Object]
    enabling_services: dict[str, Object]
    delegations: list[Object]
    state: Object
    workflow_states: dict[str, Status]
    created_at: str
    updated_at: str
    expires_at: str
    last_activity: str


class CreatedSession(Snapshot):
    session_token: str | None = Field(description="Shown this once. null where the browser got a cookie instead.")


class SessionSummary(BaseModel):
    session_id: str
    title: str
    status: Literal["idle", "processing", "waiting_for_user"]
    running: int
    created_at: str
    last_activity: str
    expires_at: str


class SessionList(BaseModel):
    sessions: list[SessionSummary]
    next_cursor: str | None


class TokenModel(BaseModel):
    session_token: str | None


class AcceptedMessage(BaseModel):
    message_id: str
    run_id: str
    seq: int


class AcceptedRun(BaseModel):
    run_id: str
    seq: int


class RunStatus(BaseModel):
    run_id: str
    status: Status


class MessageList(BaseModel):
    messages: list[MessageModel]
    has_more: bool


class StateValue(BaseModel):
    state: Object
    seq: int


class FileModel(BaseModel):
    file_id: str
    name: str
    media_type: str
    size: int
    sha256: str
    status: Literal["uploaded", "parsing", "parsed", "rejected"]
    added_at: str
    workflow_id: str | None
    kind: str | None
    reason: str | None


class UploadedFiles(BaseModel):
    files: list[FileModel]


class FileList(BaseModel):
    files: list[FileModel]
    next_cursor: str | None


class ArtifactList(BaseModel):
    artifacts: list[Artifact]
    next_cursor: str | None


class AcceptedWorkflow(BaseModel):
    workflow_id: str
    seq: int


class WorkflowStatus(BaseModel):
    workflow_id: str
    status: Status


class WorkflowList(BaseModel):
    workflows: list[Workflow]
    next_cursor: str | None


class EntryModel(BaseModel):
    """One line of the log. `data` depends on `type`; readers skip types that they do not know."""

    seq: int
    ts: str
    type: str
    actor: str
    conversation: AgentType | None
    run_id: str | None
    workflow_id: str | None
    op_id: str | None
    data: Object


class WorkflowJournal(BaseModel):
    workflow: Workflow
    journal: list[EntryModel]
    outputs: dict[str, Object]


class EntryPage(BaseModel):
    entries: list[EntryModel]
    epoch: str
    head: int
    has_more: bool

    @staticmethod
    def frame(epoch: str, head: int, has_more: bool, entries: bytes) -> bytes:
        """The page around entries that are encoded already."""
        rest = orjson.dumps({"epoch": epoch, "head": head, "has_more": has_more})
        return b'{"entries":' + entries + b"," + rest[1:]


class StateRefModel(BaseModel):
    state_id: str
    seq: int
    stored_at: str
    ttl: int | None
    created_by_orchestrator: str | None
    workflow_id: str | None
    metadata: Object


class StateList(BaseModel):
    states: list[StateRefModel]
    next_cursor: str | None


class StateModel(BaseModel):
    state_id: str
    session_id: str
    state_data: Object
    orchestrator_metadata: Object
    metadata: Object
    ttl: int | None
    stored_at: str


class AgentInfo(BaseModel):
    agent_type: AgentType
    label: str


class Meta(BaseModel):
    version: str
    agents: list[AgentInfo]
    operations: dict[OrchestratorName, list[str]]
    model: str | None = Field(
        description="The language model that words the answers; null: none, answers are computed."
    )
    max_upload_bytes: int
    max_files_at_once: int
    file_kinds: list[str]
