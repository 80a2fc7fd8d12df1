import { expect, test } from "vitest";
import type { Step, Workflow } from "../../shared/sync/types";
import { elapsedOf, fileResult, fractionOf } from "./progress";

const step = (status: Step["status"], fraction = 0) => ({ status, fraction }) as Step;
const workflow = (parts: Partial<Workflow>) =>
  ({ status: "processing", steps: [], result: null, ...parts }) as Workflow;

test("progress is the share of the steps, with the one that is going on in part", () => {
  const steps = [step("completed", 1), step("processing", 0.5), step("queued"), step("queued")];
  expect(fractionOf(workflow({ steps }))).toBe(0.375);
  expect(fractionOf(workflow({ status: "completed", steps }))).toBe(1);
  expect(fractionOf(workflow({ steps: [] }))).toBe(0);
});

test("elapsed time runs until the end, and a clock that is behind never makes it negative", () => {
  const started_at = "2026-11-24T10:00:00Z";
  const start = Date.parse(started_at);
  expect(elapsedOf(workflow({ started_at, finished_at: null }), start + 1500)).toBe(1500);
  expect(elapsedOf(workflow({ started_at, finished_at: null }), start - 1500)).toBe(0);
  expect(elapsedOf(workflow({ started_at, finished_at: "2026-11-24T10:00:04Z" }), start + 60_000)).toBe(4000);
});

test("a result is read as far as it is known", () => {
  const result = { file_id: "file_1", rows: 3, tables: [{}], warnings: ["one", 2], artifacts: null };
  expect(fileResult(workflow({ result }))).toMatchObject({
    fileId: "file_1",
    rows: 3,
    columns: null,
    tables: 1,
    warnings: ["one"],
    artifacts: {},
  });
  expect(fileResult(workflow({}))).toBeNull();
});
