import "./steps.css";
import { nested, type Step, type StepTree } from "./documents";

interface StepsProps {
  readonly steps: readonly Step[];
  readonly label: string;
}

const PARTS = { ordered: "in this order", parallel: "at the same time" } as const;

/** The steps of a procedure or a workflow in words: also what the diagram says to those who cannot see it. */
export function Steps({ steps, label }: StepsProps) {
  return (
    <ol className="procedure" aria-label={label} data-testid="steps">
      {nested(steps).map((tree) => (
        <Item key={tree.step.no} {...tree} />
      ))}
    </ol>
  );
}

function Item({ step, inner }: StepTree) {
  return (
    <li className="procedure-step" data-parts={step.parts}>
      <span className="procedure-no numeric">{step.no}</span>
      <div className="procedure-body">
        {step.condition && <p className="procedure-if">If {step.condition}</p>}
        <p className="procedure-action">
          {step.action}
          {step.parts && !step.action.toLowerCase().includes(PARTS[step.parts]) && (
            <span className="procedure-how"> {PARTS[step.parts]}</span>
          )}
        </p>
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
      {inner.length > 0 && (
        <ol className="procedure-parts">
          {inner.map((tree) => (
            <Item key={tree.step.no} {...tree} />
          ))}
        </ol>
      )}
    </li>
  );
}
