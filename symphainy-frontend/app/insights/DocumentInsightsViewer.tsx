import "./insights.css";
import type { ViewerProps } from "../artifacts/registry";
import { plural } from "../format/quantities";
import type { DocumentInsights } from "./documents";

/** The facts of a document, each with the sentence it stands in. */
export default function DocumentInsightsViewer({ document }: Pick<ViewerProps, "document">) {
  return <DocumentFacts found={document as unknown as DocumentInsights} />;
}

const KINDS: readonly (readonly [string, string])[] = [
  ["date", "Dates"],
  ["amount", "Amounts"],
  ["percentage", "Percentages"],
  ["duration", "Periods"],
  ["party", "Parties"],
  ["defined_term", "Defined terms"],
];

export function DocumentFacts({ found }: { readonly found: DocumentInsights }) {
  return (
    <div className="insights" data-testid="document-insights">
      {found.summary.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      {KINDS.map(([kind, label]) => {
        const facts = found.facts.filter((fact) => fact.kind === kind);
        if (facts.length === 0) return null;
        return (
          <section key={kind} aria-label={label}>
            <h3>{label}</h3>
            <ul className="facts-list">
              {facts.map((fact) => (
                <li key={`${fact.line}:${fact.value}`}>
                  <strong>{fact.value}</strong>
                  <Quote {...fact} />
                </li>
              ))}
            </ul>
          </section>
        );
      })}
      {found.obligations.length > 0 && (
        <section aria-label="Obligations">
          <h3>Obligations</h3>
          <ul className="facts-list">
            {found.obligations.map((duty) => (
              <li key={`${duty.line}:${duty.quote}`}>
                <strong>{duty.word}</strong>
                <Quote {...duty} />
              </li>
            ))}
          </ul>
        </section>
      )}
      {found.key_phrases.length > 0 && (
        <section aria-label="Key phrases">
          <h3>Key phrases</h3>
          <ul className="facts-list">
            {found.key_phrases.map((item) => (
              <li key={item.phrase}>
                <strong>{item.phrase}</strong> <span className="quiet numeric">{plural(item.count, "time")}</span>
              </li>
            ))}
          </ul>
          <p className="quiet">{found.formula}</p>
        </section>
      )}
    </div>
  );
}

interface QuoteProps {
  readonly quote: string;
  readonly section: string;
  readonly line: number;
}

function Quote({ quote, section, line }: QuoteProps) {
  return (
    <blockquote>
      {quote}
      <footer className="quiet numeric">
        {section && `${section}, `}line {line}
      </footer>
    </blockquote>
  );
}
