import type { ViewerProps } from "../artifacts/registry";
import type { ProposalDocument } from "./documents";
import { ProposalView } from "./ProposalView";

export default function ProposalViewer({ document }: Pick<ViewerProps, "document">) {
  return <ProposalView document={document as unknown as ProposalDocument} />;
}
