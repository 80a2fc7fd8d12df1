import "./steps.css";
import type { Step } from "./documents";

interface StepsProps {
  readonly steps: readonly Step[];
  readonly label: string;
}

/** The steps of a procedure or a workflow in words: also what the diagram says to those who cannot see it. */
export function Steps({ steps, label }: StepsProps) {
  return (
    <ol className="steps" aria-label={label} data-testid="steps">
      {steps.map((step) => (
        <li key={step.no} className={step.no.includes(".") ? "step step-part" : "step"}>
          <span className="step-no numeric">{step.no}</span>
          <div className="step-body">
            {step.condition && <p className="step-if">If {step.condition}</p>}
            <p className="step-action">{step.action}</p>
            {step.otherwise && (
              <p className="step-otherwise">
                <span className="quiet">otherwise</span> {step.otherwise}
              </p>
            )}
            <p className="step-facts">
              {step.role && <span className="role">{step.role}</span>}
              {step.systems.map((name) => (
                <span key={name} className="system">
                  {name}
                </span>
              ))}
            </p>
          </div>
        </li>
      ))}
    </ol>
  );
}
