import type { ViewerProps } from "../artifacts/registry";
import type { RoadmapDocument } from "./documents";
import { RoadmapView } from "./RoadmapView";

export default function RoadmapViewer({ document }: Pick<ViewerProps, "document">) {
  return <RoadmapView document={document as unknown as RoadmapDocument} />;
}
