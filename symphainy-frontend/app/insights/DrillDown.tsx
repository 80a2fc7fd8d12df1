import { type FormEvent, useState } from "react";
import type { JsonObject, Session, Workflow } from "../../shared/sync/types";
import type { AreaCommands } from "../areas/commands";
import { artifactUrl } from "../data/addresses";
import { Loaded } from "../data/Loaded";
import { useReading } from "../data/reading";
import { Link } from "../routing/Link";
import { Button } from "../ui/Button";
import { Notice } from "../ui/Notice";
import { AnswerView } from "./AnswerView";
import type { Answer } from "./documents";
import { ShapeToggle, useShape } from "./ShapeToggle";

interface DrillDownProps {
  readonly session: Session;
  readonly fileId: string;
  readonly table: string;
  readonly commands: AreaCommands;
}

export const QUERY = "query_analysis_results";

/** Questions in plain English about the rows; each goes on from the answer that is shown. */
export function DrillDown({ session, fileId, table, commands }: DrillDownProps) {
  const [question, setQuestion] = useState("");
  const asked = Object.values(session.workflows).filter(
    (item) =>
      item.operation === QUERY && item.input.file_id === fileId && item.input.table === table && !item.input.finding_id,
  );
  const latest = asked.at(-1);
  const answered = asked.findLast((item) => typeof item.result?.artifact_id === "string");
  const ask = (words: string) => {
    const input: Record<string, string> = { question: words, file_id: fileId, table };
    if (typeof answered?.result?.artifact_id === "string") input.artifact_id = answered.result.artifact_id;
    commands.start("Asking", QUERY, input);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const words = question.trim();
    if (!words) return;
    ask(words);
    setQuestion("");
  };
  return (
    <section className="drill-down" aria-labelledby="drill-title">
      <h2 id="drill-title">Ask about the rows</h2>
      <form className="drill-form" onSubmit={submit}>
        <input
          type="text"
          value={question}
          onChange={(event) => setQuestion(event.target.value)}
          placeholder="Which customers are more than 90 days late?"
          aria-label="Your question about the rows"
          maxLength={600}
          data-testid="drill-question"
        />
        <Button look="primary" icon="send" type="submit" disabled={question.trim() === ""}>
          Ask
        </Button>
      </form>
      {latest && <Outcome key={latest.workflow_id} session={session} workflow={latest} table={table} onAsk={ask} />}
    </section>
  );
}

interface OutcomeProps {
  readonly session: Session;
  readonly workflow: Workflow;
  readonly table: string;
  readonly onAsk: (question: string) => void;
}

function Outcome({ session, workflow, table, onAsk }: OutcomeProps) {
  const result = workflow.result;
  if (workflow.status === "failed") {
    return (
      <Notice tone="danger" title={workflow.title}>
        {workflow.error?.message ?? "It could not be answered."}
      </Notice>
    );
  }
  if (result === null) {
    const step = workflow.steps.find((item) => item.status === "processing");
    return (
      <p className="quiet" role="status">
        {step?.detail || "Looking it up"}: {workflow.title}
      </p>
    );
  }
  if (typeof result.unclear === "string") return <AskedBack result={result} reason={result.unclear} onAsk={onAsk} />;
  return <Answered session={session} result={result} table={table} onAsk={onAsk} />;
}

interface AskedBackProps {
  readonly result: JsonObject;
  readonly reason: string;
  readonly onAsk: (question: string) => void;
}

function AskedBack({ result, reason, onAsk }: AskedBackProps) {
  const options = (result.options ?? []) as unknown as readonly { label: string; question: string }[];
  return (
    <Notice
      tone="warn"
      title={reason}
      actions={options.map((option) => (
        <Button key={option.question} small onClick={() => onAsk(option.question)}>
          {option.label}
        </Button>
      ))}
    >
      {typeof result.question === "string" ? `You asked: ${result.question}` : null}
    </Notice>
  );
}

function Answered({
  session,
  result,
  table,
  onAsk,
}: Pick<OutcomeProps, "session" | "table" | "onAsk"> & { readonly result: JsonObject }) {
  const artifactId = String(result.artifact_id);
  const version = session.artifacts[artifactId]?.version;
  const reading = useReading<Answer>(
    version === undefined ? null : artifactUrl(session.session_id, artifactId, { version }),
  );
  const [shape, setShape] = useShape("table");
  return (
    <div className="drill-answer">
      <div className="drill-head">
        <h3>{String(result.question)}</h3>
        <Link to={{ area: "insights", artifactId }}>Open this answer</Link>
      </div>
      <Loaded reading={reading} what="answer">
        {(answer) => (
          <>
            {answer.chart && <ShapeToggle shape={shape} onShape={setShape} />}
            <AnswerView answer={answer} name={table} shape={shape} />
            <div className="drill-follow-ups">
              {(answer.follow_ups ?? [])
                .filter((words) => !(answer.chart && /chart/i.test(words)))
                .map((words) => (
                  <Button key={words} small onClick={() => onAsk(words)}>
                    {label(words)}
                  </Button>
                ))}
            </div>
          </>
        )}
      </Loaded>
    </div>
  );
}

/** A follow-up as a button says it. */
const label = (words: string): string => {
  const plain = words.replaceAll('"', "");
  return plain.charAt(0).toUpperCase() + plain.slice(1);
};
