import { type ReactNode, useEffect, useState } from "react";
import { ProblemError } from "../../shared/sync/problem";
import { useClient, useView } from "../live";
import { useRoute } from "../routing/useRoute";
import { Button } from "../ui/Button";
import { Notice, RequestId } from "../ui/Notice";
import { EndedPage } from "./EndedPage";

/** Keeps the address and the open session in step, and shows the application once there is a session to show. */
export function Gate({ children }: { readonly children: ReactNode }) {
  const { session_id, connection } = useView();
  const { route, go } = useRoute();
  const { problem, retry } = useOpening();
  if (problem !== null) return <Unopened problem={problem} onRetry={retry} />;
  if (connection.state === "ended" && session_id === route.sessionId) {
    return <EndedPage reason={connection.ended ?? "deleted"} onStart={() => go({ sessionId: null })} />;
  }
  return children;
}

/** A session that the address names is opened; without one the newest is, or a first one is made. */
function useOpening() {
  const client = useClient();
  const { route, go } = useRoute();
  const [attempt, setAttempt] = useState(0);
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const { sessionId } = route;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt is the same request again
  useEffect(() => {
    setProblem(null);
    if (sessionId !== null) {
      client.open(sessionId);
      return;
    }
    let current = true;
    client.start(null).then(
      (opened) => current && go({ sessionId: opened }, { replace: true }),
      (reason: unknown) =>
        current && setProblem(reason instanceof ProblemError ? reason : ProblemError.unreachable(reason)),
    );
    return () => {
      current = false;
    };
  }, [client, sessionId, attempt]);
  return { problem, retry: () => setAttempt((count) => count + 1) };
}

function Unopened({ problem, onRetry }: { readonly problem: ProblemError; readonly onRetry: () => void }) {
  return (
    <main className="stage">
      <div className="stage-box">
        <Notice
          tone="danger"
          title="Your session could not be opened"
          actions={
            <>
              <Button small icon="retry" onClick={onRetry}>
                Try again
              </Button>
              {problem.requestId && <RequestId id={problem.requestId} />}
            </>
          }
        >
          {problem.detail}
        </Notice>
      </div>
    </main>
  );
}
