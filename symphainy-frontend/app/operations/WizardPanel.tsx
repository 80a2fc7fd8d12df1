import "./wizard.css";
import { Button } from "../ui/Button";
import type { Step, Wizard } from "./documents";
import { SopFacts } from "./SopDocument";
import { Steps } from "./Steps";

const STAGES = ["title", "purpose", "scope", "roles", "steps", "review"] as const;
const LABELS: Readonly<Record<(typeof STAGES)[number], string>> = {
  title: "Title",
  purpose: "Purpose",
  scope: "Scope",
  roles: "Roles",
  steps: "Steps",
  review: "Review",
};

/** The procedure as it grows in the chat: which question is open, and what there is so far. */
export function WizardPanel({ wizard, onGoOn }: { readonly wizard: Wizard; readonly onGoOn: () => void }) {
  const at = STAGES.indexOf(wizard.stage as (typeof STAGES)[number]);
  const { title, purpose, scope, roles = [] } = wizard.sop;
  const steps = (wizard.sop.steps ?? []).map(whole);
  return (
    <section className="wizard" aria-labelledby="wizard-title" data-testid="wizard">
      <header className="wizard-head">
        <div>
          <p className="quiet">Being written in the chat</p>
          <h2 id="wizard-title">{title || "New procedure"}</h2>
        </div>
        <Button look="primary" icon="chat" onClick={onGoOn}>
          Go on in the chat
        </Button>
      </header>
      <ol className="wizard-stages" aria-label="Stages">
        {STAGES.map((stage, place) => (
          <li
            key={stage}
            className={
              place < at ? "wizard-stage wizard-done" : place === at ? "wizard-stage wizard-now" : "wizard-stage"
            }
            aria-current={place === at ? "step" : undefined}
          >
            {LABELS[stage]}
          </li>
        ))}
      </ol>
      <SopFacts purpose={purpose} scope={scope} roles={roles} />
      {steps.length > 0 && <Steps steps={steps} label="Steps so far" />}
    </section>
  );
}

/** What a merge patch leaves out where there is nothing. */
const whole = (step: Partial<Step>): Step => ({
  no: step.no ?? "",
  action: step.action ?? "",
  role: step.role ?? null,
  condition: step.condition ?? null,
  otherwise: step.otherwise ?? null,
  systems: step.systems ?? [],
  parts: step.parts ?? null,
});
