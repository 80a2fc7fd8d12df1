import type { ArtifactStatus } from "../../shared/sync/types";
import { LIFECYCLE, STATUS_WORDS } from "./kinds";

/** How far a version has come: the word, and as many dots as steps were taken. */
export function StatusBadge({ status }: { readonly status: ArtifactStatus }) {
  const reached = LIFECYCLE.indexOf(status);
  return (
    <span className={`status-badge status-badge-${status}`} data-testid="artifact-status" data-status={status}>
      <span className="status-dots" aria-hidden="true">
        {LIFECYCLE.map((step, place) => (
          <span key={step} className={place <= reached ? "status-dot status-dot-on" : "status-dot"} />
        ))}
      </span>
      {STATUS_WORDS[status]}
    </span>
  );
}
