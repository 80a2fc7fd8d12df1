/** The HTTP API of one session. Every method rejects with `ProblemError`. */

import type { Api } from "./api";
import type { Entry } from "./entries";
import type { MessageCommand } from "./outbox";
import type {
  AgentType,
  Artifact,
  ArtifactStatus,
  Comparison,
  JsonObject,
  JsonValue,
  Keyed,
  Message,
  OrchestratorName,
  State,
  StateRef,
  Status,
  Workflow,
} from "./types";

/** Which bytes of an artifact: of which version (the newest), and of which media type (its own). */
export interface ArtifactAddress {
  readonly version?: number;
  readonly format?: string;
}

export class SessionApi {
  readonly #api: Api;
  readonly #sessionId: string;

  constructor(api: Api, sessionId: string) {
    this.#api = api;
    this.#sessionId = sessionId;
  }

  url(...path: readonly string[]): string {
    return this.#api.url("sessions", this.#sessionId, ...path);
  }

  /** The same random key again has the same answer, until that is used. */
  rotateToken(key: string): Promise<{ session_token: string | null }> {
    return this.#api.json("POST", this.url("token"), { headers: { "Idempotency-Key": key } });
  }

  async revokeToken(): Promise<void> {
    await this.#api.answered("DELETE", this.url("token"));
  }

  messages(agentType: AgentType, before: number | null): Promise<{ messages: readonly Message[]; has_more: boolean }> {
    const query = before === null ? "" : `?before=${before}`;
    return this.#api.json("GET", this.url("conversations", agentType, "messages") + query);
  }

  sendMessage(
    command: MessageCommand,
    signal: AbortSignal,
  ): Promise<{ message_id: string; run_id: string; seq: number }> {
    const { message_id, content, files, on_busy, agent_type } = command;
    const url = this.url("conversations", agent_type, "messages");
    return this.#api.json("POST", url, { body: { message_id, content, files, on_busy }, signal });
  }

  cancelRun(runId: string): Promise<{ run_id: string; status: Status }> {
    return this.#api.json("POST", this.url("runs", runId, "cancel"));
  }

  retryRun(runId: string, newRunId: string): Promise<{ run_id: string; seq: number }> {
    const body = { run_id: newRunId };
    return this.#api.json("POST", this.url("runs", runId, "retry"), { body });
  }

  startWorkflow(body: {
    orchestrator: OrchestratorName;
    operation: string;
    input: JsonObject;
    workflow_id: string;
  }): Promise<{ workflow_id: string; seq: number }> {
    return this.#api.json("POST", this.url("workflows"), { body });
  }

  getWorkflow(
    workflowId: string,
  ): Promise<{ workflow: Workflow; journal: readonly Entry[]; outputs: Keyed<JsonValue> }> {
    return this.#api.json("GET", this.url("workflows", workflowId));
  }

  cancelWorkflow(workflowId: string): Promise<{ workflow_id: string; status: Status }> {
    return this.#api.json("POST", this.url("workflows", workflowId, "cancel"));
  }

  answerWorkflow(
    workflowId: string,
    body: { readonly name: string; readonly answers: JsonObject },
    idempotencyKey: string,
  ): Promise<{ workflow_id: string; status: Status }> {
    const url = this.url("workflows", workflowId, "answers");
    return this.#api.json("POST", url, { body, headers: { "Idempotency-Key": idempotencyKey } });
  }

  setArtifactStatus(
    artifactId: string,
    body: { readonly status: ArtifactStatus; readonly version: number },
    idempotencyKey: string,
  ): Promise<Artifact> {
    const url = this.url("artifacts", artifactId);
    return this.#api.json("PATCH", url, { body, headers: { "Idempotency-Key": idempotencyKey } });
  }

  artifactUrl(artifactId: string, { version, format }: ArtifactAddress = {}): string {
    const query = new URLSearchParams();
    if (version !== undefined) query.set("version", `${version}`);
    if (format !== undefined) query.set("format", format);
    const url = this.url("artifacts", artifactId);
    return query.size === 0 ? url : `${url}?${query}`;
  }

  compareArtifact(artifactId: string, from: number, to: number): Promise<Comparison> {
    return this.#api.json("GET", `${this.url("artifacts", artifactId, "comparison")}?from=${from}&to=${to}`);
  }

  patchState(
    patch: JsonObject,
    options: { readonly ifMatch?: string; readonly idempotencyKey: string },
  ): Promise<{ state: JsonObject; seq: number }> {
    const condition = options.ifMatch === undefined ? {} : { "If-Match": `"${options.ifMatch}"` };
    const headers = { "Idempotency-Key": options.idempotencyKey, ...condition };
    return this.#api.json("PATCH", this.url("state"), { body: patch, headers });
  }

  listStates(): Promise<{ states: readonly StateRef[]; next_cursor: string | null }> {
    return this.#api.json("GET", this.url("states"));
  }

  getState(stateId: string): Promise<State> {
    return this.#api.json("GET", this.url("states", stateId));
  }

  async deleteFile(fileId: string): Promise<void> {
    await this.#api.answered("DELETE", this.url("files", fileId));
  }
}
