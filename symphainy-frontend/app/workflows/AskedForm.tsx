import "./questions.css";
import { useView } from "../../shared/session/context";
import type { Asked, Workflow } from "../../shared/sync/types";
import { CopybookChoice } from "../content/CopybookChoice";
import { sessionOf } from "../parts";
import { useMediaQuery } from "../shell/useMediaQuery";
import { Button } from "../ui/Button";
import { useFormInPage } from "./inPage";
import QuestionsForm from "./QuestionsForm";

interface AskedFormProps {
  readonly workflow: Workflow;
  readonly asked: Asked;
  /** In the chat: where the page beside it has the same form, there is only the way to it. */
  readonly inChat?: boolean;
}

const NARROW = "(max-width: 859px)";
const FIELDS = "input, select, textarea, button";

/** What a workflow waits for: the form that fits it, once on the screen. */
export default function AskedForm({ workflow, asked, inChat = false }: AskedFormProps) {
  const session = useView(sessionOf);
  const narrow = useMediaQuery(NARROW);
  const inPage = useFormInPage(workflow.workflow_id, !inChat);
  const file = session?.files[String(workflow.input.file_id)];
  if (inChat && inPage && !narrow) return <Beside workflowId={workflow.workflow_id} />;
  return (
    <div data-asked={workflow.workflow_id}>
      {session && file && asked.name.startsWith("copybook") ? (
        <CopybookChoice session={session} file={file} workflow={workflow} asked={asked} />
      ) : (
        <QuestionsForm workflow={workflow} asked={asked} />
      )}
    </div>
  );
}

function Beside({ workflowId }: { readonly workflowId: string }) {
  const go = () => {
    const form = document.querySelector(`#main [data-asked="${CSS.escape(workflowId)}"]`);
    form?.scrollIntoView({ block: "nearest" });
    form?.querySelector<HTMLElement>(FIELDS)?.focus();
  };
  return (
    <p className="questions-beside">
      <span className="quiet">The form for your answers is beside this chat.</span>
      <Button small onClick={go}>
        Go to the form
      </Button>
    </p>
  );
}
