import { type ReactNode, useCallback, useEffect, useMemo, useState } from "react";
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
 * Gives the page its session: the one that the address names, else the user's newest, else a new one. Keeps the address and the
 * open session in step, both ways. `useSession` and the other hooks read from it.
 */
export function GlobalSessionProvider({ children, client: given }: GlobalSessionProviderProps) {
  const [client] = useState(() => given ?? new SessionClient());
  const [start, setStart] = useState(STARTING);
  const [attempt, setAttempt] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new attempt starts again
  useEffect(() => {
    let current = true;
    setStart(STARTING);
    client.start(sessionInAddress(window.location)).then(
      (sessionId) => {
        if (!current) return;
        goTo(sessionId, "replace");
        setStart(READY);
      },
      (error: unknown) => {
        if (current) setStart({ status: "failed", problem: asProblem(error) });
      },
    );
    return () => {
      current = false;
      client.close();
    };
  }, [client, attempt]);

  useEffect(() => {
    const follow = () => {
      const named = sessionInAddress(window.location);
      if (named !== null) client.open(named);
    };
    window.addEventListener("popstate", follow);
    return () => window.removeEventListener("popstate", follow);
  }, [client]);

  const restart = useCallback(() => setAttempt((count) => count + 1), []);
  const value = useMemo(() => ({ client, ...start, restart, ...actionsOf(client) }), [client, start, restart]);
  return <GlobalSessionContext value={value}>{children}</GlobalSessionContext>;
}

type Actions = Pick<GlobalSession, "switchSession" | "createSession" | "renameSession" | "deleteSession">;

function actionsOf(client: SessionClient): Actions {
  const show = (sessionId: string) => {
    client.open(sessionId);
    goTo(sessionId, "push");
  };
  return {
    switchSession: show,
    createSession: async (options) => {
      const sessionId = await client.create(options);
      goTo(sessionId, "push");
      return sessionId;
    },
    renameSession: (sessionId, title) => client.rename(sessionId, title),
    deleteSession: async (sessionId) => {
      const shown = sessionInAddress(window.location) === sessionId;
      await client.delete(sessionId);
      if (shown) goTo(await client.start(null), "replace");
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
