import "./insights.css";
import { useEffect } from "react";
import type { Artifact, Session } from "../../shared/sync/types";
import { AREAS, areaOf } from "../areas/catalogue";
import type { AreaPageProps } from "../areas/pages";
import { artifactUrl } from "../data/addresses";
import { VegaChart } from "../data/charts";
import { Loaded } from "../data/Loaded";
import { useReading } from "../data/reading";
import { Link } from "../routing/Link";
import { Button } from "../ui/Button";
import { Empty } from "../ui/Empty";
import { isFinished } from "../workflows/progress";
import { WorkflowCard } from "../workflows/WorkflowCard";
import { DocumentFacts } from "./DocumentInsightsViewer";
import { DrillDown, QUERY } from "./DrillDown";
import type { DocumentInsights, InsightsDocument } from "./documents";
import { askedFor, FindingRows, rowsInput } from "./FindingRows";
import { FindingsView } from "./FindingsView";
import { ShapeToggle, useSettings, useShape } from "./ShapeToggle";
import { latestOf, type Source, sourcesOf } from "./sources";

const ANALYZE = "analyze_content_for_insights";

/** Choose a table or a text, have it analysed, read what stands out, and ask about its rows. */
export default function InsightsPage({ session, commands, onAsk }: AreaPageProps) {
  const area = areaOf("insights");
  const sources = sourcesOf(session);
  const { settings, set } = useSettings();
  const source = sources.find((item) => item.key === settings.source) ?? latestOf(session, sources);
  useEffect(() => {
    // there when the findings are
    VegaChart.load().catch(() => undefined);
  }, []);
  return (
    <div className="page insights-page">
      <header className="page-head">
        <p className="page-place">
          Step {AREAS.indexOf(area) + 1} of {AREAS.length}
        </p>
        <h1>{area.label}</h1>
        <p className="lede">{area.purpose}</p>
      </header>
      {source === undefined ? (
        <div className="drop-empty">
          <Empty icon="table" title="No table or text yet">
            Upload a file in Content. As soon as it is read you can analyse it here.
          </Empty>
          <Link to={{ area: "content" }} className="button button-primary">
            Open Content
          </Link>
        </div>
      ) : (
        <>
          <SourceChoice sources={sources} chosen={source} onChoose={(key) => set({ source: key })} />
          <SourceView key={source.key} session={session} source={source} commands={commands} onAsk={onAsk} />
        </>
      )}
    </div>
  );
}

interface ChoiceProps {
  readonly sources: readonly Source[];
  readonly chosen: Source;
  readonly onChoose: (key: string) => void;
}

function SourceChoice({ sources, chosen, onChoose }: ChoiceProps) {
  return (
    <label className="source-choice">
      <span>Table or text</span>
      <select value={chosen.key} onChange={(event) => onChoose(event.target.value)} data-testid="source">
        {sources.map((source) => (
          <option key={source.key} value={source.key}>
            {source.label}
          </option>
        ))}
      </select>
    </label>
  );
}

interface SourceProps extends Pick<AreaPageProps, "session" | "commands" | "onAsk"> {
  readonly source: Source;
}

function SourceView({ session, source, commands, onAsk }: SourceProps) {
  const going = Object.values(session.workflows).filter(
    (workflow) =>
      workflow.operation === ANALYZE && workflow.input.file_id === source.fileId && !isFinished(workflow.status),
  );
  const found = foundOf(session, source);
  const analyse = () =>
    commands.start("Starting the analysis", ANALYZE, {
      file_id: source.fileId,
      ...(source.table !== null && { table: source.table }),
    });
  return (
    <>
      {going.map((workflow) => (
        <WorkflowCard key={workflow.workflow_id} workflow={workflow} onCancel={commands.cancelWorkflow} />
      ))}
      {source.table !== null && (
        <DrillDown session={session} fileId={source.fileId} table={source.table} commands={commands} />
      )}
      {found ? (
        <Found
          session={session}
          artifact={found}
          source={source}
          commands={commands}
          onAsk={onAsk}
          onAgain={analyse}
          busy={going.length > 0}
        />
      ) : (
        going.length === 0 && (
          <div className="drop-empty">
            <Empty icon="sparkline" title="Not analysed for insights yet">
              {source.table === null
                ? "Dates, amounts, parties and obligations are found, each with its sentence."
                : "Trends, anomalies, correlations and differences are tested; only what is beyond chance is reported."}
            </Empty>
            <Button look="primary" icon="sparkline" onClick={analyse}>
              Analyse {source.label}
            </Button>
          </div>
        )
      )}
    </>
  );
}

function foundOf(session: Session, source: Source): Artifact | undefined {
  const kind = source.table === null ? "document_insights" : "insights";
  const suffix = source.label;
  return Object.values(session.artifacts).findLast(
    (item) =>
      item.kind === kind &&
      item.file_id === source.fileId &&
      (source.table === null || item.name === `Insights: ${suffix}`),
  );
}

interface FoundProps extends Pick<AreaPageProps, "session" | "onAsk" | "commands"> {
  readonly source: Source;
  readonly artifact: Artifact;
  readonly onAgain: () => void;
  readonly busy: boolean;
}

function Found({ session, artifact, source, commands, onAsk, onAgain, busy }: FoundProps) {
  const { version } = artifact;
  const reading = useReading<unknown>(artifactUrl(session.session_id, artifact.artifact_id, { version }));
  const [shape, setShape] = useShape("chart");
  return (
    <section className="insights-found" aria-label="Analysis">
      <div className="insights-bar">
        <ShapeToggle shape={shape} onShape={setShape} />
        <Link to={{ area: "insights", artifactId: artifact.artifact_id }}>Versions and download</Link>
        <Button small icon="retry" onClick={onAgain} disabled={busy}>
          Analyse again
        </Button>
      </div>
      <Loaded reading={reading} what="analysis">
        {(value) =>
          artifact.kind === "insights" ? (
            <FindingsView
              document={value as InsightsDocument}
              shape={shape}
              onExplain={(words) => onAsk(words)}
              onRows={(finding) => commands.start("Showing the rows", QUERY, rowsInput(source, artifact, finding))}
              rowsOf={(finding) => {
                const asked = askedFor(session, artifact, finding);
                return asked && <FindingRows session={session} workflow={asked} table={source.label} />;
              }}
            />
          ) : (
            <DocumentFacts found={value as DocumentInsights} />
          )
        }
      </Loaded>
    </section>
  );
}
