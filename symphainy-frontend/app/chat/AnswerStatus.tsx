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
  const ending = useEnding(conversation);
  return (
    <p className="answer-status quiet" role="status" data-testid="answer-status">
      {answering ? `${speaker} is answering` : ending}
    </p>
  );
}

/** What the newest message of the speaker came to; null while it is being said. */
function outcomeOf({ messages }: ViewConversation): { readonly key: string; readonly words: string } | null {
  const last = messages.findLast((message) => message.role === "assistant");
  if (!last || last.status === "streaming") return null;
  const words = {
    completed: last.run_id === null ? "New message" : "Answer ready",
    cancelled: "Stopped",
    failed: "The answer failed",
  };
  return { key: `${last.message_id} ${last.status}`, words: words[last.status] };
}

/** An answer may begin and end between two frames, so it is told by the message and not by the run that went on. */
function useEnding(conversation: ViewConversation): string {
  const outcome = outcomeOf(conversation);
  const [seen, setSeen] = useState(outcome?.key);
  const [shown, setShown] = useState("");
  if (outcome !== null && outcome.key !== seen) {
    setSeen(outcome.key);
    setShown(outcome.words);
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: each ending is shown for the whole time
  useEffect(() => {
    if (shown === "") return;
    const timer = setTimeout(() => setShown(""), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [shown, seen]);
  return shown;
}
