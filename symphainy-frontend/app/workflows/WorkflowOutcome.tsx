import type { Workflow } from "../../shared/sync/types";
import { plural } from "../format/quantities";
import { Link } from "../routing/Link";
import { Notice } from "../ui/Notice";
import { type FileResult, fileResult } from "./progress";

/** What came of a workflow that has ended: a sentence and where to look, or why not and what was kept. */
export function WorkflowOutcome({ workflow, compact }: { readonly workflow: Workflow; readonly compact: boolean }) {
  switch (workflow.status) {
    case "completed":
      return <Completed workflow={workflow} linked={!compact} />;
    case "failed":
      return compact ? null : (
        <Notice tone="danger" title="This did not work">
          {workflow.error?.message ??
            "The workflow ended without saying why. Your file is kept; you can start it again."}
        </Notice>
      );
    case "cancelled":
      return compact ? null : (
        <p className="workflow-end quiet">Cancelled. The file is kept, and you can analyse it again.</p>
      );
    default:
      return null;
  }
}

function Completed({ workflow, linked }: { readonly workflow: Workflow; readonly linked: boolean }) {
  const result = fileResult(workflow);
  if (!result) return null;
  return (
    <p className="workflow-end">
      <span>{resultSentence(result)}</span>
      {linked && result.fileId && (
        <Link to={{ area: "content", fileId: result.fileId }} className="workflow-open">
          Open the file
        </Link>
      )}
    </p>
  );
}

export function resultSentence(result: FileResult): string {
  const parts: string[] = [];
  if (result.tables > 1) parts.push(plural(result.tables, "table"));
  if (result.tables > 0 && result.rows !== null) {
    parts.push(plural(result.rows, "row"));
    if (result.columns !== null) parts.push(plural(result.columns, "column"));
  }
  if (result.words) parts.push(plural(result.words, "word"));
  if (result.pages) parts.push(plural(result.pages, "page"));
  if (result.findings !== null) parts.push(result.findings === 0 ? "no findings" : plural(result.findings, "finding"));
  return parts.join(", ");
}
