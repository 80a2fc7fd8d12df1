import type { SessionFile, Workflow } from "../../shared/sync/types";
import { bytes, plural, whole } from "../format/quantities";
import { ago, fullTime } from "../format/times";
import { useMinutes } from "../format/useNow";
import { Link } from "../routing/Link";
import { Icon } from "../ui/Icon";
import { StatusMark } from "../ui/StatusMark";
import { fileResult, fractionOf } from "../workflows/progress";
import { FILE_STATUS_WORDS, markOf } from "./fileStatus";
import { kindIcon, kindLabel } from "./kinds";

interface FileTableProps {
  readonly files: readonly SessionFile[];
  readonly workflowOf: (file: SessionFile) => Workflow | undefined;
}

/** The dashboard: one row for each file, the newest first. */
export function FileTable({ files, workflowOf }: FileTableProps) {
  return (
    <table className="files" data-testid="file-table">
      <caption className="visually-hidden">Files of this session</caption>
      <thead>
        <tr>
          <th scope="col">File</th>
          <th scope="col">Status</th>
          <th scope="col" className="files-number">
            Contents
          </th>
          <th scope="col" className="files-number">
            Findings
          </th>
        </tr>
      </thead>
      <tbody>
        {files.map((file) => (
          <FileRow key={file.file_id} file={file} workflow={workflowOf(file)} />
        ))}
      </tbody>
    </table>
  );
}

function FileRow({ file, workflow }: { readonly file: SessionFile; readonly workflow: Workflow | undefined }) {
  const now = useMinutes();
  const result = file.status === "parsed" ? fileResult(workflow) : null;
  return (
    <tr className={`file-row file-${file.status}`} data-testid="file-row" data-status={file.status}>
      <th scope="row">
        <div className="file-cell">
          <span className="file-icon">
            <Icon name={kindIcon(file.kind, file.name)} />
          </span>
          <span className="file-name">
            <Link to={{ area: "content", fileId: file.file_id }}>{file.name}</Link>
            <span className="quiet numeric">
              {kindLabel(file.kind, file.name)}, {bytes(file.size)},{" "}
              <time dateTime={file.added_at} title={fullTime(file.added_at)}>
                {ago(file.added_at, now)}
              </time>
            </span>
          </span>
        </div>
      </th>
      <td className="file-state">
        <FileState file={file} workflow={workflow} />
      </td>
      <td className="files-number numeric">{result && contents(result)}</td>
      <td className="files-number numeric">{result?.findings != null && <FindingCount count={result.findings} />}</td>
    </tr>
  );
}

/** Below its heading a number is enough; on a phone there is no heading. */
function FindingCount({ count }: { readonly count: number }) {
  const alone = count === 0 ? "none" : whole(count);
  return (
    <>
      <span className="files-alone">{alone}</span>
      <span className="files-unit">{count === 0 ? "no findings" : plural(count, "finding")}</span>
    </>
  );
}

function contents(result: NonNullable<ReturnType<typeof fileResult>>): string {
  if (result.tables > 0 && result.rows !== null) return `${whole(result.rows)} × ${whole(result.columns ?? 0)}`;
  if (result.pages !== null) return plural(result.pages, "page");
  return result.words === null ? "" : plural(result.words, "word");
}

function FileState({ file, workflow }: { readonly file: SessionFile; readonly workflow: Workflow | undefined }) {
  const working = file.status === "parsing" && workflow;
  return (
    <>
      <span className="file-status">
        <StatusMark status={markOf(file)} />
        {FILE_STATUS_WORDS[file.status]}
        {working && <span className="quiet numeric">{Math.round(fractionOf(workflow) * 100)}%</span>}
      </span>
      {file.reason && <span className="file-reason quiet">{file.reason}</span>}
    </>
  );
}
