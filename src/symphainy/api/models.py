"""What goes over the wire, for the OpenAPI document: requests are checked by these, answers are described by them."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from symphainy.api.entry_models import Entry
from symphainy.comparison import Change, Hunk
from symphainy.session import (
    Action,
    AgentType,
    Artifact,
    ArtifactStatus,
    ArtifactVersion,
    Contribution,
    Delegation,
    File,
    OrchestratorMetadata,
    OrchestratorName,
    Role,
    Run,
    ServiceUse,
    StateRef,
    Status,
    Workflow,
)
from symphainy.stores.base import Lag

MESSAGE_CHARACTERS: Final = 32_000
TITLE_CHARACTERS: Final = 200

ClientId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
RotationKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{20,64}$")]
"""Longer than others: with the old token it is as good as the new one, so it must not be guessed."""
Object = dict[str, Any]


def _whole(value: Any) -> Any:
    """JSON does not tell 3.0 from 3."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


WHOLE: Final = BeforeValidator(_whole)


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class CreateSession(Body):
    title: str = Field("", max_length=TITLE_CHARACTERS)
    context: Object = Field(default_factory=dict)
    credential: Literal["bearer", "cookie"] = "bearer"
    resume: bool = Field(False, description="With `cookie`: the session that was active last, where there is one.")


class UpdateSession(Body):
    title: Annotated[str, Field(max_length=TITLE_CHARACTERS)] | None = None
    context: Object | None = Field(None, description="JSON Merge Patch (RFC 7396).")


class SendMessage(Body):
    content: str = Field(min_length=1, max_length=MESSAGE_CHARACTERS, pattern=r"\S")
    message_id: ClientId | None = None
    files: Annotated[list[str], Field(max_length=20)] = Field(default_factory=list)
    on_busy: Literal["enqueue", "reject", "interrupt"] = "enqueue"
    role: Literal["user"] = "user"


class RetryRun(Body):
    run_id: ClientId | None = None


class StartWorkflow(Body):
    model_config = ConfigDict(strict=False)

    orchestrator: OrchestratorName
    operation: str = Field(min_length=1, max_length=100)
    input: Object = Field(default_factory=dict)
    workflow_id: ClientId | None = None


class AnswerWorkflow(Body):
    name: str = Field(min_length=1, max_length=200, description="What the workflow asks under: its `asked.name`.")
    answers: Object = Field(description="A value for each question, by its name.")


class UpdateArtifact(Body):
    model_config = ConfigDict(strict=False)

    status: ArtifactStatus
    version: Annotated[int, Field(ge=1, le=1_000_000), WHOLE] | None = Field(None, description="null: the newest.")


class ContributionBody(Body):
    service: str = Field(max_length=200)
    contribution: str = Field(max_length=2_000)
    timestamp: str = Field(max_length=40)


class Provenance(Body):
    """Who made a state, as its writer says."""

    created_by_orchestrator: Annotated[str, Field(max_length=200)] | None = None
    workflow_id: ClientId | None = None
    enabling_service_contributions: Annotated[list[ContributionBody], Field(max_length=100)] = Field(
        default_factory=list[ContributionBody]
    )
    delegation_chain: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=100)] = Field(
        default_factory=list[str]
    )

    def to_metadata(self) -> OrchestratorMetadata:
        made = tuple(
            Contribution(item.service, item.contribution, item.timestamp)
            for item in self.enabling_service_contributions
        )
        return OrchestratorMetadata(self.created_by_orchestrator, self.workflow_id, made, tuple(self.delegation_chain))


class PutState(Body):
    state_data: Object
    orchestrator_metadata: Provenance = Field(default_factory=Provenance)
    metadata: Object = Field(default_factory=dict)
    ttl: Annotated[int, Field(gt=0, le=366 * 86_400), WHOLE] | None = None
    expected_seq: Annotated[int, Field(ge=0), WHOLE] | None = None


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


class ActiveOrchestrator(BaseModel):
    orchestrator_name: OrchestratorName
    workflow_id: str
    status: Status
    started_at: str
    enabling_services: list[str]


class DelegationLink(BaseModel):
    source: str = Field(alias="from")
    target: str = Field(alias="to")
    workflow_id: str | None
    at: str


class OrchestratorContext(BaseModel):
    active_orchestrators: list[ActiveOrchestrator]
    enabling_services: dict[str, ServiceUse]
    workflow_delegation_chain: list[DelegationLink] = Field(description="In order: who handed what to whom.")


OrchestratorStatus = Literal["not_started", "processing", "waiting_for_user", "completed", "failed"]


class OrchestratorStates(BaseModel):
    """Always all four."""

    ContentAnalysisOrchestrator: OrchestratorStatus
    InsightsOrchestrator: OrchestratorStatus
    OperationsOrchestrator: OrchestratorStatus
    BusinessOutcomesOrchestrator: OrchestratorStatus


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
    orchestrator_context: OrchestratorContext
    orchestrator_states: OrchestratorStates
    conversations: dict[AgentType, ConversationModel]
    workflows: dict[str, Workflow]
    runs: dict[str, Run]
    files: dict[str, File]
    artifacts: dict[str, Artifact]
    states: dict[str, StateRef]
    enabling_services: dict[str, ServiceUse]
    delegations: list[Delegation]
    state: Object
    workflow_states: dict[str, Status]
    created_at: str
    updated_at: str
    expires_at: str
    last_activity: str
    idle_ms: int | None = Field(description="It expires so long after its last entry;")
    ends_at: str | None = Field(description="and at this time in any case.")


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


class UploadedFiles(BaseModel):
    files: list[File]


class SampleSummary(BaseModel):
    name: str
    title: str
    shows: str
    area: str
    licence: str
    source: str
    files: list[str]


class SampleList(BaseModel):
    samples: list[SampleSummary]


class FileList(BaseModel):
    files: list[File]
    next_cursor: str | None


class VersionList(BaseModel):
    versions: list[ArtifactVersion]
    has_more: bool


class ArtifactList(BaseModel):
    artifacts: list[Artifact]
    next_cursor: str | None


class ComparisonModel(BaseModel):
    """`changes` is null where the versions are no JSON documents, `hunks` where they have no text of the same format. At
    most 2,000 changes are listed."""

    artifact_id: str
    from_version: int
    to_version: int
    changes: list[Change] | None
    text_media_type: str | None
    hunks: list[Hunk] | None


class AcceptedWorkflow(BaseModel):
    workflow_id: str
    seq: int


class WorkflowStatus(BaseModel):
    workflow_id: str
    status: Status


class WorkflowList(BaseModel):
    workflows: list[Workflow]
    next_cursor: str | None


class WorkflowJournal(BaseModel):
    workflow: Workflow
    journal: list[Entry]  # pyright: ignore[reportInvalidTypeForm]
    outputs: dict[str, Object]


class StateList(BaseModel):
    states: list[StateRef]
    next_cursor: str | None


class StateModel(BaseModel):
    state_id: str
    session_id: str
    state_data: Object
    orchestrator_metadata: OrchestratorMetadata
    metadata: Object
    ttl: int | None
    stored_at: str


class AgentInfo(BaseModel):
    agent_type: AgentType
    label: str


class LimitsInfo(BaseModel):
    """Sizes in bytes or characters, rates in a minute."""

    message_characters: int
    title_characters: int
    body_bytes: int
    upload_bytes: int
    files_at_once: int
    state_bytes: int
    states: int
    sessions_per_user: int
    feeds_per_user: int
    messages_per_minute: int
    writes_per_minute: int
    sessions_per_minute: int


class Meta(BaseModel):
    """What this server is and can do."""

    version: str
    agents: list[AgentInfo]
    orchestrators: dict[OrchestratorName, list[str]] = Field(description="The operations that can be started.")
    limits: LimitsInfo
    model: str | None = Field(
        description="The language model that words the answers; null: none, answers are computed."
    )
    routing: str = Field(
        description="How messages are understood: `embeddings` and lexicon together, or the `lexicon` alone, which understands less."
    )
    max_upload_bytes: int
    file_kinds: list[str]


class Alive(BaseModel):
    status: Literal["ok"] = "ok"


class Ready(BaseModel):
    status: Literal["ready"] = "ready"
    store: str
    durability: Literal["fsync", "<=1s", "none"]
    files: str
    lag: Lag | None = Field(default=None, description="Of a tiered store: how far its durable part is behind.")
