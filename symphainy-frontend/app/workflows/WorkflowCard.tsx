import "./workflows.css";
import { lazy, Suspense } from "react";
import type { Workflow } from "../../shared/sync/types";
import { Boundary } from "../ui/Boundary";
import { Button } from "../ui/Button";
import { Skeleton } from "../ui/Skeleton";
import { StatusMark, statusWord } from "../ui/StatusMark";
import { Elapsed } from "./Elapsed";
import { fractionOf, isFinished } from "./progress";
import { StepList } from "./StepList";
import { WorkflowOutcome } from "./WorkflowOutcome";

const AskedForm = lazy(() => import("./AskedForm"));

interface WorkflowCardProps {
  readonly workflow: Workflow;
  readonly onCancel: (workflowId: string) => void;
  /** Under a chat message there is less room: the steps are folded away behind one line. */
  readonly compact?: boolean;
  readonly inChat?: boolean;
}

/** A workflow as it is now: who does it, how far it is, what came of it. */
export function WorkflowCard({ workflow, onCancel, compact = false, inChat = false }: WorkflowCardProps) {
  const { status, title } = workflow;
  return (
    <section
      className={`workflow workflow-${status} ${compact ? "workflow-compact" : ""}`}
      aria-label={`Workflow: ${title}`}
      data-testid="workflow-card"
      data-status={status}
    >
      <header className="workflow-head">
        <StatusMark status={status} />
        <div className="workflow-title">
          <h3>{title}</h3>
          <p className="quiet">
            {workflow.orchestrator} · <span data-testid="workflow-status">{statusWord(status)}</span> ·{" "}
            <Elapsed workflow={workflow} />
          </p>
        </div>
        {!isFinished(status) && (
          <Button small onClick={() => onCancel(workflow.workflow_id)} aria-label={`Cancel ${title}`}>
            Cancel
          </Button>
        )}
      </header>
      {!isFinished(status) && <Bar workflow={workflow} />}
      {compact && <CurrentStep workflow={workflow} />}
      {workflow.asked && (
        <Boundary>
          <Suspense fallback={<Skeleton label="Opening the questions" lines={3} />}>
            <AskedForm key={workflow.asked.name} workflow={workflow} asked={workflow.asked} inChat={inChat} />
          </Suspense>
        </Boundary>
      )}
      {!compact && <StepList steps={workflow.steps} />}
      <WorkflowOutcome workflow={workflow} compact={compact} />
    </section>
  );
}

function Bar({ workflow }: { readonly workflow: Workflow }) {
  const fraction = fractionOf(workflow);
  const hundredths = Math.round(fraction * 100);
  return (
    <div
      className="bar"
      role="progressbar"
      aria-label={`Progress of ${workflow.title}`}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={hundredths}
    >
      <span className="bar-fill" style={{ width: `${fraction * 100}%` }} />
    </div>
  );
}

function CurrentStep({ workflow }: { readonly workflow: Workflow }) {
  const step = workflow.steps.find((item) => item.status === "processing");
  if (!step || isFinished(workflow.status)) return null;
  return (
    <p className="workflow-now quiet">
      {step.service}
      {step.detail && `: ${step.detail}`}
    </p>
  );
}
