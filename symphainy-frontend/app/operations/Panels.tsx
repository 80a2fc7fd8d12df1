import { lazy, type ReactNode, Suspense } from "react";
import type { Artifact, JsonObject, Session } from "../../shared/sync/types";
import { formatLabel } from "../artifacts/kinds";
import { artifactUrl } from "../data/addresses";
import { Loaded } from "../data/Loaded";
import { useReading } from "../data/reading";
import { plural } from "../format/quantities";
import { Link } from "../routing/Link";
import { Icon } from "../ui/Icon";
import { Skeleton } from "../ui/Skeleton";
import { Coexistence } from "./Coexistence";
import { type Blueprint, blueprintOf, sopOf, type WorkflowModel, workflowOf } from "./documents";
import { Remarks, SopDocument } from "./SopDocument";
import { Steps } from "./Steps";

const Diagram = lazy(() => import("./Diagram"));

interface PanelProps {
  readonly session: Session;
  readonly artifact: Artifact;
}

export function SopPanel({ session, artifact }: PanelProps) {
  return (
    <Panel session={session} artifact={artifact} kind="SOP">
      <Read session={session} artifact={artifact}>
        {(document) => <SopDocument sop={sopOf(document)} />}
      </Read>
    </Panel>
  );
}

export function WorkflowPanel({ session, artifact }: PanelProps) {
  return (
    <Panel session={session} artifact={artifact} kind="Workflow">
      <Read session={session} artifact={artifact}>
        {(document) => <WorkflowDocument workflow={workflowOf(document)} />}
      </Read>
    </Panel>
  );
}

export function BlueprintPanel({ session, artifact }: PanelProps) {
  return (
    <Panel session={session} artifact={artifact} kind="Coexistence">
      <Read session={session} artifact={artifact}>
        {(document) => <BlueprintDocument blueprint={blueprintOf(document)} />}
      </Read>
    </Panel>
  );
}

/** The diagram, and below it the same in words. */
export function WorkflowDocument({ workflow }: { readonly workflow: WorkflowModel }) {
  return (
    <div className="workflow-document">
      {workflow.bpmn && <Drawn bpmn={workflow.bpmn} title={workflow.title} />}
      <details className="procedure-remarks">
        <summary>The same in words ({plural(workflow.steps.steps.length, "step")})</summary>
        <Steps steps={workflow.steps.steps} label={`Steps of ${workflow.title}`} />
      </details>
      <Remarks warnings={workflow.warnings} />
    </div>
  );
}

export function BlueprintDocument({ blueprint }: { readonly blueprint: Blueprint }) {
  const { future_sop: sop, future_bpmn: bpmn } = blueprint;
  const future = (sop || bpmn) && (
    <div className="future-state">
      {bpmn && <Drawn bpmn={bpmn} title={sop?.title ?? blueprint.title} />}
      {sop && (
        <details className="procedure-remarks" open={!bpmn}>
          <summary>The future procedure ({plural(sop.steps.length, "step")})</summary>
          <Steps steps={sop.steps} label={`Steps of ${sop.title}`} />
        </details>
      )}
    </div>
  );
  return <Coexistence blueprint={blueprint} future={future} />;
}

function Drawn({ bpmn, title }: { readonly bpmn: string; readonly title: string }) {
  return (
    <Suspense fallback={<Skeleton label="Drawing the diagram" lines={5} />}>
      <Diagram bpmn={bpmn} label={`Workflow diagram of ${title}. Its steps are listed below it.`} />
    </Suspense>
  );
}

function Read({
  session,
  artifact,
  children,
}: PanelProps & { readonly children: (document: JsonObject) => ReactNode }) {
  const reading = useReading<JsonObject>(
    artifactUrl(session.session_id, artifact.artifact_id, { version: artifact.version }),
  );
  return (
    <Loaded reading={reading} what="result">
      {children}
    </Loaded>
  );
}

function Panel({
  session,
  artifact,
  kind,
  children,
}: PanelProps & { readonly kind: string; readonly children: ReactNode }) {
  const version = artifact.versions.at(-1);
  const titleId = `panel-${artifact.artifact_id}`;
  return (
    // A procedure and its workflow have one name: what it is tells them apart.
    <section
      className="work-panel"
      aria-labelledby={`${titleId}-kind ${titleId}`}
      data-testid={`panel-${artifact.kind}`}
    >
      <header className="work-head">
        <div>
          <p className="quiet" id={`${titleId}-kind`}>
            {kind}, version {artifact.version}
          </p>
          <h2 id={titleId}>
            <Link to={{ area: "operations", artifactId: artifact.artifact_id }}>{artifact.name}</Link>
          </h2>
        </div>
        <p className="work-downloads">
          {version?.renditions.map(({ media_type, name }) => (
            <a
              key={media_type}
              className="button button-small"
              href={artifactUrl(session.session_id, artifact.artifact_id, {
                version: artifact.version,
                format: media_type,
              })}
              download={name}
            >
              <Icon name="download" size={14} /> {formatLabel(media_type)}
            </a>
          ))}
        </p>
      </header>
      {children}
    </section>
  );
}
