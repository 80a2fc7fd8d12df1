import type { AgentType } from "../../shared/sync/types";
import { OPENINGS } from "./suggestions";

export function Welcome({ agent, onAsk }: { readonly agent: AgentType; readonly onAsk: (text: string) => void }) {
  const { title, text, questions } = OPENINGS[agent];
  return (
    <div className="welcome">
      <h3>{title}</h3>
      <p className="quiet">{text}</p>
      <ul aria-label="Suggested questions">
        {questions.map((question) => (
          <li key={question}>
            <button type="button" className="question" onClick={() => onAsk(question)}>
              {question}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
