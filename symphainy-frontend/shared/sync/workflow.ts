/** What each entry does to one workflow. Part of the fold, as `_workflow_changed` of `fold.py`. */

import { type EntryData, type EntryOf, type EntryType, failure, questions } from "./entries";
import { mapShared, put } from "./mapping";
import type { JsonObject, Step, Workflow } from "./types";

export type WorkflowChange =
  Extract<EntryType, `workflow.${string}`> extends infer T
    ? EntryOf<Exclude<T & EntryType, "workflow.started">>
    : never;

const NEW_STEP: Omit<Step, "name" | "service"> = {
  status: "queued",
  attempt: 0,
  fraction: 0,
  detail: null,
  started_at: null,
  finished_at: null,
  elapsed_ms: null,
};

export function startedWorkflow(workflowId: string, entry: EntryOf<"workflow.started">): Workflow {
  const { data } = entry;
  return {
    workflow_id: workflowId,
    orchestrator: data.orchestrator,
    operation: data.operation,
    title: data.title,
    status: "queued",
    input: data.input ?? {},
    steps: (data.steps ?? []).map(({ name, service }) => ({ ...NEW_STEP, name, service })),
    enabling_services: data.enabling_services ?? [],
    conversation: data.conversation ?? null,
    started_at: entry.ts,
    updated_at: entry.ts,
    seq: entry.seq,
    finished_at: null,
    result: null,
    error: null,
    asked: null,
    answers: {},
  };
}

export function workflowAfter(held: Workflow, entry: WorkflowChange): Workflow {
  switch (entry.type) {
    case "workflow.step_started":
      return stepStarted(held, entry);
    case "workflow.progressed":
      return progressed(held, entry.data);
    case "workflow.step_completed": {
      const { step, elapsed_ms, detail } = entry.data;
      const end = {
        status: "completed",
        fraction: 1,
        detail: detail ?? null,
        finished_at: entry.ts,
        elapsed_ms,
      } as const;
      return { ...held, steps: mapShared(held.steps, (item) => (item.name === step ? { ...item, ...end } : item)) };
    }
    case "workflow.asked": {
      const { name, title } = entry.data;
      const asked = { name, title, questions: questions(entry.data.questions), asked_at: entry.ts };
      return { ...held, status: "waiting_for_user", asked };
    }
    case "workflow.answered": {
      const { name, answers } = entry.data;
      if (held.asked?.name !== name) return held;
      return { ...held, status: "processing", asked: null, answers: put(held.answers, name, answers) as JsonObject };
    }
    case "workflow.finished": {
      const { status, result, error } = entry.data;
      const ended = { status, finished_at: entry.ts };
      return {
        ...held,
        ...ended,
        asked: null,
        result: result ?? null,
        error: failure(error),
        steps: mapShared(held.steps, (item) => (item.status === "processing" ? { ...item, ...ended } : item)),
      };
    }
  }
}

function stepStarted(held: Workflow, { data, ts }: EntryOf<"workflow.step_started">): Workflow {
  const step: Step = {
    ...NEW_STEP,
    name: data.step,
    service: data.service,
    status: "processing",
    attempt: data.attempt ?? 1,
    started_at: ts,
  };
  const known = held.steps.some((item) => item.name === step.name);
  return {
    ...held,
    status: "processing",
    steps: known ? held.steps.map((item) => (item.name === step.name ? step : item)) : [...held.steps, step],
    enabling_services: union(held.enabling_services, [data.service]),
  };
}

function progressed(held: Workflow, data: EntryData["workflow.progressed"]): Workflow {
  const step = (item: Step): Step =>
    item.name === data.step
      ? { ...item, fraction: data.fraction ?? item.fraction, detail: data.detail ?? item.detail }
      : item;
  return {
    ...held,
    status: data.status ?? held.status,
    enabling_services: union(held.enabling_services, data.enabling_services ?? []),
    steps: mapShared(held.steps, step),
  };
}

const union = (held: readonly string[], more: readonly string[]): readonly string[] =>
  more.every((name) => held.includes(name)) ? held : [...new Set([...held, ...more])];
