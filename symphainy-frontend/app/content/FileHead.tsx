import type { Session, SessionFile, Workflow } from "../../shared/sync/types";
import { artifactUrl, contentUrl } from "../data/addresses";
import { bytes } from "../format/quantities";
import { ago } from "../format/times";
import { useMinutes } from "../format/useNow";
import { IconButton } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { StatusMark } from "../ui/StatusMark";
import { fileResult } from "../workflows/progress";
import { resultSentence } from "../workflows/WorkflowOutcome";
import { Conversions } from "./Conversions";
import { FILE_STATUS_WORDS, markOf } from "./fileStatus";
import { kindIcon, kindLabel } from "./kinds";

interface FileHeadProps {
  readonly session: Session;
  readonly file: SessionFile;
  readonly workflow: Workflow | undefined;
  readonly onRemove: () => void;
  readonly onConvert: (format: string, table: string) => void;
}

export function FileHead({ session, file, workflow, onRemove, onConvert }: FileHeadProps) {
  const result = file.status === "parsed" ? fileResult(workflow) : null;
  const now = useMinutes();
  return (
    <header className={`file-head file-${file.status}`}>
      <span className="file-icon">
        <Icon name={kindIcon(file.kind, file.name)} size={20} />
      </span>
      <div className="file-heading">
        <h1 id="file-title">{file.name}</h1>
        <p className="file-facts quiet numeric">
          <span className="file-status">
            <StatusMark status={markOf(file)} />
            {FILE_STATUS_WORDS[file.status]}
          </span>
          <span>{kindLabel(file.kind, file.name)}</span>
          <span>{bytes(file.size)}</span>
          {result && <span>{resultSentence(result)}</span>}
          <span>added {ago(file.added_at, now)}</span>
        </p>
      </div>
      <Downloads session={session} file={file} onConvert={onConvert} />
      <IconButton icon="trash" label={`Remove ${file.name}`} onClick={onRemove} />
    </header>
  );
}

/** What can be taken along: the file itself, its typed tables, its text. */
function Downloads({ session, file, onConvert }: Pick<FileHeadProps, "session" | "file" | "onConvert">) {
  const results = Object.values(session.artifacts).filter(
    (item) => item.file_id === file.file_id && (item.kind === "table" || item.kind === "document_text"),
  );
  return (
    <details className="downloads">
      <summary className="button">
        <Icon name="download" /> Download
      </summary>
      <ul>
        <li>
          <a href={contentUrl(session.session_id, file.file_id)} download={file.name}>
            {file.name} <span className="quiet">{bytes(file.size)}, as uploaded</span>
          </a>
        </li>
        {results.map((item) => (
          <li key={item.artifact_id}>
            <a href={artifactUrl(session.session_id, item.artifact_id)} download={item.name}>
              {item.name} <span className="quiet">{bytes(item.size)}</span>
            </a>
          </li>
        ))}
        <li>
          <Conversions session={session} file={file} onConvert={onConvert} />
        </li>
      </ul>
    </details>
  );
}
