import { lazy, type ReactNode, Suspense } from "react";
import type { Artifact, Session } from "../../shared/sync/types";
import { formatLabel } from "../artifacts/kinds";
import { artifactUrl } from "../data/addresses";
import { Loaded } from "../data/Loaded";
import { useReading } from "../data/reading";
import { Link } from "../routing/Link";
import { Icon } from "../ui/Icon";
import { Skeleton } from "../ui/Skeleton";
import { Coexistence } from "./Coexistence";
import type { Blueprint, Sop, WorkflowModel } from "./documents";
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
      <Read<Sop> session={session} artifact={artifact}>
        {(sop) => <SopDocument sop={sop} />}
      </Read>
    </Panel>
  );
}

export function WorkflowPanel({ session, artifact }: PanelProps) {
  return (
    <Panel session={session} artifact={artifact} kind="Workflow">
      <Read<WorkflowModel> session={session} artifact={artifact}>
        {(workflow) => <WorkflowDocument workflow={workflow} />}
      </Read>
    </Panel>
  );
}

export function BlueprintPanel({ session, artifact }: PanelProps) {
  return (
    <Panel session={session} artifact={artifact} kind="Coexistence">
      <Read<Blueprint> session={session} artifact={artifact}>
        {(blueprint) => <BlueprintDocument blueprint={blueprint} />}
      </Read>
    </Panel>
  );
}

/** The diagram, and below it the same in words. */
export function WorkflowDocument({ workflow }: { readonly workflow: WorkflowModel }) {
  return (
    <div className="workflow-document">
      <Drawn bpmn={workflow.bpmn} title={workflow.title} />
      <details className="procedure-remarks">
        <summary>The same in words ({workflow.steps.steps.length} steps)</summary>
        <Steps steps={workflow.steps.steps} label={`Steps of ${workflow.title}`} />
      </details>
      <Remarks warnings={workflow.warnings} />
    </div>
  );
}

export function BlueprintDocument({ blueprint }: { readonly blueprint: Blueprint }) {
  const { future_sop: sop, future_bpmn: bpmn } = blueprint;
  const future = (
    <div className="future-state">
      <Drawn bpmn={bpmn} title={sop.title} />
      <details className="procedure-remarks">
        <summary>The future procedure ({sop.steps.length} steps)</summary>
        <Steps steps={sop.steps} label={`Steps of ${sop.title}`} />
      </details>
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

function Read<T>({ session, artifact, children }: PanelProps & { readonly children: (document: T) => ReactNode }) {
  const reading = useReading<T>(artifactUrl(session.session_id, artifact.artifact_id, { version: artifact.version }));
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
    <section className="work-panel" aria-labelledby={titleId} data-testid={`panel-${artifact.kind}`}>
      <header className="work-head">
        <div>
          <p className="quiet">
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
