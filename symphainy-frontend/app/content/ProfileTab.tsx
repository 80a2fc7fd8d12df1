import { useState } from "react";
import { plural, whole } from "../format/quantities";
import { ColumnCard } from "./ColumnCard";
import { Findings } from "./Findings";
import type { DocumentProfile, Profile, TableProfile } from "./results";
import { TableChoice } from "./TableChoice";

export function ProfileTab({ profile }: { readonly profile: Profile }) {
  const [chosen, setChosen] = useState(0);
  const table = profile.tables[chosen] ?? profile.tables[0];
  return (
    <div className="tab-body">
      {profile.document && <DocumentFacts document={profile.document} />}
      <TableChoice tables={profile.tables} chosen={chosen} onChoose={setChosen} />
      {table && <TableFacts key={chosen} table={table} />}
    </div>
  );
}

function TableFacts({ table }: { readonly table: TableProfile }) {
  return (
    <>
      <Figures
        figures={[
          [whole(table.rows), "rows"],
          [whole(table.columns.length), "columns"],
          [whole(table.duplicate_rows), "duplicate rows"],
          [whole(table.columns.reduce((sum, column) => sum + column.nulls, 0)), "missing values"],
        ]}
      />
      <section aria-labelledby="findings-title">
        <h2 id="findings-title">Findings</h2>
        <Findings findings={table.findings} />
      </section>
      <section aria-labelledby="columns-title">
        <h2 id="columns-title">Columns</h2>
        <div className="column-cards">
          {table.columns.map((column) => (
            <ColumnCard key={column.name} column={column} rows={table.rows} />
          ))}
        </div>
      </section>
    </>
  );
}

function DocumentFacts({ document }: { readonly document: DocumentProfile }) {
  const figures: [string, string][] = [
    [whole(document.words), "words"],
    [whole(document.characters), "characters"],
    [whole(document.headings), plural(document.headings, "heading").replace(/^\S+ /, "")],
  ];
  if (document.pages !== null) figures.push([whole(document.pages), document.pages === 1 ? "page" : "pages"]);
  return (
    <>
      <Figures figures={figures} />
      <section aria-labelledby="document-findings-title">
        <h2 id="document-findings-title">Findings</h2>
        <Findings findings={document.findings} />
      </section>
    </>
  );
}

function Figures({ figures }: { readonly figures: readonly (readonly [string, string])[] }) {
  return (
    <dl className="figures">
      {figures.map(([value, term]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd className="numeric">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
