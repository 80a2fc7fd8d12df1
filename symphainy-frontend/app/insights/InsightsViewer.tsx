import type { ViewerProps } from "../artifacts/registry";
import type { InsightsDocument } from "./documents";
import { FindingsView } from "./FindingsView";
import { ShapeToggle, useShape } from "./ShapeToggle";

/** A version of an analysis. */
export default function InsightsViewer({ document, onAsk }: ViewerProps) {
  const [shape, setShape] = useShape("chart");
  return (
    <>
      <ShapeToggle shape={shape} onShape={setShape} />
      <FindingsView
        document={document as unknown as InsightsDocument}
        shape={shape}
        onExplain={(words) => onAsk(words)}
      />
    </>
  );
}
