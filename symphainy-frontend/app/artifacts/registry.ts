/** Which component shows which kind of artifact. A kind without a line is shown as a readable document. */

import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import type { Artifact, ArtifactVersion, JsonObject, Session } from "../../shared/sync/types";
import type { AreaPageProps } from "../areas/pages";

export interface ViewerProps extends Omit<AreaPageProps, "session"> {
  readonly session: Session;
  readonly artifact: Artifact;
  /** The version that is shown. */
  readonly version: ArtifactVersion;
  /** Its JSON document, as the orchestrator kept it. */
  readonly document: JsonObject;
}

export type Viewer = LazyExoticComponent<ComponentType<ViewerProps>>;

export const DocumentViewer = lazy(() => import("./DocumentViewer"));

const OperationsViewer = lazy(() => import("../operations/OperationsViewer"));

const VIEWERS: Readonly<Record<string, Viewer>> = {
  insights: lazy(() => import("../insights/InsightsViewer")),
  answer: lazy(() => import("../insights/AnswerViewer")),
  chart: lazy(() => import("../insights/AnswerViewer")),
  document_insights: lazy(() => import("../insights/DocumentInsightsViewer")),
  sop: OperationsViewer,
  workflow_model: OperationsViewer,
  blueprint: OperationsViewer,
  summary: lazy(() => import("../business_outcomes/SummaryViewer")),
  roadmap: lazy(() => import("../business_outcomes/RoadmapViewer")),
  proposal: lazy(() => import("../business_outcomes/ProposalViewer")),
};

export const viewerOf = (kind: string): Viewer =>
  (Object.hasOwn(VIEWERS, kind) ? VIEWERS[kind] : undefined) ?? DocumentViewer;
