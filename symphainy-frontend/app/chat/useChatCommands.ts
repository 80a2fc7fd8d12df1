import { useMemo } from "react";
import { useGlobalSession } from "../../shared/session/context";
import type { SessionClient } from "../../shared/sync/client";
import { type Action, AGENT_TYPES, type AgentType, ORCHESTRATOR_NAMES } from "../../shared/sync/types";
import type { ViewMessage } from "../../shared/sync/view";
import { isAreaName } from "../areas/catalogue";
import { areaOfArtifact } from "../artifacts/kinds";
import { useDropping } from "../content/Dropping";
import { type Routing, useRoute } from "../routing/useRoute";
import { type Attempt, useAttempt } from "../shell/failures";

export interface ChatCommands {
  readonly send: (text: string) => void;
  readonly retrySend: (message: ViewMessage) => void;
  readonly discard: (message: ViewMessage) => void;
  readonly retryRun: (runId: string) => void;
  readonly cancelRun: (runId: string) => void;
  readonly cancelWorkflow: (workflowId: string) => void;
  readonly loadOlder: () => void;
  readonly act: (action: Action) => void;
}

/** What can be done in the conversation with one agent. `onAgent` shows the conversation that an action leads to. */
export function useChatCommands(agent: AgentType, onAgent: (agent: AgentType) => void): ChatCommands {
  const { client } = useGlobalSession();
  const attempt = useAttempt();
  const routing = useRoute();
  const { choose } = useDropping();
  return useMemo(() => {
    const retryRun = (runId: string) => attempt("Trying again", (commandId) => client.retryRun(runId, { commandId }));
    const cancelWorkflow = (workflowId: string) => attempt("Cancelling", () => client.cancelWorkflow(workflowId));
    return {
      send: (text) => client.send(agent, text),
      retrySend: (message) => client.retryMessage(message.message_id),
      discard: (message) => client.discardMessage(message.message_id),
      retryRun,
      cancelRun: (runId) => attempt("Stopping", () => client.cancelRun(runId)),
      cancelWorkflow,
      loadOlder: () => attempt("Loading older messages", () => client.loadOlder(agent)),
      act: (action) => perform(action, { client, attempt, routing, agent, onAgent, choose, retryRun, cancelWorkflow }),
    };
  }, [client, attempt, routing, agent, onAgent, choose]);
}

interface Means {
  readonly client: SessionClient;
  readonly attempt: Attempt;
  readonly routing: Routing;
  readonly agent: AgentType;
  readonly onAgent: (agent: AgentType) => void;
  readonly choose: () => void;
  readonly retryRun: (runId: string) => void;
  readonly cancelWorkflow: (workflowId: string) => void;
}

function perform({ kind, target }: Action, means: Means): void {
  switch (kind) {
    case "send_message": {
      const agent = AGENT_TYPES.find((name) => name === target.agent_type) ?? means.agent;
      means.onAgent(agent);
      means.client.send(agent, String(target.content ?? ""));
      return;
    }
    case "upload_file":
      means.choose();
      return;
    case "open_area":
      if (isAreaName(target.area)) means.routing.go({ area: target.area });
      return;
    case "open_file":
      means.routing.go({ area: "content", fileId: String(target.file_id) });
      return;
    case "open_artifact":
      openArtifact(target, means);
      return;
    case "answer_workflow": {
      const { workflow_id, name, answers } = target;
      if (typeof name !== "string" || !isObject(answers)) return;
      means.attempt("Answering", (commandId) =>
        means.client.answerWorkflow(String(workflow_id), name, answers, { commandId }),
      );
      return;
    }
    case "start_workflow": {
      const orchestrator = ORCHESTRATOR_NAMES.find((name) => name === target.orchestrator);
      const { operation, input } = target;
      if (!orchestrator || typeof operation !== "string" || !isObject(input)) return;
      means.attempt("Starting the workflow", (commandId) =>
        means.client.startWorkflow(orchestrator, operation, input, { commandId }),
      );
      return;
    }
    case "cancel_workflow":
      means.cancelWorkflow(String(target.workflow_id));
      return;
    case "retry_run":
      means.retryRun(String(target.run_id));
      return;
  }
}

function openArtifact({ artifact_id, version }: Action["target"], { client, routing }: Means): void {
  const session = client.getSnapshot().session;
  const artifact = session?.artifacts[String(artifact_id)];
  if (!session || !artifact) return;
  routing.go({
    area: areaOfArtifact(artifact, session.workflows),
    artifactId: artifact.artifact_id,
    version: typeof version === "number" ? version : null,
  });
}

const isObject = (value: Action["target"][string] | undefined): value is Action["target"] =>
  typeof value === "object" && value !== null && !Array.isArray(value);
