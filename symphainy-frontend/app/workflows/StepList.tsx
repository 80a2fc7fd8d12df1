import type { Step } from "../../shared/sync/types";
import { StatusMark, statusWord } from "../ui/StatusMark";
import { StepElapsed } from "./Elapsed";
import { stepTitle } from "./progress";

export function StepList({ steps }: { readonly steps: readonly Step[] }) {
  return (
    <ol className="steps">
      {steps.map((step) => (
        <li
          key={step.name}
          className={`step step-${step.status}`}
          data-testid="workflow-step"
          data-status={step.status}
        >
          <StatusMark status={step.status} />
          <div className="step-body">
            <p className="step-line">
              <span className="step-title">{stepTitle(step.name)}</span>
              <span className="step-service">{step.service}</span>
              <span className="visually-hidden">, {statusWord(step.status)}</span>
              <span className="step-elapsed quiet">
                {step.attempt > 1 && `attempt ${step.attempt} · `}
                <StepElapsed step={step} />
              </span>
            </p>
            <StepDetail step={step} />
          </div>
        </li>
      ))}
    </ol>
  );
}

function StepDetail({ step }: { readonly step: Step }) {
  const going = step.status === "processing";
  if (!going && !step.detail) return null;
  return (
    <div className="step-detail quiet">
      {going && (
        <span className="bar bar-thin" aria-hidden="true">
          <span className="bar-fill" style={{ width: `${step.fraction * 100}%` }} />
        </span>
      )}
      <span>{step.detail ?? "Starting"}</span>
    </div>
  );
}
