import "./content.css";
import "./files.css";
import "./file.css";
import "./results.css";
import "./facts.css";
import { useState } from "react";
import type { JsonObject, Session, SessionFile, Workflow } from "../../shared/sync/types";
import { Link } from "../routing/Link";
import { FILE_TABS, type FileTab } from "../routing/route";
import { ConfirmDialog } from "../ui/Dialog";
import { Empty } from "../ui/Empty";
import { Icon } from "../ui/Icon";
import { panelId, Tabs, tabId } from "../ui/Tabs";
import { isFinished } from "../workflows/progress";
import { FileHead } from "./FileHead";
import { FileResults } from "./FileResults";

export interface FileCommands {
  readonly cancelWorkflow: (workflowId: string) => void;
  readonly analyze: (fileId: string) => void;
  readonly remove: (fileId: string) => void;
  readonly validate: (fileId: string, rules: readonly JsonObject[]) => void;
  readonly convert: (fileId: string, format: string, table: string) => void;
}

interface FileViewProps {
  readonly session: Session;
  readonly fileId: string;
  readonly tab: FileTab;
  readonly onTab: (tab: FileTab) => void;
  readonly commands: FileCommands;
}

export default function FileView({ session, fileId, tab, onTab, commands }: FileViewProps) {
  const file = session.files[fileId];
  return (
    <div className="page">
      <Link to={{ area: "content" }} className="file-back">
        <Icon name="back" size={14} /> All files
      </Link>
      {file ? (
        <OneFile session={session} file={file} tab={tab} onTab={onTab} commands={commands} />
      ) : (
        <Empty icon="document" title="This file is not in this session">
          It was removed, or it belongs to another session.
        </Empty>
      )}
    </div>
  );
}

interface OneFileProps extends Omit<FileViewProps, "fileId"> {
  readonly file: SessionFile;
}

const LABELS: Readonly<Record<FileTab, string>> = {
  preview: "Preview",
  profile: "Profile",
  checks: "Checks",
  metadata: "Metadata",
  provenance: "Provenance",
};

function OneFile({ session, file, tab, onTab, commands }: OneFileProps) {
  const [removing, setRemoving] = useState(false);
  const workflow = resultsOf(session, file);
  return (
    <article className="file-view" aria-labelledby="file-title" data-testid="file-view" data-status={file.status}>
      <FileHead
        session={session}
        file={file}
        workflow={workflow}
        onRemove={() => setRemoving(true)}
        onConvert={(format, table) => commands.convert(file.file_id, format, table)}
      />
      <div className="file-tabs">
        <Tabs
          id="file"
          label={`Views of ${file.name}`}
          tabs={FILE_TABS.map((name) => ({ name, label: LABELS[name] }))}
          selected={tab}
          onSelect={onTab}
        />
      </div>
      <div
        id={panelId("file")}
        role="tabpanel"
        aria-labelledby={tabId("file", tab)}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a tab panel is focusable, so that its text can be reached
        tabIndex={0}
        className="file-panel"
      >
        <FileResults session={session} file={file} workflow={workflow} tab={tab} commands={commands} />
      </div>
      {removing && (
        <ConfirmDialog
          title={`Remove “${file.name}”?`}
          confirm="Remove file"
          onClose={() => setRemoving(false)}
          onConfirm={() => {
            setRemoving(false);
            commands.remove(file.file_id);
          }}
        >
          The file and everything that was made from it are erased. The conversations stay.
        </ConfirmDialog>
      )}
    </article>
  );
}

/** The workflow that made what is shown: the one going on, else the file's newest. */
function resultsOf(session: Session, file: SessionFile): Workflow | undefined {
  const reading = Object.values(session.workflows).filter(
    (item) =>
      item.input.file_id === file.file_id &&
      (item.operation === "analyze_file" || item.operation === "extract_metadata"),
  );
  const named = reading.find((item) => item.workflow_id === file.workflow_id);
  return reading.findLast((item) => !isFinished(item.status)) ?? named ?? reading.at(-1);
}
