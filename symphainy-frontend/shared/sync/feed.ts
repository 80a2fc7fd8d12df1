/** One session's live feed: keeps a stream open, and says in which state it is. See spec/SYNC.md, "Client". */

import type { Cancel, Environment } from "./environment";
import { type ByeFrame, EventParser, type Frame, frameOf } from "./frames";
import { problemOf } from "./problem";

export type FeedState = "connecting" | "live" | "waiting" | "offline" | "ended";

/**
 * `failed`: the request found no stream. `refused`: it never will. `cut`: the stream is over, or of no use any more.
 * `dismissed`: the server ended it for good. `due`: the back-off is over, or somebody looks at the page again.
 */
export type FeedEvent = "frame" | "failed" | "refused" | "cut" | "dismissed" | "due" | "lost" | "regained";

export const NEXT: Readonly<Record<FeedState, Readonly<Record<FeedEvent, FeedState>>>> = {
  connecting: {
    frame: "live",
    failed: "waiting",
    refused: "ended",
    cut: "waiting",
    dismissed: "ended",
    due: "connecting",
    lost: "connecting",
    regained: "connecting",
  },
  live: {
    frame: "live",
    failed: "waiting",
    refused: "ended",
    cut: "waiting",
    dismissed: "ended",
    due: "live",
    lost: "live",
    regained: "live",
  },
  waiting: {
    frame: "waiting",
    failed: "waiting",
    refused: "waiting",
    cut: "waiting",
    dismissed: "waiting",
    due: "connecting",
    lost: "offline",
    regained: "connecting",
  },
  offline: {
    frame: "offline",
    failed: "offline",
    refused: "offline",
    cut: "offline",
    dismissed: "offline",
    // A browser without a network still reaches a server on its own machine.
    due: "connecting",
    lost: "offline",
    regained: "connecting",
  },
  ended: {
    frame: "ended",
    failed: "ended",
    refused: "ended",
    cut: "ended",
    dismissed: "ended",
    due: "ended",
    lost: "ended",
    regained: "ended",
  },
};

export interface Connection {
  readonly state: FeedState;
  /** Since when, in milliseconds of the wall clock. */
  readonly since: number;
  /** When the next attempt is made; only in `waiting` and `offline`. */
  readonly retry_at: number | null;
  /** Why it is over; only in `ended`. */
  readonly ended: "auth" | "deleted" | null;
}

/** `progress`: it changed the replica, or proved that there is nothing to change. `stale`: ask again from the cursor.
 * `gap`: the replica was dropped, take a snapshot. */
export type Receipt = "progress" | "nothing" | "stale" | "gap";

/** Who folds the frames. */
export interface FeedSink {
  /** `<epoch>.<seq>`, or null for a snapshot. */
  cursor(): string | null;
  /** The `ts` of the entry at the cursor: shows a log that was set back and has grown past it since. */
  known?(): string | null;
  receive(frame: Frame): Receipt;
  /** The server does not understand the cursor. */
  drop(): void;
}

export interface FeedOptions {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly sink: FeedSink;
  readonly environment: Pick<Environment, "fetch" | "timers" | "random" | "online">;
  readonly onChange: (connection: Connection) => void;
}

export const BACKOFF_FIRST_MS = 250;
export const BACKOFF_MOST_MS = 30_000;
export const WATCHDOG_MS = 37_500;

export class Feed {
  readonly #options: FeedOptions;
  #connection: Connection;
  #attempts = 0;
  #retryMs = 0;
  #heardAt = 0;
  #abort: AbortController | null = null;
  #cancelRetry: Cancel = () => {};
  #cancelWatchdog: Cancel = () => {};

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#connection = { state: "connecting", since: this.#now(), retry_at: null, ended: null };
  }

  get connection(): Connection {
    return this.#connection;
  }

  start(): void {
    this.#enter("connecting");
  }

  /** Closes the stream and forgets every timer. Nothing is reported after it. */
  stop(): void {
    this.#hangUp();
    this.#cancelRetry();
  }

  /** Somebody looks at the page again, asks for another attempt, or the machine woke up. */
  wake(): void {
    const silent = this.#connection.state === "live" && this.#now() - this.#heardAt > WATCHDOG_MS;
    this.#on(silent ? "cut" : "due");
  }

  networkChanged(online: boolean): void {
    this.#on(online ? "regained" : "lost");
  }

  #now(): number {
    return this.#options.environment.timers.now();
  }

  #on(event: FeedEvent, ended: Connection["ended"] = null): void {
    const { state } = this.#connection;
    const next = NEXT[state][event];
    if (next !== state) this.#enter(next, ended);
  }

  #enter(state: FeedState, ended: Connection["ended"] = null): void {
    this.#cancelRetry();
    if (state !== "live") this.#hangUp();
    if (state === "waiting" && !this.#options.environment.online()) {
      this.#enter("offline");
      return;
    }
    const now = this.#now();
    const delay = state === "waiting" ? this.#delay() : state === "offline" ? BACKOFF_MOST_MS : null;
    this.#connection = { state, since: now, retry_at: delay === null ? null : now + delay, ended };
    if (delay !== null) {
      this.#cancelRetry = this.#options.environment.timers.after(delay, () => this.#on("due"));
    }
    this.#options.onChange(this.#connection);
    if (state === "connecting") void this.#read();
  }

  /** Full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ */
  #delay(): number {
    const most = Math.min(BACKOFF_MOST_MS, BACKOFF_FIRST_MS * 2 ** this.#attempts);
    const delay = Math.max(this.#retryMs, this.#options.environment.random() * most);
    this.#attempts += 1;
    this.#retryMs = 0;
    return delay;
  }

  #hangUp(): void {
    this.#cancelWatchdog();
    this.#abort?.abort();
    this.#abort = null;
  }

  #heard(): void {
    this.#heardAt = this.#now();
    this.#cancelWatchdog();
    this.#cancelWatchdog = this.#options.environment.timers.after(WATCHDOG_MS, () => this.#on("cut"));
  }

  async #read(): Promise<void> {
    const abort = new AbortController();
    this.#abort = abort;
    this.#heard();
    try {
      const response = await this.#request(abort.signal);
      if (abort.signal.aborted) return;
      if (!response.ok || response.body === null) return await this.#refused(response, abort.signal);
      await this.#follow(response.body.getReader(), abort.signal);
    } catch {
      // Whatever broke the stream, the next one starts from the cursor.
    }
    if (!abort.signal.aborted) this.#on("cut");
  }

  #request(signal: AbortSignal): Promise<Response> {
    const { url, headers, sink, environment } = this.#options;
    const cursor = sink.cursor();
    const known = cursor === null ? null : (sink.known?.() ?? null);
    return environment.fetch(known === null ? url : `${url}?known=${encodeURIComponent(known)}`, {
      headers: { ...headers, Accept: "text/event-stream", ...(cursor === null ? {} : { "Last-Event-ID": cursor }) },
      cache: "no-store",
      credentials: "same-origin",
      signal,
    });
  }

  async #refused(response: Response, signal: AbortSignal): Promise<void> {
    const problem = await problemOf(response);
    if (signal.aborted) return;
    if (problem.status === 400) this.#options.sink.drop();
    this.#retryMs = problem.retryAfterMs ?? 0;
    if (problem.status === 401 || problem.status === 403) this.#on("refused", "auth");
    else if (problem.status === 404) this.#on("refused", "deleted");
    else this.#on("failed");
  }

  async #follow(reader: ReadableStreamDefaultReader<Uint8Array>, signal: AbortSignal): Promise<void> {
    const decoder = new TextDecoder();
    const parser = new EventParser();
    while (!signal.aborted) {
      const { done, value } = await reader.read();
      if (done || signal.aborted) return;
      this.#heard();
      for (const raw of parser.push(decoder.decode(value, { stream: true }))) {
        const frame = frameOf(raw);
        if (frame !== null) this.#take(frame);
        if (signal.aborted) return;
      }
    }
  }

  #take(frame: Frame): void {
    this.#on("frame");
    if (frame.event === "bye") {
      this.#leave(frame);
      return;
    }
    const receipt = this.#options.sink.receive(frame);
    if (receipt === "progress") this.#attempts = 0;
    else if (receipt !== "nothing") this.#on("cut");
  }

  #leave({ reason, retry_ms }: ByeFrame): void {
    if (reason === "auth" || reason === "deleted") {
      this.#on("dismissed", reason);
      return;
    }
    // A stream that ends as agreed is no failure: an idle session must not back off further with each one.
    this.#attempts = Math.max(0, this.#attempts - 1);
    this.#retryMs = retry_ms;
    this.#on("cut");
  }
}
