/** Builds the view. What did not change since the view before keeps its identity (S5). */

import { orchestratorContext, orchestratorStates, workflowStates } from "./derived";
import type { Connection } from "./feed";
import type { OlderMessages } from "./history";
import { emptyConversation, emptyView } from "./initial";
import type { Pending } from "./outbox";
import {
  AGENT_TYPES,
  type AgentType,
  type Conversation,
  finished,
  type Keyed,
  type Run,
  type Session,
  type SessionSummary,
} from "./types";
import type { Conversations, Upload, View, ViewConversation, ViewMessage } from "./view";

/** Of each conversation the seq up to which the user has read. */
export type Marks = Readonly<Partial<Record<AgentType, number>>>;

export interface Parts {
  readonly sessionId: string | null;
  readonly session: Session | null;
  readonly stale: boolean;
  readonly older: (agent: AgentType) => OlderMessages;
  readonly pending: readonly Pending[];
  readonly marks: Marks;
  readonly uploads: readonly Upload[];
  readonly connection: Connection;
  readonly sessions: readonly SessionSummary[];
}

interface Inputs {
  readonly conversation: Conversation | undefined;
  readonly older: OlderMessages;
  readonly pending: readonly Pending[];
  readonly mark: number;
  readonly runId: string | null;
}

export class Composer {
  #view: View;
  #inputs: Partial<Record<AgentType, Inputs>> = {};

  constructor(view: View) {
    this.#view = view;
  }

  get view(): View {
    return this.#view;
  }

  compose(parts: Parts): View {
    const before = this.#view;
    const { session } = parts;
    const next: View = {
      session_id: parts.sessionId,
      session,
      stale: parts.stale,
      ...this.#derived(before, session),
      conversations: this.#conversations(before.conversations, parts),
      uploads: parts.uploads,
      waiting: parts.pending.filter((item) => item.delivery === "sending").length,
      connection: parts.connection,
      sessions: withCurrent(before.sessions, parts.sessions, session),
    };
    if (!sameFields(before, next)) this.#view = next;
    return this.#view;
  }

  #derived(before: View, session: Session | null) {
    const held = before.session;
    if (session === null) {
      const { orchestrator_states, orchestrator_context, workflow_states, state } = emptyView(before.connection);
      if (held !== null) return { orchestrator_states, orchestrator_context, workflow_states, state };
    }
    const { orchestrator_states, orchestrator_context, workflow_states, state } = before;
    if (session === null) return { orchestrator_states, orchestrator_context, workflow_states, state };
    const sameWorkflows = held?.workflows === session.workflows;
    const sameContext =
      sameWorkflows && held.enabling_services === session.enabling_services && held.delegations === session.delegations;
    return {
      orchestrator_states: sameWorkflows ? orchestrator_states : kept(orchestrator_states, orchestratorStates(session)),
      orchestrator_context: sameContext ? orchestrator_context : orchestratorContext(session),
      workflow_states: sameWorkflows ? workflow_states : kept(workflow_states, workflowStates(session)),
      state: session.state,
    };
  }

  #conversations(before: Conversations, parts: Parts): Conversations {
    const runs = Object.values(parts.session?.runs ?? {});
    const after = Object.fromEntries(
      AGENT_TYPES.map((agent) => [agent, this.#conversation(agent, before[agent], parts, runs)]),
    ) as Record<AgentType, ViewConversation>;
    return kept(before, after);
  }

  #conversation(agent: AgentType, before: ViewConversation, parts: Parts, runs: readonly Run[]): ViewConversation {
    const held = this.#inputs[agent];
    const pending = parts.pending.filter((item) => item.command.agent_type === agent);
    const inputs: Inputs = {
      conversation: parts.session?.conversations[agent],
      older: parts.older(agent),
      pending: held !== undefined && sameItems(held.pending, pending) ? held.pending : pending,
      mark: parts.marks[agent] ?? Number.POSITIVE_INFINITY,
      runId: runs.find((run) => run.agent_type === agent && !finished(run.status))?.run_id ?? null,
    };
    if (held !== undefined && sameFields(held, inputs)) return before;
    this.#inputs[agent] = inputs;
    if (inputs.conversation === undefined) return emptyConversation(agent);
    const { conversation, older, mark } = inputs;
    const messages = [...older.messages, ...conversation.messages];
    return {
      agent_type: agent,
      conversation_id: conversation.conversation_id,
      messages: inputs.pending.length === 0 ? messages : [...messages, ...inputs.pending.map(asMessage)],
      orchestrator_context: conversation.orchestrator_context,
      has_more: older.has_more ?? conversation.has_more,
      loading_older: older.loading,
      unread: messages.filter((message) => message.role === "assistant" && message.seq > mark).length,
      run_id: inputs.runId,
    };
  }
}

function asMessage({ command, delivery, problem }: Pending): ViewMessage {
  return {
    message_id: command.message_id,
    role: "user",
    content: command.content,
    timestamp: new Date(command.created_at).toISOString(),
    status: "completed",
    seq: Number.MAX_SAFE_INTEGER,
    run_id: null,
    orchestrator_context: null,
    actions: [],
    evidence: [],
    files: command.files,
    delivery,
    ...(problem === null ? {} : { problem }),
  };
}

/** The list with the open session's row as the replica knows it, which is newer than the list. */
function withCurrent(
  before: readonly SessionSummary[],
  sessions: readonly SessionSummary[],
  session: Session | null,
): readonly SessionSummary[] {
  const next =
    session === null
      ? sessions
      : sessions.map((row) => (row.session_id === session.session_id ? rowOf(session, row) : row));
  return before.length === next.length && before.every((row, at) => next[at] !== undefined && sameFields(row, next[at]))
    ? before
    : next;
}

function rowOf(session: Session, row: SessionSummary): SessionSummary {
  const going = [...Object.values(session.workflows), ...Object.values(session.runs)].filter(
    (item) => !finished(item.status),
  );
  const waits = going.some((item) => item.status === "waiting_for_user");
  const status = waits ? "waiting_for_user" : going.length > 0 ? "processing" : "idle";
  const { title, expires_at } = session;
  return { ...row, title, expires_at, status, running: going.length };
}

const sameItems = <T>(one: readonly T[], other: readonly T[]): boolean =>
  one.length === other.length && one.every((item, at) => item === other[at]);

function sameFields<T extends object>(one: T, other: T): boolean {
  const names = Object.keys(one) as (keyof T)[];
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}

/** `before` if `after` has the same fields. */
const kept = <T extends Keyed<unknown>>(before: T, after: T): T => (sameFields(before, after) ? before : after);
