import type { ReactNode } from "react";
import { useGlobalSession, useView } from "../../shared/session/context";
import type { ProblemError } from "../../shared/sync/problem";
import { connectionOf } from "../parts";
import { Button } from "../ui/Button";
import { Logo } from "../ui/Icon";
import { Notice, RequestId } from "../ui/Notice";

/** The application, or why there is no session to show it with. */
export function Gate({ children }: { readonly children: ReactNode }) {
  const { status, problem, restart } = useGlobalSession();
  const { state, ended } = useView(connectionOf);
  if (status === "failed" && problem !== null) return <Unopened problem={problem} onRetry={restart} />;
  if (status === "ready" && state === "ended") return <Ended reason={ended ?? "deleted"} onStart={restart} />;
  return children;
}

interface EndedProps {
  readonly reason: "auth" | "deleted";
  readonly onStart: () => void;
}

function Ended({ reason, onStart }: EndedProps) {
  return (
    <main className="stage" data-testid="session-ended">
      <div className="stage-box">
        <Logo size={44} />
        <h1>Session ended</h1>
        <p className="lede">
          {reason === "deleted"
            ? "It was deleted or has expired. Your other sessions are not touched."
            : "This browser may not open it any more: its access was withdrawn or has run out. What was saved is still there."}
        </p>
        <p>
          <Button look="primary" onClick={onStart}>
            {reason === "deleted" ? "Go to my sessions" : "Start again"}
          </Button>
        </p>
      </div>
    </main>
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
