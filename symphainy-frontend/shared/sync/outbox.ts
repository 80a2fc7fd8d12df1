/** The user's messages on their way to the server: in order within a conversation, sent until answered, never doubled (S3, S4). */

import { ANSWER_MS } from "./api";
import type { Cancel, Environment } from "./environment";
import { ProblemError } from "./problem";
import type { LocalStorage } from "./storage";
import type { AgentType, JsonObject } from "./types";

export interface MessageCommand {
  /** Made by the client; the server knows a repeat by it. */
  readonly message_id: string;
  readonly session_id: string;
  readonly agent_type: AgentType;
  readonly content: string;
  readonly files: readonly string[];
  readonly on_busy: OnBusy;
  readonly created_at: number;
  /** Its place among the commands of this session. */
  readonly place: number;
}
export type OnBusy = "enqueue" | "reject" | "interrupt";

export interface Pending {
  readonly command: MessageCommand;
  readonly delivery: "sending" | "sent" | "failed";
  readonly problem: ProblemError | null;
}

interface Kept {
  readonly command: MessageCommand;
  /** Of a command that was refused; null while it waits. */
  readonly refusal: { readonly document: JsonObject; readonly status: number } | null;
}

export interface OutboxOptions {
  readonly sessionId: string;
  /** Resolves when the server has the command. Rejects with ProblemError. */
  readonly send: (command: MessageCommand, signal: AbortSignal) => Promise<void>;
  readonly storage: LocalStorage;
  readonly environment: Pick<Environment, "timers" | "random">;
  readonly onChange: () => void;
}

export const KEPT_MS = 24 * 60 * 60 * 1000;
const RETRY_FIRST_MS = 500;
const RETRY_MOST_MS = 30_000;

interface Lane {
  busy: boolean;
  attempts: number;
  cancelRetry: Cancel | null;
}

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #lanes = new Map<AgentType, Lane>();
  readonly #closed = new AbortController();
  readonly #ready: Promise<void>;
  #pending: readonly Pending[] = [];
  #places = 0;

  /** Takes up what an earlier visit left unsent. */
  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#ready = this.#restore();
  }

  /** In the order in which the user made them. The array is a new one after each change. */
  get pending(): readonly Pending[] {
    return this.#pending;
  }

  add(command: Omit<MessageCommand, "session_id" | "created_at" | "place">): void {
    const { sessionId: session_id, environment } = this.#options;
    this.#places += 1;
    const made = { ...command, session_id, created_at: environment.timers.now(), place: this.#places };
    this.#set([...this.#pending, { command: made, delivery: "sending", problem: null }]);
    // Older commands get their places below this one before it is kept or sent.
    void this.#ready.then(() => {
      const held = this.#find(command.message_id);
      if (held === undefined) return;
      this.#keep(held.command, null);
      this.#pump(command.agent_type);
    });
  }

  /** Sends a refused command again, with the same id. A waiting one is tried at once. */
  retry(messageId: string): void {
    const held = this.#find(messageId);
    if (held === undefined) return;
    if (held.delivery === "failed") {
      this.#replace(messageId, { ...held, delivery: "sending", problem: null });
      this.#keep(held.command, null);
    }
    this.#kickLane(held.command.agent_type);
  }

  /** Forgets a command. If its request is on the way, the server may still have taken it; then the feed shows it. */
  discard(messageId: string): void {
    this.#remove(new Set([messageId]));
  }

  /** The replica shows these messages. */
  confirm(isInLog: (command: MessageCommand) => boolean): void {
    const shown = this.#pending.filter(({ command }) => isInLog(command)).map(({ command }) => command);
    if (shown.length === 0) return;
    this.#remove(new Set(shown.map((command) => command.message_id)));
    for (const agent of new Set(shown.map((command) => command.agent_type))) this.#kickLane(agent);
  }

  /** The way to the server seems to be free. */
  kick(): void {
    for (const agent of this.#lanes.keys()) this.#kickLane(agent);
  }

  close(): void {
    this.#closed.abort();
    for (const lane of this.#lanes.values()) lane.cancelRetry?.();
  }

  #kickLane(agent: AgentType): void {
    const lane = this.#lane(agent);
    lane.cancelRetry?.();
    lane.cancelRetry = null;
    lane.attempts = 0;
    this.#pump(agent);
  }

  #lane(agent: AgentType): Lane {
    const held = this.#lanes.get(agent) ?? { busy: false, attempts: 0, cancelRetry: null };
    this.#lanes.set(agent, held);
    return held;
  }

  #pump(agent: AgentType): void {
    const lane = this.#lane(agent);
    if (lane.busy || lane.cancelRetry !== null || this.#closed.signal.aborted) return;
    const next = this.#pending.find((item) => item.command.agent_type === agent && item.delivery === "sending");
    if (next === undefined) return;
    lane.busy = true;
    const late = new AbortController();
    const cancelTimeout = this.#options.environment.timers.after(ANSWER_MS, () => late.abort());
    void this.#options
      .send(next.command, AbortSignal.any([this.#closed.signal, late.signal]))
      .then(
        () => this.#sent(next.command, lane),
        (error: unknown) => this.#failed(next.command, lane, error),
      )
      .finally(() => {
        cancelTimeout();
        lane.busy = false;
        this.#pump(agent);
      });
  }

  #sent(command: MessageCommand, lane: Lane): void {
    lane.attempts = 0;
    this.#unkeep(command);
    const held = this.#find(command.message_id);
    if (held !== undefined) this.#replace(command.message_id, { ...held, delivery: "sent" });
  }

  #failed(command: MessageCommand, lane: Lane, error: unknown): void {
    const held = this.#find(command.message_id);
    if (held === undefined || this.#closed.signal.aborted) return;
    const problem = error instanceof ProblemError ? error : ProblemError.unreachable(error);
    if (!problem.temporary) {
      this.#keep(command, { document: problem.details, status: problem.status });
      this.#replace(command.message_id, { ...held, delivery: "failed", problem });
      return;
    }
    const { timers, random } = this.#options.environment;
    const most = Math.min(RETRY_MOST_MS, RETRY_FIRST_MS * 2 ** lane.attempts);
    lane.attempts += 1;
    lane.cancelRetry = timers.after(Math.max(problem.retryAfterMs ?? 0, random() * most), () => {
      lane.cancelRetry = null;
      this.#pump(command.agent_type);
    });
  }

  async #restore(): Promise<void> {
    const { storage, sessionId, environment } = this.#options;
    const all = await storage.all<Kept>("commands", `${sessionId}/`);
    const oldest = environment.timers.now() - KEPT_MS;
    for (const { command } of all.filter((item) => item.command.created_at < oldest)) this.#unkeep(command);
    const kept = all
      .filter((item) => item.command.created_at >= oldest)
      .sort((one, other) => one.command.place - other.command.place);
    const last = kept.at(-1)?.command.place ?? 0;
    const made = this.#pending.map((item) => ({
      ...item,
      command: { ...item.command, place: item.command.place + last },
    }));
    this.#places += last;
    if (kept.length === 0) return;
    const restored = kept.map(
      ({ command, refusal }): Pending => ({
        command,
        delivery: refusal === null ? "sending" : "failed",
        problem: refusal === null ? null : new ProblemError(refusal.document, refusal.status),
      }),
    );
    this.#set([...restored, ...made]);
    for (const { command } of kept) this.#pump(command.agent_type);
  }

  #find(messageId: string): Pending | undefined {
    return this.#pending.find(({ command }) => command.message_id === messageId);
  }

  #replace(messageId: string, next: Pending): void {
    this.#set(this.#pending.map((item) => (item.command.message_id === messageId ? next : item)));
  }

  #remove(messageIds: ReadonlySet<string>): void {
    for (const { command } of this.#pending) if (messageIds.has(command.message_id)) this.#unkeep(command);
    this.#set(this.#pending.filter(({ command }) => !messageIds.has(command.message_id)));
  }

  #set(pending: readonly Pending[]): void {
    this.#pending = pending;
    if (!this.#closed.signal.aborted) this.#options.onChange();
  }

  #keep(command: MessageCommand, refusal: Kept["refusal"]): void {
    void this.#options.storage.put("commands", keyOf(command), { command, refusal } satisfies Kept);
  }

  #unkeep(command: MessageCommand): void {
    void this.#options.storage.delete("commands", keyOf(command));
  }
}

const keyOf = (command: MessageCommand): string => `${command.session_id}/${command.message_id}`;
