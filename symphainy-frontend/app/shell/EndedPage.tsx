import { Button } from "../ui/Button";
import { Logo } from "../ui/Icon";

interface EndedPageProps {
  readonly reason: "auth" | "deleted";
  readonly onStart: () => void;
}

/** The session in the address is not there for this visitor, or not any more. */
export function EndedPage({ reason, onStart }: EndedPageProps) {
  const deleted = reason === "deleted";
  return (
    <main className="stage" data-testid="session-ended">
      <div className="stage-box">
        <header className="stage-head">
          <Logo size={44} />
          <h1>{deleted ? "This session has ended" : "Session ended: you are signed out of it"}</h1>
          <p className="lede">
            {deleted
              ? "It was deleted, it has expired, or the link belongs to somebody else. Your other sessions are not touched."
              : "This browser's access was withdrawn or has run out. If you have it open elsewhere, your work is still there."}
          </p>
        </header>
        <p>
          <Button look="primary" onClick={onStart} data-testid="start-over">
            {deleted ? "Go to my sessions" : "Start again"}
          </Button>
        </p>
      </div>
    </main>
  );
}
