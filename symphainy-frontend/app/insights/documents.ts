/** The documents of the area, as its orchestrator keeps them. */

import type { JsonObject, JsonValue } from "../../shared/sync/types";
import type { ColumnType, TablePreview } from "../data/tables";

export interface Finding {
  readonly finding_id?: string;
  readonly type: string;
  readonly title: string;
  readonly statement: string;
  readonly score?: number;
  readonly formula: string;
  readonly numbers: Readonly<Record<string, number | null>>;
  readonly rows: number;
  readonly sql: string;
  readonly rows_sql: string;
  readonly recommendation: string | null;
  readonly chart: JsonObject | null;
  readonly test?: { readonly name: string; readonly q: number };
}

export interface InsightsDocument {
  readonly title: string;
  readonly file_id: string;
  readonly table: string;
  readonly rows: number;
  readonly findings: readonly Finding[];
  readonly distributions: readonly Finding[];
  readonly summary: readonly string[];
  readonly summary_chart: JsonObject | null;
  readonly tests: number;
}

export interface Answer {
  readonly question: string;
  readonly interpretation: string;
  readonly sql: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly JsonValue[])[];
  readonly rows_total: number;
  readonly chart: JsonObject | null;
  readonly rationale: string | null;
  readonly follow_ups?: readonly string[];
}

export interface Fact {
  readonly kind: string;
  readonly value: string;
  readonly quote: string;
  readonly section: string;
  readonly line: number;
}

export interface DocumentInsights {
  readonly title: string;
  readonly summary: readonly string[];
  readonly facts: readonly Fact[];
  readonly obligations: readonly (Omit<Fact, "kind" | "value"> & { readonly word: string })[];
  readonly key_phrases: readonly { readonly phrase: string; readonly count: number; readonly quote: string }[];
  readonly outline: readonly { readonly level: number; readonly text: string; readonly line: number }[];
  readonly formula: string;
}

function columnType(engine: string): ColumnType {
  if (engine.startsWith("DECIMAL")) return "decimal";
  if (/^(BIGINT|INTEGER|HUGEINT|SMALLINT|TINYINT)/.test(engine)) return "integer";
  if (/^(DOUBLE|FLOAT)/.test(engine)) return "number";
  if (engine.startsWith("DATE")) return "date";
  if (engine.startsWith("TIMESTAMP")) return "timestamp";
  return engine.startsWith("BOOLEAN") ? "boolean" : "text";
}

/** The rows of an answer as the grid shows them: floating numbers with the digits that count. */
export function gridOf(answer: Answer, name: string): TablePreview {
  const rounded = (value: JsonValue): JsonValue =>
    typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(9)) : value;
  return {
    name,
    columns: answer.columns.map((column) => ({ name: column.name, type: columnType(column.type) })),
    columns_total: answer.columns.length,
    rows_total: answer.rows_total,
    cells: answer.rows.map((row) => row.map(rounded)),
    cut_cells: [],
  };
}

const WORDS: Readonly<Record<string, string>> = {
  anomaly: "Anomaly",
  trend: "Trend",
  correlation: "Correlation",
  comparison: "Comparison",
  concentration: "Concentration",
  distribution: "Distribution",
};

export const typeWord = (type: string): string => WORDS[type] ?? type;

export const numberName = (name: string): string => name.replaceAll("_", " ");
