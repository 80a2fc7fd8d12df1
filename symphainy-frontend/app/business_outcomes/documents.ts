/** What the area's artifacts hold: the documents that `src/symphainy/enabling_services/outcomes` writes. */

import type { JsonObject } from "../../shared/sync/types";

export interface Source {
  readonly kind: "artifact" | "file" | "workflow" | "context";
  readonly id: string;
  readonly name: string;
  readonly artifact_kind: string | null;
  readonly version: number | null;
  readonly item: string | null;
}

export interface Initiative {
  readonly no: string;
  readonly title: string;
  readonly why: string;
  readonly sources: readonly Source[];
  readonly recommendations: readonly string[];
  readonly after: readonly { readonly after: string; readonly reason: string }[];
  readonly effort: number;
  /** Working days. */
  readonly days: number;
  readonly start: string;
  readonly finish: string;
  readonly phase: number;
  readonly critical: boolean;
  readonly waited_for: string | null;
  readonly waited_because: string;
}

export interface Phase {
  readonly no: number;
  readonly title: string;
  readonly start: string;
  readonly finish: string;
  readonly initiatives: readonly string[];
}

export interface Milestone {
  readonly date: string;
  readonly kind: "handover" | "end" | "deadline";
  readonly title: string;
  readonly initiatives: readonly string[];
  readonly met: boolean | null;
}

export type Severity = "low" | "medium" | "high";

export interface Risk {
  readonly statement: string;
  readonly severity: Severity;
  readonly source: Source | null;
  readonly treated_by: string | null;
}

export interface RoadmapDocument {
  readonly title: string;
  readonly team: { readonly size: number; readonly people_each: number; readonly start_date: string };
  readonly start: string;
  readonly finish: string;
  readonly working_days: number;
  readonly effort: number;
  readonly initiatives: readonly Initiative[];
  readonly phases: readonly Phase[];
  readonly milestones: readonly Milestone[];
  readonly critical_path: readonly string[];
  readonly risks: readonly Risk[];
  readonly rules: readonly string[];
  readonly not_planned: readonly string[];
}

export interface Figure {
  readonly value: number | null;
  readonly undefined: string | null;
}

export interface Assumptions {
  readonly currency: string;
  readonly effort: number;
  readonly cost_per_day: number;
  readonly one_off_cost: number;
  readonly yearly_cost: number;
  readonly yearly_benefit: number;
  readonly discount_rate: number;
  readonly horizon: number;
}

export interface Year {
  readonly year: number;
  readonly cost: number;
  readonly benefit: number;
  readonly flow: number;
  readonly discounted: number;
  readonly cumulative: number;
}

export interface Swing {
  readonly assumption: string;
  readonly label: string;
  readonly low_value: number;
  readonly high_value: number;
  readonly npv_at_low: number;
  readonly npv_at_high: number;
}

export interface Financials {
  readonly assumptions: Assumptions;
  readonly investment: number;
  readonly npv: number;
  readonly irr: Figure;
  readonly payback: Figure;
  readonly roi: Figure;
  readonly break_even_benefit: number;
  readonly years: readonly Year[];
  readonly sensitivity: readonly Swing[];
}

export interface Objective {
  readonly initiative: string;
  readonly title: string;
  readonly why: string;
  readonly sources: readonly Source[];
  readonly numbers: JsonObject;
  /** A Vega-Lite specification with its data. */
  readonly chart: JsonObject | null;
}

export interface ProposalDocument {
  readonly title: string;
  readonly summary: readonly string[];
  readonly objectives: readonly Objective[];
  readonly in_scope: readonly string[];
  readonly out_of_scope: readonly string[];
  readonly financials: Financials;
  readonly criteria: readonly { readonly target: number | null; readonly text: string }[];
  readonly risks: readonly Risk[];
  readonly start: string;
  readonly finish: string;
  readonly initiatives: readonly Initiative[];
  readonly context: readonly {
    readonly text: string;
    readonly deadline: string | null;
    readonly budget: number | null;
  }[];
  readonly next_steps: readonly string[];
  /** Where each assumption comes from, by its name. */
  readonly assumed: Readonly<Record<string, string>>;
}

export interface KeyFigure {
  readonly key: string;
  readonly label: string;
  readonly value: number;
  readonly unit: string;
  readonly sources: readonly Source[];
}

export interface AreaSummary {
  readonly area: "content" | "insights" | "operations";
  readonly label: string;
  readonly ready: boolean;
  readonly sentences: readonly string[];
  readonly figures: readonly KeyFigure[];
  readonly sources: readonly Source[];
  readonly action: string | null;
}

export interface SummaryDocument {
  readonly title: string;
  readonly areas: readonly AreaSummary[];
}
