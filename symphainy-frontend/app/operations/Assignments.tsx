import { useState } from "react";
import { plural } from "../format/quantities";
import type { Assignment, By, HandOff } from "./documents";

const WORDS: Readonly<Record<By, string>> = { human: "Human", shared: "Shared", ai: "AI" };
const ORDER: readonly By[] = ["human", "shared", "ai"];
const CONTROL = "control flow";
const FIRST = 6;

/** Each step with who does it and why, how the work divides, and where it changes hands. */
export function Assignments({
  assignments,
  handoffs,
}: {
  readonly assignments: readonly Assignment[];
  readonly handoffs: readonly HandOff[];
}) {
  const work = assignments.filter((one) => one.rule !== CONTROL);
  return (
    <div className="assignments">
      <Share work={work} />
      <ul className="work-assigned">
        {work.map((one) => (
          <li key={one.step}>
            <span className={`done-by done-by-${one.by}`}>{WORDS[one.by]}</span>
            <div>
              <p>
                <span className="quiet numeric">{one.step}</span> {one.action}
              </p>
              <p className="fit-advice">{one.reason}</p>
            </div>
          </li>
        ))}
      </ul>
      <HandOffs handoffs={handoffs} />
    </div>
  );
}

function Share({ work }: { readonly work: readonly Assignment[] }) {
  const counts = ORDER.map((by) => ({ by, count: work.filter((one) => one.by === by).length })).filter(
    ({ count }) => count > 0,
  );
  return (
    <div className="work-share">
      <svg className="work-share-bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        {counts.map(({ by, count }, at) => {
          const before = counts.slice(0, at).reduce((sum, item) => sum + item.count, 0);
          return (
            <rect
              key={by}
              x={(100 * before) / work.length}
              width={(100 * count) / work.length}
              height="6"
              className={`work-${by}`}
            />
          );
        })}
      </svg>
      <p className="work-share-words numeric">
        {counts.map(({ by, count }) => (
          <span key={by}>
            <span className={`done-by done-by-${by}`}>{WORDS[by]}</span> {plural(count, "step")}
          </span>
        ))}
      </p>
    </div>
  );
}

function HandOffs({ handoffs }: { readonly handoffs: readonly HandOff[] }) {
  const [all, setAll] = useState(false);
  if (handoffs.length === 0) return <p className="quiet">The work never changes hands.</p>;
  const shown = all ? handoffs : handoffs.slice(0, FIRST);
  return (
    <div className="handoffs">
      <h4>{plural(handoffs.length, "hand-off")}</h4>
      <ul>
        {shown.map((one) => (
          <li key={`${one.from_step}-${one.to_step}`}>
            <span className="procedure-role">{one.giver}</span> <span aria-hidden="true">→</span>
            <span className="visually-hidden">to</span> <span className="procedure-role">{one.taker}</span>
            <span className="quiet numeric">
              {" "}
              between steps {one.from_step} and {one.to_step}
            </span>
          </li>
        ))}
      </ul>
      {!all && handoffs.length > FIRST && (
        <button type="button" className="button button-ghost button-small" onClick={() => setAll(true)}>
          Show all {handoffs.length}
        </button>
      )}
    </div>
  );
}
