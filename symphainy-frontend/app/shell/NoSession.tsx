import { useGlobalSession, useView } from "../../shared/session/context";
import { sessionIdOf, sessionsOf } from "../parts";
import { Button } from "../ui/Button";
import { Logo } from "../ui/Icon";
import { useAttempt } from "./failures";

export interface NoSessionProps {
  /** `missing`: the address names a session that was never shown here. The others ended while they were. */
  readonly reason: "missing" | "deleted" | "auth";
}

const TITLES = {
  missing: "This session is not yours or no longer exists",
  deleted: "This session was deleted or has expired",
  auth: "This browser may not open the session any more",
} as const;

const TEXTS = {
  missing:
    "A session can be opened only in the browser of the person who started it. Nothing was changed, and your own sessions are not touched.",
  deleted: "Your other sessions are not touched.",
  auth: "Its access was withdrawn or has run out, or cookies are blocked for this page. What was saved is still there.",
} as const;

/** In place of a session that cannot be shown: says so, and where to go from here. Nothing is opened in its stead unasked. */
export default function NoSession({ reason }: NoSessionProps) {
  const { openNewest, createSession } = useGlobalSession();
  const current = useView(sessionIdOf);
  const sessions = useView(sessionsOf);
  const attempt = useAttempt();
  const others = reason !== "auth" && sessions.some((session) => session.session_id !== current);
  return (
    <main className="stage" data-testid="no-session" data-reason={reason}>
      <div className="stage-box">
        <Logo size={44} />
        <div className="stage-head">
          <h1>{TITLES[reason]}</h1>
          <p className="lede">{TEXTS[reason]}</p>
        </div>
        <p className="stage-actions">
          {others && (
            <Button look="primary" onClick={() => attempt("Opening your newest session", openNewest)}>
              Open my newest session
            </Button>
          )}
          <Button
            look={others ? "plain" : "primary"}
            icon="plus"
            onClick={() => attempt("Starting a session", (commandId) => createSession({ commandId }))}
          >
            Start a new session
          </Button>
        </p>
      </div>
    </main>
  );
}
