import "./insights.css";
import type { ReactNode } from "react";
import { plural, whole } from "../format/quantities";
import { Empty } from "../ui/Empty";
import { Chart } from "./Chart";
import type { Finding, InsightsDocument } from "./documents";
import { FindingCard } from "./FindingCard";

interface FindingsViewProps {
  readonly document: InsightsDocument;
  /** Beside the text: a picture of the findings, or their numbers as a table. */
  readonly shape: "chart" | "table";
  readonly onExplain?: (question: string) => void;
  readonly onRows?: (finding: Finding) => void;
  /** The rows behind a finding, if they were asked for. */
  readonly rowsOf?: (finding: Finding) => ReactNode;
}

/** The analysis of one table: text beside chart or table, every finding, the distributions, the summary. */
export function FindingsView({ document, shape, onExplain, onRows, rowsOf }: FindingsViewProps) {
  const { findings, distributions, summary } = document;
  return (
    <div className="insights" data-testid="findings">
      <section className="insights-side" aria-label="In short">
        <div className="insights-text">
          {summary.map((sentence) => (
            <p key={sentence}>{sentence}</p>
          ))}
        </div>
        {shape === "chart" && document.summary_chart ? (
          <Chart spec={document.summary_chart} />
        ) : (
          <Ranking document={document} />
        )}
      </section>
      {findings.length === 0 ? (
        <Empty icon="sparkline" title="Nothing stands out">
          {whole(document.tests)} comparisons were tested in {plural(document.rows, "row")}; none differs from chance
          enough.
        </Empty>
      ) : (
        <section aria-labelledby="findings-title">
          <h2 id="findings-title">Findings</h2>
          <div className="finding-cards">
            {findings.map((finding, number) => (
              <FindingCard
                key={finding.finding_id}
                finding={finding}
                place={number + 1}
                {...(onExplain && { onExplain })}
                {...(onRows && { onRows })}
                rows={rowsOf?.(finding)}
              />
            ))}
          </div>
        </section>
      )}
      {distributions.length > 0 && (
        <details className="insights-distributions" open={findings.length === 0}>
          <summary>
            <h2>Distributions</h2>
            <span className="quiet">{plural(distributions.length, "column")}</span>
          </summary>
          <div className="finding-cards">
            {distributions.map((finding) => (
              <FindingCard key={finding.title} finding={finding} />
            ))}
          </div>
        </details>
      )}
      {findings.length > 0 && (
        <section className="insights-summary" aria-labelledby="summary-title">
          <h2 id="summary-title">Summary</h2>
          <div className="insights-side">
            <ol className="insights-text">
              {findings.slice(0, 5).map((finding) => (
                <li key={finding.finding_id}>
                  {finding.statement}
                  {finding.recommendation && <span className="finding-advice">{finding.recommendation}</span>}
                </li>
              ))}
            </ol>
            {document.summary_chart && <Chart spec={document.summary_chart} />}
          </div>
        </section>
      )}
    </div>
  );
}

function Ranking({ document }: { readonly document: InsightsDocument }) {
  if (document.findings.length === 0) return null;
  return (
    <table className="insights-ranking">
      <caption className="visually-hidden">Findings by how much they matter</caption>
      <thead>
        <tr>
          <th scope="col">Finding</th>
          <th scope="col">Rows</th>
          <th scope="col">Score</th>
        </tr>
      </thead>
      <tbody>
        {document.findings.map((finding) => (
          <tr key={finding.finding_id}>
            <th scope="row">{finding.title}</th>
            <td className="numeric">{whole(finding.rows)}</td>
            <td className="numeric">{Math.round((finding.score ?? 0) * 100)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
