/** Objects used as mappings from ids that clients make: a key may be `__proto__` or `constructor`. */

import type { JsonObject, JsonValue, Keyed } from "./types";

export const own = <T>(items: Keyed<T>, key: string | null | undefined): T | undefined =>
  key != null && Object.hasOwn(items, key) ? items[key] : undefined;

export const put = <T>(items: Keyed<T>, key: string, item: T): Keyed<T> => ({ ...items, [key]: item });

export function without<T>(items: Keyed<T>, key: string): Keyed<T> {
  if (!Object.hasOwn(items, key)) return items;
  const { [key]: _removed, ...rest } = items;
  return rest;
}

export function mapValues<T, U>(items: Keyed<T>, change: (item: T) => U): Keyed<U> {
  return Object.fromEntries(Object.entries(items).map(([key, item]) => [key, change(item)]));
}

/** The items with each one changed; the same array if no item changed. */
export function mapShared<T>(items: readonly T[], change: (item: T) => T): readonly T[] {
  let changed = false;
  const next = items.map((item) => {
    const after = change(item);
    changed ||= after !== item;
    return after;
  });
  return changed ? next : items;
}

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** JSON Merge Patch, RFC 7396: null removes a key, objects merge, everything else replaces. */
export function mergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  const merged = new Map(Object.entries(target));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) {
      merged.delete(key);
    } else if (isObject(value)) {
      const held = merged.get(key);
      merged.set(key, mergePatch(isObject(held) ? held : {}, value));
    } else {
      merged.set(key, value);
    }
  }
  return Object.fromEntries(merged);
}
