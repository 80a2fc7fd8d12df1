import type { Risk } from "./documents";
import { SourceLink } from "./SourceLinks";

export function Risks({ risks }: { readonly risks: readonly Risk[] }) {
  if (risks.length === 0) {
    return <p className="quiet">The evidence and the plan show none of the risks that are looked for.</p>;
  }
  return (
    <ul className="risks">
      {risks.map((risk) => (
        <li key={`${risk.severity} ${risk.statement}`}>
          <span className={`severity severity-${risk.severity}`}>{risk.severity}</span>
          <div>
            <p>{risk.statement}</p>
            <p className="quiet">
              {risk.treated_by ? `Treated by ${risk.treated_by}` : "Nothing in the plan treats it"}
              {risk.source && (
                <>
                  {" "}
                  · from <SourceLink source={risk.source} />
                </>
              )}
            </p>
          </div>
        </li>
      ))}
    </ul>
  );
}
