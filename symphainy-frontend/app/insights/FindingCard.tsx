import type { ReactNode } from "react";
import { measured, plural, whole } from "../format/quantities";
import { Button } from "../ui/Button";
import { Chart } from "./Chart";
import { type Finding, numberName, typeWord } from "./documents";

interface FindingCardProps {
  readonly finding: Finding;
  /** Its place among the findings; none for a description of one column. */
  readonly place?: number;
  readonly onExplain?: (question: string) => void;
  /** Asks for the rows behind it; shown below the numbers once they are there. */
  readonly onRows?: (finding: Finding) => void;
  readonly rows?: ReactNode;
}

/** One finding: what it says, the picture, the numbers, and what they were computed with. */
export function FindingCard({ finding, place, onExplain, onRows, rows }: FindingCardProps) {
  return (
    <article className="finding-card" data-testid="finding">
      <header>
        <span className={`finding-type finding-${finding.type}`}>{typeWord(finding.type)}</span>
        {finding.score !== undefined && (
          <span className="quiet numeric" title="How much it matters: size of the effect and certainty, 0 to 1">
            {Math.round(finding.score * 100)} of 100
          </span>
        )}
      </header>
      <h3>
        {place !== undefined && <span className="finding-place numeric">{place}.</span>} {finding.title}
      </h3>
      <p>{finding.statement}</p>
      {finding.recommendation && <p className="finding-advice">{finding.recommendation}</p>}
      {finding.chart && <Chart spec={finding.chart} />}
      <details className="finding-more">
        <summary>Numbers</summary>
        <dl className="finding-numbers numeric">
          {Object.entries(finding.numbers).map(([name, value]) => (
            <div key={name}>
              <dt>{numberName(name)}</dt>
              <dd>{value === null ? "no value" : Number.isInteger(value) ? whole(value) : measured(value)}</dd>
            </div>
          ))}
        </dl>
        <p className="quiet">
          From {plural(finding.rows, "row")}: {finding.formula}.
          {finding.test && ` ${finding.test.name}, adjusted p = ${finding.test.q.toPrecision(2)}.`}
        </p>
      </details>
      <details className="finding-more">
        <summary>Show the SQL</summary>
        <pre>
          <code>{finding.sql}</code>
        </pre>
        <p className="quiet">The rows behind it:</p>
        <pre>
          <code>{finding.rows_sql}</code>
        </pre>
      </details>
      <div className="finding-actions">
        {onRows && !rows && (
          <Button small icon="table" onClick={() => onRows(finding)}>
            Show the rows
          </Button>
        )}
        {onExplain && place !== undefined && (
          <Button small icon="chat" onClick={() => onExplain(`Explain finding ${place}`)}>
            Talk about it
          </Button>
        )}
      </div>
      {rows}
    </article>
  );
}
