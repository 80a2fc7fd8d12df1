import { useCallback, useEffect, useMemo } from "react";
import { useGlobalSession, useView } from "../session/context";
import type { SendOptions } from "../sync/client";
import type { AgentType, JsonObject, Run, Status } from "../sync/types";
import type { View, ViewMessage } from "../sync/view";

export interface ConversationState {
  readonly agentType: AgentType;
  /** In the order of the log; then the user's own that are on their way (`delivery`). */
  readonly messages: readonly ViewMessage[];
  readonly orchestratorContext: JsonObject;
  readonly hasMore: boolean;
  readonly loadingOlder: boolean;
  readonly loadOlder: () => Promise<void>;
  /** The run that answers now; null if nothing is going on. */
  readonly run: Run | null;
  /** Shows the message at once and sends it until the server has it. Returns its id. */
  readonly send: (content: string, options?: SendOptions) => string;
  /** Ends the run that is going; null if there is none. What was said is kept. */
  readonly stop: () => Promise<Status | null>;
  /** Answers the same message again. Resolves with the new run's id. */
  readonly retry: (runId: string) => Promise<string>;
  /** Sends a message again whose delivery failed, with the same id. */
  readonly retryMessage: (messageId: string) => void;
  readonly discardMessage: (messageId: string) => void;
  /** Answers since the user last read. */
  readonly unread: number;
  readonly markRead: () => void;
}

/** One conversation. While it is `inView` and the page is visible, what arrives counts as read. */
export function useConversation(agentType: AgentType, options: { readonly inView?: boolean } = {}): ConversationState {
  const { client } = useGlobalSession();
  const inView = options.inView ?? false;
  const conversation = useView(useCallback((view: View) => view.conversations[agentType], [agentType]));
  const run = useView(
    useCallback(
      (view: View) => {
        const runId = view.conversations[agentType].run_id;
        return (runId === null ? null : view.session?.runs[runId]) ?? null;
      },
      [agentType],
    ),
  );
  const { unread } = conversation;
  useEffect(() => {
    if (!inView || unread === 0) return;
    const read = () => {
      if (document.visibilityState !== "hidden") client.markRead(agentType);
    };
    read();
    document.addEventListener("visibilitychange", read);
    return () => document.removeEventListener("visibilitychange", read);
  }, [client, agentType, inView, unread]);

  const runId = run?.run_id ?? null;
  const actions = useMemo(
    () => ({
      loadOlder: () => client.loadOlder(agentType),
      send: (content: string, sendOptions?: SendOptions) => client.send(agentType, content, sendOptions),
      stop: async () => (runId === null ? null : client.cancelRun(runId)),
      retry: (ended: string) => client.retryRun(ended),
      retryMessage: (messageId: string) => client.retryMessage(messageId),
      discardMessage: (messageId: string) => client.discardMessage(messageId),
      markRead: () => client.markRead(agentType),
    }),
    [client, agentType, runId],
  );
  return {
    agentType,
    messages: conversation.messages,
    orchestratorContext: conversation.orchestrator_context,
    hasMore: conversation.has_more,
    loadingOlder: conversation.loading_older,
    run,
    unread,
    ...actions,
  };
}
