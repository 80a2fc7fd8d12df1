import { whole } from "../format/quantities";

interface TableChoiceProps {
  readonly tables: readonly { readonly name: string; readonly rows: number }[];
  readonly chosen: number;
  readonly onChoose: (position: number) => void;
}

/** Which table or sheet of the file is shown; nothing when there is only one. */
export function TableChoice({ tables, chosen, onChoose }: TableChoiceProps) {
  if (tables.length < 2) return null;
  return (
    <fieldset className="choice">
      <legend className="visually-hidden">Table</legend>
      {tables.map((table, position) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two sheets may have the same name; their place tells them apart
        <label key={position} className="choice-item">
          <input type="radio" name="table" checked={position === chosen} onChange={() => onChoose(position)} />
          <span>
            {table.name} <span className="quiet numeric">{whole(table.rows)}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
