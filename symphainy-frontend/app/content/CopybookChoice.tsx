import "./copybook.css";
import { type FormEvent, useState } from "react";
import { useGlobalSession } from "../../shared/session/context";
import type { Asked, Session, SessionFile, Workflow } from "../../shared/sync/types";
import { useAttempt } from "../shell/failures";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { useDropping } from "./Dropping";

interface CopybookChoiceProps {
  readonly session: Session;
  readonly file: SessionFile;
  readonly workflow: Workflow;
  readonly asked: Asked;
}

const ENDING = /\.(cpy|cob|cbl|copybook)$/i;

/** Binary data says nothing of itself: the user chooses the copybook that describes it, or uploads it first. */
export function CopybookChoice({ session, file, workflow, asked }: CopybookChoiceProps) {
  const { client } = useGlobalSession();
  const attempt = useAttempt();
  const { choose } = useDropping();
  const known = Object.values(session.files).filter(
    (item) => item.file_id !== file.file_id && (item.kind === "copybook" || ENDING.test(item.name)),
  );
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
    <form className="copybook" onSubmit={submit} data-testid="copybook-choice" aria-labelledby="copybook-title">
      <h2 id="copybook-title">Which copybook describes this file?</h2>
      <p className="quiet">
        {file.name} holds binary data. A COBOL copybook says where each field of its records is, and what it holds.
      </p>
      {known.length > 0 && (
        <fieldset>
          <legend>Copybook</legend>
          {known.map((item) => (
            <label key={item.file_id} className="copybook-item">
              <input
                type="radio"
                name="copybook"
                checked={chosen === item.file_id}
                onChange={() => setPicked(item.file_id)}
              />
              <Icon name="code" /> {item.name}
            </label>
          ))}
        </fieldset>
      )}
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
