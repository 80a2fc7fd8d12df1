import "./coexistence.css";
import type { ReactNode } from "react";
import { plural } from "../format/quantities";
import { AlignedSteps } from "./AlignedSteps";
import { Assignments } from "./Assignments";
import type { Blueprint, Gap, Severity } from "./documents";

const SEVERITY_WORDS: Readonly<Record<Severity, string>> = { high: "High", medium: "Medium", low: "Low" };

/** How well SOP and workflow describe the same work: the score with all that goes into it, the gaps, and who does what. */
export function Coexistence({ blueprint, future }: { readonly blueprint: Blueprint; readonly future: ReactNode }) {
  return (
    <div className="coexistence">
      <Score blueprint={blueprint} />
      <section aria-labelledby="gaps-title">
        <h3 id="gaps-title">{blueprint.gaps.length === 0 ? "No gaps" : plural(blueprint.gaps.length, "gap")}</h3>
        <Gaps gaps={blueprint.gaps} rule={blueprint.severity_rule} />
      </section>
      <section aria-labelledby="aligned-title">
        <h3 id="aligned-title">Step by step</h3>
        <AlignedSteps blueprint={blueprint} />
      </section>
      {blueprint.assignments.length > 0 && (
        <section aria-labelledby="who-title">
          <h3 id="who-title">Who does what in the future</h3>
          <Assignments assignments={blueprint.assignments} handoffs={blueprint.handoffs} />
        </section>
      )}
      {future && (
        <section aria-labelledby="future-title">
          <h3 id="future-title">Future state</h3>
          {future}
        </section>
      )}
    </div>
  );
}

const RADIUS = 42;
const ROUND = 2 * Math.PI * RADIUS;

function Score({ blueprint }: { readonly blueprint: Blueprint }) {
  const { score, counts } = blueprint;
  return (
    <section className="fit" aria-label={`Coexistence score ${score} of 100`}>
      <svg className="fit-ring" viewBox="0 0 100 100" aria-hidden="true">
        <circle cx="50" cy="50" r={RADIUS} className="fit-track" />
        <circle
          cx="50"
          cy="50"
          r={RADIUS}
          className="fit-arc"
          strokeDasharray={`${(ROUND * score) / 100} ${ROUND}`}
          transform="rotate(-90 50 50)"
        />
        <text x="50" y="56" className="fit-number numeric">
          {score}
        </text>
      </svg>
      <div className="fit-text">
        <p className="fit-headline">
          <strong data-testid="score">{score}</strong> of 100
        </p>
        <ul className="fit-inputs numeric">
          <li>
            <strong>{counts.aligned}</strong> aligned
          </li>
          <li>
            <strong>{counts.mismatches}</strong> {counts.mismatches === 1 ? "mismatch" : "mismatches"}
          </li>
          <li>
            <strong>{counts.missing_in_workflow}</strong> missing in the workflow
          </li>
          <li>
            <strong>{counts.missing_in_sop}</strong> missing in the SOP
          </li>
        </ul>
        <details className="fit-formula">
          <summary>How it is calculated</summary>
          {blueprint.formula && <p>{blueprint.formula}</p>}
          <p className="quiet numeric">
            The SOP has {plural(counts.sop_steps, "step")}, the workflow {plural(counts.workflow_steps, "step")}; what
            is done otherwise counts as a step of its own.
          </p>
        </details>
      </div>
    </section>
  );
}

function Gaps({ gaps, rule }: { readonly gaps: readonly Gap[]; readonly rule: string }) {
  if (gaps.length === 0) return <p className="quiet">The SOP and the workflow describe the same steps.</p>;
  return (
    <>
      <ul className="fit-gaps" data-testid="gaps">
        {gaps.map((gap) => (
          <li key={gap.gap_id} className="fit-gap">
            <span className={`fit-severity fit-${gap.severity}`}>{SEVERITY_WORDS[gap.severity]}</span>
            <div>
              <p>{gap.statement}</p>
              <p className="fit-advice">{gap.recommendation}</p>
            </div>
          </li>
        ))}
      </ul>
      {rule && (
        <details className="fit-formula">
          <summary>How severity is decided</summary>
          <p>{rule}</p>
        </details>
      )}
    </>
  );
}
