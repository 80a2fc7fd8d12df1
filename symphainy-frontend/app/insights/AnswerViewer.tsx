import type { ViewerProps } from "../artifacts/registry";
import { AnswerView } from "./AnswerView";
import type { Answer } from "./documents";
import { ShapeToggle, useShape } from "./ShapeToggle";

/** A version of an answer, or of a chart. */
export default function AnswerViewer({ document, artifact }: ViewerProps) {
  const [kept, setShape] = useShape(artifact.kind === "chart" ? "chart" : "table");
  const answer = document as unknown as Answer;
  return (
    <>
      {answer.chart && <ShapeToggle shape={kept} onShape={setShape} />}
      <AnswerView answer={answer} name={artifact.name} shape={kept} />
    </>
  );
}
