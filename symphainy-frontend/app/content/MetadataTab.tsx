import { TypeBadge } from "../data/TypeBadge";
import { bytes, plural, whole } from "../format/quantities";
import { fullTime } from "../format/times";
import { kindLabel } from "./kinds";
import type { FileMetadata } from "./results";

export function MetadataTab({ metadata }: { readonly metadata: FileMetadata }) {
  return (
    <div className="tab-body">
      <dl className="definitions" data-testid="metadata">
        {factsOf(metadata).map(([term, value]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {metadata.tables.map((table, number) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two sheets may have the same name; their place tells them apart
        <Schema key={number} table={table} />
      ))}
    </div>
  );
}

function factsOf(metadata: FileMetadata): readonly (readonly [string, string])[] {
  const facts: [string, string | null][] = [
    ["Name", metadata.name],
    ["Kind", kindLabel(metadata.kind)],
    ["Media type", metadata.media_type],
    ["Size", `${bytes(metadata.size)} (${plural(metadata.size, "byte")})`],
    ["Encoding", metadata.encoding],
    ["Title", metadata.title],
    ["Author", metadata.author],
    ["Created", metadata.created && fullTime(metadata.created)],
    ["Modified", metadata.modified && fullTime(metadata.modified)],
    ["Pages", metadata.pages === null ? null : whole(metadata.pages)],
    ["Sheets", metadata.sheet_names.join(", ")],
    ["SHA-256", metadata.sha256],
  ];
  return facts.filter((fact): fact is [string, string] => Boolean(fact[1]));
}

function Schema({ table }: { readonly table: FileMetadata["tables"][number] }) {
  return (
    <section className="schema" aria-label={`Schema of ${table.name}`}>
      <h2>
        {table.name} <span className="quiet numeric">{plural(table.rows, "row")}</span>
      </h2>
      <ul>
        {table.columns.map((column) => (
          <li key={column.name}>
            <span>{column.name}</span>
            <TypeBadge type={column.type} words />
          </li>
        ))}
      </ul>
    </section>
  );
}
