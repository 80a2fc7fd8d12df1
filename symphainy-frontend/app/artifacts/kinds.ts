/** What kinds of artifacts are called, and which area they belong to. */

import type { Artifact, ArtifactStatus, Session } from "../../shared/sync/types";
import { AREAS, type AreaName } from "../areas/catalogue";
import type { IconName } from "../ui/Icon";

interface Kind {
  readonly label: string;
  readonly area: AreaName;
  readonly icon: IconName;
}

const KINDS: Readonly<Record<string, Kind>> = {
  table: { label: "Table", area: "content", icon: "table" },
  profile: { label: "Profile", area: "content", icon: "sparkline" },
  table_index: { label: "Question index", area: "content", icon: "table" },
  preview: { label: "Preview", area: "content", icon: "table" },
  metadata: { label: "Metadata", area: "content", icon: "document" },
  document_text: { label: "Text", area: "content", icon: "document" },
  insights: { label: "Insights", area: "insights", icon: "sparkline" },
  chart: { label: "Chart", area: "insights", icon: "sparkline" },
  answer: { label: "Answer", area: "insights", icon: "table" },
  document_insights: { label: "Document insights", area: "insights", icon: "document" },
  sop: { label: "Procedure", area: "operations", icon: "document" },
  workflow_model: { label: "Workflow diagram", area: "operations", icon: "link" },
  blueprint: { label: "Coexistence blueprint", area: "operations", icon: "areas" },
  summary: { label: "Summary", area: "business_outcomes", icon: "document" },
  roadmap: { label: "Roadmap", area: "business_outcomes", icon: "columns" },
  proposal: { label: "Proposal", area: "business_outcomes", icon: "document" },
};

export const kindLabel = (kind: string): string =>
  KINDS[kind]?.label ?? kind.charAt(0).toUpperCase() + kind.slice(1).replaceAll("_", " ");

export const kindIcon = (kind: string): IconName => KINDS[kind]?.icon ?? "document";

/** The area whose orchestrator made it; of a workflow that is not held any more, the area that makes this kind. */
export function areaOfArtifact(
  artifact: Pick<Artifact, "kind" | "workflow_id">,
  workflows: Session["workflows"],
): AreaName {
  const made = workflows[artifact.workflow_id ?? ""]?.orchestrator;
  return AREAS.find((area) => area.orchestrator === made)?.name ?? KINDS[artifact.kind]?.area ?? "content";
}

/** A file's results have a view of their own, at the file. */
export const isShownAtFile = (kind: string): boolean => KINDS[kind]?.area === "content";

export const STATUS_WORDS: Readonly<Record<ArtifactStatus, string>> = {
  draft: "Draft",
  review: "In review",
  approved: "Approved",
  implemented: "Implemented",
  active: "In use",
};

export const LIFECYCLE: readonly ArtifactStatus[] = ["draft", "review", "approved", "implemented", "active"];

/** What can be done with a version now. The twin of `NEXT_STATUSES` in `src/symphainy/artifacts.py`. */
export const NEXT_STEPS: Readonly<Record<ArtifactStatus, readonly { to: ArtifactStatus; label: string }[]>> = {
  draft: [{ to: "review", label: "Send to review" }],
  review: [
    { to: "approved", label: "Approve" },
    { to: "draft", label: "Back to draft" },
  ],
  approved: [
    { to: "implemented", label: "Mark as implemented" },
    { to: "draft", label: "Back to draft" },
  ],
  implemented: [{ to: "active", label: "Put into use" }],
  active: [],
};

const FORMATS: Readonly<Record<string, string>> = {
  "application/json": "JSON",
  "text/markdown": "Markdown",
  "text/plain": "Text",
  "text/csv": "CSV",
  "application/xml": "BPMN",
  "application/pdf": "PDF",
  "image/svg+xml": "SVG",
  "image/png": "PNG",
  "application/vnd.apache.parquet": "Parquet",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel",
};

export const formatLabel = (mediaType: string): string => FORMATS[mediaType] ?? mediaType;
