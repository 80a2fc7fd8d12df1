import { orchestratorContext, orchestratorStates, workflowStates } from "../derived";
import type { Session, Snapshot } from "../types";

/** The session as the server would send it. */
export const snapshotOf = (session: Session): Snapshot => ({
  format: 3,
  ...session,
  orchestrator_states: orchestratorStates(session),
  orchestrator_context: orchestratorContext(session),
  workflow_states: workflowStates(session),
});
