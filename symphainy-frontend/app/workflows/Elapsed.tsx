import type { Step, Workflow } from "../../shared/sync/types";
import { duration, running } from "../format/times";
import { useSeconds } from "../format/useNow";
import { elapsedOf, isFinished } from "./progress";

/** How long it took, or how long it has been going on. */
export function Elapsed({ workflow }: { readonly workflow: Workflow }) {
  return isFinished(workflow.status) ? <Taken item={workflow} /> : <Ticking item={workflow} />;
}

export function StepElapsed({ step }: { readonly step: Step }) {
  if (step.status === "queued") return null;
  return isFinished(step.status) ? <Taken item={step} /> : <Ticking item={step} />;
}

function Taken({ item }: { readonly item: Workflow | Step }) {
  const elapsed = elapsedOf(item, 0);
  return elapsed === null ? null : <span className="numeric">{duration(elapsed)}</span>;
}

function Ticking({ item }: { readonly item: Workflow | Step }) {
  const elapsed = elapsedOf(item, useSeconds());
  return elapsed === null ? null : <span className="numeric">{running(elapsed)}</span>;
}
