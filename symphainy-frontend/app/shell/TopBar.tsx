import { useClient, useView } from "../live";
import { Link } from "../routing/Link";
import { useRoute } from "../routing/useRoute";
import { Logo } from "../ui/Icon";
import { ConnectionNote } from "./ConnectionNote";
import { useAttempt } from "./failures";
import { SessionMenu } from "./SessionMenu";
import { titleOf } from "./sessionTitle";
import { ThemeToggle } from "./ThemeToggle";

export function TopBar() {
  const { connection, waiting } = useView();
  return (
    <header className="top-bar">
      <Link to={{ area: "content" }} className="brand" aria-label="Symphainy, to Content">
        <Logo size={26} />
        <span className="brand-name">Symphainy</span>
      </Link>
      <span className="top-divider" />
      <Sessions />
      <span className="top-space" />
      <ConnectionNote state={connection.state} waiting={waiting} />
      <ThemeToggle />
    </header>
  );
}

function Sessions() {
  const { session, session_id, sessions } = useView();
  const client = useClient();
  const attempt = useAttempt();
  const { go } = useRoute();
  return (
    <SessionMenu
      current={session_id}
      title={titleOf(session)}
      sessions={sessions}
      onShow={() => attempt("Listing your sessions", () => client.refreshSessions())}
      onOpen={(sessionId) => go({ sessionId, area: "content" })}
      onNew={() =>
        attempt("Starting a session", async () => {
          const sessionId = await client.create();
          go({ sessionId, area: "content" });
        })
      }
      onRename={(sessionId, title) => attempt("Renaming", () => client.rename(sessionId, title))}
      onDelete={(sessionId) =>
        attempt("Deleting", async () => {
          await client.delete(sessionId);
          if (sessionId === session_id) go({ sessionId: null });
        })
      }
    />
  );
}
