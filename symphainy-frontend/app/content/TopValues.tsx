import { valueText } from "../data/cells";
import { percent, whole } from "../format/quantities";
import type { ColumnProfile } from "./results";

const SHOWN = 5;

/** The most frequent values, each as a bar against all rows of the table; nothing if no value occurs twice. */
export function TopValues({ column, rows }: { readonly column: ColumnProfile; readonly rows: number }) {
  const shown = column.top_values.slice(0, SHOWN);
  if ((shown[0]?.count ?? 0) < 2) return null;
  return (
    <ol className="top-values" aria-label={`Most frequent values of ${column.name}`}>
      {shown.map(({ value, count }) => (
        <li key={valueText(value)} className="top-value">
          <span className="value-bar" style={{ width: `${rows > 0 ? (count / rows) * 100 : 0}%` }} aria-hidden="true" />
          <span className="top-text" title={valueText(value)}>
            {valueText(value)}
          </span>
          <span className="top-count numeric quiet" title={`${whole(count)} of ${whole(rows)} rows`}>
            {whole(count)} <span className="top-share">{percent(rows > 0 ? count / rows : 0)}</span>
          </span>
        </li>
      ))}
    </ol>
  );
}
