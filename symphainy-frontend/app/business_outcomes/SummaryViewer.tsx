import type { ViewerProps } from "../artifacts/registry";
import type { SummaryDocument } from "./documents";
import { SummaryView } from "./SummaryView";

export default function SummaryViewer({ document }: Pick<ViewerProps, "document">) {
  return (
    <section>
      <h2 className="visually-hidden">The areas</h2>
      <SummaryView document={document as unknown as SummaryDocument} />
    </section>
  );
}
