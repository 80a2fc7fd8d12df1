import "./operations.css";
import type { ViewerProps } from "../artifacts/registry";
import type { Blueprint, Sop, WorkflowModel } from "./documents";
import { BlueprintDocument, WorkflowDocument } from "./Panels";
import { SopDocument } from "./SopDocument";

/** The area's results on their own page, in any of their versions. */
export default function OperationsViewer({ artifact, document }: ViewerProps) {
  switch (artifact.kind) {
    case "sop":
      return <SopDocument sop={document as unknown as Sop} />;
    case "workflow_model":
      return <WorkflowDocument workflow={document as unknown as WorkflowModel} />;
    default:
      return <BlueprintDocument blueprint={document as unknown as Blueprint} />;
  }
}
