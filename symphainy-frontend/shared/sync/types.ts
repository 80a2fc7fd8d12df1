/** The session as the wire writes it: the names, the fields and the defaults of `src/symphainy/session.py` and `entries.py`. */

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}
export type Keyed<T> = Readonly<Record<string, T>>;

export const AGENT_TYPES = [
  "guide_agent",
  "content_liaison",
  "insights_liaison",
  "operations_liaison",
  "business_outcomes_liaison",
] as const;
export type AgentType = (typeof AGENT_TYPES)[number];

export const ORCHESTRATOR_NAMES = [
  "ContentAnalysisOrchestrator",
  "InsightsOrchestrator",
  "OperationsOrchestrator",
  "BusinessOutcomesOrchestrator",
] as const;
export type OrchestratorName = (typeof ORCHESTRATOR_NAMES)[number];

export type Status = "queued" | "processing" | "waiting_for_user" | "completed" | "failed" | "cancelled";
export const finished = (status: Status): boolean =>
  status === "completed" || status === "failed" || status === "cancelled";

export type MessageStatus = "streaming" | "completed" | "cancelled" | "failed";
export type FileStatus = "uploaded" | "parsing" | "parsed" | "rejected";
export type Role = "user" | "assistant";
export type OrchestratorStatus = "not_started" | "processing" | "waiting_for_user" | "completed" | "failed";
export type OrchestratorStates = Readonly<Record<OrchestratorName, OrchestratorStatus>>;

export type ActionKind =
  | "send_message"
  | "upload_file"
  | "open_area"
  | "open_file"
  | "open_artifact"
  | "start_workflow"
  | "answer_workflow"
  | "cancel_workflow"
  | "retry_run";

export interface Action {
  readonly label: string;
  readonly kind: ActionKind;
  readonly target: JsonObject;
}

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly details: JsonObject;
}

export interface Message {
  readonly message_id: string;
  readonly role: Role;
  readonly content: string;
  readonly timestamp: string;
  readonly status: MessageStatus;
  readonly seq: number;
  readonly run_id: string | null;
  readonly orchestrator_context: JsonObject | null;
  readonly actions: readonly Action[];
  readonly evidence: readonly JsonObject[];
  readonly files: readonly string[];
}

export interface Conversation {
  readonly conversation_id: string;
  readonly messages: readonly Message[];
  readonly orchestrator_context: JsonObject;
  readonly has_more: boolean;
}

export interface Step {
  readonly name: string;
  readonly service: string;
  readonly status: Status;
  readonly attempt: number;
  readonly fraction: number;
  readonly detail: string | null;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly elapsed_ms: number | null;
}

/** One field of a form. It never comes filled in; `suggestion` was found in the session's data, at `source`. */
export interface Question {
  readonly name: string;
  readonly label: string;
  readonly kind: "number" | "text" | "choice" | "date" | "boolean";
  readonly required: boolean;
  readonly unit: string | null;
  readonly options: readonly string[];
  readonly minimum: number | null;
  readonly maximum: number | null;
  readonly help: string | null;
  readonly suggestion: JsonValue;
  readonly source: string | null;
}

/** Questions that a workflow waits for. `name` is unique within the workflow. */
export interface Asked {
  readonly name: string;
  readonly title: string;
  readonly questions: readonly Question[];
  readonly asked_at: string;
}

export interface Workflow {
  readonly workflow_id: string;
  readonly orchestrator: OrchestratorName;
  readonly operation: string;
  readonly title: string;
  readonly status: Status;
  readonly input: JsonObject;
  readonly steps: readonly Step[];
  readonly enabling_services: readonly string[];
  readonly conversation: AgentType | null;
  readonly started_at: string;
  readonly updated_at: string;
  readonly seq: number;
  readonly finished_at: string | null;
  readonly result: JsonObject | null;
  readonly error: Failure | null;
  /** What it waits for. */
  readonly asked: Asked | null;
  /** What it was answered, by the name under which it asked. */
  readonly answers: JsonObject;
}

export interface Run {
  readonly run_id: string;
  readonly agent_type: AgentType;
  readonly message_id: string;
  readonly status: Status;
  readonly started_at: string;
  readonly finished_at: string | null;
  readonly retry_of: string | null;
  readonly error: Failure | null;
}

/** An uploaded file. Named so because `File` is the browser's own. */
export interface SessionFile {
  readonly file_id: string;
  readonly name: string;
  readonly media_type: string;
  readonly size: number;
  readonly sha256: string;
  readonly status: FileStatus;
  readonly added_at: string;
  readonly workflow_id: string | null;
  readonly kind: string | null;
  readonly reason: string | null;
}

export type ArtifactStatus = "draft" | "review" | "approved" | "implemented" | "active";

/** Another format of one version. */
export interface Rendition {
  readonly media_type: string;
  readonly name: string;
  readonly blob: string;
  readonly size: number;
}

/** What one workflow made of an artifact. Its bytes never change; its status does. */
export interface ArtifactVersion {
  readonly version: number;
  readonly name: string;
  readonly media_type: string;
  readonly size: number;
  readonly blob: string;
  readonly created_at: string;
  readonly workflow_id: string | null;
  readonly status: ArtifactStatus;
  readonly renditions: readonly Rendition[];
}

/** Its fields are those of its newest version; `versions` are the newest 50 in log order, by number from 1. */
export interface Artifact {
  readonly artifact_id: string;
  readonly name: string;
  readonly kind: string;
  readonly media_type: string;
  readonly size: number;
  readonly created_at: string;
  readonly workflow_id: string | null;
  readonly file_id: string | null;
  readonly version: number;
  readonly status: ArtifactStatus;
  readonly versions: readonly ArtifactVersion[];
}

export interface Change {
  readonly kind: "added" | "removed" | "changed";
  /** JSON Pointer into the new document; of what was removed, into the old one. */
  readonly path: string;
  readonly where: readonly string[];
  readonly old: JsonValue;
  readonly new: JsonValue;
}

/** Changed lines with those around them. Lines count from 1. */
export interface Hunk {
  readonly old_start: number;
  readonly new_start: number;
  readonly lines: readonly { readonly kind: "same" | "added" | "removed"; readonly text: string }[];
}

/** What differs between two versions of an artifact. */
export interface Comparison {
  readonly artifact_id: string;
  readonly from_version: number;
  readonly to_version: number;
  readonly changes: readonly Change[] | null;
  readonly text_media_type: string | null;
  readonly hunks: readonly Hunk[] | null;
}

export interface StateRef {
  readonly state_id: string;
  readonly seq: number;
  readonly stored_at: string;
  readonly ttl: number | null;
  readonly created_by_orchestrator: string | null;
  readonly workflow_id: string | null;
  readonly metadata: JsonObject;
}

export interface ServiceUse {
  readonly invocations: number;
  readonly last_used: string;
  readonly status: string;
}

export interface Delegation {
  readonly source: string;
  readonly target: string;
  readonly workflow_id: string | null;
  readonly at: string;
}

/** The fold of a session's log up to `seq`. */
export interface Session {
  readonly session_id: string;
  readonly user_id: string;
  readonly epoch: string;
  readonly seq: number;
  readonly title: string;
  readonly context: JsonObject;
  readonly closed: boolean;
  readonly conversations: Keyed<Conversation>;
  readonly workflows: Keyed<Workflow>;
  readonly runs: Keyed<Run>;
  readonly files: Keyed<SessionFile>;
  readonly artifacts: Keyed<Artifact>;
  readonly states: Keyed<StateRef>;
  readonly enabling_services: Keyed<ServiceUse>;
  readonly delegations: readonly Delegation[];
  readonly state: JsonObject;
  readonly created_at: string;
  readonly updated_at: string;
  readonly expires_at: string;
  readonly idle_ms: number | null;
  readonly ends_at: string | null;
  readonly last_activity: string;
}

export interface OrchestratorContext {
  readonly active_orchestrators: readonly {
    readonly orchestrator_name: OrchestratorName;
    readonly workflow_id: string;
    readonly status: Status;
    readonly started_at: string;
    readonly enabling_services: readonly string[];
  }[];
  readonly enabling_services: Keyed<ServiceUse>;
  readonly workflow_delegation_chain: readonly {
    readonly from: string;
    readonly to: string;
    readonly workflow_id: string | null;
    readonly at: string;
  }[];
}

/** What the server sends: the session and the views derived from it. */
export interface Snapshot extends Session {
  readonly format: number;
  readonly orchestrator_states: OrchestratorStates;
  readonly orchestrator_context: OrchestratorContext;
  readonly workflow_states: Keyed<Status>;
}

/** One row of the list of sessions. */
export interface SessionSummary {
  readonly session_id: string;
  readonly title: string;
  readonly status: "idle" | "processing" | "waiting_for_user";
  readonly running: number;
  readonly created_at: string;
  readonly last_activity: string;
  readonly expires_at: string;
}

/** A stored state with its data and its provenance. */
export interface State {
  readonly state_id: string;
  readonly session_id: string;
  readonly state_data: JsonObject;
  readonly orchestrator_metadata: {
    readonly created_by_orchestrator: string | null;
    readonly workflow_id: string | null;
    readonly enabling_service_contributions: readonly {
      readonly service: string;
      readonly contribution: string;
      readonly timestamp: string;
    }[];
    readonly delegation_chain: readonly string[];
  };
  readonly metadata: JsonObject;
  readonly ttl: number | null;
  readonly stored_at: string;
}

export interface Meta {
  readonly version: string;
  readonly agents: readonly { readonly agent_type: AgentType; readonly label: string }[];
  /** The operations that can be started, by orchestrator. */
  readonly orchestrators: Keyed<readonly string[]>;
  readonly limits: JsonObject;
  readonly model: string | null;
  /** How messages are understood: `embeddings` and lexicon together, or the `lexicon` alone. */
  readonly routing: string;
  readonly max_upload_bytes: number;
  readonly file_kinds: readonly string[];
}
