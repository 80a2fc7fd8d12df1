/**
 * One feed for all tabs of a session: a browser opens six connections to a server at most. The tab that holds the session's
 * Web Lock has the feed and passes its frames on; each tab folds for itself, so that two leaders for a moment do no harm.
 */

import type { Cancel, Channel, Environment } from "./environment";
import type { Connection, Feed, FeedSink, Receipt } from "./feed";
import type { EventsFrame, Frame, SnapshotFrame } from "./frames";
import type { Mirror } from "./mirror";

export const BEAT_MS = 500;
/** A visible tab that hears nothing from the leader for so long takes the lead: a frozen tab keeps its lock. */
export const SILENCE_MS = 2_500;

export type TabMessage =
  | { readonly kind: "want" }
  | { readonly kind: "wake" }
  | { readonly kind: "frame"; readonly frame: SnapshotFrame | EventsFrame }
  | { readonly kind: "beat"; readonly connection: Connection; readonly epoch: string | null; readonly seq: number };

/** What the client needs of a feed, be it its own or another tab's. */
export interface LiveSource {
  start(): void;
  stop(): void;
  wake(): void;
  networkChanged(online: boolean): void;
}

export interface SharedFeedOptions {
  readonly name: string;
  readonly locks: LockManager;
  readonly channel: Channel;
  readonly environment: Pick<Environment, "timers" | "visible">;
  readonly mirror: Mirror;
  readonly openFeed: (sink: FeedSink, onChange: (connection: Connection) => void) => Feed;
  readonly onChange: (connection: Connection) => void;
}

interface Lead {
  readonly feed: Feed;
  readonly release: () => void;
  connection: Connection;
  cancelBeat: Cancel;
}

export class SharedFeed implements LiveSource {
  readonly #options: SharedFeedOptions;
  #lead: Lead | null = null;
  #queued: AbortController | null = null;
  #stopped = false;
  #heardAt = 0;
  #wantedAt = Number.NEGATIVE_INFINITY;
  #cancelSilence: Cancel = () => {};

  constructor(options: SharedFeedOptions) {
    this.#options = options;
  }

  get leads(): boolean {
    return this.#lead !== null;
  }

  start(): void {
    this.#options.channel.listen((message) => this.#heard(message as TabMessage));
    this.#follow();
    this.#want();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelSilence();
    this.#queued?.abort();
    this.#abdicate();
    this.#options.channel.close();
  }

  wake(): void {
    if (this.#lead !== null) this.#lead.feed.wake();
    else if (this.#now() - this.#heardAt >= SILENCE_MS) this.#steal();
    else this.#post({ kind: "wake" });
  }

  networkChanged(online: boolean): void {
    this.#lead?.feed.networkChanged(online);
  }

  #now(): number {
    return this.#options.environment.timers.now();
  }

  /** Waits in line for the lock, and listens meanwhile. */
  #follow(): void {
    this.#heardNow();
    const queued = new AbortController();
    this.#queued = queued;
    this.#request({ signal: queued.signal }, queued);
  }

  #steal(): void {
    if (this.#stopped || this.#lead !== null || !this.#options.environment.visible()) return;
    this.#queued?.abort();
    this.#queued = null;
    this.#cancelSilence();
    this.#request({ steal: true }, null);
  }

  /** The lock is held until it is released or stolen; a stolen one rejects the request. */
  #request(options: LockOptions, queued: AbortController | null): void {
    let lead: Lead | null = null;
    const granted = () =>
      new Promise<void>((release) => {
        if (this.#stopped || (queued !== null && this.#queued !== queued)) return release();
        lead = this.#takeLead(release);
      });
    this.#options.locks.request(this.#options.name, options, granted).catch((error: unknown) => {
      if (this.#stopped || (lead === null && queued?.signal.aborted)) return;
      if (lead !== null && this.#lead === lead) this.#abdicate();
      if (error instanceof DOMException && error.name === "AbortError") this.#follow();
      // Where locks are refused, every tab has a feed of its own.
      else this.#takeLead(() => {});
    });
  }

  #takeLead(release: () => void): Lead {
    const { mirror, openFeed } = this.#options;
    this.#queued = null;
    this.#cancelSilence();
    const sink: FeedSink = {
      cursor: () => mirror.cursor(),
      drop: () => mirror.drop(),
      receive: (frame) => this.#pass(frame, mirror.receive(frame)),
    };
    const feed = openFeed(sink, (connection) => this.#connectionChanged(connection));
    const lead: Lead = { feed, release, connection: feed.connection, cancelBeat: () => {} };
    this.#lead = lead;
    feed.start();
    this.#beat();
    return lead;
  }

  #abdicate(): void {
    const lead = this.#lead;
    this.#lead = null;
    lead?.cancelBeat();
    lead?.feed.stop();
    lead?.release();
  }

  #connectionChanged(connection: Connection): void {
    if (this.#lead !== null) this.#lead.connection = connection;
    this.#options.onChange(connection);
    // No tab must wait behind one whose feed is over.
    if (connection.state === "ended") this.stop();
    else this.#postBeat();
  }

  #pass(frame: Frame, receipt: Receipt): Receipt {
    if ((frame.event === "events" || frame.event === "snapshot") && receipt === "progress") {
      this.#post({ kind: "frame", frame });
    }
    return receipt;
  }

  #beat(): void {
    const lead = this.#lead;
    if (lead === null) return;
    this.#postBeat();
    lead.cancelBeat = this.#options.environment.timers.after(BEAT_MS, () => this.#beat());
  }

  #postBeat(): void {
    const replica = this.#options.mirror.replica;
    if (this.#lead === null) return;
    const { connection } = this.#lead;
    this.#post({ kind: "beat", connection, epoch: replica?.epoch ?? null, seq: replica?.seq ?? 0 });
  }

  #heard(message: TabMessage): void {
    if (this.#stopped) return;
    if (this.#lead !== null) this.#asLeader(message);
    else this.#asFollower(message);
  }

  #asLeader(message: TabMessage): void {
    if (message.kind === "wake") this.#lead?.feed.wake();
    if (message.kind !== "want") return;
    const session = this.#options.mirror.replica;
    if (session === null) return;
    const { epoch, seq } = session;
    this.#post({ kind: "frame", frame: { event: "snapshot", epoch, seq, reason: "start", session } });
  }

  #asFollower(message: TabMessage): void {
    const { mirror, onChange } = this.#options;
    if (message.kind === "frame") {
      this.#heardNow();
      const receipt = mirror.receive(message.frame);
      if (receipt === "gap") this.#want();
    } else if (message.kind === "beat") {
      this.#heardNow();
      const { epoch, seq } = message;
      const behind = epoch !== null && (mirror.replica?.epoch !== epoch || mirror.replica.seq < seq);
      if (behind) this.#want();
      onChange(message.connection);
    }
  }

  #heardNow(): void {
    this.#heardAt = this.#now();
    this.#cancelSilence();
    this.#cancelSilence = this.#options.environment.timers.after(SILENCE_MS, () => this.#steal());
  }

  #want(): void {
    if (this.#now() - this.#wantedAt < BEAT_MS) return;
    this.#wantedAt = this.#now();
    this.#post({ kind: "want" });
  }

  #post(message: TabMessage): void {
    if (!this.#stopped) this.#options.channel.post(message);
  }
}
