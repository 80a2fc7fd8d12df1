import { fireEvent, render, screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { DataGrid, shownSentence } from "./DataGrid";
import type { TablePreview } from "./tables";

const TABLE: TablePreview = {
  name: "payments",
  columns: [
    { name: "customer", type: "text" },
    { name: "amount", type: "decimal" },
  ],
  columns_total: 2,
  rows_total: 4210,
  cells: [
    ["Acme", "12.50"],
    [null, 9007199254740991],
  ],
  cut_cells: [{ row: 0, column: 0 }],
};

test("cells are shown as the file had them, and a missing value is not an empty text", () => {
  render(<DataGrid table={TABLE} />);
  expect(screen.getByRole("cell", { name: "12.50" })).toBeDefined();
  expect(screen.getByRole("cell", { name: "9007199254740991" })).toBeDefined();
  expect(screen.getByRole("cell", { name: "null" })).toBeDefined();
});

test("a column's header names its type, and a row its number", () => {
  render(<DataGrid table={TABLE} />);
  expect(screen.getByRole("columnheader", { name: /amount/ }).textContent).toContain("decimal");
  const [, first] = screen.getAllByRole("row");
  expect(within(first as HTMLElement).getByRole("rowheader").textContent).toBe("1");
});

test("the caption says how much of the table is shown", () => {
  expect(shownSentence(TABLE)).toBe("First 2 of 4,210 rows, 2 columns");
  expect(shownSentence({ ...TABLE, rows_total: 2, columns_total: 300 })).toBe("2 rows, first 2 of 300 columns");
});

test("of thousands of rows the first 200 are drawn, and more of them when asked", () => {
  const cells = Array.from({ length: 450 }, (_, number) => [`row ${number}`, number]);
  render(<DataGrid table={{ ...TABLE, cells, cut_cells: [] }} />);
  expect(screen.getAllByRole("row")).toHaveLength(201);
  expect(screen.getByText(/First 200 of 4,210 rows/)).toBeDefined();
  fireEvent.click(screen.getByRole("button", { name: "Show 250 more" }));
  expect(screen.getAllByRole("row")).toHaveLength(451);
  expect(screen.queryByRole("button")).toBeNull();
});
