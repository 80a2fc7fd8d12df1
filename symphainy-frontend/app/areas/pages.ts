/** The page of each area. */

import type { AgentType, Session } from "../../shared/sync/types";
import { type Part, part } from "../ui/part";
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

export type AreaPage = Part<AreaPageProps>;

// Asked for at once, beside the first paint, and not a part of what it waits for.
const contentPage = import("../content/ContentPage");

export const AREA_PAGES: Readonly<Record<AreaName, AreaPage>> = {
  content: part(() => contentPage),
  insights: part(() => import("../insights/InsightsPage")),
  operations: part(() => import("../operations/OperationsPage")),
  business_outcomes: part(() => import("../business_outcomes/OutcomesPage")),
};
