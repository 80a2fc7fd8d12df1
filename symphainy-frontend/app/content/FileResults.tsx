import type { Session, SessionFile, State, Workflow } from "../../shared/sync/types";
import { artifactUrl, stateUrl } from "../data/addresses";
import { Loaded } from "../data/Loaded";
import { useReading } from "../data/reading";
import type { FileTab } from "../routing/route";
import { Button } from "../ui/Button";
import { Empty } from "../ui/Empty";
import { Notice } from "../ui/Notice";
import AskedForm from "../workflows/AskedForm";
import { fileResult, isFinished } from "../workflows/progress";
import { WorkflowCard } from "../workflows/WorkflowCard";
import { ChecksTab } from "./ChecksTab";
import type { FileCommands } from "./FileView";
import { MailHead } from "./MailHead";
import { MetadataTab } from "./MetadataTab";
import { PreviewTab } from "./PreviewTab";
import { ProfileTab } from "./ProfileTab";
import { ProvenanceTab } from "./ProvenanceTab";
import type { FileMetadata, Preview, Profile } from "./results";

interface FileResultsProps {
  readonly session: Session;
  readonly file: SessionFile;
  readonly workflow: Workflow | undefined;
  readonly tab: FileTab;
  readonly commands: FileCommands;
}

/** What a tab shows, or why there is nothing to show yet. */
export function FileResults({ session, file, workflow, tab, commands }: FileResultsProps) {
  if (workflow?.asked?.name.startsWith("copybook")) {
    return <AskedForm workflow={workflow} asked={workflow.asked} />;
  }
  if (workflow && !isFinished(workflow.status)) {
    return (
      <>
        <h2 className="visually-hidden">Analysis</h2>
        <WorkflowCard workflow={workflow} onCancel={commands.cancelWorkflow} />
      </>
    );
  }
  if (workflow && tab === "provenance") return <Provenance session={session} workflow={workflow} />;
  if (file.status !== "parsed") return <NoResults file={file} workflow={workflow} commands={commands} />;
  if (isMetadataOnly(workflow) && tab !== "metadata") {
    return (
      <div className="drop-empty">
        <Empty icon="columns" title="Only the metadata was read">
          No value of this file is stored beside the file itself, so there is nothing to show here.
        </Empty>
        <AnalyzeButton file={file} onAnalyze={commands.analyze} />
      </div>
    );
  }
  if (tab === "checks") {
    const url = urlOf(session, file, workflow, "metadata");
    return <ChecksTab session={session} file={file} metadataUrl={url} commands={commands} />;
  }
  return (
    <>
      <Warnings workflow={workflow} />
      <Results session={session} file={file} workflow={workflow} tab={tab} />
    </>
  );
}

function NoResults({ file, workflow, commands }: Omit<FileResultsProps, "session" | "tab">) {
  const failed = workflow?.status === "failed";
  if (file.status === "rejected" || failed) {
    return (
      <Notice
        tone="danger"
        title={file.status === "rejected" ? "This file could not be read" : "The analysis did not finish"}
        actions={<AnalyzeButton file={file} onAnalyze={commands.analyze} />}
      >
        {file.reason ?? workflow?.error?.message ?? "The file is kept as it was uploaded."}
      </Notice>
    );
  }
  return (
    <div className="drop-empty">
      <Empty
        icon="sparkline"
        title={workflow?.status === "cancelled" ? "The analysis was cancelled" : "Not analysed yet"}
      >
        The file is kept as it was uploaded.
      </Empty>
      <AnalyzeButton file={file} onAnalyze={commands.analyze} />
    </div>
  );
}

function AnalyzeButton({
  file,
  onAnalyze,
}: {
  readonly file: SessionFile;
  readonly onAnalyze: (fileId: string) => void;
}) {
  return (
    <Button look="primary" icon="sparkline" onClick={() => onAnalyze(file.file_id)}>
      {file.status === "rejected" ? "Try again" : "Analyse this file"}
    </Button>
  );
}

function Warnings({ workflow }: { readonly workflow: Workflow | undefined }) {
  const warnings = fileResult(workflow)?.warnings ?? [];
  if (warnings.length === 0) return null;
  return (
    <div className="file-warnings">
      <Notice tone="warn" title="While reading the file">
        <ul>
          {warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      </Notice>
    </div>
  );
}

type ResultTab = "preview" | "profile" | "metadata";

function Results({ session, file, workflow, tab }: Omit<FileResultsProps, "commands">) {
  const kind = tab as ResultTab;
  const url = urlOf(session, file, workflow, kind);
  const metadataUrl = urlOf(session, file, workflow, "metadata");
  if (url === null) return <Empty icon="document" title="This result is not kept any more" />;
  return (
    <>
      {kind === "preview" && file.kind === "email" && metadataUrl !== null && (
        <MailHead session={session} url={metadataUrl} attached={attachedTo(workflow)} />
      )}
      <Result key={url} url={url} kind={kind} />
    </>
  );
}

/** Where a result of the analysis is; null when it is not kept any more. */
function urlOf(session: Session, file: SessionFile, workflow: Workflow | undefined, kind: ResultTab): string | null {
  const named = fileResult(workflow)?.artifacts[kind];
  const found = Object.values(session.artifacts).findLast(
    (item) => item.file_id === file.file_id && item.kind === kind,
  )?.artifact_id;
  const artifactId = typeof named === "string" ? named : found;
  return artifactId === undefined ? null : artifactUrl(session.session_id, artifactId);
}

const isMetadataOnly = (workflow: Workflow | undefined): boolean => workflow?.result?.metadata_only === true;

/** The files that an e-mail's attachments became. */
function attachedTo(workflow: Workflow | undefined): readonly string[] {
  const attached = workflow?.result?.attachments;
  if (!Array.isArray(attached)) return [];
  return attached.flatMap((item) =>
    typeof item === "object" && item !== null && "file_id" in item && typeof item.file_id === "string"
      ? [item.file_id]
      : [],
  );
}

function Result({ url, kind }: { readonly url: string; readonly kind: ResultTab }) {
  const reading = useReading<unknown>(url);
  return (
    <Loaded reading={reading} what={kind}>
      {(value) => {
        switch (kind) {
          case "preview":
            return <PreviewTab preview={value as Preview} />;
          case "profile":
            return <ProfileTab profile={value as Profile} />;
          case "metadata":
            return <MetadataTab metadata={value as FileMetadata} />;
        }
      }}
    </Loaded>
  );
}

function Provenance({ session, workflow }: { readonly session: Session; readonly workflow: Workflow }) {
  const stateId = fileResult(workflow)?.stateId ?? null;
  const delegations = session.delegations.filter((link) => link.workflow_id === workflow.workflow_id);
  if (stateId === null) return <ProvenanceTab workflow={workflow} delegations={delegations} state={null} />;
  return (
    <KeptProvenance
      key={stateId}
      url={stateUrl(session.session_id, stateId)}
      workflow={workflow}
      delegations={delegations}
    />
  );
}

function KeptProvenance({
  url,
  workflow,
  delegations,
}: {
  readonly url: string;
  readonly workflow: Workflow;
  readonly delegations: Session["delegations"];
}) {
  const reading = useReading<State>(url);
  return (
    <Loaded reading={reading} what="provenance">
      {(state) => <ProvenanceTab workflow={workflow} delegations={delegations} state={state} />}
    </Loaded>
  );
}
