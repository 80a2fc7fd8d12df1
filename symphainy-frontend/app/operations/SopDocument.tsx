import "./sop.css";
import type { Sop } from "./documents";
import { Steps } from "./Steps";

/** A procedure, readable: what it is for, who takes part, its steps, and what of the source was not read. */
export function SopDocument({ sop }: { readonly sop: Sop }) {
  return (
    <div className="sop">
      <SopFacts purpose={sop.purpose} scope={sop.scope} roles={sop.roles} />
      <Steps steps={sop.steps} label={`Steps of ${sop.title}`} />
      <Remarks warnings={sop.warnings} unread={sop.unread} />
    </div>
  );
}

interface FactsProps {
  readonly purpose: string | null | undefined;
  readonly scope: string | null | undefined;
  readonly roles: readonly string[];
}

/** What a procedure is for, what it is about and who takes part. */
export function SopFacts({ purpose, scope, roles }: FactsProps) {
  return (
    <>
      {purpose && (
        <p className="sop-fact">
          <span className="sop-label">Purpose</span> <span>{purpose}</span>
        </p>
      )}
      {scope && (
        <p className="sop-fact">
          <span className="sop-label">Scope</span> <span>{scope}</span>
        </p>
      )}
      {roles.length > 0 && (
        <p className="sop-fact">
          <span className="sop-label">Roles</span>
          <span className="procedure-facts">
            {roles.map((role) => (
              <span key={role} className="procedure-role">
                {role}
              </span>
            ))}
          </span>
        </p>
      )}
    </>
  );
}

interface RemarksProps {
  readonly warnings: readonly string[];
  readonly unread?: readonly string[];
}

/** What the reader of the source noticed. Nothing is dropped silently. */
export function Remarks({ warnings, unread = [] }: RemarksProps) {
  if (warnings.length === 0 && unread.length === 0) return null;
  return (
    <details className="procedure-remarks">
      <summary>What was noticed while reading ({warnings.length})</summary>
      <ul>
        {warnings.map((warning) => (
          <li key={warning}>{warning}</li>
        ))}
      </ul>
      {unread.length > 0 && (
        <>
          <p className="quiet">Not read as steps:</p>
          <ul className="quiet">
            {[...new Set(unread)].map((sentence) => (
              <li key={sentence}>“{sentence}”</li>
            ))}
          </ul>
        </>
      )}
    </details>
  );
}
