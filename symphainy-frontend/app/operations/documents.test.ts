import { expect, test } from "vitest";
import { blueprintOf, nested, sopOf, workflowOf } from "./documents";

test("documents that leave out what is optional can be shown", () => {
  expect(blueprintOf({ title: "Both", score: 50 })).toMatchObject({ gaps: [], aligned: [], future_sop: null });
  const gaps = [{ gap_id: "g1", kind: "mismatch", statement: "They differ.", severity: "low", recommendation: "" }];
  expect(blueprintOf({ gaps }).counts.mismatches).toBe(1);
  expect(sopOf({ steps: [{ no: 1, role: "Clerk", action: "Check" }] }).steps[0]).toMatchObject({
    no: "1",
    systems: [],
  });
  expect(workflowOf({ title: "Refunds" }).steps.steps).toEqual([]);
});

test("what belongs to a step stands below it", () => {
  const { steps } = sopOf({ steps: ["1", "2", "2.1", "2.1.1", "2.2", "3"].map((no) => ({ no, action: `Do ${no}` })) });
  const shown = (trees: ReturnType<typeof nested>): string =>
    trees.map(({ step, inner }) => `${step.no}${inner.length > 0 ? `(${shown(inner)})` : ""}`).join(" ");
  expect(shown(nested(steps))).toBe("1 2(2.1(2.1.1) 2.2) 3");
});
