import "./data.css";
import { memo, useState } from "react";
import type { JsonValue } from "../../shared/sync/types";
import { plural, whole } from "../format/quantities";
import { Button } from "../ui/Button";
import { cellText, isNumeric } from "./cells";
import { TypeBadge } from "./TypeBadge";
import type { TablePreview } from "./tables";

/** Thousands of rows would take the browser longer than the question took the server. */
const ROWS_AT_FIRST = 200;
const MORE_ROWS = 500;

/**
 * The first rows of a table, and more of those at hand when asked. The header and the row numbers stay in view; the grid
 * scrolls both ways, also by keyboard. The same `table` object is not drawn again.
 */
export const DataGrid = memo(function DataGrid({ table }: { readonly table: TablePreview }) {
  const [most, setMost] = useState(ROWS_AT_FIRST);
  const cut = new Set(table.cut_cells.map((cell) => `${cell.row}:${cell.column}`));
  if (table.columns.length === 0) return <p className="quiet">This table has no columns.</p>;
  return (
    <figure className="grid">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <section className="grid-scroll" aria-label={`First rows of ${table.name}`} tabIndex={0} data-testid="data-grid">
        <table>
          <thead>
            <tr>
              <th scope="col" className="grid-corner">
                <span className="visually-hidden">Row</span>
              </th>
              {table.columns.map((column) => (
                <th key={column.name} scope="col" className={isNumeric(column.type) ? "grid-number" : undefined}>
                  <span className="grid-name">
                    <TypeBadge type={column.type} />
                    <span>{column.name}</span>
                  </span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.cells.slice(0, most).map((row, number) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a row has no identity but its place, and never moves
              <tr key={number}>
                <th scope="row" className="numeric">
                  {whole(number + 1)}
                </th>
                {table.columns.map((column, position) => (
                  <Cell
                    key={column.name}
                    value={row[position] ?? null}
                    numeric={isNumeric(column.type)}
                    cut={cut.has(`${number}:${position}`)}
                  />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <figcaption className="grid-foot quiet numeric">
        {shownSentence(table, most)}
        {most < table.cells.length && (
          <Button small onClick={() => setMost(most + MORE_ROWS)}>
            Show {whole(Math.min(MORE_ROWS, table.cells.length - most))} more
          </Button>
        )}
      </figcaption>
    </figure>
  );
});

interface CellProps {
  readonly value: JsonValue;
  readonly numeric: boolean;
  readonly cut: boolean;
}

function Cell({ value, numeric, cut }: CellProps) {
  if (value === null) return <td className="grid-null">null</td>;
  const text = cellText(value);
  return (
    <td className={numeric ? "grid-number numeric" : undefined} title={cut ? "Shortened for this preview" : undefined}>
      {text}
    </td>
  );
}

export function shownSentence(table: TablePreview, most = ROWS_AT_FIRST): string {
  const shown = Math.min(most, table.cells.length);
  const rows =
    shown < table.rows_total ? `First ${whole(shown)} of ${plural(table.rows_total, "row")}` : plural(shown, "row");
  const columns =
    table.columns.length < table.columns_total
      ? `first ${whole(table.columns.length)} of ${plural(table.columns_total, "column")}`
      : plural(table.columns.length, "column");
  return `${rows}, ${columns}`;
}
