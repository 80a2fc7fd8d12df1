import "./document.css";
import type { JsonObject, JsonValue } from "../../shared/sync/types";
import { valueText } from "../data/cells";

const DEEPEST = 6;

export function Fields({ value, depth }: { readonly value: JsonObject; readonly depth: number }) {
  const entries = Object.entries(value).filter(([name, item]) => item !== null && !isForPrograms(name));
  if (entries.length === 0) return <span className="quiet">none</span>;
  return (
    <dl className="document-fields">
      {entries.map(([name, item]) => (
        <div key={name} className={isPlain(item) ? "document-line" : "document-block"}>
          <dt>{fieldLabel(name)}</dt>
          <dd>
            <Value value={item} depth={depth + 1} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** A value of a document, in the form that suits it: fields with their values, lists of like things as tables. Deeper than anybody reads, it is JSON. */
export function Value({ value, depth = 0 }: { readonly value: JsonValue; readonly depth?: number }) {
  if (value === null) return <span className="quiet">none</span>;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (isPlain(value)) return <span className="document-text">{valueText(value)}</span>;
  if (depth > DEEPEST) return <code className="document-code">{JSON.stringify(value)}</code>;
  if (Array.isArray(value)) return <List items={value as readonly JsonValue[]} depth={depth} />;
  return <Fields value={value as JsonObject} depth={depth} />;
}

function List({ items, depth }: { readonly items: readonly JsonValue[]; readonly depth: number }) {
  if (items.length === 0) return <span className="quiet">none</span>;
  const columns = columnsOf(items);
  if (columns !== null) return <Rows items={items as readonly JsonObject[]} columns={columns} depth={depth} />;
  return (
    <ul className={items.some(isObject) ? "document-cards" : "document-list"}>
      {items.map((item, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a version never changes
        <li key={place}>
          <Value value={item} depth={depth + 1} />
        </li>
      ))}
    </ul>
  );
}

function Rows({
  items,
  columns,
  depth,
}: {
  readonly items: readonly JsonObject[];
  readonly columns: readonly string[];
  readonly depth: number;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className="document-rows" tabIndex={0} aria-label={`${items.length} rows`}>
      <table>
        <thead>
          <tr>
            {columns.map((name) => (
              <th key={name} scope="col">
                {fieldLabel(name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {items.map((item, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a version never changes
            <tr key={place}>
              {columns.map((name) => (
                <td key={name}>
                  <Value value={item[name] ?? null} depth={depth + 1} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const MOST_COLUMNS = 8;

/** The columns of a list whose items are objects of a few short fields; null for any other list. */
function columnsOf(items: readonly JsonValue[]): readonly string[] | null {
  if (!items.every((item) => isObject(item) && Object.values(item).every(isShort))) return null;
  const names = [...new Set(items.flatMap((item) => Object.keys(item as JsonObject)))];
  const shown = names.filter((name) => !isForPrograms(name));
  return shown.length > 0 && shown.length <= MOST_COLUMNS ? shown : null;
}

const isObject = (value: JsonValue): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isShort = (value: JsonValue): boolean => isPlain(value) || (Array.isArray(value) && value.every(isPlain));

/** Ids are in the JSON, for whoever links things by them. */
const isForPrograms = (name: string): boolean => name === "id" || name === "key" || name.endsWith("_id");

const isPlain = (value: JsonValue): boolean => typeof value !== "object" || value === null;

export const fieldLabel = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");
