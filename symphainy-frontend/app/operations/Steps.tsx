import "./steps.css";
import type { Step } from "./documents";

interface StepsProps {
  readonly steps: readonly Step[];
  readonly label: string;
}

/** The steps of a procedure or a workflow in words: also what the diagram says to those who cannot see it. */
export function Steps({ steps, label }: StepsProps) {
  return (
    <ol className="procedure" aria-label={label} data-testid="steps">
      {steps.map((step) => (
        <li key={step.no} className={step.no.includes(".") ? "procedure-step procedure-part" : "procedure-step"}>
          <span className="procedure-no numeric">{step.no}</span>
          <div className="procedure-body">
            {step.condition && <p className="procedure-if">If {step.condition}</p>}
            <p className="procedure-action">{step.action}</p>
            {step.otherwise && (
              <p className="procedure-otherwise">
                <span className="quiet">otherwise</span> {step.otherwise}
              </p>
            )}
            <p className="procedure-facts">
              {step.role && <span className="procedure-role">{step.role}</span>}
              {step.systems.map((name) => (
                <span key={name} className="procedure-system">
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
