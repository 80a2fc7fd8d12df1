import { useState } from "react";
import { DataGrid } from "../data/DataGrid";
import { whole } from "../format/quantities";
import { Markdown } from "../ui/Markdown";
import type { Preview } from "./results";
import { TableChoice } from "./TableChoice";

export function PreviewTab({ preview }: { readonly preview: Preview }) {
  const [chosen, setChosen] = useState(0);
  const table = preview.tables[chosen] ?? preview.tables[0];
  const { document } = preview;
  return (
    <div className="tab-body">
      {document && (
        <section className="paper" aria-labelledby="text-title" data-testid="document-text">
          <h2 id="text-title" className="visually-hidden">
            Text of the document
          </h2>
          <Markdown text={document.text} />
          {document.cut && (
            <p className="paper-more quiet">
              The first {whole(document.text.length)} of {whole(document.characters_total)} characters. Download the
              text to read the rest.
            </p>
          )}
        </section>
      )}
      {document && preview.tables.length > 0 && <h2>Tables in the document</h2>}
      <TableChoice
        tables={preview.tables.map(({ name, rows_total }) => ({ name, rows: rows_total }))}
        chosen={chosen}
        onChoose={setChosen}
      />
      {table && <DataGrid table={table} />}
    </div>
  );
}
