import { useMemo } from "react";
import { useGlobalSession, useView } from "../session/context";
import {
  finished,
  type JsonObject,
  type OrchestratorContext,
  type OrchestratorName,
  type OrchestratorStates,
  type Status,
  type Workflow,
} from "../sync/types";
import type { View } from "../sync/view";

export interface WorkflowsState {
  /** Newest first: every unfinished one, and the newest finished. */
  readonly workflows: readonly Workflow[];
  readonly active: readonly Workflow[];
  readonly orchestratorStates: OrchestratorStates;
  readonly orchestratorContext: OrchestratorContext;
  /** Resolves with the workflow's id when it is durable. Rejects with ProblemError. */
  readonly start: (orchestrator: OrchestratorName, operation: string, input: JsonObject) => Promise<string>;
  readonly cancel: (workflowId: string) => Promise<Status>;
}

const NONE: Readonly<Record<string, Workflow>> = {};
const workflowsOf = (view: View) => view.session?.workflows ?? NONE;
const statesOf = (view: View) => view.orchestrator_states;
const contextOf = (view: View) => view.orchestrator_context;

export function useWorkflows(orchestrator?: OrchestratorName): WorkflowsState {
  const { client } = useGlobalSession();
  const held = useView(workflowsOf);
  const orchestratorStates = useView(statesOf);
  const orchestratorContext = useView(contextOf);
  return useMemo(() => {
    const workflows = Object.values(held)
      .filter((workflow) => orchestrator === undefined || workflow.orchestrator === orchestrator)
      .reverse();
    return {
      workflows,
      active: workflows.filter((workflow) => !finished(workflow.status)),
      orchestratorStates,
      orchestratorContext,
      start: (name, operation, input) => client.startWorkflow(name, operation, input),
      cancel: (workflowId) => client.cancelWorkflow(workflowId),
    };
  }, [client, held, orchestrator, orchestratorStates, orchestratorContext]);
}
