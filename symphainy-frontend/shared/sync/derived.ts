/** Views computed from a session: the same as the server's snapshot has beside it. */

import { initialOrchestratorStates } from "./initial";
import { mapValues } from "./mapping";
import {
  finished,
  type Keyed,
  ORCHESTRATOR_NAMES,
  type OrchestratorContext,
  type OrchestratorStates,
  type Session,
  type Status,
} from "./types";

/** All four orchestrators: an unfinished workflow decides, else the one that finished last. A cancelled one leaves no mark. */
export function orchestratorStates({ workflows }: Pick<Session, "workflows">): OrchestratorStates {
  const states = initialOrchestratorStates();
  const all = Object.values(workflows);
  for (const name of ORCHESTRATOR_NAMES) {
    const mine = all.filter((item) => item.orchestrator === name && item.status !== "cancelled");
    const going = mine.filter((item) => !finished(item.status));
    const newest = (going.length > 0 ? going : mine).reduce<(typeof mine)[number] | null>(
      (best, item) => (best === null || item.seq >= best.seq ? item : best),
      null,
    );
    if (newest !== null && newest.status !== "cancelled") {
      states[name] = newest.status === "queued" ? "processing" : newest.status;
    }
  }
  return states;
}

export function orchestratorContext(
  session: Pick<Session, "workflows" | "enabling_services" | "delegations">,
): OrchestratorContext {
  return {
    active_orchestrators: Object.values(session.workflows).map((workflow) => ({
      orchestrator_name: workflow.orchestrator,
      workflow_id: workflow.workflow_id,
      status: workflow.status,
      started_at: workflow.started_at,
      enabling_services: workflow.enabling_services,
    })),
    enabling_services: session.enabling_services,
    workflow_delegation_chain: session.delegations.map(({ source, target, workflow_id, at }) => ({
      from: source,
      to: target,
      workflow_id,
      at,
    })),
  };
}

export const workflowStates = ({ workflows }: Pick<Session, "workflows">): Keyed<Status> =>
  mapValues(workflows, (workflow) => workflow.status);
