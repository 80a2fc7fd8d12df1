import { lazy, type ReactNode, Suspense } from "react";
import { useGlobalSession, useView } from "../../shared/session/context";
import type { ProblemError } from "../../shared/sync/problem";
import { connectionOf } from "../parts";
import { Boundary } from "../ui/Boundary";
import { Button } from "../ui/Button";
import { Logo } from "../ui/Icon";
import { Notice, RequestId } from "../ui/Notice";

const NoSession = lazy(() => import("./NoSession"));

/** The application, or why there is no session to show it with. */
export function Gate({ children }: { readonly children: ReactNode }) {
  const { status, problem, restart } = useGlobalSession();
  const { state, ended } = useView(connectionOf);
  const missing = problem?.code === "session_not_found";
  if (status === "failed" && problem !== null && !missing) return <Unopened problem={problem} onRetry={restart} />;
  const reason = missing ? "missing" : status === "ready" && state === "ended" ? (ended ?? "deleted") : null;
  if (reason === null) return children;
  return (
    <Boundary>
      <Suspense>
        <NoSession reason={reason} />
      </Suspense>
    </Boundary>
  );
}

function Unopened({ problem, onRetry }: { readonly problem: ProblemError; readonly onRetry: () => void }) {
  return (
    <main className="stage">
      <div className="stage-box">
        <Logo size={44} />
        <h1>Your session could not be opened</h1>
        <Notice
          tone="danger"
          actions={
            <>
              <Button small icon="retry" onClick={onRetry}>
                Try again
              </Button>
              {problem.requestId && <RequestId id={problem.requestId} />}
            </>
          }
        >
          {problem.detail} What you did before is kept.
        </Notice>
      </div>
    </main>
  );
}
