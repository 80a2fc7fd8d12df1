/** One session while it is open in this tab: its replica, feed, outbox, uploads, older messages and read marks. */

import type { Api } from "./api";
import type { Marks, Parts } from "./compose";
import type { Cancel, Environment } from "./environment";
import { type Connection, Feed, type FeedSink } from "./feed";
import { History } from "./history";
import { Mirror } from "./mirror";
import { type OnBusy, Outbox } from "./outbox";
import { SessionApi } from "./session_api";
import type { LocalStorage } from "./storage";
import { type LiveSource, SharedFeed } from "./tabs";
import { AGENT_TYPES, type AgentType, type Session } from "./types";
import { Uploads } from "./uploads";

export { Composer } from "./compose";
export { openStorage } from "./storage";

export interface OpenSessionOptions {
  readonly sessionId: string;
  readonly api: Api;
  readonly environment: Environment;
  readonly storage: LocalStorage;
  readonly onChange: () => void;
  /** The feed is live: the way to the server is free. */
  readonly onLive: () => void;
}

/** The session as it was kept. One that an older page kept in another format is not shown: it would lack fields. */
interface Kept {
  readonly format: number;
  readonly session: Session;
}
const FORMAT = 2;

/** How long after a change the replica is kept for the next visit. */
export const CACHE_MS = 2_000;

export class OpenSession {
  readonly api: SessionApi;
  readonly outbox: Outbox;
  readonly uploads: Uploads;
  readonly #options: OpenSessionOptions;
  readonly #mirror: Mirror;
  readonly #history = new History();
  readonly #source: LiveSource;
  #connection: Connection;
  #cached: Session | null = null;
  #marks: Marks | null = null;
  #cancelCaching: Cancel | null = null;
  #closed = false;

  constructor(options: OpenSessionOptions) {
    const { sessionId, api, environment, storage, onChange } = options;
    this.#options = options;
    this.#connection = { state: "connecting", since: environment.timers.now(), retry_at: null, ended: null };
    this.#mirror = new Mirror((before, after) => this.#folded(before, after));
    this.#source = this.#openSource();
    this.api = new SessionApi(api, sessionId);
    const send = async (...call: Parameters<SessionApi["sendMessage"]>) => void (await this.api.sendMessage(...call));
    this.outbox = new Outbox({ sessionId, send, storage, environment, onChange });
    this.uploads = new Uploads({ url: this.api.url("files"), headers: api.headers, environment, onChange });
    this.#source.start();
    void this.#restore();
  }

  get sessionId(): string {
    return this.#options.sessionId;
  }

  /** The replica or, before the first snapshot, the one of the last visit. */
  get session(): Session | null {
    return this.#mirror.session ?? this.#cached;
  }

  parts(): Omit<Parts, "sessions"> {
    return {
      sessionId: this.sessionId,
      session: this.session,
      stale: this.#mirror.session === null && this.#cached !== null,
      older: (agent) => this.#history.of(agent),
      pending: this.outbox.pending,
      marks: this.#marks ?? {},
      uploads: this.uploads.list,
      connection: this.#connection,
    };
  }

  wake(): void {
    this.#source.wake();
    this.outbox.kick();
    this.uploads.kick();
  }

  networkChanged(online: boolean): void {
    this.#source.networkChanged(online);
    if (!online) return;
    this.outbox.kick();
    this.uploads.kick();
  }

  send(agentType: AgentType, content: string, files: readonly string[], onBusy: OnBusy): string {
    const message_id = this.#options.environment.newId("msg");
    this.outbox.add({ message_id, agent_type: agentType, content, files, on_busy: onBusy });
    return message_id;
  }

  /** Loads the page before the oldest message that is shown; nothing if there is none, or one is on its way. */
  async loadOlder(agentType: AgentType): Promise<void> {
    const session = this.#mirror.replica;
    const before = session && this.#history.before(agentType, session);
    if (before === null) return;
    this.#history.loading(agentType, true);
    this.#options.onChange();
    try {
      const page = await this.api.messages(agentType, before);
      const now = this.#mirror.session;
      if (now !== null) this.#history.prepend(agentType, before, page, now);
    } finally {
      this.#history.loading(agentType, false);
      this.#options.onChange();
    }
  }

  /** Everything in the conversation that is in the replica counts as read. */
  markRead(agentType: AgentType): void {
    const last = this.#mirror.session?.conversations[agentType]?.messages.at(-1);
    if (last === undefined || this.#marks === null || last.seq <= (this.#marks[agentType] ?? 0)) return;
    this.#setMarks({ ...this.#marks, [agentType]: last.seq });
    this.#options.onChange();
  }

  close(): void {
    this.#cache();
    this.#closed = true;
    this.#cancelCaching?.();
    this.#source.stop();
    this.outbox.close();
    this.uploads.close();
  }

  /** Keeps the replica for the next visit now: the page may go away. */
  hide(): void {
    this.#cache();
  }

  /** Leaves nothing of the session in this browser. */
  async forget(): Promise<void> {
    const { storage } = this.#options;
    this.#cancelCaching?.();
    this.#cancelCaching = null;
    for (const { command } of this.outbox.pending) this.outbox.discard(command.message_id);
    await storage.delete("snapshots", this.sessionId);
    await storage.delete("marks", this.sessionId);
  }

  #openSource(): LiveSource {
    const { api, environment, sessionId } = this.#options;
    const openFeed = (sink: FeedSink, onChange: (connection: Connection) => void) =>
      new Feed({ url: api.url("sessions", sessionId, "events"), headers: api.headers, sink, environment, onChange });
    const onChange = (connection: Connection) => this.#connected(connection);
    const { locks, channel } = environment;
    if (locks === null || channel === null) return openFeed(this.#mirror, onChange);
    const name = `symphainy:${sessionId}`;
    return new SharedFeed({
      name,
      locks,
      channel: channel(name),
      environment,
      mirror: this.#mirror,
      openFeed,
      onChange,
    });
  }

  #connected(connection: Connection): void {
    const was = this.#connection.state;
    this.#connection = connection;
    if (connection.state === "live" && was !== "live") {
      this.outbox.kick();
      this.uploads.kick();
      this.#options.onLive();
    }
    if (connection.ended === "deleted") void this.forget();
    // What was typed and not sent is kept: the user may come back with a good credential.
    if (connection.ended === "auth") void this.#options.storage.delete("snapshots", this.sessionId);
    this.#options.onChange();
  }

  #folded(before: Session | null, after: Session): void {
    this.#history.follow(before, after);
    this.outbox.confirm(({ agent_type, message_id }) => {
      const messages = after.conversations[agent_type]?.messages ?? [];
      return messages.some((message) => message.message_id === message_id);
    });
    this.#markFirst(after);
    this.#cancelCaching ??= this.#options.environment.timers.after(CACHE_MS, () => this.#cache());
    this.#options.onChange();
  }

  async #restore(): Promise<void> {
    const { storage, onChange } = this.#options;
    const [cached, marks] = await Promise.all([
      storage.get<Kept>("snapshots", this.sessionId),
      storage.get<Marks>("marks", this.sessionId),
    ]);
    if (this.#closed) return;
    this.#cached = cached?.format === FORMAT ? cached.session : null;
    this.#marks = marks ?? null;
    const session = this.#mirror.session;
    if (session !== null) this.#markFirst(session);
    onChange();
  }

  /** Who opens a session for the first time in this browser has nothing to catch up with. */
  #markFirst(session: Session): void {
    if (this.#marks !== null) return;
    this.#setMarks(Object.fromEntries(AGENT_TYPES.map((agent) => [agent, session.seq])));
  }

  #setMarks(marks: Marks): void {
    this.#marks = marks;
    void this.#options.storage.put("marks", this.sessionId, marks);
  }

  #cache(): void {
    this.#cancelCaching?.();
    this.#cancelCaching = null;
    const session = this.#mirror.replica;
    if (session === null || this.#closed || this.#connection.state === "ended") return;
    void this.#options.storage.put("snapshots", this.sessionId, { format: FORMAT, session } satisfies Kept);
  }
}
