import { valueText } from "../data/cells";
import { Icon } from "../ui/Icon";
import type { Finding, Severity } from "./results";

const GROUPS: readonly (readonly [Severity, string])[] = [
  ["warning", "Probably a mistake"],
  ["notice", "Worth a look"],
  ["info", "Good to know"],
];

/** What deserves attention, the worst first, in sentences. */
export function Findings({ findings }: { readonly findings: readonly Finding[] }) {
  if (findings.length === 0) {
    return (
      <p className="findings-none">
        <Icon name="check" /> Nothing stood out in the checks.
      </p>
    );
  }
  return (
    <div className="findings" data-testid="findings">
      {GROUPS.map(([severity, title]) => {
        const group = findings.filter((finding) => finding.severity === severity);
        return group.length === 0 ? null : (
          <section key={severity} className={`finding-group finding-${severity}`} aria-label={title}>
            <h3>
              <span className="finding-dot" />
              {title} <span className="quiet numeric">{group.length}</span>
            </h3>
            <ul>
              {group.map((finding) => (
                <FindingLine key={`${finding.code} ${finding.column ?? ""} ${finding.message}`} finding={finding} />
              ))}
            </ul>
          </section>
        );
      })}
    </div>
  );
}

function FindingLine({ finding }: { readonly finding: Finding }) {
  const hasMore = finding.sql !== null || finding.examples.length > 0;
  return (
    <li className="finding">
      {!hasMore && <p>{finding.message}</p>}
      {hasMore && (
        <details>
          <summary>
            <span>{finding.message}</span>
            <Icon name="chevron" size={14} />
          </summary>
          {finding.examples.length > 0 && (
            <p className="quiet">
              For example:{" "}
              {finding.examples.map((example) => (
                <code key={valueText(example)}>{valueText(example)}</code>
              ))}
            </p>
          )}
          {finding.sql !== null && <pre className="finding-sql">{finding.sql}</pre>}
        </details>
      )}
    </li>
  );
}
