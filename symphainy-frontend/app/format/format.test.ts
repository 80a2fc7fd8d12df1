import { expect, test } from "vitest";
import { bytes, measured, percent, plural } from "./quantities";
import { ago, dayName, duration, running } from "./times";

test.each([
  [0, "0 bytes"],
  [1, "1 byte"],
  [1023, "1,023 bytes"],
  [1024, "1.0 KB"],
  [390_360, "381 KB"],
  [1024 * 1024 - 1, "1.0 MB"],
  [200 * 1024 * 1024, "200 MB"],
])("%d bytes are %s", (count, text) => expect(bytes(count)).toBe(text));

test.each([
  [0, "0%"],
  [0.0001, "<0.1%"],
  [0.073, "7.3%"],
  [0.5, "50%"],
  [0.9999, ">99.9%"],
  [1, "100%"],
])("a share of %d is %s", (share, text) => expect(percent(share)).toBe(text));

test("numbers are separated, and rounded only where they were measured", () => {
  expect(measured(1234567)).toBe("1,234,567");
  expect(measured(480.391234)).toBe("480.39");
  expect(plural(1, "row")).toBe("1 row");
  expect(plural(2, "entry", "entries")).toBe("2 entries");
});

test.each([
  [340, "340 ms"],
  [4200, "4.2 s"],
  [59_960, "1 min 00 s"],
  [185_000, "3 min 05 s"],
  [7_500_000, "2 h 05 min"],
])("%d ms are %s", (milliseconds, text) => expect(duration(milliseconds)).toBe(text));

test("what is going on ticks in whole seconds", () => {
  expect(running(999)).toBe("0 s");
  expect(running(59_999)).toBe("59 s");
  expect(running(61_400)).toBe("1 min 01 s");
});

test("yesterday begins at midnight, not 24 hours ago", () => {
  const now = new Date(2026, 10, 24, 0, 30).getTime();
  expect(dayName(new Date(2026, 10, 24, 0, 10).toISOString(), now)).toBe("Today");
  expect(dayName(new Date(2026, 10, 23, 23, 50).toISOString(), now)).toBe("Yesterday");
});

test("a clock that is a little behind does not make things happen in the future", () => {
  const now = Date.parse("2026-11-24T10:00:00Z");
  expect(ago("2026-11-24T10:00:09Z", now)).toBe("just now");
  expect(ago("2026-11-24T08:00:00Z", now)).toBe("2 hours ago");
});
