/** The server's HTTP API, as far as a page uses it. Every method rejects with `ProblemError`. */

import type { Entry } from "./entries";
import type { Fetch } from "./environment";
import type { MessageCommand } from "./outbox";
import { ProblemError, problemOf } from "./problem";
import type {
  AgentType,
  Artifact,
  ArtifactStatus,
  Comparison,
  JsonObject,
  JsonValue,
  Keyed,
  Message,
  Meta,
  OrchestratorName,
  SessionSummary,
  Snapshot,
  State,
  StateRef,
  Status,
  Workflow,
} from "./types";

export interface ApiOptions {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly fetch: Fetch;
  /** For pages of another origin; a page of the server's own has its cookie. */
  readonly sessionToken?: string;
}

/** A request without an answer for so long is given up: it may be sent again. */
export const ANSWER_MS = 20_000;

/** Which bytes of an artifact: of which version (the newest), and of which media type (its own). */
export interface ArtifactAddress {
  readonly version?: number;
  readonly format?: string;
}

interface Call {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

export class Api {
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly #fetch: Fetch;

  constructor(options: ApiOptions) {
    this.baseUrl = options.baseUrl;
    this.headers = options.sessionToken === undefined ? {} : { Authorization: `Bearer ${options.sessionToken}` };
    this.#fetch = options.fetch;
  }

  url(...path: readonly string[]): string {
    return [this.baseUrl, ...path.map(encodeURIComponent)].join("/");
  }

  async request(method: string, url: string, call: Call = {}): Promise<Response> {
    const json = call.body === undefined ? {} : { "Content-Type": "application/json" };
    const body = call.body === undefined ? null : JSON.stringify(call.body);
    const headers = { ...this.headers, ...json, ...call.headers };
    let response: Response;
    try {
      const init = { method, headers, body, credentials: "same-origin", signal: call.signal ?? null } as const;
      response = await this.#fetch(url, init);
    } catch (cause) {
      const late = call.signal?.reason instanceof DOMException && call.signal.reason.name === "TimeoutError";
      throw call.signal?.aborted && !late ? ProblemError.aborted() : ProblemError.unreachable(cause);
    }
    if (!response.ok) throw await problemOf(response);
    return response;
  }

  async #json<T>(method: string, url: string, call?: Call): Promise<T> {
    const response = await this.#answered(method, url, call);
    return response.json().catch((cause: unknown) => {
      throw ProblemError.unreachable(cause);
    });
  }

  #answered(method: string, url: string, call: Call = {}): Promise<Response> {
    return this.request(method, url, { ...call, signal: call.signal ?? AbortSignal.timeout(ANSWER_MS) });
  }

  meta(): Promise<Meta> {
    return this.#json("GET", this.url("meta"));
  }

  listSessions(cursor?: string): Promise<{ sessions: readonly SessionSummary[]; next_cursor: string | null }> {
    const query = cursor === undefined ? "" : `?cursor=${encodeURIComponent(cursor)}`;
    return this.#json("GET", this.url("sessions") + query);
  }

  createSession(body: { title?: string; context?: JsonObject }, idempotencyKey: string): Promise<Snapshot> {
    const headers = { "Idempotency-Key": idempotencyKey };
    return this.#json("POST", this.url("sessions"), { body: { ...body, credential: "cookie" }, headers });
  }

  /** The session of this browser that was active last, or a first one. Sets the cookie where there is none. */
  resumeSession(idempotencyKey: string): Promise<Snapshot> {
    const headers = { "Idempotency-Key": idempotencyKey };
    return this.#json("POST", this.url("sessions"), { body: { credential: "cookie", resume: true }, headers });
  }

  getSession(sessionId: string): Promise<Snapshot> {
    return this.#json("GET", this.url("sessions", sessionId));
  }

  updateSession(sessionId: string, body: { title?: string; context?: JsonObject }): Promise<Snapshot> {
    return this.#json("PATCH", this.url("sessions", sessionId), { body });
  }

  async deleteSession(sessionId: string): Promise<void> {
    await this.#answered("DELETE", this.url("sessions", sessionId));
  }

  /** The same random key again has the same answer, until that is used. */
  rotateToken(sessionId: string, key: string): Promise<{ session_token: string | null }> {
    return this.#json("POST", this.url("sessions", sessionId, "token"), { headers: { "Idempotency-Key": key } });
  }

  async revokeToken(sessionId: string): Promise<void> {
    await this.#answered("DELETE", this.url("sessions", sessionId, "token"));
  }

  messages(
    sessionId: string,
    agentType: AgentType,
    before: number | null,
  ): Promise<{ messages: readonly Message[]; has_more: boolean }> {
    const query = before === null ? "" : `?before=${before}`;
    return this.#json("GET", this.url("sessions", sessionId, "conversations", agentType, "messages") + query);
  }

  sendMessage(
    command: MessageCommand,
    signal: AbortSignal,
  ): Promise<{ message_id: string; run_id: string; seq: number }> {
    const { message_id, content, files, on_busy, session_id, agent_type } = command;
    const url = this.url("sessions", session_id, "conversations", agent_type, "messages");
    return this.#json("POST", url, { body: { message_id, content, files, on_busy }, signal });
  }

  cancelRun(sessionId: string, runId: string): Promise<{ run_id: string; status: Status }> {
    return this.#json("POST", this.url("sessions", sessionId, "runs", runId, "cancel"));
  }

  retryRun(sessionId: string, runId: string, newRunId: string): Promise<{ run_id: string; seq: number }> {
    const body = { run_id: newRunId };
    return this.#json("POST", this.url("sessions", sessionId, "runs", runId, "retry"), { body });
  }

  startWorkflow(
    sessionId: string,
    body: { orchestrator: OrchestratorName; operation: string; input: JsonObject; workflow_id: string },
  ): Promise<{ workflow_id: string; seq: number }> {
    return this.#json("POST", this.url("sessions", sessionId, "workflows"), { body });
  }

  getWorkflow(
    sessionId: string,
    workflowId: string,
  ): Promise<{ workflow: Workflow; journal: readonly Entry[]; outputs: Keyed<JsonValue> }> {
    return this.#json("GET", this.url("sessions", sessionId, "workflows", workflowId));
  }

  cancelWorkflow(sessionId: string, workflowId: string): Promise<{ workflow_id: string; status: Status }> {
    return this.#json("POST", this.url("sessions", sessionId, "workflows", workflowId, "cancel"));
  }

  answerWorkflow(
    sessionId: string,
    workflowId: string,
    body: { readonly name: string; readonly answers: JsonObject },
    idempotencyKey: string,
  ): Promise<{ workflow_id: string; status: Status }> {
    const url = this.url("sessions", sessionId, "workflows", workflowId, "answers");
    return this.#json("POST", url, { body, headers: { "Idempotency-Key": idempotencyKey } });
  }

  setArtifactStatus(
    sessionId: string,
    artifactId: string,
    body: { readonly status: ArtifactStatus; readonly version: number },
    idempotencyKey: string,
  ): Promise<Artifact> {
    const url = this.url("sessions", sessionId, "artifacts", artifactId);
    return this.#json("PATCH", url, { body, headers: { "Idempotency-Key": idempotencyKey } });
  }

  artifactUrl(sessionId: string, artifactId: string, { version, format }: ArtifactAddress = {}): string {
    const query = new URLSearchParams();
    if (version !== undefined) query.set("version", `${version}`);
    if (format !== undefined) query.set("format", format);
    const url = this.url("sessions", sessionId, "artifacts", artifactId);
    return query.size === 0 ? url : `${url}?${query}`;
  }

  compareArtifact(sessionId: string, artifactId: string, from: number, to: number): Promise<Comparison> {
    return this.#json(
      "GET",
      `${this.url("sessions", sessionId, "artifacts", artifactId, "comparison")}?from=${from}&to=${to}`,
    );
  }

  patchState(
    sessionId: string,
    patch: JsonObject,
    options: { readonly ifMatch?: string; readonly idempotencyKey: string },
  ): Promise<{ state: JsonObject; seq: number }> {
    const condition = options.ifMatch === undefined ? {} : { "If-Match": `"${options.ifMatch}"` };
    const headers = { "Idempotency-Key": options.idempotencyKey, ...condition };
    return this.#json("PATCH", this.url("sessions", sessionId, "state"), { body: patch, headers });
  }

  listStates(sessionId: string): Promise<{ states: readonly StateRef[]; next_cursor: string | null }> {
    return this.#json("GET", this.url("sessions", sessionId, "states"));
  }

  getState(sessionId: string, stateId: string): Promise<State> {
    return this.#json("GET", this.url("sessions", sessionId, "states", stateId));
  }

  async deleteFile(sessionId: string, fileId: string): Promise<void> {
    await this.#answered("DELETE", this.url("sessions", sessionId, "files", fileId));
  }
}
