/** What a user has put into a form so far: checked as the server checks it (`src/symphainy/questions.py`), kept while it is not sent. */

import { useCallback, useSyncExternalStore } from "react";
import type { JsonObject, JsonValue, Question } from "../../shared/sync/types";

/** The fields' texts by the questions' names; `yes` and `no` of a boolean. */
export type Draft = Readonly<Record<string, string>>;
export type Faults = Readonly<Record<string, string>>;

const TEXT_CHARACTERS = 4_000;
const NUMBER = /^-?(\d+(\.\d+)?|\.\d+)$/;

/** The answers as the server takes them, or what is wrong with which. Optional ones that are empty are left out. */
export function checkDraft(questions: readonly Question[], draft: Draft): { answers: JsonObject; faults: Faults } {
  const answers: Record<string, JsonValue> = {};
  const faults: Record<string, string> = {};
  for (const question of questions) {
    const text = (draft[question.name] ?? "").trim();
    if (text === "") {
      if (question.required)
        faults[question.name] = question.kind === "choice" ? "Choose one." : "An answer is needed.";
      continue;
    }
    const fault = faultOf(question, text);
    if (fault === null) answers[question.name] = answerOf(question, text);
    else faults[question.name] = fault;
  }
  return { answers, faults };
}

function answerOf({ kind }: Question, text: string): JsonValue {
  if (kind === "number") return Number(text);
  return kind === "boolean" ? text === "yes" : text;
}

function faultOf({ kind, minimum, maximum, unit }: Question, text: string): string | null {
  if (kind === "text") return text.length > TEXT_CHARACTERS ? "At most 4,000 characters." : null;
  if (kind !== "number") return null;
  if (!NUMBER.test(text)) return "Write a number with a point and without separators, as 1250.5.";
  const number = Number(text);
  const of = unit === null ? "." : ` ${unit}.`;
  if (minimum !== null && number < minimum) return `At least ${minimum}${of}`;
  if (maximum !== null && number > maximum) return `At most ${maximum}${of}`;
  return null;
}

/** A value as its field has it. */
export function fieldText(value: JsonValue): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  return value === null || typeof value === "object" ? "" : String(value);
}

/** What the session's own data offers for fields that are still empty. */
export function offeredFor(questions: readonly Question[], draft: Draft): Draft {
  const empty = questions.filter(({ name }) => (draft[name] ?? "") === "");
  return Object.fromEntries(
    empty.map(({ name, suggestion }) => [name, fieldText(suggestion)] as const).filter(([, text]) => text !== ""),
  );
}

const listeners = new Set<() => void>();
const EMPTY: Draft = {};
const read = new Map<string, Draft>();

function held(key: string): Draft {
  const known = read.get(key);
  if (known) return known;
  let draft = EMPTY;
  try {
    draft = JSON.parse(sessionStorage.getItem(key) ?? "{}");
  } catch {
    // It was not kept whole, or nothing may be kept here.
  }
  read.set(key, draft);
  return draft;
}

function keep(key: string, draft: Draft | null): void {
  read.set(key, draft ?? EMPTY);
  try {
    if (draft === null) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify(draft));
  } catch {
    // Without storage it lasts as long as the page.
  }
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export interface HeldDraft {
  readonly draft: Draft;
  readonly set: (name: string, text: string) => void;
  readonly forget: () => void;
}

/** The same draft wherever the form stands, and after a reload. */
export function useFormDraft(workflowId: string, asked: string): HeldDraft {
  const key = `symphainy:answers:${workflowId}:${asked}`;
  const draft = useSyncExternalStore(subscribe, () => held(key));
  const set = useCallback((name: string, text: string) => keep(key, { ...held(key), [name]: text }), [key]);
  const forget = useCallback(() => keep(key, null), [key]);
  return { draft, set, forget };
}
