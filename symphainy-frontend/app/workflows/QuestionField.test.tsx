import { fireEvent, render, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import type { Question } from "../../shared/sync/types";
import { QuestionField } from "./QuestionField";

const RATE: Question = {
  name: "rate",
  label: "Cost of an hour",
  kind: "number",
  required: true,
  unit: "EUR",
  options: [],
  minimum: 0,
  maximum: null,
  help: "With everything.",
  suggestion: 42.5,
  source: "rates.csv, column cost",
};

function show(question: Question, text = "", fault?: string) {
  const onText = vi.fn();
  render(<QuestionField question={question} text={text} fault={fault} onText={onText} />);
  return onText;
}

test("a field is named with its unit, and described by its help and what is wrong", () => {
  show(RATE, "-1", "At least 0 EUR.");
  const field = screen.getByRole("textbox", { name: "Cost of an hour in EUR" });
  expect(field.getAttribute("aria-invalid")).toBe("true");
  const described = field.getAttribute("aria-describedby")?.split(" ") ?? [];
  expect(described.map((id) => document.getElementById(id)?.textContent)).toEqual([
    "With everything.",
    "At least 0 EUR.",
  ]);
});

test("a suggestion is offered with its source, fills nothing by itself, and is taken by a click", () => {
  const onText = show(RATE);
  expect(screen.getByRole<HTMLInputElement>("textbox").value).toBe("");
  expect(screen.getByText("from rates.csv, column cost")).toBeDefined();
  fireEvent.click(screen.getByRole("button", { name: "Use 42.5 EUR" }));
  expect(onText).toHaveBeenCalledExactlyOnceWith("42.5");
});

test("a suggestion that was taken is not offered again, and keeps its source", () => {
  show(RATE, "42.5");
  expect(screen.queryByRole("button")).toBeNull();
  expect(screen.getByText("from rates.csv, column cost")).toBeDefined();
});

test("few options are radio buttons of one group, many are a list", () => {
  const choice = { ...RATE, kind: "choice", unit: null, suggestion: null } as const;
  const onText = show({ ...choice, options: ["grow", "save"] });
  fireEvent.click(screen.getByRole("radio", { name: "save" }));
  expect(screen.getByRole("group", { name: "Cost of an hour" })).toBeDefined();
  expect(onText).toHaveBeenCalledExactlyOnceWith("save");
  show({ ...choice, options: ["a", "b", "c", "d", "e", "f"] });
  expect(screen.getByRole<HTMLSelectElement>("combobox").value).toBe("");
});

test("yes and no are both to be chosen, and neither is chosen for the user", () => {
  show({ ...RATE, kind: "boolean", unit: null, suggestion: null, required: false });
  expect(screen.getAllByRole<HTMLInputElement>("radio").map((item) => item.checked)).toEqual([false, false]);
  expect(screen.getByRole("group", { name: "Cost of an hour (optional)" })).toBeDefined();
});
