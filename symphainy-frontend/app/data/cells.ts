import type { JsonValue } from "../../shared/sync/types";
import { measured } from "../format/quantities";
import type { ColumnType } from "./tables";

export const isNumeric = (type: ColumnType): boolean => type === "integer" || type === "decimal" || type === "number";

/** A cell as text, exactly as the file had it: no rounding, no separators. */
export function cellText(value: JsonValue): string {
  if (value === null) return "";
  if (typeof value === "string") return value;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** A value in a sentence or a chart: numbers are rounded and separated, an ISO midnight is its day. */
export function valueText(value: JsonValue): string {
  if (value === null) return "no value";
  if (value === "") return "empty text";
  if (typeof value === "number") return measured(value);
  return cellText(value).replace(/^(\d{4}-\d{2}-\d{2})T00:00:00(?:\.0+)?Z?$/, "$1");
}

const TYPE_WORDS: Readonly<Record<ColumnType, string>> = {
  text: "text",
  integer: "whole number",
  decimal: "decimal",
  number: "number",
  boolean: "yes or no",
  date: "date",
  timestamp: "date and time",
  time: "time",
  json: "JSON",
};

export const typeWord = (type: ColumnType): string => TYPE_WORDS[type] ?? type;

const TYPE_SIGNS: Readonly<Record<ColumnType, string>> = {
  text: "Aa",
  integer: "123",
  decimal: "1.2",
  number: "1.2",
  boolean: "✓✗",
  date: "day",
  timestamp: "time",
  time: "time",
  json: "{ }",
};

export const typeSign = (type: ColumnType): string => TYPE_SIGNS[type] ?? type;
