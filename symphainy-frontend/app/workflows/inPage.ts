import { useEffect, useSyncExternalStore } from "react";

/** How often a workflow's form stands in the page, beside the chat. */
const standing = new Map<string, number>();
const listeners = new Set<() => void>();

function count(workflowId: string, by: number): void {
  standing.set(workflowId, (standing.get(workflowId) ?? 0) + by);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Whether the workflow's form stands in the page. `here`: this is one. */
export function useFormInPage(workflowId: string, here: boolean): boolean {
  useEffect(() => {
    if (!here) return;
    count(workflowId, 1);
    return () => count(workflowId, -1);
  }, [workflowId, here]);
  return useSyncExternalStore(subscribe, () => (standing.get(workflowId) ?? 0) > 0);
}
