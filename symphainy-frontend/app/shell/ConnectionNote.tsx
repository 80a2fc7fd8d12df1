import { useEffect, useState, useSyncExternalStore } from "react";
import type { FeedState } from "../../shared/sync/feed";
import { Icon } from "../ui/Icon";

const QUIET_MS = 1000;

interface ConnectionNoteProps {
  readonly state: FeedState;
  readonly waiting: number;
}

/** Says nothing while everything is well, and nothing of an interruption shorter than a second. */
export function ConnectionNote({ state, waiting }: ConnectionNoteProps) {
  const online = useSyncExternalStore(subscribeOnline, () => navigator.onLine);
  // A stream may outlive the network for a while, and a browser without one still reaches its own machine.
  const offline = state === "offline" || (!online && (waiting > 0 || state !== "live"));
  const troubled = offline || state !== "live";
  const lasting = useLasting(troubled);
  return (
    <p className="connection" role="status" data-testid="connection" data-state={state}>
      {lasting && troubled && state !== "ended" && (
        <span className={`connection-note ${offline ? "connection-offline" : ""}`}>
          {offline ? <Icon name="notice" size={14} /> : <span className="connection-dot" />}
          {offline ? "Offline" : "Reconnecting…"}
          {offline && <span className="connection-more">{whatLater(waiting)}</span>}
        </span>
      )}
    </p>
  );
}

function subscribeOnline(listener: () => void): () => void {
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  return () => {
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
  };
}

const whatLater = (waiting: number): string =>
  waiting > 0 ? `: will send ${waiting === 1 ? "your message" : `${waiting} messages`} later` : ": will send later";

function useLasting(active: boolean): boolean {
  const [lasting, setLasting] = useState(false);
  useEffect(() => {
    if (!active) return;
    const timer = setTimeout(() => setLasting(true), QUIET_MS);
    return () => {
      clearTimeout(timer);
      setLasting(false);
    };
  }, [active]);
  return lasting;
}
