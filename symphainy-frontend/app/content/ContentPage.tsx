import "./content.css";
import "./files.css";
import { useState } from "react";
import { useGlobalSession, useView } from "../../shared/session/context";
import type { Meta, Session, SessionFile, Workflow } from "../../shared/sync/types";
import { AREAS, areaOf } from "../areas/catalogue";
import type { AreaPageProps } from "../areas/pages";
import { useMeta } from "../meta";
import { uploadsOf } from "../parts";
import { Button } from "../ui/Button";
import { Empty } from "../ui/Empty";
import { Icon, type IconName } from "../ui/Icon";
import { Notice } from "../ui/Notice";
import { isFinished } from "../workflows/progress";
import { WorkflowCard } from "../workflows/WorkflowCard";
import { useDropping } from "./Dropping";
import { FileTable } from "./FileTable";
import Samples from "./Samples";
import { UploadList } from "./UploadList";
import { limitSentence, refusedTitle } from "./uploadChecks";

export default function ContentPage({ session, commands }: AreaPageProps) {
  const { client } = useGlobalSession();
  const uploads = useView(uploadsOf);
  const meta = useMeta();
  const retry = (uploadId: string) => void client.retryUpload(uploadId).catch(() => undefined);
  const files = Object.values(session.files).toReversed();
  const going = Object.values(session.workflows).filter(
    (workflow) => workflow.orchestrator === "ContentAnalysisOrchestrator" && !isFinished(workflow.status),
  );
  const nothing = files.length === 0 && uploads.length === 0;
  // Who began with a sample may want another one: they stay open until the page is left.
  const [beganEmpty] = useState(nothing);
  return (
    <div className="page">
      <ContentHead withButton={!nothing} />
      <RefusedNotice />
      <UploadList uploads={uploads} onCancel={(uploadId) => client.cancelUpload(uploadId)} onRetry={retry} />
      <Going workflows={going} onCancel={commands.cancelWorkflow} />
      {nothing && <NoFiles meta={meta} />}
      {nothing ? (
        <section className="content-section" aria-labelledby="samples-title">
          <h2 id="samples-title">Or try with sample data</h2>
          <Samples session={session} />
        </section>
      ) : (
        <>
          <Files files={files} session={session} />
          <SamplesLater session={session} openAtFirst={beganEmpty} />
        </>
      )}
      {nothing && <Gains />}
    </div>
  );
}

const SHOWN_WHOLE = 2;

/** What is being worked on, with every step as long as there are few. */
function Going({
  workflows,
  onCancel,
}: {
  readonly workflows: readonly Workflow[];
  readonly onCancel: (id: string) => void;
}) {
  if (workflows.length === 0) return null;
  return (
    <section className="content-section" aria-labelledby="going-title">
      <h2 id="going-title">In progress</h2>
      {workflows.map((workflow) => (
        <WorkflowCard
          key={workflow.workflow_id}
          workflow={workflow}
          onCancel={onCancel}
          compact={workflows.length > SHOWN_WHOLE}
        />
      ))}
    </section>
  );
}

function ContentHead({ withButton }: { readonly withButton: boolean }) {
  const area = areaOf("content");
  const { choose } = useDropping();
  return (
    <header className="page-title-row">
      <div className="page-head">
        <p className="page-place">Step 1 of {AREAS.length}</p>
        <h1>{area.label}</h1>
        <p className="lede">{area.purpose}</p>
      </div>
      {withButton && (
        <div className="upload-choice">
          <Button look="primary" icon="upload" onClick={choose}>
            Upload files
          </Button>
          <MetadataOnly />
        </div>
      )}
    </header>
  );
}

function NoFiles({ meta }: { readonly meta: Meta | null }) {
  const { choose } = useDropping();
  return (
    <div className="drop-empty">
      <Empty icon="upload" title="Bring your first file">
        Drop it anywhere on this page. You will see every step of its analysis.
      </Empty>
      <Button look="primary" icon="upload" onClick={choose}>
        Choose files
      </Button>
      <MetadataOnly />
      <p className="drop-kinds">
        Tables, PDF and office documents, HTML, text, e-mail, pictures of text, and mainframe records with their
        copybook, {limitSentence(meta)}
      </p>
    </div>
  );
}

/** For people who do not want their data touched. */
function MetadataOnly() {
  const { metadataOnly, setMetadataOnly } = useDropping();
  return (
    <label className="metadata-only">
      <input type="checkbox" checked={metadataOnly} onChange={(event) => setMetadataOnly(event.target.checked)} />
      Read only the metadata
      <span className="quiet">columns and types; no value is stored beside the file</span>
    </label>
  );
}

function SamplesLater({ session, openAtFirst }: { readonly session: Session; readonly openAtFirst: boolean }) {
  const [open, setOpen] = useState(openAtFirst);
  return (
    <details className="samples-offer" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Sample data</summary>
      {open && <Samples session={session} />}
    </details>
  );
}

const GAINS: readonly (readonly [IconName, string, string])[] = [
  ["table", "Typed tables", "Every column with its type, as Parquet to take along"],
  ["sparkline", "A profile", "Distributions, missing values, and what looks wrong"],
  ["link", "Provenance", "Which service made what, when, and from which file"],
];

function Gains() {
  return (
    <ul className="gains" aria-label="What you get">
      {GAINS.map(([icon, title, text]) => (
        <li key={title}>
          <Icon name={icon} />
          <div>
            <strong>{title}</strong>
            <p className="quiet">{text}</p>
          </div>
        </li>
      ))}
    </ul>
  );
}

function RefusedNotice() {
  const { refused, forgetRefused } = useDropping();
  if (refused.length === 0) return null;
  return (
    <div role="alert" data-testid="refused-files">
      <Notice
        tone="warn"
        title={refusedTitle(refused)}
        actions={
          <Button small onClick={forgetRefused}>
            Dismiss
          </Button>
        }
      >
        <ul>
          {refused.map(({ name, reason }) => (
            <li key={name}>{refused.length > 1 ? `${name}: ${reason}` : reason}</li>
          ))}
        </ul>
      </Notice>
    </div>
  );
}

function Files({ files, session }: { readonly files: readonly SessionFile[]; readonly session: Session }) {
  if (files.length === 0) return null;
  const workflowOf = (file: SessionFile): Workflow | undefined => session.workflows[file.workflow_id ?? ""];
  return (
    <section className="content-section" aria-labelledby="files-title">
      <h2 id="files-title">Files</h2>
      <FileTable files={files} workflowOf={workflowOf} />
    </section>
  );
}
