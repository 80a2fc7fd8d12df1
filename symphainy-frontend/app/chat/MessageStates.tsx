import type { Run } from "../../shared/sync/types";
import type { ViewMessage } from "../../shared/sync/view";
import { Button } from "../ui/Button";
import { RequestId } from "../ui/Notice";
import type { ChatCommands } from "./useChatCommands";

/** Of the user's own message that is not in the log yet. */
export function DeliveryLine({
  message,
  commands,
}: {
  readonly message: ViewMessage;
  readonly commands: ChatCommands;
}) {
  if (message.delivery !== "failed") {
    return <p className="delivery quiet">{message.delivery === "sent" ? "Sent" : "Sending"}</p>;
  }
  return (
    <div className="delivery delivery-failed">
      <p>Not sent. {message.problem?.detail ?? "The server did not take it."}</p>
      <div className="delivery-buttons">
        <Button small icon="retry" onClick={() => commands.retrySend(message)}>
          Retry
        </Button>
        <Button small look="ghost" onClick={() => commands.discard(message)}>
          Discard
        </Button>
        {message.problem?.requestId && <RequestId id={message.problem.requestId} />}
      </div>
    </div>
  );
}

interface RunEndProps {
  readonly message: ViewMessage;
  readonly run: Run;
  /** Null when it was tried again already. */
  readonly onRetry: ((runId: string) => void) | null;
}

/** That an answer was stopped or failed, or that a question still waits for its turn. Of a good answer: nothing. */
export function RunEnd({ message, run, onRetry }: RunEndProps) {
  if (message.role === "user" && run.status === "queued") return <p className="delivery quiet">Waiting for its turn</p>;
  if (run.status !== "failed" && run.status !== "cancelled") return null;
  const failed = run.status === "failed";
  return (
    <div className={`run-end ${failed ? "run-end-failed" : ""}`} data-testid="run-end">
      <p>
        {failed
          ? (run.error?.message ?? "The answer failed. Your message is kept.")
          : "Stopped. What was said is kept."}
      </p>
      {onRetry && (
        <Button small icon="retry" onClick={() => onRetry(run.run_id)}>
          Retry
        </Button>
      )}
    </div>
  );
}
