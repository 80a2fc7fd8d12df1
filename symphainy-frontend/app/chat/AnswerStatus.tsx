import { useEffect, useState } from "react";
import type { ViewConversation } from "../../shared/sync/view";

const SHOWN_MS = 6000;

/**
 * One polite line that says what the speaker does, instead of reading out every token: answering, ready, stopped, failed.
 * The ending is said once and then leaves again.
 */
export function AnswerStatus({
  conversation,
  speaker,
}: {
  readonly conversation: ViewConversation;
  readonly speaker: string;
}) {
  const answering = conversation.run_id !== null;
  const ending = useEnding(conversation, answering);
  return (
    <p className="answer-status quiet" role="status" data-testid="answer-status">
      {answering ? `${speaker} is answering` : ending}
    </p>
  );
}

const ENDINGS = {
  completed: "Answer ready",
  cancelled: "Stopped",
  failed: "The answer failed",
  streaming: "",
} as const;

function useEnding(conversation: ViewConversation, answering: boolean): string {
  const [was, setWas] = useState(answering);
  const [ended, setEnded] = useState(false);
  if (was !== answering) {
    setWas(answering);
    setEnded(was);
  }
  useEffect(() => {
    if (!ended) return;
    const timer = setTimeout(() => setEnded(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [ended]);
  if (!ended) return "";
  const last = conversation.messages.findLast((message) => message.role === "assistant");
  return last ? ENDINGS[last.status] : "";
}
