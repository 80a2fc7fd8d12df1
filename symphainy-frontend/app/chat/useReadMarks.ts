import { useEffect } from "react";
import type { AgentType } from "../../shared/sync/types";
import type { ViewConversation } from "../../shared/sync/view";
import { useClient } from "../live";

/** Messages are read once they are on screen in a tab that somebody looks at. */
export function useReadMarks(agent: AgentType, conversation: ViewConversation, shown: boolean): void {
  const client = useClient();
  const { unread } = conversation;
  useEffect(() => {
    if (!shown || unread === 0) return;
    const mark = () => {
      if (document.visibilityState === "visible") client.markRead(agent);
    };
    mark();
    document.addEventListener("visibilitychange", mark);
    return () => document.removeEventListener("visibilitychange", mark);
  }, [client, agent, unread, shown]);
}
