import "./questions.css";
import { type FormEvent, useRef, useState } from "react";
import { useConnection } from "../../shared/hooks/useConnection";
import { useGlobalSession } from "../../shared/session/context";
import { newCommandId } from "../../shared/sync/environment";
import { ProblemError } from "../../shared/sync/problem";
import type { Asked, JsonObject, JsonValue, Workflow } from "../../shared/sync/types";
import { Button } from "../ui/Button";
import { Notice } from "../ui/Notice";
import { checkDraft, type Faults, offeredFor, useFormDraft } from "./answers";
import { QuestionField } from "./QuestionField";

interface QuestionsFormProps {
  readonly workflow: Workflow;
  readonly asked: Asked;
}

/** What a workflow waits for. Nothing is filled in but by the user, who may take all that is offered at once; what was typed is kept until it is sent. */
export default function QuestionsForm({ workflow, asked }: QuestionsFormProps) {
  const { client } = useGlobalSession();
  const { state } = useConnection();
  const { draft, set, forget } = useFormDraft(workflow.workflow_id, asked.name);
  const [faults, setFaults] = useState<Faults>({});
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const [sending, setSending] = useState(false);
  const commandId = useRef(newCommandId());
  const form = useRef<HTMLFormElement>(null);
  const offline = state !== "live";

  const show = (found: Faults) => {
    setFaults(found);
    const first = asked.questions.find((question) => found[question.name]);
    if (first) form.current?.querySelector<HTMLElement>(`[data-question="${CSS.escape(first.name)}"]`)?.focus();
  };
  const send = async (answers: JsonObject) => {
    setSending(true);
    setProblem(null);
    try {
      await client.answerWorkflow(workflow.workflow_id, asked.name, answers, { commandId: commandId.current });
      forget();
    } catch (reason) {
      commandId.current = newCommandId();
      const failed = reason instanceof ProblemError ? reason : ProblemError.unreachable(reason);
      const named = faultsOf(failed.details.fields);
      if (Object.keys(named).length > 0) show(named);
      else setProblem(failed);
    } finally {
      setSending(false);
    }
  };
  const offered = Object.entries(offeredFor(asked.questions, draft));
  const takeAll = () => {
    for (const [name, text] of offered) set(name, text);
    setFaults({});
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (offline || sending) return;
    const checked = checkDraft(asked.questions, draft);
    show(checked.faults);
    if (Object.keys(checked.faults).length === 0) void send(checked.answers);
  };
  return (
    <form
      className="questions"
      ref={form}
      onSubmit={submit}
      noValidate
      aria-label={asked.title}
      data-testid="questions"
    >
      <p className="questions-title">{asked.title}</p>
      {offered.length > 1 && (
        <p className="questions-offer quiet">
          <Button small onClick={takeAll}>
            Use all {offered.length} suggested values
          </Button>
          <span>Each has its source beside it, and can be changed before you send it.</span>
        </p>
      )}
      {asked.questions.map((question) => (
        <QuestionField
          key={question.name}
          question={question}
          text={draft[question.name] ?? ""}
          fault={faults[question.name]}
          onText={(text) => {
            set(question.name, text);
            if (faults[question.name]) setFaults({ ...faults, [question.name]: "" });
          }}
        />
      ))}
      {problem && (
        <div role="alert">
          <Notice tone="danger" title="Your answers were not taken">
            {problem.detail}
          </Notice>
        </div>
      )}
      <div className="questions-foot">
        <Button look="primary" type="submit" disabled={offline || sending}>
          {sending ? "Sending" : "Send the answers"}
        </Button>
        <span className="quiet" role="status">
          {offline && "There is no connection. What you write is kept here, and can be sent when it is back."}
        </span>
      </div>
    </form>
  );
}

/** What the server found wrong, by field. */
function faultsOf(fields: JsonValue | undefined): Faults {
  const found: Record<string, string> = {};
  if (!Array.isArray(fields)) return found;
  for (const item of fields as readonly JsonObject[]) found[String(item.field)] = String(item.message);
  return found;
}
