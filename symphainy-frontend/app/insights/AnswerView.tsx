import "./insights.css";
import { useMemo } from "react";
import { DataGrid } from "../data/DataGrid";
import { Chart } from "./Chart";
import { type Answer, gridOf } from "./documents";

interface AnswerViewProps {
  readonly answer: Answer;
  readonly name: string;
  readonly shape: "chart" | "table";
}

/** How a question was read, its rows as a grid or a chart, and the SQL. */
export function AnswerView({ answer, name, shape }: AnswerViewProps) {
  const grid = useMemo(() => gridOf(answer, name), [answer, name]);
  return (
    <div className="answer" data-testid="answer">
      <p className="answer-reading">
        <strong>How it was read:</strong> {answer.interpretation}
      </p>
      {answer.chart && shape === "chart" ? (
        <>
          <Chart spec={answer.chart} />
          {answer.rationale && <p className="quiet">{answer.rationale}</p>}
        </>
      ) : answer.rows.length === 0 ? (
        <p className="quiet">No row fits that.</p>
      ) : (
        <DataGrid table={grid} />
      )}
      <details className="finding-more">
        <summary>Show the SQL</summary>
        <pre>
          <code>{answer.sql}</code>
        </pre>
      </details>
    </div>
  );
}
