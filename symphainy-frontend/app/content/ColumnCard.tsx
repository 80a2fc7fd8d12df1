import type { ReactNode } from "react";
import { isNumeric, valueText } from "../data/cells";
import { TypeBadge } from "../data/TypeBadge";
import { measured, percent, whole } from "../format/quantities";
import { Histogram } from "./Histogram";
import type { ColumnProfile } from "./results";
import { TopValues } from "./TopValues";

export function ColumnCard({ column, rows }: { readonly column: ColumnProfile; readonly rows: number }) {
  const spread = column.histogram.length > 1;
  return (
    <article className="column-card" aria-label={`Column ${column.name}`} data-testid="column-card">
      <header>
        <h3>{column.name}</h3>
        <TypeBadge type={column.type} words />
      </header>
      <Completeness column={column} rows={rows} />
      {spread && <Histogram column={column.name} bins={column.histogram} />}
      <dl className="facts">
        {factsOf(column).map(([term, value]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd className="numeric" title={value}>
              {value}
            </dd>
          </div>
        ))}
      </dl>
      {(!spread || column.distinct <= 12) && <TopValues column={column} rows={rows} />}
    </article>
  );
}

function Completeness({ column, rows }: { readonly column: ColumnProfile; readonly rows: number }) {
  const missing = rows > 0 ? column.nulls / rows : 0;
  const distinct = `${column.distinct_exact ? "" : "about "}${whole(column.distinct)} distinct`;
  return (
    <p className="completeness quiet numeric">
      <span>{distinct}</span>
      <span className={missing > 0 ? "completeness-missing" : undefined}>
        {column.nulls === 0 ? "no missing values" : `${whole(column.nulls)} missing (${percent(missing)})`}
      </span>
    </p>
  );
}

function factsOf(column: ColumnProfile): readonly (readonly [string, string])[] {
  const facts: [string, string][] = [];
  const add = (term: string, value: ReactNode & (string | null)) => value !== null && facts.push([term, value]);
  if (column.minimum !== null) {
    add(isNumeric(column.type) ? "Smallest" : "First", valueText(column.minimum));
    add(isNumeric(column.type) ? "Largest" : "Last", valueText(column.maximum));
  }
  add("Mean", column.mean === null ? null : measured(column.mean));
  add("Median", column.median === null ? null : measured(column.median));
  add("Std. deviation", column.deviation === null ? null : measured(column.deviation));
  if (column.shortest !== null && column.longest !== null) {
    add(
      "Length",
      column.shortest === column.longest ? `${column.shortest}` : `${column.shortest} to ${column.longest}`,
    );
  }
  return facts;
}
