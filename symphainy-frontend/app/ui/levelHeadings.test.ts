import { expect, test } from "vitest";
import { levelHeadings } from "./levelHeadings";

const leveled = (...tags: string[]): (string | undefined)[] => {
  const children = tags.map((tagName) => ({ type: "element", tagName }));
  levelHeadings()({ type: "root", children });
  return children.map((node) => node.tagName);
};

test("the first heading follows the page's, whatever its level was", () => {
  expect(leveled("h1")).toEqual(["h3"]);
  expect(leveled("h4")).toEqual(["h3"]);
});

test("no level is left out on the way down, and going up is free", () => {
  expect(leveled("h1", "h3", "p", "h3", "h1", "h2")).toEqual(["h3", "h4", "p", "h5", "h3", "h4"]);
});

test("there is no level below the sixth", () => {
  expect(leveled("h1", "h2", "h3", "h4", "h5", "h6").at(-1)).toBe("h6");
});
