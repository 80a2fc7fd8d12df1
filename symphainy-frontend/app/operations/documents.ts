/** What the area's artifacts hold, as `src/symphainy/domains/operations/job.py` keeps them. */

import type { Artifact, JsonObject, Session } from "../../shared/sync/types";

export interface Step {
  readonly no: string;
  readonly action: string;
  readonly role: string | null;
  readonly condition: string | null;
  readonly otherwise: string | null;
  readonly systems: readonly string[];
}

export interface Sop {
  readonly title: string;
  readonly purpose: string | null;
  readonly scope: string | null;
  readonly roles: readonly string[];
  readonly steps: readonly Step[];
  readonly warnings: readonly string[];
  readonly unread: readonly string[];
}

export interface WorkflowModel {
  readonly title: string;
  readonly bpmn: string;
  readonly lanes: readonly string[];
  readonly warnings: readonly string[];
  readonly steps: Sop;
}

export type Severity = "high" | "medium" | "low";
export type By = "human" | "ai" | "shared";

export interface Gap {
  readonly gap_id: string;
  readonly kind: "missing_in_sop" | "missing_in_workflow" | "mismatch";
  readonly aspect: string;
  readonly statement: string;
  readonly severity: Severity;
  readonly recommendation: string;
  readonly sop_step: string | null;
  readonly workflow_step: string | null;
}

export interface Aligned {
  readonly sop_step: string;
  readonly sop_action: string;
  readonly sop_role: string | null;
  readonly workflow_step: string;
  readonly workflow_action: string;
  readonly workflow_role: string | null;
  readonly likeness: number;
  readonly mismatches: readonly string[];
}

export interface Assignment {
  readonly step: string;
  readonly action: string;
  readonly role: string | null;
  readonly by: By;
  readonly rule: string;
  readonly words: readonly string[];
  readonly reason: string;
}

export interface HandOff {
  readonly from_step: string;
  readonly to_step: string;
  readonly giver: string;
  readonly taker: string;
  readonly kind: "role" | "human_to_ai" | "ai_to_human";
  readonly statement: string;
}

export interface Blueprint {
  readonly title: string;
  readonly sop_artifact_id: string;
  readonly workflow_artifact_id: string;
  readonly score: number;
  readonly formula: string;
  readonly severity_rule: string;
  readonly counts: Readonly<
    Record<"sop_steps" | "workflow_steps" | "aligned" | "missing_in_sop" | "missing_in_workflow" | "mismatches", number>
  >;
  readonly aligned: readonly Aligned[];
  readonly gaps: readonly Gap[];
  readonly assignments: readonly Assignment[];
  readonly handoffs: readonly HandOff[];
  readonly future_sop: Sop;
  readonly future_bpmn: string;
}

export interface Wizard {
  readonly stage: "title" | "purpose" | "scope" | "roles" | "steps" | "review" | "complete" | "cancelled";
  readonly sop: Partial<Sop>;
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The procedure that is being written in the chat now; null if none is. */
export function wizardOf(session: Session): Wizard | null {
  const held = session.state.operations_wizard;
  const state = isObject(held) ? held.state : undefined;
  if (!isObject(state) || state.stage === "complete" || state.stage === "cancelled") return null;
  return state as unknown as Wizard;
}

/** Artifacts of a kind, the one whose newest version is the newest first. */
export function artifactsOfKind(session: Session, kind: string): readonly Artifact[] {
  return Object.values(session.artifacts)
    .filter((artifact) => artifact.kind === kind)
    .toSorted((one, other) => other.created_at.localeCompare(one.created_at));
}

export const isDiagram = (name: string): boolean => /\.bpmn2?$/i.test(name);

const DOCUMENT_KINDS = new Set(["pdf", "docx", "pptx", "html", "text", "markdown"]);

export const isProcedure = (name: string, kind: string | null): boolean =>
  !isDiagram(name) && (DOCUMENT_KINDS.has(kind ?? "") || /\.(docx|md|markdown|txt)$/i.test(name));
