import { expect, test } from "vitest";
import type { Run } from "../../shared/sync/types";
import type { ViewMessage } from "../../shared/sync/view";
import { linesOf } from "./transcript";

function message(message_id: string, parts: Partial<ViewMessage> = {}): ViewMessage {
  return {
    message_id,
    role: "assistant",
    content: "",
    timestamp: "2026-11-24T10:00:00Z",
    status: "completed",
    seq: 1,
    run_id: null,
    orchestrator_context: null,
    actions: [],
    evidence: [],
    files: [],
    ...parts,
  };
}

function run(run_id: string, message_id: string, parts: Partial<Run> = {}): Run {
  return {
    run_id,
    agent_type: "guide_agent",
    message_id,
    status: "failed",
    started_at: "2026-11-24T10:00:00Z",
    finished_at: null,
    retry_of: null,
    error: null,
    ...parts,
  };
}

const about = (workflow_id: string) => ({ orchestrator_context: { workflow_id } });

test("a workflow is shown once, under the newest message that names it", () => {
  const lines = linesOf(
    [message("begun", about("wf_1")), message("other", about("wf_2")), message("ended", about("wf_1"))],
    {},
  );
  expect(lines.map((line) => line.workflowId)).toEqual([null, "wf_2", "wf_1"]);
});

test("each day begins with its first message", () => {
  const days = ["2026-11-22T12:00:00Z", "2026-11-22T12:05:00Z", "2026-11-24T12:00:00Z"];
  const lines = linesOf(
    days.map((timestamp) => message(timestamp, { timestamp })),
    {},
  );
  expect(lines.map((line) => line.opensDay)).toEqual([true, false, true]);
});

test("a run that failed before it said anything stands under the question that asked for it", () => {
  const [line] = linesOf([message("q", { role: "user" })], { r1: run("r1", "q") });
  expect(line?.run?.run_id).toBe("r1");
  expect(line?.retriable).toBe(true);
});

test("a run that has spoken stands under its answer, not under the question", () => {
  const lines = linesOf([message("q", { role: "user" }), message("a", { run_id: "r1" })], { r1: run("r1", "q") });
  expect(lines.map((line) => line.run?.run_id)).toEqual([undefined, "r1"]);
});

test("what was tried again is not offered to be tried again", () => {
  const runs = { r1: run("r1", "q"), r2: run("r2", "q", { retry_of: "r1", status: "processing" }) };
  const lines = linesOf(
    [message("q", { role: "user" }), message("a", { run_id: "r1" }), message("b", { run_id: "r2" })],
    runs,
  );
  expect(lines.map((line) => line.retriable)).toEqual([false, false, true]);
});

test("only the newest answer suggests what to ask next", () => {
  const lines = linesOf([message("a"), message("b"), message("q", { role: "user" })], {});
  expect(lines.map((line) => line.newest)).toEqual([false, true, false]);
});
