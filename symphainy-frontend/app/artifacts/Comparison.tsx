import "./comparison.css";
import type { Artifact, Change, Hunk, JsonValue, Session, Comparison as Versions } from "../../shared/sync/types";
import { comparisonUrl } from "../data/addresses";
import { Loaded } from "../data/Loaded";
import { useReading } from "../data/reading";
import { plural } from "../format/quantities";
import { Empty } from "../ui/Empty";
import { fieldLabel, Value } from "./Value";

interface ComparisonProps {
  readonly session: Session;
  readonly artifact: Artifact;
  readonly from: number;
  readonly to: number;
}

export function Comparison({ session, artifact, from, to }: ComparisonProps) {
  const url = comparisonUrl(session.session_id, artifact.artifact_id, from, to);
  return <Compared key={url} url={url} />;
}

function Compared({ url }: { readonly url: string }) {
  const reading = useReading<Versions>(url);
  return (
    <Loaded reading={reading} what="comparison">
      {(found) => <Differences found={found} />}
    </Loaded>
  );
}

function Differences({ found }: { readonly found: Versions }) {
  const { changes, hunks, from_version: from, to_version: to } = found;
  const none = (changes?.length ?? 0) === 0 && (hunks?.length ?? 0) === 0;
  return (
    <section className="comparison" aria-label={`From version ${from} to version ${to}`} data-testid="comparison">
      <h2>
        From version {from} to version {to}
        {changes !== null && <span className="comparison-summary quiet">{summaryOf(changes)}</span>}
      </h2>
      {none && <Empty icon="check" title="The two versions say the same" />}
      {changes !== null && changes.length > 0 && <Changes changes={changes} />}
      {hunks !== null && hunks.length > 0 && <TextChanges hunks={hunks} open={changes === null} />}
    </section>
  );
}

const KIND_WORDS = { added: "Added", removed: "Removed", changed: "Changed" } as const;

function summaryOf(changes: readonly Change[]): string {
  const kinds = ["added", "removed", "changed"] as const;
  const counts = kinds.map((kind) => [kind, changes.filter((item) => item.kind === kind).length] as const);
  return counts
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(", ");
}

function Changes({ changes }: { readonly changes: readonly Change[] }) {
  return (
    <ul className="changes">
      {changes.map((change) => (
        <li key={`${change.kind} ${change.path}`} className={`change change-${change.kind}`} data-testid="change">
          <p className="change-where">
            <span className="change-kind">{KIND_WORDS[change.kind]}</span>
            <span>{change.where.map(fieldLabel).join(" › ") || "The whole document"}</span>
          </p>
          <div className="change-values">
            {change.kind !== "added" && <Side kind="removed" value={change.old} />}
            {change.kind !== "removed" && <Side kind="added" value={change.new} />}
          </div>
        </li>
      ))}
    </ul>
  );
}

function Side({ kind, value }: { readonly kind: "added" | "removed"; readonly value: JsonValue }) {
  const words = kind === "added" ? "Now" : "Before";
  return (
    <div className={`side side-${kind}`}>
      <p className="side-label">{words}</p>
      <Value value={value} depth={1} />
    </div>
  );
}

function TextChanges({ hunks, open }: { readonly hunks: readonly Hunk[]; readonly open: boolean }) {
  return (
    <details className="text-changes" open={open}>
      <summary>As text, {plural(hunks.length, "place")}</summary>
      {hunks.map((hunk) => (
        <div key={`${hunk.old_start} ${hunk.new_start}`} className="hunk">
          <p className="hunk-place quiet numeric">Line {hunk.new_start}</p>
          {hunk.lines.map((line, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line has no identity but its place, and never moves
            <p key={place} className={`hunk-line hunk-${line.kind}`}>
              <span className="hunk-sign" aria-hidden="true">
                {{ same: " ", added: "+", removed: "−" }[line.kind]}
              </span>
              {line.kind !== "same" && <span className="visually-hidden">{line.kind}: </span>}
              {line.text || " "}
            </p>
          ))}
        </div>
      ))}
    </details>
  );
}
