import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { Value } from "./Value";

test("a list of like things is a table without the ids that programs use", () => {
  render(
    <Value
      value={[
        { gap_id: "g1", kind: "mismatch", severity: "low" },
        { gap_id: "g2", kind: "missing" },
      ]}
    />,
  );
  expect(screen.getAllByRole("columnheader").map((item) => item.textContent)).toEqual(["Kind", "Severity"]);
  expect(screen.getByRole("cell", { name: "none" })).toBeDefined();
});

test("fields have readable names, nothing is shown of what is not there, and text stays as it was written", () => {
  const { container } = render(<Value value={{ title: "Refund <b>", owner: null, is_new: true, steps: [] }} />);
  const terms = [...container.querySelectorAll("dt")].map((item) => item.textContent);
  expect(terms).toEqual(["Title", "Is new", "Steps"]);
  expect([...container.querySelectorAll("dd")].map((item) => item.textContent)).toEqual(["Refund <b>", "yes", "none"]);
});

test("what is nested deeper than anybody reads is JSON", () => {
  let value: object = { deep: 1 };
  for (let depth = 0; depth < 9; depth += 1) value = { inner: value };
  const { container } = render(<Value value={value as never} />);
  expect(container.querySelector("code")?.textContent).toContain('{"inner":');
});
