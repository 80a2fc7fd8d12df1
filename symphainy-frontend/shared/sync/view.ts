/** What the user sees: the replica plus the client's pending commands. One immutable value for each change. */

import type { Connection } from "./feed";
import type { ProblemError } from "./problem";
import type {
  AgentType,
  JsonObject,
  Keyed,
  Message,
  OrchestratorContext,
  OrchestratorStates,
  Session,
  SessionSummary,
  Status,
} from "./types";

/** Of the user's own message that is not in the log yet. `sent`: the server has it, and the feed has not shown it. */
export type Delivery = "sending" | "sent" | "failed";

export interface ViewMessage extends Message {
  /** Absent: the message is in the log. */
  readonly delivery?: Delivery;
  /** Why delivery failed; only with `failed`. */
  readonly problem?: ProblemError;
}

export interface ViewConversation {
  readonly agent_type: AgentType;
  readonly conversation_id: string;
  /** Older pages that were loaded, then the replica's messages, then pending ones: in the order of the log. */
  readonly messages: readonly ViewMessage[];
  readonly orchestrator_context: JsonObject;
  /** The log holds messages older than the first of `messages`. */
  readonly has_more: boolean;
  readonly loading_older: boolean;
  /** Answers after the user's last-read mark. */
  readonly unread: number;
  /** The run that is going or first in the queue of this conversation. */
  readonly run_id: string | null;
}

export type Conversations = Readonly<Record<AgentType, ViewConversation>>;

/** `saving`: every byte is sent, the server has not answered yet. `waiting`: it was cut off, and is sent again by itself. */
export type UploadStatus = "sending" | "saving" | "waiting" | "failed";

/** Files on their way to the server. An upload leaves the list when the server has answered, or when it is cancelled. */
export interface Upload {
  readonly upload_id: string;
  readonly names: readonly string[];
  readonly size: number;
  /** Bytes sent so far, of `size`. */
  readonly sent: number;
  readonly status: UploadStatus;
  readonly problem: ProblemError | null;
}

export interface View {
  readonly session_id: string | null;
  /** The replica; null until the first snapshot. */
  readonly session: Session | null;
  /** The replica is the one of the last visit, painted until the feed is live. */
  readonly stale: boolean;
  readonly orchestrator_states: OrchestratorStates;
  readonly orchestrator_context: OrchestratorContext;
  readonly workflow_states: Keyed<Status>;
  readonly conversations: Conversations;
  readonly state: JsonObject;
  readonly uploads: readonly Upload[];
  /** Messages that wait for the server, failed ones not counted. */
  readonly waiting: number;
  readonly connection: Connection;
  readonly sessions: readonly SessionSummary[];
}
