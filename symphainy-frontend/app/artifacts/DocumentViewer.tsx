import type { ViewerProps } from "./registry";
import { Value } from "./Value";

/** Any document, readable. */
export default function DocumentViewer({ document }: Pick<ViewerProps, "document">) {
  return (
    <div className="document-view">
      <Value value={document} />
    </div>
  );
}
