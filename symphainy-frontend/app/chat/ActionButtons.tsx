import type { Action, Workflow } from "../../shared/sync/types";
import { Button } from "../ui/Button";
import type { IconName } from "../ui/Icon";
import { isFinished } from "../workflows/progress";

interface ActionButtonsProps {
  readonly actions: readonly Action[];
  readonly workflows: Readonly<Record<string, Workflow>>;
  /** The workflow whose card stands above: it has a form of its own, and a button to cancel. */
  readonly shown: string | undefined;
  /** Whether this is the newest answer. */
  readonly newest: boolean;
  readonly onAction: (action: Action) => void;
}

const ICONS: Readonly<Partial<Record<Action["kind"], IconName>>> = {
  upload_file: "upload",
  open_area: "arrow",
  open_file: "arrow",
  open_artifact: "arrow",
  retry_run: "retry",
};

/** What the answer offers to do next, without what is of no use any more. */
export function ActionButtons(props: ActionButtonsProps) {
  const open = props.actions.filter((action) => isOpen(action, props));
  if (open.length === 0) return null;
  return (
    <ul className="actions" aria-label="Suggested next steps">
      {open.map((action) => (
        <li key={`${action.kind} ${action.label}`}>
          <Button
            small
            {...(ICONS[action.kind] ? { icon: ICONS[action.kind] } : {})}
            onClick={() => props.onAction(action)}
          >
            {action.label}
          </Button>
        </li>
      ))}
    </ul>
  );
}

function isOpen({ kind, target }: Action, { workflows, shown, newest }: ActionButtonsProps): boolean {
  if (kind === "send_message") return newest;
  if (kind === "answer_workflow") {
    const asking = workflows[String(target.workflow_id)];
    return asking?.asked?.name === target.name && asking?.workflow_id !== shown;
  }
  if (kind !== "cancel_workflow") return true;
  const workflow = workflows[String(target.workflow_id)];
  return workflow !== undefined && workflow.workflow_id !== shown && !isFinished(workflow.status);
}
