/** `SessionClient`: the sessions of this browser's user, and the one that is open. Framework-free; React binds by `subscribe`. */

import { Api } from "./api";
import { Composer } from "./compose";
import { browserEnvironment, type Cancel, type Environment, type Signal } from "./environment";
import type { Connection } from "./feed";
import { OpenSession } from "./open_session";
import type { OnBusy } from "./outbox";
import { ProblemError } from "./problem";
import { Rotation } from "./rotation";
import { type LocalStorage, openStorage } from "./storage";
import type {
  AgentType,
  JsonObject,
  OrchestratorName,
  SessionFile,
  SessionSummary,
  Snapshot,
  State,
  Status,
} from "./types";
import type { View } from "./view";

export interface SessionClientOptions {
  /** Without a slash at its end; `/api/v1` by default. */
  readonly baseUrl?: string;
  /** Only for pages of another origin: a page of the server's own has its cookie. */
  readonly sessionToken?: string;
  readonly environment?: Environment;
}

export interface SendOptions {
  /** Files that the message is about, by `file_id`. */
  readonly files?: readonly string[];
  /** What to do while an answer is being given. */
  readonly onBusy?: OnBusy;
}

/** A session's list longer than this is cut: the menu shows the newest. */
const SESSIONS_LISTED = 200;

export class SessionClient {
  readonly api: Api;
  readonly #environment: Environment;
  readonly #storage: LocalStorage;
  readonly #listeners = new Set<() => void>();
  readonly #composer: Composer;
  readonly #rotation: Rotation;
  #open: OpenSession | null = null;
  #sessions: readonly SessionSummary[] = [];
  #running = false;
  #starting: Promise<string> | null = null;
  #cancelFrame: Cancel | null = null;
  #cancelListening: Cancel | null = null;

  constructor(options: SessionClientOptions = {}) {
    const environment = options.environment ?? browserEnvironment();
    this.#environment = environment;
    this.#storage = openStorage(environment.indexedDB);
    const token = options.sessionToken === undefined ? {} : { sessionToken: options.sessionToken };
    this.api = new Api({ baseUrl: options.baseUrl ?? "/api/v1", fetch: environment.fetch, ...token });
    this.#rotation = new Rotation(this.api, this.#storage, environment);
    this.#composer = new Composer(this.#idle());
  }

  /** The newest view. The same object until something changed and its subscribers were told. */
  readonly getSnapshot = (): View => this.#composer.view;

  /** Calls `listener` after a change, at most once in an animation frame. */
  readonly subscribe = (listener: () => void): Cancel => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /**
   * Opens the wanted session if it is one of the user's, else the newest, else a new one. Resolves with its id. Several calls
   * at a time, and several tabs, create one session.
   */
  start(wanted: string | null): Promise<string> {
    this.#running = true;
    this.#starting ??= this.#resume(wanted).finally(() => {
      this.#starting = null;
    });
    return this.#starting;
  }

  /** Shows the session and follows its feed; the one that was open is closed. */
  open(sessionId: string): void {
    if (this.#open?.sessionId === sessionId && this.#composer.view.connection.state !== "ended") return;
    this.#open?.close();
    const { api } = this;
    const onChange = () => this.#changed();
    const options = { sessionId, api, environment: this.#environment, storage: this.#storage, onChange };
    this.#open = new OpenSession(options);
    this.#cancelListening ??= this.#environment.listen((signal) => this.#signalled(signal));
    this.#changed();
  }

  /** Closes the feed and every timer; `open` or `start` begins again. Work on the server goes on. */
  close(): void {
    this.#running = false;
    this.#open?.close();
    this.#open = null;
    this.#cancelListening?.();
    this.#cancelListening = null;
    this.#changed();
  }

  /** Tries at once what waits for the server. */
  retryNow(): void {
    this.#open?.wake();
  }

  async refreshSessions(): Promise<readonly SessionSummary[]> {
    const found: SessionSummary[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.api.listSessions(cursor);
      found.push(...page.sessions);
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined && found.length < SESSIONS_LISTED);
    this.#sessions = found;
    this.#changed();
    return found;
  }

  /** Creates a session and opens it. Resolves with its id. */
  async create(options: { readonly title?: string; readonly context?: JsonObject } = {}): Promise<string> {
    const session = await this.#create(options);
    this.open(session.session_id);
    await this.refreshSessions();
    return session.session_id;
  }

  async rename(sessionId: string, title: string): Promise<void> {
    await this.api.updateSession(sessionId, { title });
    this.#sessions = this.#sessions.map((row) => (row.session_id === sessionId ? { ...row, title } : row));
    this.#changed();
  }

  /** Ends and erases the session, on the server and in this browser. If it is the open one, nothing is open afterwards. */
  async delete(sessionId: string): Promise<void> {
    await this.api.deleteSession(sessionId);
    if (this.#open?.sessionId === sessionId) {
      await this.#open.forget();
      this.close();
    }
    await this.#storage.delete("snapshots", sessionId);
    await this.#storage.delete("marks", sessionId);
    this.#sessions = this.#sessions.filter((row) => row.session_id !== sessionId);
    this.#changed();
  }

  /** A new credential; the old one is dead. The feed begins again with the new one. */
  async rotate(): Promise<void> {
    const { sessionId } = this.#opened();
    await this.#rotation.begin(sessionId);
    this.close();
    this.open(sessionId);
  }

  /** The message is in the view at once, and on its way. Returns its id. */
  send(agentType: AgentType, content: string, options: SendOptions = {}): string {
    return this.#opened().send(agentType, content, options.files ?? [], options.onBusy ?? "enqueue");
  }

  /** Sends a message again that failed, with the same id. */
  retryMessage(messageId: string): void {
    this.#open?.outbox.retry(messageId);
  }

  discardMessage(messageId: string): void {
    this.#open?.outbox.discard(messageId);
  }

  loadOlder(agentType: AgentType): Promise<void> {
    return this.#opened().loadOlder(agentType);
  }

  markRead(agentType: AgentType): void {
    this.#open?.markRead(agentType);
  }

  async cancelRun(runId: string): Promise<Status> {
    return (await this.api.cancelRun(this.#opened().sessionId, runId)).status;
  }

  /** Answers the same message again. Resolves with the new run's id. */
  async retryRun(runId: string): Promise<string> {
    return (await this.api.retryRun(this.#opened().sessionId, runId, this.#environment.newId("run"))).run_id;
  }

  /** Resolves with the workflow's id when it is durable. */
  async startWorkflow(orchestrator: OrchestratorName, operation: string, input: JsonObject): Promise<string> {
    const workflow_id = this.#environment.newId("wf");
    const body = { orchestrator, operation, input, workflow_id };
    return (await this.api.startWorkflow(this.#opened().sessionId, body)).workflow_id;
  }

  async cancelWorkflow(workflowId: string): Promise<Status> {
    return (await this.api.cancelWorkflow(this.#opened().sessionId, workflowId)).status;
  }

  /** Progress is in the view's `uploads`. With `process` each file's analysis starts at once. */
  uploadFiles(files: readonly File[], options: { readonly process?: boolean } = {}): Promise<readonly SessionFile[]> {
    return this.#opened().uploads.add(files, options.process ?? true);
  }

  retryUpload(uploadId: string): Promise<readonly SessionFile[]> {
    return this.#opened().uploads.retry(uploadId);
  }

  /** Stops an upload, or forgets one that failed. */
  cancelUpload(uploadId: string): void {
    this.#open?.uploads.cancel(uploadId);
  }

  deleteFile(fileId: string): Promise<void> {
    return this.api.deleteFile(this.#opened().sessionId, fileId);
  }

  fileUrl(fileId: string): string {
    return this.api.url("sessions", this.#opened().sessionId, "files", fileId, "content");
  }

  artifactUrl(artifactId: string): string {
    return this.api.url("sessions", this.#opened().sessionId, "artifacts", artifactId);
  }

  /** The bytes of an artifact; they never change. */
  fetchArtifact(artifactId: string, signal?: AbortSignal): Promise<Response> {
    return this.api.request("GET", this.artifactUrl(artifactId), { signal });
  }

  getState(stateId: string): Promise<State> {
    return this.api.getState(this.#opened().sessionId, stateId);
  }

  /**
   * JSON Merge Patch of the general state. With `expectedSeq` it rejects with `version_conflict` if the session has moved on.
   * Resolves with the state as it is then; the feed brings it too.
   */
  async patchState(patch: JsonObject, options: { readonly expectedSeq?: number } = {}): Promise<JsonObject> {
    const { sessionId, session } = this.#opened();
    const { expectedSeq } = options;
    const condition = expectedSeq === undefined ? {} : { ifMatch: `${session?.epoch ?? ""}.${expectedSeq}` };
    const idempotencyKey = this.#environment.newId("op");
    return (await this.api.patchState(sessionId, patch, { ...condition, idempotencyKey })).state;
  }

  /** Asked first of all: a visitor who was never here has no credential yet, and would be refused anything else. */
  async #resume(wanted: string | null): Promise<string> {
    // A refusal is for good, and says no more than that there is nothing to go on with.
    await this.#rotation.finish().catch((error: unknown) => {
      if (!(error instanceof ProblemError) || error.temporary) throw error;
    });
    const newest = await this.#alone(() => this.api.resumeSession(this.#environment.newId("new")));
    const sessions = await this.refreshSessions();
    const reached = wanted !== null && wanted !== newest.session_id && (await this.#reaches(wanted, sessions));
    const sessionId = reached ? wanted : newest.session_id;
    if (this.#running) this.open(sessionId);
    return sessionId;
  }

  async #reaches(sessionId: string, listed: readonly SessionSummary[]): Promise<boolean> {
    if (listed.some((row) => row.session_id === sessionId)) return true;
    if (listed.length < SESSIONS_LISTED) return false;
    return this.api.getSession(sessionId).then(
      () => true,
      (error: unknown) => {
        if (error instanceof ProblemError && error.status === 404) return false;
        throw error;
      },
    );
  }

  #create(body: { readonly title?: string; readonly context?: JsonObject }): Promise<Snapshot> {
    return this.api.createSession(body, this.#environment.newId("new"));
  }

  /** One tab at a time: each of two new tabs would become a user of its own. */
  async #alone<T>(act: () => Promise<T>): Promise<T> {
    const { locks } = this.#environment;
    return locks === null ? act() : await locks.request("symphainy:start", act);
  }

  #opened(): OpenSession {
    if (this.#open === null) throw new Error("No session is open: call start() or open() first.");
    return this.#open;
  }

  #signalled(signal: Signal): void {
    if (signal === "wake") {
      this.#open?.wake();
      this.refreshSessions().catch(() => {});
    } else if (signal === "hide") this.#open?.hide();
    else this.#open?.networkChanged(signal === "online");
  }

  #changed(): void {
    this.#cancelFrame ??= this.#environment.nextFrame(() => {
      this.#cancelFrame = null;
      this.#compose();
    });
  }

  #compose(): void {
    const before = this.#composer.view;
    const parts = this.#open?.parts() ?? {
      sessionId: null,
      session: null,
      stale: false,
      older: () => ({ messages: [], has_more: null, loading: false }),
      pending: [],
      marks: {},
      uploads: [],
      connection: before.session_id === null ? before.connection : this.#idle(),
    };
    this.#composer.compose({ ...parts, sessions: this.#sessions });
    if (this.#composer.view !== before) for (const listener of [...this.#listeners]) listener();
  }

  #idle(): Connection {
    return { state: "connecting", since: this.#environment.timers.now(), retry_at: null, ended: null };
  }
}
