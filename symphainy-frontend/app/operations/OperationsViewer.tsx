import "./operations.css";
import type { ViewerProps } from "../artifacts/registry";
import { blueprintOf, sopOf, workflowOf } from "./documents";
import { BlueprintDocument, WorkflowDocument } from "./Panels";
import { SopDocument } from "./SopDocument";

/** The area's results on their own page, in any of their versions. */
export default function OperationsViewer({ artifact, document }: ViewerProps) {
  switch (artifact.kind) {
    case "sop":
      return <SopDocument sop={sopOf(document)} />;
    case "workflow_model":
      return <WorkflowDocument workflow={workflowOf(document)} />;
    default:
      return <BlueprintDocument blueprint={blueprintOf(document)} />;
  }
}
