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
    title: "Ask what your data says",
    text: "Questions in plain English are answered from the rows; the findings are explained with their numbers.",
    questions: ["What stands out?", "What are the most important findings?", "What can you do for me?"],
  },
  operations_liaison: {
    title: "Describe how the work is done",
    text: "Procedures and diagrams are read, compared and redesigned. A new procedure can be written here, step by step.",
    questions: [
      "Create an SOP with me step by step",
      "What does coexistence mean?",
      "What's the coexistence score?",
      "What can you do for me?",
    ],
  },
  business_outcomes_liaison: {
    title: "Turn the results into a plan",
    text: "The roadmap and the proposal are made from what the other areas found. Effort and costs are asked for, never assumed.",
    questions: [
      "Summarise the results of all areas",
      "Generate the final roadmap and POC proposal",
      "What is a proof of concept?",
      "What is the ROI?",
    ],
  },
};
