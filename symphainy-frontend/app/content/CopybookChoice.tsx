import "./copybook.css";
import { type FormEvent, useId, useState } from "react";
import { useGlobalSession } from "../../shared/session/context";
import type { Asked, Session, SessionFile, Workflow } from "../../shared/sync/types";
import { useAttempt } from "../shell/failures";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { useDropping } from "./Dropping";
import { isUnknown } from "./kinds";

interface CopybookChoiceProps {
  readonly session: Session;
  readonly file: SessionFile;
  readonly workflow: Workflow;
  readonly asked: Asked;
}

const ENDING = /\.(cpy|cob|cbl|copybook)$/i;
/** More files than this are a list to open. */
const MOST_RADIOS = 6;

/** The session's copybooks; then whatever else may be one: text, and what could not be read as anything. */
function candidatesFor(session: Session, file: SessionFile): readonly SessionFile[] {
  const others = Object.values(session.files).filter((item) => item.file_id !== file.file_id);
  const copybooks = others.filter((item) => item.kind === "copybook" || ENDING.test(item.name));
  const texts = others.filter(
    (item) =>
      !copybooks.includes(item) &&
      (item.kind === "text" || (item.status === "rejected" && isUnknown(item.kind, item.name))),
  );
  return [...copybooks, ...texts];
}

/** Binary data says nothing of itself: the user chooses the copybook that describes it, or uploads it first. */
export function CopybookChoice({ session, file, workflow, asked }: CopybookChoiceProps) {
  const { client } = useGlobalSession();
  const attempt = useAttempt();
  const { choose } = useDropping();
  const known = candidatesFor(session, file);
  const id = useId();
  const pages = asked.questions.find((question) => question.name === "code_page")?.options ?? [];
  const [picked, setPicked] = useState<string | null>(null);
  const [page, setPage] = useState("");
  const chosen = known.some((item) => item.file_id === picked) ? picked : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (chosen === null) return;
    const answers = { copybook: chosen, ...(page === "" ? {} : { code_page: page }) };
    attempt("Sending the copybook", (commandId) =>
      client.answerWorkflow(workflow.workflow_id, asked.name, answers, { commandId }),
    );
  };
  return (
    <form className="copybook" onSubmit={submit} data-testid="copybook-choice" aria-labelledby={`${id}-title`}>
      <p id={`${id}-title`} className="copybook-title">
        {asked.title}
      </p>
      <p className="quiet">A copybook says where each field of a record is, and what it holds.</p>
      {known.length > 0 && <Files files={known} chosen={chosen} onChoose={setPicked} />}
      {known.length > 0 && (
        <label className="copybook-page">
          Code page
          <select value={page} onChange={(event) => setPage(event.target.value)}>
            <option value="">Told by the data</option>
            {pages.map((option) => (
              <option key={option}>{option}</option>
            ))}
          </select>
        </label>
      )}
      <div className="copybook-buttons">
        {known.length > 0 && (
          <Button look="primary" type="submit" disabled={chosen === null}>
            Read the records
          </Button>
        )}
        <Button icon="upload" look={known.length > 0 ? "plain" : "primary"} onClick={choose}>
          Upload a copybook
        </Button>
      </div>
    </form>
  );
}

interface FilesProps {
  readonly files: readonly SessionFile[];
  readonly chosen: string | null;
  readonly onChoose: (fileId: string) => void;
}

function Files({ files, chosen, onChoose }: FilesProps) {
  const name = useId();
  if (files.length > MOST_RADIOS) {
    return (
      <label className="copybook-page">
        Copybook
        <select value={chosen ?? ""} onChange={(event) => onChoose(event.target.value)}>
          <option value="">Choose a file</option>
          {files.map((item) => (
            <option key={item.file_id} value={item.file_id}>
              {item.name}
            </option>
          ))}
        </select>
      </label>
    );
  }
  return (
    <fieldset>
      <legend>Copybook</legend>
      {files.map((item) => (
        <label key={item.file_id} className="copybook-item">
          <input type="radio" name={name} checked={chosen === item.file_id} onChange={() => onChoose(item.file_id)} />
          <Icon name={item.kind === "copybook" || ENDING.test(item.name) ? "code" : "document"} /> {item.name}
        </label>
      ))}
    </fieldset>
  );
}
