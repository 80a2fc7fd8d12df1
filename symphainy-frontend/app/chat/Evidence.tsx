import { useEffect, useRef, useState } from "react";
import { useView } from "../../shared/session/context";
import type { Artifact, JsonObject, JsonValue, Keyed, SessionFile, Workflow } from "../../shared/sync/types";
import { areaOfArtifact, kindIcon as artifactIcon, isShownAtFile, kindLabel } from "../artifacts/kinds";
import { kindIcon } from "../content/kinds";
import { artifactsOf, workflowsOf } from "../parts";
import { Link } from "../routing/Link";
import { FILE_TABS, type Route } from "../routing/route";
import { Icon, type IconName } from "../ui/Icon";

interface EvidenceProps {
  readonly evidence: readonly JsonObject[];
  readonly files: Readonly<Record<string, SessionFile>>;
  /** The file that the message's workflow is about: it is named there already. */
  readonly except?: JsonValue | undefined;
}

/** More than these are a wall: the rest is a press away. One more is shown rather than counted. */
const SHOWN = 4;

interface Source {
  readonly key: string;
  readonly to: Partial<Route>;
  readonly icon: IconName;
  readonly name: string;
  readonly part: string | null;
}

/** Which files and results an answer rests on, each once. */
export function Evidence({ evidence, files, except }: EvidenceProps) {
  const artifacts = useView(artifactsOf);
  const workflows = useView(workflowsOf);
  const [all, setAll] = useState(false);
  const list = useRef<HTMLUListElement>(null);
  // The button that was pressed is gone: who moves by keyboard goes on at what it showed.
  useEffect(() => {
    if (all) list.current?.querySelectorAll("a")[SHOWN]?.focus({ preventScroll: true });
  }, [all]);
  const sources = new Map<string, Source>();
  for (const item of evidence) {
    const source = resultOf(item, artifacts, workflows) ?? fileOf(item, files, except);
    if (source) sources.set(source.key, source);
  }
  if (sources.size === 0) return null;
  const shown = all || sources.size <= SHOWN + 1 ? [...sources.values()] : [...sources.values()].slice(0, SHOWN);
  return (
    <ul className="sources" aria-label="This answer is based on" ref={list}>
      {shown.map(({ key, to, icon, name, part }) => (
        <li key={key}>
          <Link to={to} className="source">
            <Icon name={icon} size={13} />
            <span className="source-name">{name}</span>
            {part !== null && <span className="source-part quiet">{part}</span>}
          </Link>
        </li>
      ))}
      {shown.length < sources.size && (
        <li>
          <button type="button" className="source source-more" onClick={() => setAll(true)}>
            {sources.size - shown.length} more<span className="visually-hidden"> sources</span>
          </button>
        </li>
      )}
    </ul>
  );
}

/** A result that has a page of its own. What Content makes of a file is shown at the file. */
function resultOf(item: JsonObject, artifacts: Keyed<Artifact>, workflows: Keyed<Workflow>): Source | null {
  const artifact = typeof item.artifact_id === "string" ? artifacts[item.artifact_id] : undefined;
  if (!artifact || isShownAtFile(artifact.kind)) return null;
  const to = { area: areaOfArtifact(artifact, workflows), artifactId: artifact.artifact_id };
  const kind = kindLabel(artifact.kind).toLowerCase();
  const part = artifact.name.toLowerCase().includes(kind) ? null : kind;
  return { key: artifact.artifact_id, to, icon: artifactIcon(artifact.kind), name: artifact.name, part };
}

function fileOf(item: JsonObject, files: Keyed<SessionFile>, except: JsonValue | undefined): Source | null {
  const file = typeof item.file_id === "string" ? files[item.file_id] : undefined;
  if (!file || file.file_id === except) return null;
  const names = [item.kind, item.artifact, item.artifact_kind];
  const tab = FILE_TABS.find((name) => names.includes(name)) ?? "preview";
  return {
    key: `${file.file_id} ${tab}`,
    to: { area: "content", fileId: file.file_id, tab },
    icon: kindIcon(file.kind, file.name),
    name: file.name,
    part: tab === "preview" ? null : tab,
  };
}

interface AttachmentsProps {
  readonly fileIds: readonly string[];
  readonly files: Readonly<Record<string, SessionFile>>;
}

export function Attachments({ fileIds, files }: AttachmentsProps) {
  return (
    <ul className="sources" aria-label="Files with this message">
      {fileIds.map((fileId) => {
        const file = files[fileId];
        return (
          <li key={fileId}>
            {file ? (
              <Link to={{ area: "content", fileId }} className="source">
                <Icon name={kindIcon(file.kind, file.name)} size={13} />
                {file.name}
              </Link>
            ) : (
              <span className="source">A file that was removed</span>
            )}
          </li>
        );
      })}
    </ul>
  );
}
