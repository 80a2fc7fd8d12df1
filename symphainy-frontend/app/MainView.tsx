import { lazy, Suspense, useMemo } from "react";
import { useGlobalSession, useView } from "../shared/session/context";
import type { SessionClient } from "../shared/sync/client";
import type { AgentType } from "../shared/sync/types";
import type { Area, AreaName } from "./areas/catalogue";
import type { ContentCommands } from "./content/ContentPage";
import type { FileCommands } from "./content/FileView";
import { useMeta } from "./meta";
import { sessionOf, uploadsOf } from "./parts";
import { type Routing, useRoute } from "./routing/useRoute";
import { type Attempt, useAttempt } from "./shell/failures";
import { Boundary } from "./ui/Boundary";
import { Skeleton } from "./ui/Skeleton";

// Asked for at once, beside the first paint, and not a part of what it waits for.
const contentPage = import("./content/ContentPage");
const ContentPage = lazy(() => contentPage);
const FileView = lazy(() => import("./content/FileView"));
const OutlookPage = lazy(() => import("./areas/OutlookPage"));

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
  const uploads = useView(uploadsOf);
  const meta = useMeta();
  const { client } = useGlobalSession();
  const routing = useRoute();
  const attempt = useAttempt();
  const commands = useMemo(() => commandsOf(client, attempt, routing), [client, attempt, routing]);
  if (session === null) return <Opening />;
  if (isAhead(area)) {
    return (
      <OutlookPage
        area={area}
        files={Object.values(session.files)}
        onAsk={(question) => {
          onAgent("guide_agent");
          client.send("guide_agent", question);
        }}
      />
    );
  }
  const { fileId, tab } = routing.route;
  if (fileId !== null) {
    const onTab = (next: typeof tab) => routing.go({ tab: next });
    return <FileView key={fileId} session={session} fileId={fileId} tab={tab} onTab={onTab} commands={commands} />;
  }
  return <ContentPage session={session} uploads={uploads} meta={meta} commands={commands} />;
}

const isAhead = (area: Area): area is Area & { readonly name: Exclude<AreaName, "content"> } => area.name !== "content";

function commandsOf(client: SessionClient, attempt: Attempt, routing: Routing): ContentCommands & FileCommands {
  return {
    cancelWorkflow: (workflowId) => attempt("Cancelling", () => client.cancelWorkflow(workflowId)),
    cancelUpload: (uploadId) => client.cancelUpload(uploadId),
    retryUpload: (uploadId) => void client.retryUpload(uploadId).catch(() => undefined),
    analyze: (fileId) =>
      attempt("Starting the analysis", (commandId) =>
        client.startWorkflow("ContentAnalysisOrchestrator", "analyze_file", { file_id: fileId }, { commandId }),
      ),
    remove: (fileId) =>
      attempt("Removing the file", async () => {
        await client.deleteFile(fileId);
        routing.go({ area: "content" });
      }),
  };
}
