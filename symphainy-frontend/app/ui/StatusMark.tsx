import { Icon } from "./Icon";

export type MarkStatus =
  | "not_started"
  | "queued"
  | "processing"
  | "waiting_for_user"
  | "completed"
  | "failed"
  | "cancelled";

const WORDS: Record<MarkStatus, string> = {
  not_started: "Not started",
  queued: "Queued",
  processing: "In progress",
  waiting_for_user: "Waiting for you",
  completed: "Done",
  failed: "Failed",
  cancelled: "Cancelled",
};

export const statusWord = (status: MarkStatus) => WORDS[status];

/** A small round mark. Decoration: the word beside it carries the meaning. */
export function StatusMark({ status, number }: { readonly status: MarkStatus; readonly number?: number }) {
  return (
    <span className={`mark mark-${status}`} aria-hidden="true">
      <Face status={status} number={number} />
    </span>
  );
}

function Face({ status, number }: { readonly status: MarkStatus; readonly number: number | undefined }) {
  switch (status) {
    case "completed":
      return <Icon name="check" size={12} />;
    case "failed":
      return <Icon name="alert" size={14} />;
    case "cancelled":
      return <Icon name="close" size={10} />;
    case "waiting_for_user":
      return <Icon name="pause" size={12} />;
    case "processing":
      return null;
    default:
      return number ?? null;
  }
}
