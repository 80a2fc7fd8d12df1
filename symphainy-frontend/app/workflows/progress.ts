import type { JsonObject, Status, Step, Workflow } from "../../shared/sync/types";

export const isFinished = (status: Status): boolean =>
  status === "completed" || status === "failed" || status === "cancelled";

/** 0 to 1. Every step counts the same: nobody knows beforehand which one takes long. */
export function fractionOf(workflow: Workflow): number {
  if (workflow.status === "completed") return 1;
  if (workflow.steps.length === 0) return 0;
  const done = workflow.steps.reduce((sum, step) => sum + (step.status === "completed" ? 1 : step.fraction), 0);
  return Math.min(1, done / workflow.steps.length);
}

export function elapsedOf(item: Workflow | Step, now: number): number | null {
  if ("elapsed_ms" in item && item.elapsed_ms !== null) return item.elapsed_ms;
  if (item.started_at === null) return null;
  const end = item.finished_at === null ? now : Date.parse(item.finished_at);
  return Math.max(0, end - Date.parse(item.started_at));
}

const STEP_TITLES: Readonly<Record<string, string>> = {
  parse: "Parse the file",
  profile: "Profile the data",
  metadata: "Extract metadata",
  preview: "Build the preview",
};

export const stepTitle = (name: string): string =>
  STEP_TITLES[name] ?? name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");

const numberIn = (facts: JsonObject, key: string): number | null =>
  typeof facts[key] === "number" ? facts[key] : null;

export interface FileResult {
  readonly fileId: string | null;
  readonly rows: number | null;
  readonly columns: number | null;
  readonly tables: number;
  readonly pages: number | null;
  readonly words: number | null;
  readonly findings: number | null;
  readonly rejectedRows: number;
  readonly warnings: readonly string[];
  readonly stateId: string | null;
  readonly artifacts: JsonObject;
}

/** The result of a file's analysis, read leniently: what a newer or older server left out is null. */
export function fileResult(workflow: Workflow | undefined): FileResult | null {
  const result = workflow?.result;
  if (!result) return null;
  const { warnings, tables, artifacts, file_id, state_id } = result;
  return {
    fileId: typeof file_id === "string" ? file_id : null,
    rows: numberIn(result, "rows"),
    columns: numberIn(result, "columns"),
    tables: Array.isArray(tables) ? tables.length : 0,
    pages: numberIn(result, "pages"),
    words: numberIn(result, "words"),
    findings: numberIn(result, "findings"),
    rejectedRows: numberIn(result, "rejected_rows") ?? 0,
    warnings: Array.isArray(warnings) ? warnings.filter((item) => typeof item === "string") : [],
    stateId: typeof state_id === "string" ? state_id : null,
    artifacts: isObject(artifacts) ? artifacts : {},
  };
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
