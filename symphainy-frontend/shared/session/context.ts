import { createContext, use, useCallback, useSyncExternalStore } from "react";
import type { CommandOptions, SessionClient } from "../sync/client";
import type { ProblemError } from "../sync/problem";
import type { View } from "../sync/view";

export type StartStatus = "starting" | "ready" | "failed";

/** What the provider gives to the hooks. Its identity changes only when the start succeeds or fails. */
export interface GlobalSession {
  readonly client: SessionClient;
  readonly status: StartStatus;
  /** Why no session could be opened; only with `failed`. `session_not_found`: the one in the address is another's or is gone. */
  readonly problem: ProblemError | null;
  /** Tries again to open the session that the address names. */
  readonly restart: () => void;
  /** Shows the user's newest session, else a new one, whatever the address says. Rejects with ProblemError. */
  readonly openNewest: () => Promise<string>;
  readonly switchSession: (sessionId: string) => void;
  /** Creates a session and shows it. Rejects with ProblemError. */
  readonly createSession: (options?: { readonly title?: string } & CommandOptions) => Promise<string>;
  readonly renameSession: (sessionId: string, title: string) => Promise<void>;
  /** Erases the session. If it was shown, the newest of the others is shown, or a new one. */
  readonly deleteSession: (sessionId: string) => Promise<void>;
}

export const GlobalSessionContext = createContext<GlobalSession | null>(null);

export function useGlobalSession(): GlobalSession {
  const session = use(GlobalSessionContext);
  if (session === null) throw new Error("GlobalSessionProvider is missing above this component");
  return session;
}

/** A part of the view; renders again only when the part changed. `select` must give back parts as they are. */
export function useView<T>(select: (view: View) => T): T {
  const { client } = useGlobalSession();
  const read = useCallback(() => select(client.getSnapshot()), [client, select]);
  return useSyncExternalStore(client.subscribe, read, read);
}
