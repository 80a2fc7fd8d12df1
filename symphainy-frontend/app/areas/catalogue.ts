import type { AgentType, OrchestratorName } from "../../shared/sync/types";

export type AreaName = "content" | "insights" | "operations" | "business_outcomes";

export interface Area {
  readonly name: AreaName;
  readonly label: string;
  /** For the narrow strip of a phone. */
  readonly shortLabel: string;
  readonly orchestrator: OrchestratorName;
  readonly liaison: AgentType;
  readonly liaisonLabel: string;
  readonly purpose: string;
}

export const AREAS: readonly Area[] = [
  {
    name: "content",
    label: "Content",
    shortLabel: "Content",
    orchestrator: "ContentAnalysisOrchestrator",
    liaison: "content_liaison",
    liaisonLabel: "Content liaison",
    purpose: "Bring your files. They become typed tables and text that every later step builds on.",
  },
  {
    name: "insights",
    label: "Insights",
    shortLabel: "Insights",
    orchestrator: "InsightsOrchestrator",
    liaison: "insights_liaison",
    liaisonLabel: "Insights liaison",
    purpose: "What your data says: patterns, exceptions, and the rows behind them.",
  },
  {
    name: "operations",
    label: "Operations",
    shortLabel: "Operations",
    orchestrator: "OperationsOrchestrator",
    liaison: "operations_liaison",
    liaisonLabel: "Operations liaison",
    purpose: "How the work is done today, and how it should be done next.",
  },
  {
    name: "business_outcomes",
    label: "Business outcomes",
    shortLabel: "Outcomes",
    orchestrator: "BusinessOutcomesOrchestrator",
    liaison: "business_outcomes_liaison",
    liaisonLabel: "Outcomes liaison",
    purpose: "What it all adds up to: a roadmap, and a proposal for a first proof of concept.",
  },
];

export function areaOf(name: AreaName): Area {
  const found = AREAS.find((area) => area.name === name);
  if (!found) throw new Error(`no area ${name}`);
  return found;
}

export const isAreaName = (text: unknown): text is AreaName => AREAS.some((area) => area.name === text);

export const areaOfAgent = (agent: AgentType): Area | undefined => AREAS.find((area) => area.liaison === agent);
