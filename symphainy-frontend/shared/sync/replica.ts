/**
 * `apply`: what each entry does to the session. The twin of `src/symphainy/fold.py`; `spec/vectors` holds both to it.
 * Pure, and what an entry does not change keeps its identity.
 */

import { artifactCreated, artifactUpdated } from "./artifacts";
import { actions, type Entry, type EntryData, type EntryOf, failure, type KnownEntry } from "./entries";
import { mapShared, mergePatch, own, put, without } from "./mapping";
import {
  AGENT_TYPES,
  type AgentType,
  type Conversation,
  finished,
  type JsonObject,
  type Keyed,
  type Message,
  type MessageStatus,
  type Run,
  type Session,
  type Workflow,
} from "./types";
import { startedWorkflow, type WorkflowChange, workflowAfter } from "./workflow";

export const MESSAGES_KEPT = 50;
export const FINISHED_WORKFLOWS_KEPT = 50;
export const FINISHED_RUNS_KEPT = 20;
export const DELEGATIONS_KEPT = 200;

/** The session before its first entry. */
export const emptySession = (sessionId: string): Session => ({
  session_id: sessionId,
  user_id: "",
  epoch: "",
  seq: 0,
  title: "",
  context: {},
  closed: false,
  conversations: {},
  workflows: {},
  runs: {},
  files: {},
  artifacts: {},
  states: {},
  enabling_services: {},
  delegations: [],
  state: {},
  created_at: "",
  updated_at: "",
  expires_at: "",
  last_activity: "",
  idle_ms: null,
  ends_at: null,
});

export const fold = (session: Session, entries: Iterable<Entry>): Session => {
  let folded = session;
  for (const entry of entries) folded = apply(folded, entry);
  return folded;
};

/** The session after `entry`. Throws RangeError if `entry.seq` is not the next one: a gap must never fold silently. */
export function apply(session: Session, entry: Entry): Session {
  if (entry.seq !== session.seq + 1) {
    throw new RangeError(`entry ${entry.seq} cannot follow ${session.seq} in session ${session.session_id}`);
  }
  const changes = change(session, entry as KnownEntry);
  const expiry = session.idle_ms === null ? NOTHING : { expires_at: expiresAt(session, entry.ts) };
  return { ...session, ...changes, ...expiry, seq: entry.seq, updated_at: entry.ts, last_activity: entry.ts };
}

/** So long after its last entry, and at its end in any case. */
function expiresAt({ idle_ms, ends_at }: Session, last: string): string {
  const idle = new Date(Date.parse(last) + (idle_ms ?? 0)).toISOString();
  return ends_at !== null && ends_at < idle ? ends_at : idle;
}

type Changes = Partial<Session>;
const NOTHING: Changes = {};

function change(session: Session, entry: KnownEntry): Changes {
  switch (entry.type) {
    case "session.created":
      return created(session, entry);
    case "session.updated":
      return updated(session, entry.data);
    case "session.closed":
      return { closed: true };
    case "message.added":
      return messageAdded(session, entry);
    case "message.delta":
    case "message.completed":
      return inConversation(session, agentType(entry), (held) => messageChanged(held, entry));
    case "conversation.context_updated":
      return inConversation(session, agentType(entry), (held) => ({
        ...held,
        orchestrator_context: mergePatch(held.orchestrator_context, entry.data.orchestrator_context),
      }));
    case "run.started":
      return runStarted(session, entry);
    case "run.finished":
      return runFinished(session, entry);
    case "workflow.started":
      return entry.workflow_id == null
        ? NOTHING
        : putWorkflow(session, entry.ts, startedWorkflow(entry.workflow_id, entry));
    case "workflow.step_started":
    case "workflow.progressed":
    case "workflow.step_completed":
    case "workflow.asked":
    case "workflow.answered":
    case "workflow.finished":
      return workflowChanged(session, entry);
    case "service.updated":
      return { enabling_services: serviceUsed(session, entry) };
    case "delegation.appended": {
      const { source, target } = entry.data;
      const link = { source, target, workflow_id: entry.workflow_id ?? null, at: entry.ts };
      return { delegations: [...session.delegations, link].slice(-DELEGATIONS_KEPT) };
    }
    case "state.stored":
      return { states: put(session.states, entry.data.state_id, stateRef(entry)) };
    case "state.deleted":
      return { states: without(session.states, entry.data.state_id) };
    case "value.patched":
      return { state: mergePatch(session.state, entry.data.patch) };
    case "file.added":
    case "file.updated":
    case "file.removed":
      return fileChanged(session, entry);
    case "artifact.created":
      return { artifacts: artifactCreated(session.artifacts, entry) };
    case "artifact.updated":
      return { artifacts: artifactUpdated(session.artifacts, entry) };
    default:
      entry satisfies never;
      return NOTHING;
  }
}

function created(session: Session, { data, ts }: EntryOf<"session.created">): Changes {
  const empty = (agent: AgentType): Conversation => ({
    conversation_id: `conv_${session.session_id}.${agent}`,
    messages: [],
    orchestrator_context: {},
    has_more: false,
  });
  return {
    user_id: data.user_id,
    epoch: data.epoch,
    title: data.title ?? "",
    context: data.context ?? {},
    conversations: Object.fromEntries(AGENT_TYPES.map((agent) => [agent, empty(agent)])),
    created_at: ts,
    expires_at: data.expires_at,
    idle_ms: data.idle_ms ?? null,
    ends_at: data.ends_at ?? null,
  };
}

function updated(session: Session, data: EntryData["session.updated"]): Changes {
  return {
    title: data.title ?? session.title,
    context: data.context == null ? session.context : mergePatch(session.context, data.context),
    epoch: data.epoch ?? session.epoch,
  };
}

function messageAdded(session: Session, entry: EntryOf<"message.added">): Changes {
  const agent = agentType(entry);
  const held = own(session.conversations, agent);
  if (held === undefined || agent === null) return NOTHING;
  const { data } = entry;
  const message: Message = {
    message_id: data.message_id,
    role: data.role,
    content: data.content,
    timestamp: entry.ts,
    status: data.status ?? "completed",
    seq: entry.seq,
    run_id: entry.run_id ?? null,
    orchestrator_context: data.orchestrator_context ?? null,
    actions: actions(data.actions),
    evidence: data.evidence ?? [],
    files: data.files ?? [],
  };
  const messages = [...held.messages, message];
  const full = messages.length > MESSAGES_KEPT;
  const conversation = {
    ...held,
    messages: full ? messages.slice(-MESSAGES_KEPT) : messages,
    has_more: held.has_more || full,
  };
  const conversations = put(session.conversations, agent, conversation);
  const run = own(session.runs, entry.run_id);
  if (run?.status !== "queued" || data.message_id === run.message_id) return { conversations };
  return { conversations, runs: put(session.runs, run.run_id, { ...run, status: "processing" }) };
}

/** The conversation after a delta or an end of one of its messages; the same if it does not hold the message. */
export function messageChanged(
  held: Conversation,
  entry: EntryOf<"message.delta"> | EntryOf<"message.completed">,
): Conversation {
  const messages = mapShared(held.messages, (message): Message => {
    if (message.message_id !== entry.data.message_id) return message;
    if (entry.type === "message.delta") return { ...message, content: message.content + entry.data.text };
    const { data } = entry;
    return {
      ...message,
      content: data.content,
      status: data.status ?? "completed",
      orchestrator_context: data.orchestrator_context ?? null,
      actions: actions(data.actions),
      evidence: data.evidence ?? [],
    };
  });
  return messages === held.messages ? held : { ...held, messages };
}

function inConversation(
  session: Session,
  agent: AgentType | null,
  to: (held: Conversation) => Conversation,
): Pick<Session, "conversations"> {
  const held = own(session.conversations, agent);
  const next = held && to(held);
  if (next === undefined || next === held || agent === null) return { conversations: session.conversations };
  return { conversations: put(session.conversations, agent, next) };
}

function runStarted(session: Session, entry: EntryOf<"run.started">): Changes {
  const agent = agentType(entry);
  if (entry.run_id == null || agent === null) return NOTHING;
  const run: Run = {
    run_id: entry.run_id,
    agent_type: agent,
    message_id: entry.data.message_id,
    status: "queued",
    started_at: entry.ts,
    finished_at: null,
    retry_of: entry.data.retry_of ?? null,
    error: null,
  };
  return { runs: bounded(put(session.runs, run.run_id, run), FINISHED_RUNS_KEPT) };
}

function runFinished(session: Session, entry: EntryOf<"run.finished">): Changes {
  const held = own(session.runs, entry.run_id);
  if (held === undefined) return NOTHING;
  const { status, error } = entry.data;
  const run: Run = { ...held, status, finished_at: entry.ts, error: failure(error) };
  const runs = bounded(put(session.runs, run.run_id, run), FINISHED_RUNS_KEPT);
  return { runs, ...inConversation(session, run.agent_type, (conversation) => messagesEnded(conversation, run)) };
}

/** Ending a run ends its open messages, whatever the writer forgot. */
export function messagesEnded(held: Conversation, run: Pick<Run, "run_id" | "status">): Conversation {
  const status: MessageStatus = run.status === "cancelled" || run.status === "failed" ? run.status : "completed";
  const messages = mapShared(held.messages, (message) =>
    message.run_id === run.run_id && message.status === "streaming" ? { ...message, status } : message,
  );
  return messages === held.messages ? held : { ...held, messages };
}

function workflowChanged(session: Session, entry: WorkflowChange): Changes {
  const held = own(session.workflows, entry.workflow_id);
  if (held === undefined || finished(held.status)) return NOTHING;
  return putWorkflow(session, entry.ts, { ...workflowAfter(held, entry), updated_at: entry.ts, seq: entry.seq });
}

function putWorkflow(session: Session, at: string, workflow: Workflow): Changes {
  const workflows = bounded(put(session.workflows, workflow.workflow_id, workflow), FINISHED_WORKFLOWS_KEPT);
  const active = Object.values(workflows)
    .filter((item) => item.conversation === workflow.conversation && !finished(item.status))
    .map((item) => item.workflow_id);
  const report: JsonObject = {
    orchestrator: workflow.orchestrator,
    workflow_id: workflow.workflow_id,
    status: workflow.status,
    active_workflows: active,
    last_workflow_update: at,
  };
  const reported = inConversation(session, workflow.conversation, (held) => ({
    ...held,
    orchestrator_context: { ...held.orchestrator_context, ...report },
  }));
  return { workflows, ...reported };
}

function serviceUsed(session: Session, { data, ts }: EntryOf<"service.updated">): Session["enabling_services"] {
  const held = own(session.enabling_services, data.service);
  const counts = held === undefined || data.status === "processing" ? 1 : 0;
  const use = { invocations: (held?.invocations ?? 0) + counts, last_used: ts, status: data.status };
  return put(session.enabling_services, data.service, use);
}

function stateRef({ data, ts, seq }: EntryOf<"state.stored">): Session["states"][string] {
  return {
    state_id: data.state_id,
    seq,
    stored_at: ts,
    ttl: data.ttl ?? null,
    created_by_orchestrator: data.orchestrator_metadata?.created_by_orchestrator ?? null,
    workflow_id: data.orchestrator_metadata?.workflow_id ?? null,
    metadata: data.metadata ?? {},
  };
}

function fileChanged(
  session: Session,
  entry: EntryOf<"file.added"> | EntryOf<"file.updated"> | EntryOf<"file.removed">,
): Changes {
  const { files } = session;
  if (entry.type === "file.removed") return { files: without(files, entry.data.file_id) };
  if (entry.type === "file.added") {
    const { file_id, name, media_type, size, sha256, kind } = entry.data;
    const about = { file_id, name, media_type, size, sha256, kind: kind ?? null };
    return {
      files: put(files, file_id, { ...about, status: "uploaded", added_at: entry.ts, workflow_id: null, reason: null }),
    };
  }
  const { file_id, status, kind, reason } = entry.data;
  const held = own(files, file_id);
  if (held === undefined) return NOTHING;
  const workflow_id = entry.workflow_id || held.workflow_id;
  return {
    files: put(files, file_id, { ...held, status, kind: kind || held.kind, reason: reason ?? null, workflow_id }),
  };
}

/** Everything unfinished and the `kept` newest finished, in the order in which they started. */
function bounded<T extends Run | Workflow>(items: Keyed<T>, kept: number): Keyed<T> {
  const all = Object.entries(items);
  const ended = all.filter(([, item]) => finished(item.status));
  if (ended.length <= kept) return items;
  const dropped = new Set(ended.slice(0, ended.length - kept).map(([key]) => key));
  return Object.fromEntries(all.filter(([key]) => !dropped.has(key)));
}

const agentType = (entry: KnownEntry): AgentType | null =>
  AGENT_TYPES.find((agent) => agent === entry.conversation) ?? null;
