/** The artifacts of a file's analysis as they come over the wire: `Preview`, `Profile` and `FileMetadata` of the enabling services. */

import type { JsonValue } from "../../shared/sync/types";
import type { Column, TablePreview } from "../data/tables";

export interface Preview {
  readonly tables: readonly TablePreview[];
  readonly document: { readonly text: string; readonly characters_total: number; readonly cut: boolean } | null;
}

export type Severity = "info" | "notice" | "warning";

export interface Finding {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly count: number;
  readonly column: string | null;
  readonly sql: string | null;
  readonly examples: readonly JsonValue[];
}

export interface Bin {
  readonly start: JsonValue;
  readonly end: JsonValue;
  readonly count: number;
}

export interface ColumnProfile extends Column {
  readonly nulls: number;
  readonly distinct: number;
  readonly distinct_exact: boolean;
  readonly minimum: JsonValue;
  readonly maximum: JsonValue;
  readonly mean: number | null;
  readonly median: number | null;
  readonly deviation: number | null;
  readonly shortest: number | null;
  readonly longest: number | null;
  readonly top_values: readonly { readonly value: JsonValue; readonly count: number }[];
  readonly histogram: readonly Bin[];
  readonly detailed: boolean;
}

export interface TableProfile {
  readonly name: string;
  readonly rows: number;
  readonly duplicate_rows: number;
  readonly columns: readonly ColumnProfile[];
  readonly findings: readonly Finding[];
}

export interface DocumentProfile {
  readonly words: number;
  readonly characters: number;
  readonly headings: number;
  readonly pages: number | null;
  readonly findings: readonly Finding[];
}

export interface Profile {
  readonly tables: readonly TableProfile[];
  readonly document: DocumentProfile | null;
}

export interface FileMetadata {
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
  readonly kind: string;
  readonly media_type: string;
  readonly encoding: string | null;
  readonly title: string | null;
  readonly author: string | null;
  readonly created: string | null;
  readonly modified: string | null;
  readonly pages: number | null;
  readonly sheet_names: readonly string[];
  readonly tables: readonly { readonly name: string; readonly rows: number; readonly columns: readonly Column[] }[];
  /** The headers of an e-mail. */
  readonly mail: Mail | null;
}

export interface Mail {
  readonly subject: string | null;
  readonly sender: string | null;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly date: string | null;
}
