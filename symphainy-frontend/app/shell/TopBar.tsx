import { useConnection } from "../../shared/hooks/useConnection";
import { useGlobalSession, useView } from "../../shared/session/context";
import { sessionIdOf, sessionOf, sessionsOf } from "../parts";
import { Link } from "../routing/Link";
import { useRoute } from "../routing/useRoute";
import { Icon, Logo } from "../ui/Icon";
import { ConnectionNote } from "./ConnectionNote";
import { useAttempt } from "./failures";
import { SessionMenu } from "./SessionMenu";
import { titleOf } from "./sessionTitle";
import { ThemeToggle } from "./ThemeToggle";

export function TopBar() {
  const { state, waiting } = useConnection();
  return (
    <header className="top-bar">
      <Link to={{ area: "content" }} className="brand" aria-label="Symphainy, to Content">
        <Logo size={26} />
        <span className="brand-name">Symphainy</span>
      </Link>
      <span className="top-divider" />
      <Sessions />
      <span className="top-space" />
      <ConnectionNote state={state} waiting={waiting} />
      <Results />
      <ThemeToggle />
    </header>
  );
}

/** Every result of the session, from wherever the user is. */
function Results() {
  const { route } = useRoute();
  const shown = route.artifacts || route.artifactId !== null;
  return (
    <Link
      to={{ area: route.area, artifacts: true }}
      className="top-link"
      aria-current={shown ? "page" : undefined}
      data-testid="results-link"
    >
      <Icon name="document" />
      <span className="top-link-text">Results</span>
    </Link>
  );
}

function Sessions() {
  const { client, switchSession, createSession, renameSession, deleteSession } = useGlobalSession();
  const session = useView(sessionOf);
  const current = useView(sessionIdOf);
  const sessions = useView(sessionsOf);
  const attempt = useAttempt();
  const { go } = useRoute();
  // The address keeps what follows the session in it, and another session has other files.
  const toContent = () => go({ area: "content" }, { replace: true });
  return (
    <SessionMenu
      current={current}
      title={titleOf(session)}
      sessions={sessions}
      onShow={() => attempt("Listing your sessions", () => client.refreshSessions())}
      onOpen={(sessionId) => {
        if (sessionId === current) return;
        switchSession(sessionId);
        toContent();
      }}
      onNew={() => attempt("Starting a session", (commandId) => createSession({ commandId }).then(toContent))}
      onRename={(sessionId, title) => attempt("Renaming", () => renameSession(sessionId, title))}
      onDelete={(sessionId) =>
        attempt("Deleting", () => deleteSession(sessionId).then(() => sessionId === current && toContent()))
      }
    />
  );
}
