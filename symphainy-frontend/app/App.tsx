import { lazy, Suspense, useCallback, useEffect, useState } from "react";
import { useGlobalSession, useView } from "../shared/session/context";
import type { AgentType } from "../shared/sync/types";
import type { View } from "../shared/sync/view";
import { type Area, areaOf, areaOfAgent } from "./areas/catalogue";
import { DropArea } from "./content/Dropping";
import { MainView } from "./MainView";
import { MetaContext, useMetaRequest } from "./meta";
import { filesOf, statesOf } from "./parts";
import { RoutingContext, useRoute, useRouting } from "./routing/useRoute";
import { BottomBar } from "./shell/BottomBar";
import { Failures } from "./shell/failures";
import { Gate } from "./shell/Gate";
import { JourneyNav } from "./shell/JourneyNav";
import { TopBar } from "./shell/TopBar";
import { useIdleLoading } from "./shell/useIdleLoading";
import { useKeptFocus } from "./shell/useKeptFocus";
import { useMediaQuery } from "./shell/useMediaQuery";
import { useViewportHeight } from "./shell/useViewportHeight";
import { Boundary } from "./ui/Boundary";

// Asked for at once, beside the first paint, and not a part of what it waits for.
const chatPanel = import("./chat/ChatPanel");
const ChatPanel = lazy(() => chatPanel);

export function App() {
  useViewportHeight();
  useIdleLoading();
  return (
    <RoutingContext value={useRouting()}>
      <Failures>
        <Gate>
          <Workspace />
        </Gate>
      </Failures>
    </RoutingContext>
  );
}

const emptyOf = ({ uploads, session }: View) => uploads.length === 0 && Object.keys(session?.files ?? {}).length === 0;

const NARROW = "(max-width: 859px)";

function Workspace() {
  const { route, go } = useRoute();
  const { client } = useGlobalSession();
  const states = useView(statesOf);
  const files = useView(filesOf);
  const meta = useMetaRequest();
  const area = areaOf(route.area);
  const [agent, showAgent] = useAgent(area);
  const narrow = useMediaQuery(NARROW);
  const onFiles = useCallback(
    (files: readonly File[], metadataOnly: boolean) => {
      // One request for each file, so that each has its own progress and can be cancelled. A failure is in the list.
      for (const file of files) client.uploadFiles([file], { metadataOnly }).catch(() => undefined);
    },
    [client],
  );
  const onTaken = useCallback(() => go({ area: "content" }), [go]);
  const onAgent = useCallback(
    (next: AgentType) => {
      showAgent(next);
      if (narrow && route.pane !== "chat") go({ pane: "chat" });
    },
    [showAgent, narrow, route.pane, go],
  );
  const empty = useView(emptyOf);
  useKeptFocus(`${area.name} ${route.fileId} ${empty}`);
  useTitle(area, files[route.fileId ?? ""]?.name);
  return (
    <MetaContext value={meta}>
      <DropArea meta={meta} onFiles={onFiles} onTaken={onTaken}>
        <a className="skip-link" href="#main">
          Skip to the content
        </a>
        <div className="app" data-pane={route.pane} data-testid="app">
          <TopBar />
          <JourneyNav current={route.area} states={states} />
          <main id="main" className="main" tabIndex={-1} aria-label={area.label}>
            <MainView area={area} onAgent={onAgent} />
          </main>
          <Boundary>
            <Suspense fallback={<div className="chat" />}>
              <ChatPanel
                area={area}
                agent={agent}
                onAgent={onAgent}
                shown={!narrow || route.pane === "chat"}
                alone={narrow && route.pane === "chat"}
              />
            </Suspense>
          </Boundary>
          <BottomBar pane={route.pane} area={area} />
        </div>
      </DropArea>
    </MetaContext>
  );
}

/** The guide stays the guide wherever one goes; a liaison is followed by the liaison of the next area. */
function useAgent(area: Area): readonly [AgentType, (agent: AgentType) => void] {
  const [chosen, choose] = useState<"guide" | "liaison">("guide");
  const { go } = useRoute();
  const show = useCallback(
    (agent: AgentType) => {
      choose(agent === "guide_agent" ? "guide" : "liaison");
      const home = areaOfAgent(agent);
      if (home && home.name !== area.name) go({ area: home.name });
    },
    [area, go],
  );
  return [chosen === "guide" ? "guide_agent" : area.liaison, show];
}

function useTitle(area: Area, fileName: string | undefined): void {
  const title = `${fileName ?? area.label} · Symphainy`;
  useEffect(() => {
    document.title = title;
  }, [title]);
}
