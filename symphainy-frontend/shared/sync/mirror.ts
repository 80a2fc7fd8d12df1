/** The replica of one session, and the rules by which a frame may change it (spec/SYNC.md, S1). */

import type { FeedSink, Receipt } from "./feed";
import type { EventsFrame, Frame, SnapshotFrame } from "./frames";
import { fold } from "./replica";
import type { Session, Snapshot } from "./types";

/** The session in a snapshot, without the views beside it: they would go stale with the first entry. */
export function sessionOf(snapshot: Session | Snapshot): Session {
  const {
    format: _format,
    orchestrator_states: _states,
    orchestrator_context: _context,
    workflow_states: _workflows,
    ...session
  } = snapshot as Snapshot;
  return session;
}

export class Mirror implements FeedSink {
  readonly #onChange: (before: Session | null, after: Session) => void;
  #session: Session | null = null;
  /** False once a gap was seen: the session may still be shown, and must not be folded on. */
  #whole = false;
  #promised = 0;

  constructor(onChange: (before: Session | null, after: Session) => void) {
    this.#onChange = onChange;
  }

  /** What can be shown; null before the first snapshot. */
  get session(): Session | null {
    return this.#session;
  }

  /** The session that entries may be folded into; null until a snapshot is taken. */
  get replica(): Session | null {
    return this.#whole ? this.#session : null;
  }

  cursor(): string | null {
    const replica = this.replica;
    return replica === null ? null : `${replica.epoch}.${replica.seq}`;
  }

  known(): string | null {
    return this.replica?.updated_at ?? null;
  }

  drop(): void {
    this.#whole = false;
  }

  receive(frame: Frame): Receipt {
    switch (frame.event) {
      case "snapshot":
        return this.#snapshot(frame);
      case "events":
        return this.#events(frame);
      case "ping":
        return this.#ping(frame.seq);
      case "resume":
      case "bye":
        return "nothing";
    }
  }

  /** A snapshot that another tab passes on may be older than the replica; one of another epoch or of a rewound log may be so rightly. */
  #snapshot(frame: SnapshotFrame): Receipt {
    const held = this.replica;
    if (held !== null && frame.reason !== "rewound" && frame.epoch === held.epoch && frame.seq <= held.seq) {
      return "nothing";
    }
    this.#whole = true;
    this.#promised = 0;
    this.#change(sessionOf(frame.session));
    return "progress";
  }

  #events(frame: EventsFrame): Receipt {
    const held = this.replica;
    if (held === null) return "gap";
    const fresh = frame.entries.filter((entry) => entry.seq > held.seq);
    if (fresh.length === 0) return "nothing";
    let next: Session;
    try {
      next = fold(held, fresh);
    } catch {
      // A gap, or an entry that cannot be read: the server's own fold is in the snapshot.
      return this.#gap();
    }
    // A stream's ids keep the epoch with which it began, and an entry of the stream may change the log's.
    if (frame.epoch !== null && frame.epoch !== held.epoch && frame.epoch !== next.epoch) return this.#gap();
    this.#change(next);
    return "progress";
  }

  /** A head that the entries have not reached one whole ping later is one that this stream lost. */
  #ping(seq: number): Receipt {
    const held = this.replica;
    if (held === null) return "gap";
    const lost = this.#promised > held.seq || seq < held.seq;
    this.#promised = lost ? 0 : seq;
    if (lost) return "stale";
    return seq === held.seq ? "progress" : "nothing";
  }

  #gap(): Receipt {
    this.drop();
    return "gap";
  }

  #change(next: Session): void {
    const before = this.#session;
    this.#session = next;
    this.#onChange(before, next);
  }
}
