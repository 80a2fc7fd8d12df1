import type { JsonObject, JsonValue, SessionFile } from "../../shared/sync/types";
import { kindIcon } from "../content/kinds";
import { Link } from "../routing/Link";
import { FILE_TABS, type FileTab } from "../routing/route";
import { Icon } from "../ui/Icon";

interface EvidenceProps {
  readonly evidence: readonly JsonObject[];
  readonly files: Readonly<Record<string, SessionFile>>;
  /** The file that the message's workflow is about: it is named there already. */
  readonly except?: JsonValue | undefined;
}

interface Source {
  readonly file: SessionFile;
  readonly tab: FileTab;
}

/** Which files an answer rests on, each once. */
export function Evidence({ evidence, files, except }: EvidenceProps) {
  const sources = new Map<string, Source>();
  for (const item of evidence) {
    const file = typeof item.file_id === "string" ? files[item.file_id] : undefined;
    if (!file || file.file_id === except) continue;
    const tab = FILE_TABS.find((name) => name === item.kind || name === item.artifact) ?? "preview";
    sources.set(`${file.file_id} ${tab}`, { file, tab });
  }
  if (sources.size === 0) return null;
  return (
    <ul className="sources" aria-label="This answer is based on">
      {[...sources.values()].map(({ file, tab }) => (
        <li key={`${file.file_id} ${tab}`}>
          <Link to={{ area: "content", fileId: file.file_id, tab }} className="source">
            <Icon name={kindIcon(file.kind, file.name)} size={13} />
            {file.name}
            {tab !== "preview" && <span className="quiet">{tab}</span>}
          </Link>
        </li>
      ))}
    </ul>
  );
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
