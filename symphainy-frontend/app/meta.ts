import { createContext, use, useEffect, useState } from "react";
import { useGlobalSession } from "../shared/session/context";
import type { Meta } from "../shared/sync/types";

/** What the server can do. Null until it has said so; asked again after a failure once the session is there. */
export const MetaContext = createContext<Meta | null>(null);

export const useMeta = (): Meta | null => use(MetaContext);

export function useMetaRequest(): Meta | null {
  const { client, status } = useGlobalSession();
  const [meta, setMeta] = useState<Meta | null>(null);
  const missing = meta === null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a start that succeeded shows that the server can be reached
  useEffect(() => {
    if (!missing) return;
    let current = true;
    client.api.meta().then(
      (answer) => current && setMeta(answer),
      () => undefined,
    );
    return () => {
      current = false;
    };
  }, [client, missing, status]);
  return meta;
}
