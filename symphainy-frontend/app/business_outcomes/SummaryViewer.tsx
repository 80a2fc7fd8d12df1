import type { ViewerProps } from "../artifacts/registry";
import type { SummaryDocument } from "./documents";
import { SummaryView } from "./SummaryView";

export default function SummaryViewer({ document }: Pick<ViewerProps, "document">) {
  return <SummaryView document={document as unknown as SummaryDocument} />;
}
