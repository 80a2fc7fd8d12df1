import type { AreaName } from "./catalogue";

export interface Outlook {
  readonly question: string;
  readonly answers: readonly string[];
  readonly brings: readonly { readonly what: string; readonly why: string }[];
  readonly builtOn: string;
  readonly ask: string;
}

/** What the areas behind Content are for, and how to prepare for them. */
export const OUTLOOKS: Readonly<Partial<Record<AreaName, Outlook>>> = {
  insights: {
    question: "What does my data say?",
    answers: [
      "Which values, customers or periods stand out, and which rows are behind it",
      "How measures hang together, side by side as text, table or chart",
      "Plain questions, such as who is more than 90 days late",
      "A summary with recommendations to take along",
    ],
    brings: [
      { what: "Records of what happened", why: "orders, payments, tickets, measurements: one row each" },
      { what: "Volumes over time", why: "so that trends and outliers can be told apart" },
      { what: "What things mean", why: "a data dictionary, if there is one" },
    ],
    builtOn: "Builds on the tables that Content has parsed.",
    ask: "Which data would help me in Insights?",
  },
  business_outcomes: {
    question: "What should we do first, and what will it bring?",
    answers: [
      "The findings of the three areas before, on one page",
      "A roadmap with steps that build on each other",
      "A proposal for a first proof of concept, with what it must show",
    ],
    brings: [
      { what: "Goals and figures", why: "what success is measured by" },
      { what: "Limits", why: "budget, dates, rules that must be kept" },
      { what: "Test results and reports", why: "what was tried before" },
    ],
    builtOn: "Builds on Content, Insights and Operations together.",
    ask: "What will I get in Business outcomes?",
  },
};
