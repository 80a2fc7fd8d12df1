/** The page of each area. */

import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import type { AgentType, Session } from "../../shared/sync/types";
import type { AreaName } from "./catalogue";
import type { AreaCommands } from "./commands";

export interface AreaPageProps {
  readonly session: Session;
  /** Shows the conversation with an agent. */
  readonly onAgent: (agent: AgentType) => void;
  /** Asks in the chat, the area's liaison unless another agent is named, and shows it. */
  readonly onAsk: (question: string, agent?: AgentType) => void;
  readonly commands: AreaCommands;
}

export type AreaPage = LazyExoticComponent<ComponentType<AreaPageProps>>;

// Asked for at once, beside the first paint, and not a part of what it waits for.
const contentPage = import("../content/ContentPage");

export const AREA_PAGES: Readonly<Record<AreaName, AreaPage>> = {
  content: lazy(() => contentPage),
  insights: lazy(() => import("../insights/InsightsPage")),
  operations: lazy(() => import("../operations/OperationsPage")),
  business_outcomes: lazy(() => import("../business_outcomes/OutcomesPage")),
};
