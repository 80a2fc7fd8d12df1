import { useMemo } from "react";
import { useGlobalSession } from "../../shared/session/context";
import type { ArtifactStatus, JsonObject } from "../../shared/sync/types";
import { useAttempt } from "../shell/failures";
import type { Area } from "./catalogue";

/** What an area's page can have done. A command that fails is shown with a button to try again. */
export interface AreaCommands {
  /** Starts an operation of the area's orchestrator. `what` names it for the user: "Starting the analysis". */
  readonly start: (what: string, operation: string, input: JsonObject) => void;
  readonly cancelWorkflow: (workflowId: string) => void;
  readonly setArtifactStatus: (artifactId: string, version: number, status: ArtifactStatus) => void;
}

export function useAreaCommands(area: Area): AreaCommands {
  const { client } = useGlobalSession();
  const attempt = useAttempt();
  const { orchestrator } = area;
  return useMemo(
    () => ({
      start: (what, operation, input) =>
        attempt(what, (commandId) => client.startWorkflow(orchestrator, operation, input, { commandId })),
      cancelWorkflow: (workflowId) => attempt("Cancelling", () => client.cancelWorkflow(workflowId)),
      setArtifactStatus: (artifactId, version, status) =>
        attempt("Changing the status", () => client.setArtifactStatus(artifactId, version, status)),
    }),
    [client, attempt, orchestrator],
  );
}
