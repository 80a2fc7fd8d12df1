import { useState } from "react";
import type { Session, SessionFile } from "../../shared/sync/types";
import { artifactUrl } from "../data/addresses";
import { bytes } from "../format/quantities";
import { Button } from "../ui/Button";
import { isFinished } from "../workflows/progress";

interface ConversionsProps {
  readonly session: Session;
  readonly file: SessionFile;
  readonly onConvert: (format: string, table: string) => void;
}

const FORMATS = [
  ["csv", "CSV"],
  ["json", "JSON"],
  ["markdown", "Markdown"],
] as const;

/** Tables in other formats: asked for with a button, and offered here once they are written. */
export function Conversions({ session, file, onConvert }: ConversionsProps) {
  const own = Object.values(session.artifacts).filter((item) => item.file_id === file.file_id);
  const newest = own.findLast((item) => item.kind === "profile")?.workflow_id;
  const tables = own
    .filter((item) => item.kind === "table" && item.workflow_id === newest)
    .map((item) => item.name.replace(/\.parquet$/, ""));
  const exports = own.filter((item) => item.kind === "export");
  const [chosen, setChosen] = useState(0);
  const going = Object.values(session.workflows).find(
    (item) => item.operation === "convert_format" && item.input.file_id === file.file_id && !isFinished(item.status),
  );
  const table = tables[chosen] ?? tables[0];
  if (table === undefined) return null;
  return (
    <div className="conversions" data-testid="conversions">
      <p className="quiet">{tables.length > 1 ? "A table in another format" : "The table in another format"}</p>
      {tables.length > 1 && (
        <select aria-label="Table" value={chosen} onChange={(event) => setChosen(Number(event.target.value))}>
          {tables.map((name, position) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two tables may have the same name; their place tells them apart
            <option key={position} value={position}>
              {name}
            </option>
          ))}
        </select>
      )}
      <div className="conversions-buttons">
        {FORMATS.map(([format, label]) => (
          <Button key={format} small disabled={going !== undefined} onClick={() => onConvert(format, table)}>
            {label}
          </Button>
        ))}
      </div>
      <p className="quiet" role="status">
        {going ? "Writing it…" : ""}
      </p>
      {exports.map((item) => (
        <a
          key={item.artifact_id}
          href={artifactUrl(session.session_id, item.artifact_id, { version: item.version })}
          download={item.name}
        >
          {item.name} <span className="quiet">{bytes(item.size)}</span>
        </a>
      ))}
    </div>
  );
}
