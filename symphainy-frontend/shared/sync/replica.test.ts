import { describe, expect, test } from "vitest";
import type { Entry } from "./entries";
import { apply, emptySession, fold } from "./replica";
import { deepFreeze } from "./testing/freeze";
import { expectSame } from "./testing/same";
import { snapshotOf } from "./testing/snapshot";
import { goldenVectors, randomVectors } from "./testing/vectors";
import type { Session } from "./types";

const RANDOM_LOGS = 60;
const stored = (session: Session): Session => JSON.parse(JSON.stringify(session));

test.each(goldenVectors())("the vector $name folds to its snapshot", ({ session_id, entries, snapshot }) => {
  expectSame(snapshotOf(fold(emptySession(session_id), entries)), snapshot);
});

describe("random logs", () => {
  const vectors = randomVectors(1, RANDOM_LOGS);

  test("there are as many as were asked for", () => {
    expect(vectors).toHaveLength(RANDOM_LOGS);
  });

  test.each(vectors)("$name folds as in Python", ({ session_id, entries, snapshot }) => {
    expectSame(snapshotOf(fold(emptySession(session_id), entries)), snapshot);
  });

  test.each(vectors.slice(0, 20))("test_i3_a_snapshot_at_any_place_and_the_rest_is_the_whole_log: $name", (vector) => {
    let session = emptySession(vector.session_id);
    const halfway = stored(fold(session, vector.entries.slice(0, vector.entries.length / 2)));
    for (const entry of vector.entries) {
      const before = deepFreeze(session);
      session = apply(session, entry);
      // Equal here, at every place, means equal after the rest: apply is a function of the two.
      expectSame(stored(session), session);
      expect(session).not.toBe(before);
    }
    expectSame(fold(halfway, vector.entries.slice(halfway.seq)), session);
  });
});

const at = (seq: number, type: string, data: object, more: Partial<Entry> = {}): Entry => ({
  seq,
  ts: "2026-11-23T10:00:00.000Z",
  actor: "system",
  type,
  data,
  ...more,
});
const created = at(1, "session.created", { user_id: "usr_1", epoch: "epo_1", expires_at: "" });
const guide = { conversation: "guide_agent" };

test.each([0, 1, 3])("an entry that is not the next is refused: %i after 1", (seq) => {
  const session = apply(emptySession("ses_1"), created);
  expect(() => apply(session, at(seq, "session.closed", { reason: "" }))).toThrow(`entry ${seq} cannot follow 1`);
});

describe("what an entry does not change keeps its identity", () => {
  const entries = [
    created,
    at(2, "message.added", { message_id: "msg_1", role: "user", content: "Hello" }, guide),
    at(3, "message.added", { message_id: "msg_2", role: "assistant", content: "", status: "streaming" }, guide),
    at(
      4,
      "workflow.started",
      { orchestrator: "InsightsOrchestrator", operation: "o", title: "t" },
      { workflow_id: "wf_1" },
    ),
    at(5, "value.patched", { patch: { a: { b: 1 }, c: { d: 1 } } }),
  ];
  const session = fold(emptySession("ses_1"), entries);

  test("a delta makes a new message, a new list and a new conversation, and nothing else", () => {
    const after = apply(session, at(6, "message.delta", { message_id: "msg_2", text: "Hi" }, guide));
    const { conversations, seq: _seq, updated_at: _updated, last_activity: _last, ...others } = session;
    expect(after.conversations.guide_agent?.messages[1]?.content).toBe("Hi");
    expect(after.conversations.guide_agent?.messages[0]).toBe(conversations.guide_agent?.messages[0]);
    expect(after.conversations.guide_agent?.orchestrator_context).toBe(conversations.guide_agent?.orchestrator_context);
    for (const agent of ["content_liaison", "insights_liaison", "operations_liaison", "business_outcomes_liaison"]) {
      expect(after.conversations[agent]).toBe(conversations[agent]);
    }
    for (const [name, value] of Object.entries(others)) expect(after[name as keyof Session]).toBe(value);
  });

  test("a delta to a message that is not there changes no conversation", () => {
    const after = apply(session, at(6, "message.delta", { message_id: "msg_9", text: "Hi" }, guide));
    expect(after.conversations).toBe(session.conversations);
  });

  test("progress keeps the other steps and the files", () => {
    const begun = apply(
      session,
      at(6, "workflow.step_started", { step: "one", service: "s" }, { workflow_id: "wf_1" }),
    );
    const two = apply(begun, at(7, "workflow.step_started", { step: "two", service: "s" }, { workflow_id: "wf_1" }));
    const after = apply(two, at(8, "workflow.progressed", { step: "two", fraction: 0.5 }, { workflow_id: "wf_1" }));
    expect(after.workflows.wf_1?.steps[0]).toBe(two.workflows.wf_1?.steps[0]);
    expect(after.workflows.wf_1?.steps[1]?.fraction).toBe(0.5);
    expect(after.files).toBe(session.files);
  });

  test("a merge patch keeps the branches that it does not name", () => {
    const after = apply(session, at(6, "value.patched", { patch: { a: { b: 2 } } }));
    expect(after.state).toEqual({ a: { b: 2 }, c: { d: 1 } });
    expect(after.state.c).toBe(session.state.c);
  });
});

test("a patch of __proto__ is data and reaches no prototype", () => {
  const patch = JSON.parse('{"__proto__": {"polluted": true}}');
  const session = fold(emptySession("ses_1"), [created, at(2, "value.patched", { patch })]);
  expect(Object.getPrototypeOf(session.state)).toBe(Object.prototype);
  expect(Object.hasOwn(session.state, "__proto__")).toBe(true);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test("a delta costs as little in a full session as in an empty one", () => {
  const small = [created, at(2, "message.added", { message_id: "live", role: "assistant", content: "" }, guide)];
  const agents = ["guide_agent", "content_liaison", "insights_liaison", "operations_liaison"];
  const many: Entry[] = [created];
  for (let number = 0; number < 1_000; number += 1) {
    const data = { message_id: `msg_${number}`, role: "user", content: "x".repeat(200) };
    many.push(at(many.length + 1, "message.added", data, { conversation: agents[number % 4] ?? null }));
  }
  many.push(at(many.length + 1, "message.added", { message_id: "live", role: "assistant", content: "" }, guide));
  const cost = (entries: readonly Entry[]): number => {
    const start = fold(emptySession("ses_1"), entries);
    const deltas = Array.from({ length: 1_000 }, (_, number) =>
      at(start.seq + 1 + number, "message.delta", { message_id: "live", text: "word " }, guide),
    );
    const rounds = Array.from({ length: 5 }, () => {
      const from = performance.now();
      fold(start, deltas);
      return performance.now() - from;
    });
    return Math.min(...rounds) / deltas.length;
  };
  cost(many);
  // 50 messages are the most that a window holds: copying its list of pointers is all that may be dearer.
  expect(cost(many)).toBeLessThan(0.05);
  expect(cost(many) / cost(small)).toBeLessThan(20);
});

test("a change of a version that is no longer held gives its artifact another identity, and nothing else", () => {
  const made = { artifact_id: "art_1", name: "Plan", kind: "roadmap", media_type: "application/json", size: 1 };
  const entries = [created, ...Array.from({ length: 51 }, (_, place) => at(place + 2, "artifact.created", made))];
  const before = fold(emptySession("ses_1"), entries);
  const older = apply(before, at(53, "artifact.updated", { artifact_id: "art_1", version: 1, status: "review" }));
  expect(older.artifacts).toEqual(before.artifacts);
  expect(older.artifacts.art_1).not.toBe(before.artifacts.art_1);
  const unchanged = apply(before, at(53, "artifact.updated", { artifact_id: "art_1", version: 2, status: "draft" }));
  expect(unchanged.artifacts.art_1).toBe(before.artifacts.art_1);
});
