import type { Action, Workflow } from "../../shared/sync/types";
import { Button } from "../ui/Button";
import type { IconName } from "../ui/Icon";
import { isFinished } from "../workflows/progress";

interface ActionButtonsProps {
  readonly actions: readonly Action[];
  readonly workflows: Readonly<Record<string, Workflow>>;
  /** The workflow whose card stands above: it has a button of its own to cancel. */
  readonly shown: string | undefined;
  readonly onAction: (action: Action) => void;
}

const ICONS: Readonly<Partial<Record<Action["kind"], IconName>>> = {
  upload_file: "upload",
  open_area: "arrow",
  open_file: "arrow",
  retry_run: "retry",
};

/** What the answer offers to do next. An offer that is of no use any more, to cancel what has ended, is not shown. */
export function ActionButtons({ actions, workflows, shown, onAction }: ActionButtonsProps) {
  const open = actions.filter((action) => isOpen(action, workflows, shown));
  if (open.length === 0) return null;
  return (
    <ul className="actions" aria-label="Suggested next steps">
      {open.map((action) => (
        <li key={`${action.kind} ${action.label}`}>
          <Button small {...(ICONS[action.kind] ? { icon: ICONS[action.kind] } : {})} onClick={() => onAction(action)}>
            {action.label}
          </Button>
        </li>
      ))}
    </ul>
  );
}

type Workflows = ActionButtonsProps["workflows"];

function isOpen(action: Action, workflows: Workflows, shown: string | undefined): boolean {
  if (action.kind !== "cancel_workflow") return true;
  if (action.target.workflow_id === shown) return false;
  const workflow = workflows[String(action.target.workflow_id)];
  return workflow !== undefined && !isFinished(workflow.status);
}
