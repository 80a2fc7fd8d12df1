import { expect, test } from "vitest";
import type { Initiative, RoadmapDocument } from "./documents";
import { axisOf } from "./MoneyCharts";
import { layOut } from "./timelineLayout";

const initiative = (no: string, start: string, finish: string, after: readonly string[] = []): Initiative => ({
  no,
  title: `Initiative ${no}`,
  why: "",
  sources: [],
  recommendations: [],
  after: after.map((name) => ({ after: name, reason: "so it is" })),
  effort: 5,
  days: 5,
  start,
  finish,
  phase: after.length + 1,
  critical: true,
  waited_for: after[0] ?? null,
  waited_because: "",
});

const ROADMAP: RoadmapDocument = {
  title: "Roadmap",
  team: { size: 2, people_each: 1, start_date: "2026-12-09" },
  start: "2026-12-09",
  finish: "2026-12-18",
  working_days: 8,
  effort: 8,
  initiatives: [initiative("I1", "2026-12-09", "2026-12-11"), initiative("I2", "2026-12-14", "2026-12-18", ["I1"])],
  phases: [
    { no: 1, title: "", start: "2026-12-09", finish: "2026-12-11", initiatives: ["I1"] },
    { no: 2, title: "", start: "2026-12-14", finish: "2026-12-18", initiatives: ["I2"] },
  ],
  milestones: [{ date: "2027-01-01", kind: "deadline", title: "live", initiatives: [], met: true }],
  critical_path: ["I1", "I2"],
  risks: [],
  rules: [],
  not_planned: [],
};

test("it begins on the Monday before, and everything is inside of it", () => {
  const layout = layOut(ROADMAP, 900, "2026-12-10");
  expect(layout.ticks[0]).toEqual({ x: 280, label: "7 Dec" });
  expect(layout.bars[1]?.x).toBeGreaterThan((layout.bars[0]?.x ?? 0) + (layout.bars[0]?.width ?? 0));
  expect(Math.max(...layout.deadlines.map((item) => item.x))).toBeLessThanOrEqual(900);
  expect(layout.links.map((link) => [link.key, link.critical])).toEqual([["I1 I2", true]]);
  expect(layout.today).not.toBeNull();
});

test("a phone gets rows with the name above, no links, and names of phases only where they fit", () => {
  const layout = layOut(ROADMAP, 340, "2030-01-01");
  expect([layout.narrow, layout.links.length, layout.today]).toEqual([true, 0, null]);
  expect(layout.phases.map((phase) => phase.label)).toEqual(["Phase 1", "Phase 2"]);
  expect(layOut(ROADMAP, 200, "2030-01-01").phases[0]?.label).toBe("1");
});

test("an axis of money has round numbers that hold both ends and 0", () => {
  expect(axisOf(-52_000, 168_000)).toEqual({
    low: -100_000,
    high: 200_000,
    ticks: [-100_000, -50_000, 0, 50_000, 100_000, 150_000, 200_000],
  });
  expect(axisOf(0, 0).ticks).toContain(0);
});
