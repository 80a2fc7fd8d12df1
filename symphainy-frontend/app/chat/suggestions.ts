import type { AgentType } from "../../shared/sync/types";

interface Opening {
  readonly title: string;
  readonly text: string;
  readonly questions: readonly string[];
}

/** What an empty conversation says about its agent, and how one may begin. */
export const OPENINGS: Readonly<Record<AgentType, Opening>> = {
  guide_agent: {
    title: "What brought you here?",
    text: "Say it in your own words. The guide suggests which data helps, explains the way, and knows how far everything is.",
    questions: [
      "What can you do for me?",
      "I want to understand why customers pay late. Which data should I bring?",
      "Explain the journey",
      "What should I do next?",
    ],
  },
  content_liaison: {
    title: "Ask about your files",
    text: "The content liaison answers from what was parsed: columns, types, rows, quality and metadata.",
    questions: [
      "Which files do I have?",
      "Which columns are there, and of which type?",
      "How good is the quality of the data?",
      "How many rows are there?",
    ],
  },
  insights_liaison: {
    title: "Before the analysis begins",
    text: "Ask what Insights needs. Bring the files in Content first.",
    questions: ["What can Insights tell me?", "Which data do you need?"],
  },
  operations_liaison: {
    title: "Before the redesign begins",
    text: "Ask what Operations needs. Bring procedures and process descriptions in Content first.",
    questions: ["What can Operations do for me?", "Which documents do you need?"],
  },
  business_outcomes_liaison: {
    title: "Before the roadmap begins",
    text: "Ask what comes out at the end, and what it is made of.",
    questions: ["What will I get at the end?", "What has to be done before?"],
  },
};
