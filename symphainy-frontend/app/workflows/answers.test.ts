import { expect, test } from "vitest";
import type { Question } from "../../shared/sync/types";
import { checkDraft, fieldText, offeredFor } from "./answers";

const question = (name: string, kind: Question["kind"], more: Partial<Question> = {}): Question => ({
  name,
  label: name,
  kind,
  required: true,
  unit: null,
  options: [],
  minimum: null,
  maximum: null,
  help: null,
  suggestion: null,
  source: null,
  ...more,
});

const FORM = [
  question("hours", "number", { minimum: 0, maximum: 168, unit: "h" }),
  question("goal", "choice", { options: ["grow", "save"] }),
  question("urgent", "boolean", { required: false }),
  question("why", "text", { required: false }),
];

test("answers have the types that the server takes, and what is empty and optional is left out", () => {
  const draft = { hours: " 12.5 ", goal: "save", urgent: "no", why: " " };
  expect(checkDraft(FORM, draft)).toEqual({ answers: { hours: 12.5, goal: "save", urgent: false }, faults: {} });
});

test.each([
  ["", "An answer is needed."],
  ["twelve", "Write a number with a point and without separators, as 1250.5."],
  ["1,250", "Write a number with a point and without separators, as 1250.5."],
  ["-1", "At least 0 h."],
  ["168.5", "At most 168 h."],
])("hours %j: %s", (hours, fault) => {
  expect(checkDraft(FORM, { hours, goal: "grow" }).faults).toEqual({ hours: fault });
});

test("a choice that was not made is named as one", () => {
  expect(checkDraft(FORM, { hours: "1" }).faults).toEqual({ goal: "Choose one." });
});

test("a suggestion becomes the text of its field", () => {
  expect([fieldText(42.5), fieldText(true), fieldText(null), fieldText("x")]).toEqual(["42.5", "yes", "", "x"]);
});

test("what can be taken at once is what is offered for fields that are still empty", () => {
  const form = [
    question("hours", "number", { suggestion: 12.5, source: "roadmap version 1" }),
    question("urgent", "boolean", { suggestion: false, source: "roadmap version 1" }),
    question("why", "text"),
  ];
  expect(offeredFor(form, {})).toEqual({ hours: "12.5", urgent: "no" });
  expect(offeredFor(form, { hours: "3" })).toEqual({ urgent: "no" });
});
