/** Which component shows which kind of artifact. A kind without a line is shown as a readable document. */

import type { Artifact, ArtifactVersion, JsonObject, Session } from "../../shared/sync/types";
import type { AreaPageProps } from "../areas/pages";
import { type Part, part } from "../ui/part";

export interface ViewerProps extends Omit<AreaPageProps, "session"> {
  readonly session: Session;
  readonly artifact: Artifact;
  /** The version that is shown. */
  readonly version: ArtifactVersion;
  /** Its JSON document, as the orchestrator kept it. */
  readonly document: JsonObject;
}

export type Viewer = Part<ViewerProps>;

export const DocumentViewer = part(() => import("./DocumentViewer"));

const OperationsViewer = part(() => import("../operations/OperationsViewer"));

const VIEWERS: Readonly<Record<string, Viewer>> = {
  insights: part(() => import("../insights/InsightsViewer")),
  answer: part(() => import("../insights/AnswerViewer")),
  chart: part(() => import("../insights/AnswerViewer")),
  document_insights: part(() => import("../insights/DocumentInsightsViewer")),
  sop: OperationsViewer,
  workflow_model: OperationsViewer,
  blueprint: OperationsViewer,
  summary: part(() => import("../business_outcomes/SummaryViewer")),
  roadmap: part(() => import("../business_outcomes/RoadmapViewer")),
  proposal: part(() => import("../business_outcomes/ProposalViewer")),
};

export const viewerOf = (kind: string): Viewer =>
  (Object.hasOwn(VIEWERS, kind) ? VIEWERS[kind] : undefined) ?? DocumentViewer;
