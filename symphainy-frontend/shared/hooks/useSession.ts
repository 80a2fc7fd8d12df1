import { type GlobalSession, useGlobalSession, useView } from "../session/context";
import type { Connection } from "../sync/feed";
import type {
  JsonObject,
  Keyed,
  OrchestratorContext,
  OrchestratorStates,
  Session,
  SessionSummary,
  Status,
} from "../sync/types";
import type { Conversations, View } from "../sync/view";

export interface SessionState extends Omit<GlobalSession, "client"> {
  readonly sessionId: string | null;
  /** The replica of the server's session; null until it is there. */
  readonly session: Session | null;
  /** The last visit's session, shown until the feed is live. */
  readonly stale: boolean;
  readonly sessions: readonly SessionSummary[];
  readonly refreshSessions: () => Promise<readonly SessionSummary[]>;
  readonly orchestratorStates: OrchestratorStates;
  readonly orchestratorContext: OrchestratorContext;
  readonly workflowStates: Keyed<Status>;
  readonly conversations: Conversations;
  /** The session's general state, as the server has it. */
  readonly state: JsonObject;
  /** JSON Merge Patch of `state` on the server. Rejects with ProblemError. */
  readonly patchState: (patch: JsonObject, options?: { readonly expectedSeq?: number }) => Promise<JsonObject>;
  readonly connection: Connection;
  /** A new credential for this browser; the old one is dead. */
  readonly rotateCredential: () => Promise<void>;
}

const whole = (view: View) => view;

/** The whole session. A component that needs a part of it renders less often with `useConversation` and the other hooks. */
export function useSession(): SessionState {
  const { client, ...global } = useGlobalSession();
  const view = useView(whole);
  return {
    ...global,
    sessionId: view.session_id,
    session: view.session,
    stale: view.stale,
    sessions: view.sessions,
    refreshSessions: () => client.refreshSessions(),
    orchestratorStates: view.orchestrator_states,
    orchestratorContext: view.orchestrator_context,
    workflowStates: view.workflow_states,
    conversations: view.conversations,
    state: view.state,
    patchState: (patch, options) => client.patchState(patch, options),
    connection: view.connection,
    rotateCredential: () => client.rotate(),
  };
}
