/** What there is before the first snapshot. */

import type { Connection } from "./feed";
import { AGENT_TYPES, type AgentType, type OrchestratorName, type OrchestratorStatus } from "./types";
import type { View, ViewConversation, ViewMessage } from "./view";

export const initialOrchestratorStates = (): Record<OrchestratorName, OrchestratorStatus> => ({
  ContentAnalysisOrchestrator: "not_started",
  InsightsOrchestrator: "not_started",
  OperationsOrchestrator: "not_started",
  BusinessOutcomesOrchestrator: "not_started",
});

const NO_MESSAGES: readonly ViewMessage[] = [];

export function emptyConversation(agent: AgentType): ViewConversation {
  return {
    agent_type: agent,
    conversation_id: "",
    messages: NO_MESSAGES,
    orchestrator_context: {},
    has_more: false,
    loading_older: false,
    unread: 0,
    run_id: null,
  };
}

export function emptyView(connection: Connection): View {
  return {
    session_id: null,
    session: null,
    stale: false,
    orchestrator_states: initialOrchestratorStates(),
    orchestrator_context: { active_orchestrators: [], enabling_services: {}, workflow_delegation_chain: [] },
    workflow_states: {},
    conversations: Object.fromEntries(AGENT_TYPES.map((agent) => [agent, emptyConversation(agent)])) as Record<
      AgentType,
      ViewConversation
    >,
    state: {},
    uploads: [],
    waiting: 0,
    connection,
    sessions: [],
  };
}
