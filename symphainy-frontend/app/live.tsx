import { createContext, type ReactNode, use, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { SessionClient } from "../shared/sync/client";
import type { Meta } from "../shared/sync/types";
import type { View } from "../shared/sync/view";

export type Client = SessionClient;
interface Live {
  readonly client: SessionClient;
  readonly meta: Meta | null;
}
const LiveContext = createContext<Live | null>(null);
const client = new SessionClient();

export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const [meta, setMeta] = useState<Meta | null>(null);
  useEffect(() => {
    client.api.meta().then(setMeta, () => undefined);
  }, []);
  return <LiveContext value={useMemo(() => ({ client, meta }), [meta])}>{children}</LiveContext>;
}
function useLive(): Live {
  const live = use(LiveContext);
  if (!live) throw new Error("no LiveProvider");
  return live;
}
export const useClient = (): SessionClient => useLive().client;
export const useMeta = (): Meta | null => useLive().meta;
export const useView = (): View => {
  const c = useClient();
  return useSyncExternalStore(c.subscribe, c.getSnapshot);
};
