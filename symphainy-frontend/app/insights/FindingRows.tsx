import { useMemo } from "react";
import type { Artifact, JsonObject, Session, Workflow } from "../../shared/sync/types";
import { artifactUrl } from "../data/addresses";
import { DataGrid } from "../data/DataGrid";
import { Loaded } from "../data/Loaded";
import { useReading } from "../data/reading";
import { Notice } from "../ui/Notice";
import { type Answer, type Finding, gridOf } from "./documents";
import type { Source } from "./sources";

/** What asks for the rows behind a finding. */
export function rowsInput(source: Source, artifact: Artifact, finding: Finding): JsonObject {
  return {
    question: `Rows behind: ${finding.title}`,
    file_id: source.fileId,
    ...(source.table !== null && { table: source.table }),
    artifact_id: artifact.artifact_id,
    finding_id: finding.finding_id ?? "",
  };
}

/** The newest time they were asked for. */
export const askedFor = (session: Session, artifact: Artifact, finding: Finding): Workflow | undefined =>
  Object.values(session.workflows).findLast(
    (workflow) =>
      workflow.input.finding_id === finding.finding_id && workflow.input.artifact_id === artifact.artifact_id,
  );

interface FindingRowsProps {
  readonly session: Session;
  readonly workflow: Workflow;
  readonly table: string;
}

/** The rows behind a finding as a grid: the first 500 of them. */
export function FindingRows({ session, workflow, table }: FindingRowsProps) {
  const artifactId = typeof workflow.result?.artifact_id === "string" ? workflow.result.artifact_id : null;
  const version = artifactId === null ? undefined : session.artifacts[artifactId]?.version;
  const reading = useReading<Answer>(
    artifactId === null || version === undefined ? null : artifactUrl(session.session_id, artifactId, { version }),
  );
  if (workflow.status === "failed") {
    return (
      <Notice tone="danger" title="The rows cannot be shown">
        {workflow.error?.message ?? "Nothing was changed."}
      </Notice>
    );
  }
  return (
    <div className="finding-rows" data-testid="finding-rows">
      <Loaded reading={reading} what="rows">
        {(answer) => <Rows answer={answer} table={table} />}
      </Loaded>
    </div>
  );
}

function Rows({ answer, table }: { readonly answer: Answer; readonly table: string }) {
  const grid = useMemo(() => gridOf(answer, table), [answer, table]);
  return <DataGrid table={grid} />;
}
