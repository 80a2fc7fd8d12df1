/** `SessionClient`: the sessions of this browser's user, and the one that is open. Framework-free; React binds by `subscribe`. */

import { Api } from "./api";
import type { Composer } from "./compose";
import { Delivery } from "./delivery";
import { browserEnvironment, type Cancel, type Environment, type Signal } from "./environment";
import type { Connection } from "./feed";
import { emptyView } from "./initial";
import type { OpenSession } from "./open_session";
import type { OnBusy } from "./outbox";
import { isGone, ProblemError } from "./problem";
import type { ArtifactAddress } from "./session_api";
import { chooseSession, SESSIONS_LISTED } from "./starting";
import type { LocalStorage } from "./storage";
import type {
  AgentType,
  Artifact,
  ArtifactStatus,
  Comparison,
  JsonObject,
  OrchestratorName,
  SessionFile,
  SessionSummary,
  Snapshot,
  State,
  Status,
} from "./types";
import type { UploadChoice } from "./uploads";
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

export interface CommandOptions {
  /** Of a command that is given again after it failed: the server recognises it, and does not do it twice. */
  readonly commandId?: string;
}

/** What only an open session needs: a part of its own, which is loaded while the server is asked for the sessions. */
interface Opener {
  readonly storage: LocalStorage;
  readonly composer: Composer;
  readonly open: (sessionId: string) => OpenSession;
}

export class SessionClient {
  readonly api: Api;
  readonly #environment: Environment;
  readonly #listeners = new Set<() => void>();
  #view: View;
  readonly #delivery: Delivery;
  #opener: Opener | null = null;
  #loading: Promise<Opener> | null = null;
  #open: OpenSession | null = null;
  #sessions: readonly SessionSummary[] = [];
  #running = false;
  #starting: Promise<string> | null = null;
  #cancelFrame: Cancel | null = null;
  #cancelListening: Cancel | null = null;

  constructor(options: SessionClientOptions = {}) {
    const environment = options.environment ?? browserEnvironment();
    this.#environment = environment;
    const token = options.sessionToken === undefined ? {} : { sessionToken: options.sessionToken };
    this.api = new Api({ baseUrl: options.baseUrl ?? "/api/v1", fetch: environment.fetch, ...token });
    this.#view = emptyView(this.#idle());
    this.#delivery = new Delivery(environment);
  }

  /** The newest view. The same object until something changed and its subscribers were told. */
  readonly getSnapshot = (): View => this.#view;

  /** Calls `listener` after a change, at most once in an animation frame. */
  readonly subscribe = (listener: () => void): Cancel => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /**
   * Opens the wanted session; without one the newest, else a new one. Resolves with its id. Rejects with `session_not_found` if
   * the wanted one is another user's or is gone. Several calls at a time, and several tabs, create one session.
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
    if (this.#opener === null) {
      const later = () => this.open(sessionId);
      this.#load().then(later, () => {});
      return;
    }
    if (this.#open?.sessionId === sessionId && this.#view.connection.state !== "ended") return;
    this.#open?.close();
    this.#open = this.#opener.open(sessionId);
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
    this.#delivery.kick();
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
  async create(
    options: { readonly title?: string; readonly context?: JsonObject } & CommandOptions = {},
  ): Promise<string> {
    const { commandId, ...body } = options;
    const [session] = await Promise.all([this.#create(body, commandId), this.#load()]);
    this.#running = true;
    this.open(session.session_id);
    await this.refreshSessions();
    return session.session_id;
  }

  async rename(sessionId: string, title: string): Promise<void> {
    await this.#delivery.deliver(() => this.api.updateSession(sessionId, { title }));
    this.#sessions = this.#sessions.map((row) => (row.session_id === sessionId ? { ...row, title } : row));
    this.#changed();
  }

  /** Ends and erases the session, on the server and in this browser. If it is the open one, nothing is open afterwards. */
  async delete(sessionId: string): Promise<void> {
    const { storage } = await this.#load();
    await this.#delivery.deliver(() => this.api.deleteSession(sessionId).catch(isGone));
    if (this.#open?.sessionId === sessionId) {
      await this.#open.forget();
      this.close();
    }
    await storage.delete("snapshots", sessionId);
    await storage.delete("marks", sessionId);
    this.#sessions = this.#sessions.filter((row) => row.session_id !== sessionId);
    this.#changed();
  }

  /** A new credential; the old one is dead. The feed begins again with the new one. */
  async rotate(): Promise<void> {
    const { api, sessionId } = this.#opened();
    const key = this.#environment.newId("rotation");
    await this.#delivery.deliver(() => api.rotateToken(key));
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
    const { api } = this.#opened();
    return (await this.#delivery.deliver(() => api.cancelRun(runId))).status;
  }

  /** Answers the same message again. Resolves with the new run's id. */
  async retryRun(runId: string, { commandId }: CommandOptions = {}): Promise<string> {
    const { api } = this.#opened();
    const newRunId = this.#idOf("run", commandId);
    return (await this.#delivery.deliver(() => api.retryRun(runId, newRunId))).run_id;
  }

  /** Resolves with the workflow's id when it is durable. */
  async startWorkflow(
    orchestrator: OrchestratorName,
    operation: string,
    input: JsonObject,
    { commandId }: CommandOptions = {},
  ): Promise<string> {
    const { api } = this.#opened();
    const body = { orchestrator, operation, input, workflow_id: this.#idOf("wf", commandId) };
    return (await this.#delivery.deliver(() => api.startWorkflow(body))).workflow_id;
  }

  async cancelWorkflow(workflowId: string): Promise<Status> {
    const { api } = this.#opened();
    return (await this.#delivery.deliver(() => api.cancelWorkflow(workflowId))).status;
  }

  /** Gives a waiting workflow what it asks for under `name`; it goes on. Rejects with `fields` where an answer is wrong. */
  async answerWorkflow(
    workflowId: string,
    name: string,
    answers: JsonObject,
    options?: CommandOptions,
  ): Promise<Status> {
    const { api } = this.#opened();
    const key = this.#idOf("op", options?.commandId);
    const body = { name, answers };
    return (await this.#delivery.deliver(() => api.answerWorkflow(workflowId, body, key))).status;
  }

  /** Gives a version its next status; rejects with `transition_not_allowed` where it cannot become that. */
  setArtifactStatus(artifactId: string, version: number, status: ArtifactStatus): Promise<Artifact> {
    const { api } = this.#opened();
    const key = this.#environment.newId("op");
    return this.#delivery.deliver(() => api.setArtifactStatus(artifactId, { status, version }, key));
  }

  compareArtifact(artifactId: string, from: number, to: number): Promise<Comparison> {
    return this.#opened().api.compareArtifact(artifactId, from, to);
  }

  /** Progress is in the view's `uploads`. Each file's analysis starts at once, unless `process` is false. */
  uploadFiles(files: readonly File[], options: Partial<UploadChoice> = {}): Promise<readonly SessionFile[]> {
    return this.#opened().uploads.add(files, { process: true, metadataOnly: false, ...options });
  }

  retryUpload(uploadId: string): Promise<readonly SessionFile[]> {
    return this.#opened().uploads.retry(uploadId);
  }

  /** Stops an upload, or forgets one that failed. */
  cancelUpload(uploadId: string): void {
    this.#open?.uploads.cancel(uploadId);
  }

  deleteFile(fileId: string): Promise<void> {
    const { api } = this.#opened();
    return this.#delivery.deliver(() => api.deleteFile(fileId).catch(isGone));
  }

  fileUrl(fileId: string): string {
    return this.#opened().api.url("files", fileId, "content");
  }

  /** Where the newest version is, or the one that is named, in its own format or a rendition's. */
  artifactUrl(artifactId: string, of?: ArtifactAddress): string {
    return this.#opened().api.artifactUrl(artifactId, of);
  }

  /** The bytes of an artifact's version; they never change. */
  fetchArtifact(artifactId: string, signal?: AbortSignal, of?: ArtifactAddress): Promise<Response> {
    return this.api.request("GET", this.artifactUrl(artifactId, of), { signal });
  }

  getState(stateId: string): Promise<State> {
    return this.#opened().api.getState(stateId);
  }

  /**
   * JSON Merge Patch of the general state. With `expectedSeq` it rejects with `version_conflict` if the session has moved on.
   * Resolves with the state as it is then; the feed brings it too.
   */
  async patchState(
    patch: JsonObject,
    options: { readonly expectedSeq?: number } & CommandOptions = {},
  ): Promise<JsonObject> {
    const { api, session } = this.#opened();
    const { expectedSeq, commandId } = options;
    const condition = expectedSeq === undefined ? {} : { ifMatch: `${session?.epoch ?? ""}.${expectedSeq}` };
    const call = { ...condition, idempotencyKey: this.#idOf("op", commandId) };
    return (await this.#delivery.deliver(() => api.patchState(patch, call))).state;
  }

  async #resume(wanted: string | null): Promise<string> {
    const means = {
      list: () => this.refreshSessions(),
      reach: (sessionId: string) => this.api.getSession(sessionId),
      resume: async () => (await this.api.resumeSession(this.#environment.newId("new"))).session_id,
      locks: this.#environment.locks,
    };
    const [sessionId] = await Promise.all([chooseSession(wanted, means), this.#load()]);
    if (this.#running) this.open(sessionId);
    return sessionId;
  }

  #load(): Promise<Opener> {
    this.#loading ??= this.#loadOnce().catch((error: unknown) => {
      this.#loading = null;
      throw error;
    });
    return this.#loading;
  }

  async #loadOnce(): Promise<Opener> {
    const { Composer, OpenSession, openStorage } = await import("./open_session").catch((cause: unknown) => {
      throw ProblemError.unreachable(cause);
    });
    const { api } = this;
    const environment = this.#environment;
    const storage = openStorage(environment.indexedDB, environment.timers);
    const onChange = () => this.#changed();
    const onLive = () => this.#delivery.kick();
    const open = (sessionId: string) => new OpenSession({ sessionId, api, environment, storage, onChange, onLive });
    this.#opener = { storage, composer: new Composer(this.#view), open };
    this.#changed();
    return this.#opener;
  }

  #create(body: { readonly title?: string; readonly context?: JsonObject }, commandId?: string): Promise<Snapshot> {
    const key = this.#idOf("new", commandId);
    return this.#delivery.deliver(() => this.api.createSession(body, key));
  }

  #idOf(prefix: string, commandId: string | undefined): string {
    return commandId === undefined ? this.#environment.newId(prefix) : `${prefix}_${commandId}`;
  }

  #opened(): OpenSession {
    if (this.#open === null) throw new Error("No session is open: call start() or open() first.");
    return this.#open;
  }

  #signalled(signal: Signal): void {
    if (signal === "wake" || signal === "online") this.#delivery.kick();
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
    const before = this.#view;
    const sessions = this.#sessions;
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
    this.#view = this.#opener?.composer.compose({ ...parts, sessions }) ?? before;
    if (this.#view !== before) for (const listener of [...this.#listeners]) listener();
  }

  #idle(): Connection {
    return { state: "connecting", since: this.#environment.timers.now(), retry_at: null, ended: null };
  }
}
