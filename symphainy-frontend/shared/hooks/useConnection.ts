import { useGlobalSession, useView } from "../session/context";
import type { Connection } from "../sync/feed";
import type { View } from "../sync/view";

export interface ConnectionState extends Connection {
  /** What is shown is the last visit's until the feed is live. */
  readonly stale: boolean;
  /** Messages of the user that wait for the server. */
  readonly waiting: number;
  readonly retryNow: () => void;
}

const connectionOf = (view: View) => view.connection;
const staleOf = (view: View) => view.stale;
const waitingOf = (view: View) => view.waiting;

export function useConnection(): ConnectionState {
  const { client } = useGlobalSession();
  const connection = useView(connectionOf);
  const stale = useView(staleOf);
  const waiting = useView(waitingOf);
  return { ...connection, stale, waiting, retryNow: () => client.retryNow() };
}
