/** The closed union of entries as they come over the wire. Optional fields are those that have a default in `entries.py`. */

import type {
  Action,
  AgentType,
  ArtifactStatus,
  Failure,
  FileStatus,
  JsonObject,
  JsonValue,
  MessageStatus,
  OrchestratorName,
  Question,
  Rendition,
  Role,
  State,
  Status,
} from "./types";

interface Envelope {
  readonly seq: number;
  readonly ts: string;
  readonly actor: string;
  readonly conversation?: string | null;
  readonly run_id?: string | null;
  readonly workflow_id?: string | null;
  readonly op_id?: string | null;
}

interface WireAction {
  readonly label: string;
  readonly kind: Action["kind"];
  readonly target?: JsonObject;
}
interface WireQuestion {
  readonly name: string;
  readonly label: string;
  readonly kind: Question["kind"];
  readonly required?: boolean;
  readonly unit?: string | null;
  readonly options?: readonly string[];
  readonly minimum?: number | null;
  readonly maximum?: number | null;
  readonly help?: string | null;
  readonly suggestion?: JsonValue;
  readonly source?: string | null;
}
export interface WireFailure {
  readonly code: string;
  readonly message: string;
  readonly details?: JsonObject;
}

export interface EntryData {
  "session.created": {
    readonly user_id: string;
    readonly epoch: string;
    readonly expires_at: string;
    readonly idle_ms?: number | null;
    readonly ends_at?: string | null;
    readonly title?: string;
    readonly context?: JsonObject;
  };
  "session.updated": {
    readonly title?: string | null;
    readonly context?: JsonObject | null;
    readonly epoch?: string | null;
    readonly credential?: "rotated" | "revoked" | null;
  };
  "session.closed": { readonly reason: string };
  "message.added": {
    readonly message_id: string;
    readonly role: Role;
    readonly content: string;
    readonly status?: MessageStatus;
    readonly orchestrator_context?: JsonObject | null;
    readonly actions?: readonly WireAction[];
    readonly evidence?: readonly JsonObject[];
    readonly files?: readonly string[];
  };
  "message.delta": { readonly message_id: string; readonly text: string };
  "message.completed": {
    readonly message_id: string;
    readonly content: string;
    readonly status?: MessageStatus;
    readonly orchestrator_context?: JsonObject | null;
    readonly actions?: readonly WireAction[];
    readonly evidence?: readonly JsonObject[];
  };
  "conversation.context_updated": { readonly orchestrator_context: JsonObject };
  "run.started": { readonly message_id: string; readonly retry_of?: string | null };
  "run.finished": { readonly status: Status; readonly error?: WireFailure | null };
  "workflow.started": {
    readonly orchestrator: OrchestratorName;
    readonly operation: string;
    readonly title: string;
    readonly input?: JsonObject;
    readonly steps?: readonly { readonly name: string; readonly service: string }[];
    readonly enabling_services?: readonly string[];
    readonly conversation?: AgentType | null;
  };
  "workflow.step_started": { readonly step: string; readonly service: string; readonly attempt?: number };
  "workflow.progressed": {
    readonly step?: string | null;
    readonly fraction?: number | null;
    readonly detail?: string | null;
    readonly status?: Status | null;
    readonly enabling_services?: readonly string[];
  };
  "workflow.step_completed": {
    readonly step: string;
    readonly output: JsonObject;
    readonly elapsed_ms: number;
    readonly detail?: string | null;
  };
  "workflow.asked": {
    readonly name: string;
    readonly title: string;
    readonly questions: readonly WireQuestion[];
  };
  "workflow.answered": { readonly name: string; readonly answers: JsonObject };
  "workflow.finished": {
    readonly status: Status;
    readonly result?: JsonObject | null;
    readonly error?: WireFailure | null;
  };
  "service.updated": { readonly service: string; readonly status: string };
  "delegation.appended": { readonly source: string; readonly target: string };
  "state.stored": {
    readonly state_id: string;
    readonly state_data: JsonObject;
    readonly orchestrator_metadata?: Partial<State["orchestrator_metadata"]>;
    readonly metadata?: JsonObject;
    readonly ttl?: number | null;
  };
  "state.deleted": { readonly state_id: string };
  "value.patched": { readonly patch: JsonObject };
  "file.added": {
    readonly file_id: string;
    readonly name: string;
    readonly media_type: string;
    readonly size: number;
    readonly sha256: string;
    readonly kind?: string | null;
  };
  "file.updated": {
    readonly file_id: string;
    readonly status: FileStatus;
    readonly kind?: string | null;
    readonly reason?: string | null;
  };
  "file.removed": { readonly file_id: string };
  "artifact.created": {
    readonly artifact_id: string;
    readonly name: string;
    readonly kind: string;
    readonly media_type: string;
    readonly size: number;
    readonly file_id?: string | null;
    readonly blob?: string | null;
    readonly renditions?: readonly Rendition[];
  };
  "artifact.updated": { readonly artifact_id: string; readonly version: number; readonly status: ArtifactStatus };
}

export type EntryType = keyof EntryData;
export type EntryOf<T extends EntryType> = T extends EntryType
  ? Envelope & { readonly type: T; readonly data: EntryData[T] }
  : never;
/** An entry of a type that this reader knows. */
export type KnownEntry = EntryOf<EntryType>;
/** Any entry: a newer writer's types are skipped by the fold. */
export type Entry = Envelope & { readonly type: string; readonly data?: unknown };

export const actions = (wire: EntryData["message.added"]["actions"]): readonly Action[] =>
  (wire ?? []).map(({ label, kind, target }) => ({ label, kind, target: target ?? {} }));

export const failure = (wire: WireFailure | null | undefined): Failure | null =>
  wire == null ? null : { code: wire.code, message: wire.message, details: wire.details ?? {} };

/** Without what a newer writer adds, as `actions`. */
export const questions = (wire: EntryData["workflow.asked"]["questions"]): readonly Question[] =>
  wire.map((item) => ({
    name: item.name,
    label: item.label,
    kind: item.kind,
    required: item.required ?? true,
    unit: item.unit ?? null,
    options: item.options ?? [],
    minimum: item.minimum ?? null,
    maximum: item.maximum ?? null,
    help: item.help ?? null,
    suggestion: item.suggestion ?? null,
    source: item.source ?? null,
  }));

export const renditions = (wire: EntryData["artifact.created"]["renditions"]): readonly Rendition[] =>
  (wire ?? []).map(({ media_type, name, blob, size }) => ({ media_type, name, blob, size }));
