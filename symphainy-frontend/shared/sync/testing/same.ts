import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";

/** Deep equality of JSON values. vitest's own takes a key named `constructor` or `__proto__` for what it usually is. */
export function expectSame(actual: unknown, expected: unknown): void {
  if (isDeepStrictEqual(actual, expected)) return;
  expect(readable(actual)).toBe(readable(expected));
  expect.fail("the values differ in something that JSON does not show");
}

/** With sorted keys, one line for each value. */
function readable(value: unknown): string {
  const sorted = (item: unknown): unknown =>
    typeof item === "object" && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([one], [other]) => (one < other ? -1 : 1)))
      : item;
  return JSON.stringify(value, (_key, item) => sorted(item), 1);
}
