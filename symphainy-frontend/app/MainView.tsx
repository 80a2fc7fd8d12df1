import { Suspense, useMemo } from "react";
import { useGlobalSession, useView } from "../shared/session/context";
import type { SessionClient } from "../shared/sync/client";
import type { AgentType } from "../shared/sync/types";
import type { Area } from "./areas/catalogue";
import { useAreaCommands } from "./areas/commands";
import { AREA_PAGES, type AreaPageProps } from "./areas/pages";
import type { FileCommands } from "./content/FileView";
import { sessionOf } from "./parts";
import { type Routing, useRoute } from "./routing/useRoute";
import { type Attempt, useAttempt } from "./shell/failures";
import { Boundary } from "./ui/Boundary";
import { part } from "./ui/part";
import { Skeleton } from "./ui/Skeleton";

export const FileView = part(() => import("./content/FileView"));
const ArtifactsPage = part(() => import("./artifacts/ArtifactsPage"));
export const ArtifactPage = part(() => import("./artifacts/ArtifactPage"));
const WorkflowPage = part(() => import("./workflows/WorkflowPage"));

interface MainViewProps {
  readonly area: Area;
  readonly onAgent: (agent: AgentType) => void;
}

export function MainView(props: MainViewProps) {
  return (
    <Boundary key={props.area.name}>
      <Suspense fallback={<Opening />}>
        <Page {...props} />
      </Suspense>
    </Boundary>
  );
}

function Opening() {
  return (
    <div className="page">
      <Skeleton label="Opening your session" lines={8} />
    </div>
  );
}

/** What the address asks for. */
function Page({ area, onAgent }: MainViewProps) {
  const session = useView(sessionOf);
  const { client } = useGlobalSession();
  const { route } = useRoute();
  const commands = useAreaCommands(area);
  if (session === null) return <Opening />;
  const onAsk: AreaPageProps["onAsk"] = (question, agent = area.liaison) => {
    onAgent(agent);
    client.send(agent, question);
  };
  const props = { session, onAgent, onAsk, commands };
  if (route.artifacts) return <ArtifactsPage session={session} />;
  if (route.artifactId !== null) {
    return <ArtifactPage key={route.artifactId} artifactId={route.artifactId} {...props} />;
  }
  if (route.workflowId !== null) return <WorkflowPage workflowId={route.workflowId} {...props} />;
  if (route.fileId !== null) return <FilePage {...props} fileId={route.fileId} />;
  const AreaPage = AREA_PAGES[area.name];
  return <AreaPage {...props} />;
}

function FilePage({ session, fileId }: AreaPageProps & { readonly fileId: string }) {
  const { client } = useGlobalSession();
  const routing = useRoute();
  const attempt = useAttempt();
  const commands = useMemo(() => fileCommandsOf(client, attempt, routing), [client, attempt, routing]);
  const { tab } = routing.route;
  const onTab = (next: typeof tab) => routing.go({ tab: next });
  return <FileView key={fileId} session={session} fileId={fileId} tab={tab} onTab={onTab} commands={commands} />;
}

function fileCommandsOf(client: SessionClient, attempt: Attempt, routing: Routing): FileCommands {
  return {
    cancelWorkflow: (workflowId) => attempt("Cancelling", () => client.cancelWorkflow(workflowId)),
    analyze: (fileId) =>
      attempt("Starting the analysis", (commandId) =>
        client.startWorkflow("ContentAnalysisOrchestrator", "analyze_file", { file_id: fileId }, { commandId }),
      ),
    validate: (fileId, rules) =>
      attempt("Starting the checks", (commandId) =>
        client.startWorkflow(
          "ContentAnalysisOrchestrator",
          "validate_content",
          { file_id: fileId, rules: [...rules] },
          { commandId },
        ),
      ),
    convert: (fileId, format, table) =>
      attempt("Starting the conversion", (commandId) =>
        client.startWorkflow(
          "ContentAnalysisOrchestrator",
          "convert_format",
          { file_id: fileId, format, table },
          { commandId },
        ),
      ),
    remove: (fileId) =>
      attempt("Removing the file", async () => {
        await client.deleteFile(fileId);
        routing.go({ area: "content" });
      }),
  };
}
