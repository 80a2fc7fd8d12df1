/** Server-sent events to frames. Takes bytes cut anywhere, LF or CRLF or CR line ends, and comments. */

import type { Entry } from "./entries";
import type { Session } from "./types";

export interface SnapshotFrame {
  readonly event: "snapshot";
  readonly epoch: string;
  readonly seq: number;
  readonly reason: "start" | "rewound" | "expired_cursor";
  readonly session: Session;
}
export interface ResumeFrame {
  readonly event: "resume";
  readonly epoch: string;
  readonly after: number;
  readonly head: number;
}
export interface EventsFrame {
  readonly event: "events";
  /** Of the stream that carried the entries; null if the frame had no id. */
  readonly epoch: string | null;
  readonly entries: readonly Entry[];
}
export interface PingFrame {
  readonly event: "ping";
  readonly seq: number;
}
export type ByeReason = "deploy" | "rotate" | "slow" | "auth" | "deleted";
export interface ByeFrame {
  readonly event: "bye";
  readonly reason: ByeReason;
  readonly retry_ms: number;
}
export type Frame = SnapshotFrame | ResumeFrame | EventsFrame | PingFrame | ByeFrame;

/** One server-sent event, before its data is read. */
export interface RawEvent {
  readonly event: string;
  readonly id: string | null;
  readonly data: string;
}

/** Feeds on text in pieces of any size and yields whole events. An event that the stream cut off is never yielded. */
export class EventParser {
  #rest = "";
  #afterReturn = false;
  #event = "";
  #id: string | null = null;
  #data: string[] = [];

  *push(text: string): Generator<RawEvent> {
    let from = 0;
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code !== 10 && code !== 13) {
        this.#afterReturn = false;
        continue;
      }
      const second = code === 10 && this.#afterReturn;
      this.#afterReturn = code === 13;
      const line = this.#rest + text.slice(from, at);
      from = at + 1;
      this.#rest = "";
      if (second) continue;
      const whole = this.#line(line);
      if (whole !== null) yield whole;
    }
    this.#rest += text.slice(from);
  }

  #line(line: string): RawEvent | null {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line.charCodeAt(colon + 1) === 32 ? colon + 2 : colon + 1);
    if (field === "event") this.#event = value;
    else if (field === "data") this.#data.push(value);
    else if (field === "id") this.#id = value;
    return null;
  }

  #dispatch(): RawEvent | null {
    const whole =
      this.#data.length === 0 ? null : { event: this.#event || "message", id: this.#id, data: this.#data.join("\n") };
    this.#event = "";
    this.#id = null;
    this.#data = [];
    return whole;
  }
}

/** The frame of an event; null for a kind that this reader does not know. Throws SyntaxError on data that is not JSON. */
export function frameOf(raw: RawEvent): Frame | null {
  switch (raw.event) {
    case "snapshot":
    case "resume":
    case "ping":
    case "bye":
      return { ...JSON.parse(raw.data), event: raw.event };
    case "events":
      return { event: "events", epoch: epochOf(raw.id), entries: JSON.parse(raw.data) };
    default:
      return null;
  }
}

function epochOf(id: string | null): string | null {
  const dot = id?.lastIndexOf(".") ?? -1;
  return id !== null && dot > 0 ? id.slice(0, dot) : null;
}
