/** What the area's artifacts hold, as `src/symphainy/domains/operations/job.py` keeps them. */

import type { Artifact, JsonObject, Session } from "../../shared/sync/types";

export interface Step {
  readonly no: string;
  readonly action: string;
  readonly role: string | null;
  readonly condition: string | null;
  readonly otherwise: string | null;
  readonly systems: readonly string[];
  /** How the steps below it are done, for a step that only holds them together. */
  readonly parts: "ordered" | "parallel" | null;
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
  /** Null where no future state was drawn up. */
  readonly future_sop: Sop | null;
  readonly future_bpmn: string | null;
}

const NO_SOP: Sop = { title: "", purpose: null, scope: null, roles: [], steps: [], warnings: [], unread: [] };
const NO_COUNTS = {
  sop_steps: 0,
  workflow_steps: 0,
  aligned: 0,
  missing_in_sop: 0,
  missing_in_workflow: 0,
  mismatches: 0,
};

/** A kept document as a whole one: an older or a foreign one may leave out what is not needed to read it. */
export const sopOf = (document: JsonObject): Sop => {
  const sop = { ...NO_SOP, ...(document as unknown as Partial<Sop>) };
  const whole = (step: Step): Step => ({
    ...step,
    no: `${step.no}`,
    systems: step.systems ?? [],
    parts: step.parts ?? null,
  });
  return { ...sop, steps: sop.steps.map(whole) };
};

export const workflowOf = (document: JsonObject): WorkflowModel => ({
  title: "",
  bpmn: "",
  lanes: [],
  warnings: [],
  ...(document as unknown as Partial<WorkflowModel>),
  steps: sopOf(objectOr(document.steps)),
});

export function blueprintOf(document: JsonObject): Blueprint {
  const held = document as unknown as Partial<Blueprint>;
  const gaps = held.gaps ?? [];
  const aligned = (held.aligned ?? []).map((pair) => ({ ...pair, mismatches: pair.mismatches ?? [] }));
  const of = (kind: Gap["kind"]) => gaps.filter((gap) => gap.kind === kind).length;
  return {
    title: "",
    sop_artifact_id: "",
    workflow_artifact_id: "",
    score: 0,
    formula: "",
    severity_rule: "",
    assignments: [],
    handoffs: [],
    future_bpmn: null,
    ...held,
    gaps,
    aligned,
    counts: held.counts ?? {
      ...NO_COUNTS,
      aligned: aligned.length,
      missing_in_sop: of("missing_in_sop"),
      missing_in_workflow: of("missing_in_workflow"),
      mismatches: of("mismatch"),
    },
    future_sop: isObject(document.future_sop) ? sopOf(document.future_sop) : null,
  };
}

const objectOr = (value: unknown): JsonObject => (isObject(value) ? value : {});

export interface Wizard {
  readonly stage: "title" | "purpose" | "scope" | "roles" | "steps" | "review" | "complete" | "cancelled";
  readonly sop: Partial<Sop>;
}

export interface StepTree {
  readonly step: Step;
  readonly inner: readonly StepTree[];
}

/** The steps with what belongs to each, by the depth of their numbers. */
export function nested(steps: readonly Step[]): readonly StepTree[] {
  const top: StepTree[] = [];
  const open: { readonly depth: number; readonly inner: StepTree[] }[] = [{ depth: 0, inner: top }];
  for (const step of steps) {
    const depth = step.no.split(".").length;
    while (open.length > 1 && (open.at(-1)?.depth ?? 0) >= depth) open.pop();
    const inner: StepTree[] = [];
    open.at(-1)?.inner.push({ step, inner });
    open.push({ depth, inner });
  }
  return top;
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

/** What an artifact's newest version was made from: the input of the work that made it. */
const madeFrom = (session: Session, artifact: Artifact): JsonObject =>
  session.workflows[artifact.versions.at(-1)?.workflow_id ?? ""]?.input ?? {};

const isRelated = (session: Session, sop: Artifact, workflow: Artifact): boolean =>
  madeFrom(session, workflow).sop_artifact_id === sop.artifact_id ||
  madeFrom(session, sop).workflow_artifact_id === workflow.artifact_id ||
  comparisonOf(session, sop, workflow) !== undefined;

/** The newest comparison of just these two. */
export const comparisonOf = (session: Session, sop: Artifact, workflow: Artifact): Artifact | undefined =>
  artifactsOfKind(session, "blueprint").find((blueprint) => {
    const { sop_artifact_id, workflow_artifact_id } = madeFrom(session, blueprint);
    return sop_artifact_id === sop.artifact_id && workflow_artifact_id === workflow.artifact_id;
  });

export interface PairOfWork {
  readonly sop: Artifact | undefined;
  readonly workflow: Artifact | undefined;
  /** One was made from the other, or both were compared. */
  readonly related: boolean;
}

/** What stands beside what: the chosen ones; for what is not chosen, the newest that belongs to the other, else the newest. */
export function pairOf(
  session: Session,
  chosen: { readonly sop?: string | undefined; readonly workflow?: string | undefined },
): PairOfWork {
  const sops = artifactsOfKind(session, "sop");
  const workflows = artifactsOfKind(session, "workflow_model");
  let sop = sops.find((item) => item.artifact_id === chosen.sop);
  let workflow = workflows.find((item) => item.artifact_id === chosen.workflow);
  const sopFirst = (sops[0]?.created_at ?? "") > (workflows[0]?.created_at ?? "");
  if (!sop && !workflow) {
    if (sopFirst) sop = sops[0];
    else workflow = workflows[0];
  }
  if (sop && !workflow) workflow = workflows.find((item) => sop && isRelated(session, sop, item)) ?? workflows[0];
  if (workflow && !sop) sop = sops.find((item) => workflow && isRelated(session, item, workflow)) ?? sops[0];
  return { sop, workflow, related: !!sop && !!workflow && isRelated(session, sop, workflow) };
}

export const isDiagram = (name: string): boolean => /\.bpmn2?$/i.test(name);

const DOCUMENT_KINDS = new Set(["pdf", "docx", "pptx", "html", "text", "markdown"]);

export const isProcedure = (name: string, kind: string | null): boolean =>
  !isDiagram(name) && (DOCUMENT_KINDS.has(kind ?? "") || /\.(docx|md|markdown|txt)$/i.test(name));
