import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { SessionClient } from "../sync/client";
import { ProblemError } from "../sync/problem";
import { addressWith, sessionInAddress } from "./address";
import { type GlobalSession, GlobalSessionContext, type StartStatus } from "./context";

export interface GlobalSessionProviderProps {
  readonly children: ReactNode;
  /** One for the whole page; made here if it is not given. */
  readonly client?: SessionClient;
}

interface Start {
  readonly status: StartStatus;
  readonly problem: ProblemError | null;
}

const STARTING: Start = { status: "starting", problem: null };
const READY: Start = { status: "ready", problem: null };

/**
 * Gives the page its session: the one that the address names; without one the user's newest, else a new one. Keeps the address
 * and the open session in step, both ways. `useSession` and the other hooks read from it.
 */
export function GlobalSessionProvider({ children, client: given }: GlobalSessionProviderProps) {
  const [client] = useState(() => given ?? new SessionClient());
  const [start, setStart] = useState(STARTING);
  const [attempt, setAttempt] = useState(0);
  const ready = useRef(false);
  const show = useCallback((sessionId: string, how: "push" | "replace") => {
    ready.current = true;
    goTo(sessionId, how);
    setStart(READY);
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new attempt starts again
  useEffect(() => {
    let current = true;
    ready.current = false;
    setStart(STARTING);
    client.start(sessionInAddress(window.location)).then(
      (sessionId) => {
        if (current) show(sessionId, "replace");
      },
      (error: unknown) => {
        if (current) setStart({ status: "failed", problem: asProblem(error) });
      },
    );
    return () => {
      current = false;
      client.close();
    };
  }, [client, show, attempt]);

  const restart = useCallback(() => setAttempt((count) => count + 1), []);
  useEffect(() => {
    const follow = () => {
      const named = sessionInAddress(window.location);
      if (named === null) return;
      if (ready.current) client.open(named);
      else restart();
    };
    window.addEventListener("popstate", follow);
    return () => window.removeEventListener("popstate", follow);
  }, [client, restart]);

  const actions = useMemo(() => actionsOf(client, show), [client, show]);
  const value = useMemo(() => ({ client, ...start, restart, ...actions }), [client, start, restart, actions]);
  return <GlobalSessionContext value={value}>{children}</GlobalSessionContext>;
}

type Actions = Pick<
  GlobalSession,
  "openNewest" | "switchSession" | "createSession" | "renameSession" | "deleteSession"
>;

function actionsOf(client: SessionClient, show: (sessionId: string, how: "push" | "replace") => void): Actions {
  const openNewest = async () => {
    const sessionId = await client.start(null);
    show(sessionId, "replace");
    return sessionId;
  };
  return {
    openNewest,
    switchSession: (sessionId) => {
      client.open(sessionId);
      show(sessionId, "push");
    },
    createSession: async (options) => {
      const sessionId = await client.create(options);
      show(sessionId, "push");
      return sessionId;
    },
    renameSession: (sessionId, title) => client.rename(sessionId, title),
    deleteSession: async (sessionId) => {
      const shown = sessionInAddress(window.location) === sessionId;
      await client.delete(sessionId);
      if (shown) await openNewest();
    },
  };
}

/** Puts the session into the address, and tells whoever reads the address. */
function goTo(sessionId: string, how: "push" | "replace"): void {
  if (sessionInAddress(window.location) === sessionId) return;
  const address = addressWith(window.location, sessionId);
  if (how === "push") window.history.pushState(null, "", address);
  else window.history.replaceState(null, "", address);
  window.dispatchEvent(new PopStateEvent("popstate"));
}

const asProblem = (error: unknown): ProblemError =>
  error instanceof ProblemError ? error : ProblemError.unreachable(error);
