/** Tables as they come over the wire: typed columns, and the first rows. */

import type { JsonValue } from "../../shared/sync/types";

export type ColumnType = "text" | "integer" | "decimal" | "number" | "boolean" | "date" | "timestamp" | "time" | "json";

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

export interface TablePreview {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly columns_total: number;
  readonly rows_total: number;
  readonly cells: readonly (readonly JsonValue[])[];
  readonly cut_cells: readonly { readonly row: number; readonly column: number }[];
}
