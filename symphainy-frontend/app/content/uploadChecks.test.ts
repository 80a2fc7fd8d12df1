import { expect, test } from "vitest";
import type { Meta } from "../../shared/sync/types";
import { checkFiles } from "./uploadChecks";

const META: Meta = {
  version: "0",
  agents: [],
  orchestrators: {},
  limits: {},
  model: null,
  max_upload_bytes: 10,
  routing: "embeddings",
  file_kinds: ["csv", "xlsx"],
};

const named = (name: string, size: number) => new File(["x".repeat(size)], name);

test("a file that fits is taken, whatever the case of its extension", () => {
  expect(checkFiles([named("a.CSV", 10)], META).refused).toEqual([]);
});

test("a file without an extension is left to the server, which looks inside", () => {
  expect(checkFiles([named("README", 3)], META).accepted).toHaveLength(1);
});

test.each([
  ["empty.csv", 0, /empty/],
  ["large.csv", 11, /11 bytes; at most 10 bytes/],
  ["movie.mov", 3, /\.mov cannot be read/],
])("%s is refused before anything is sent", (name, size, reason) => {
  const { accepted, refused } = checkFiles([named(name, size)], META);
  expect(accepted).toEqual([]);
  expect(refused[0]?.reason).toMatch(reason);
});

test("before the limits are known nothing but an empty file is refused", () => {
  expect(checkFiles([named("movie.mov", 30), named("a.csv", 0)], null).refused).toHaveLength(1);
});
