import "./checks.css";
import { useState } from "react";
import type { JsonValue, Session, SessionFile } from "../../shared/sync/types";
import { artifactUrl } from "../data/addresses";
import { Loaded } from "../data/Loaded";
import { useReading } from "../data/reading";
import { plural, whole } from "../format/quantities";
import { Button } from "../ui/Button";
import { Empty } from "../ui/Empty";
import { Icon, type IconName } from "../ui/Icon";
import { isFinished } from "../workflows/progress";
import { WorkflowCard } from "../workflows/WorkflowCard";
import type { FileCommands } from "./FileView";
import { type Rule, RuleBuilder, ruleText } from "./RuleBuilder";
import type { FileMetadata } from "./results";

interface Check {
  readonly name: string;
  readonly outcome: "passed" | "notice" | "failed";
  readonly statement: string;
  readonly count: number;
  readonly table: string | null;
  readonly examples: readonly { readonly row: number; readonly value: JsonValue }[];
}

interface Validation {
  readonly checks: readonly Check[];
  readonly rejected_count: number;
  readonly rejected: readonly { readonly line: number; readonly reason: string }[];
}

interface ChecksTabProps {
  readonly session: Session;
  readonly file: SessionFile;
  readonly metadataUrl: string | null;
  readonly commands: FileCommands;
}

/** What holds in the data and what does not, with the rows that show it; and the user's own rules. */
export function ChecksTab({ session, file, metadataUrl, commands }: ChecksTabProps) {
  const [rules, setRules] = useState<readonly Rule[]>([]);
  const metadata = useReading<FileMetadata>(metadataUrl);
  const report = Object.values(session.artifacts).findLast(
    (item) => item.kind === "validation" && item.file_id === file.file_id,
  );
  const newest = Object.values(session.workflows).findLast(
    (item) => item.operation === "validate_content" && item.input.file_id === file.file_id,
  );
  const going = newest && !isFinished(newest.status) ? newest : null;
  return (
    <div className="tab-body" data-testid="checks">
      {going ? (
        <WorkflowCard workflow={going} onCancel={commands.cancelWorkflow} />
      ) : newest?.status === "failed" ? (
        <WorkflowCard workflow={newest} onCancel={commands.cancelWorkflow} />
      ) : null}
      {report && !going ? (
        <Report url={artifactUrl(session.session_id, report.artifact_id, { version: report.version })} />
      ) : (
        !going && (
          <Empty icon="check" title="Not checked yet">
            Lines that could not be read, duplicates, missing values, mixed types, keys, and rules of your own.
          </Empty>
        )
      )}
      {!going && (
        <section className="checks-run" aria-labelledby="rules-title">
          <h2 id="rules-title">Your rules</h2>
          {metadata.state === "ready" && (
            <RuleBuilder tables={metadata.value.tables} onAdd={(rule) => setRules([...rules, rule])} />
          )}
          {rules.length > 0 && (
            <ul className="rules">
              {rules.map((rule) => (
                <li key={ruleText(rule)}>
                  {ruleText(rule)}
                  <Button
                    small
                    look="ghost"
                    aria-label={`Remove the rule: ${ruleText(rule)}`}
                    onClick={() => setRules(rules.filter((item) => item !== rule))}
                  >
                    Remove
                  </Button>
                </li>
              ))}
            </ul>
          )}
          <Button
            look={report ? "plain" : "primary"}
            icon="check"
            onClick={() =>
              commands.validate(
                file.file_id,
                rules.map(({ column, rule, value }) => ({ column, rule, value })),
              )
            }
          >
            {report ? "Check again" : "Check this file"}
          </Button>
        </section>
      )}
    </div>
  );
}

function Report({ url }: { readonly url: string }) {
  const reading = useReading<Validation>(url);
  return (
    <Loaded reading={reading} what="checks">
      {(report) => (
        <>
          <Summary report={report} />
          <ul className="checks">
            {report.checks.map((check) => (
              <CheckItem key={`${check.table} ${check.statement}`} check={check} />
            ))}
          </ul>
          {report.rejected.length > 0 && <RejectedLines report={report} />}
        </>
      )}
    </Loaded>
  );
}

function Summary({ report }: { readonly report: Validation }) {
  const count = (outcome: Check["outcome"]) => report.checks.filter((check) => check.outcome === outcome).length;
  const parts = [
    ["failed", count("failed"), "failed"],
    ["notice", count("notice"), "to look at"],
    ["passed", count("passed"), "passed"],
  ] as const;
  return (
    <p className="checks-summary" data-testid="checks-summary">
      {parts.map(([outcome, number, words]) => (
        <span key={outcome} className={`checks-count check-${outcome}`}>
          <strong className="numeric">{number}</strong> {words}
        </span>
      ))}
    </p>
  );
}

const ICONS: Readonly<Record<Check["outcome"], IconName>> = { passed: "check", notice: "notice", failed: "alert" };
const WORDS: Readonly<Record<Check["outcome"], string>> = { passed: "Passed", notice: "To look at", failed: "Failed" };

function CheckItem({ check }: { readonly check: Check }) {
  return (
    <li className={`check check-${check.outcome}`}>
      <span className="check-mark">
        <Icon name={ICONS[check.outcome]} size={14} />
        <span className="visually-hidden">{WORDS[check.outcome]}: </span>
      </span>
      <div>
        <p>{check.statement}</p>
        {check.examples.length > 0 && (
          <ul className="check-rows">
            {check.examples.map((example) => (
              <li key={example.row}>
                row {whole(example.row)}: <code>{example.value === null ? "missing" : `${example.value}`}</code>
              </li>
            ))}
          </ul>
        )}
      </div>
    </li>
  );
}

function RejectedLines({ report }: { readonly report: Validation }) {
  const hidden = report.rejected_count - report.rejected.length;
  return (
    <section aria-labelledby="rejected-title">
      <h2 id="rejected-title">Lines that were left out</h2>
      <table className="services rejected">
        <thead>
          <tr>
            <th scope="col">Line</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          {report.rejected.map((row) => (
            <tr key={row.line}>
              <th scope="row" className="numeric">
                {whole(row.line)}
              </th>
              <td>{row.reason}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {hidden > 0 && <p className="quiet">And {plural(hidden, "more line")}.</p>}
    </section>
  );
}
