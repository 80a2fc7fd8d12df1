import "../artifacts/artifacts.css";
import type { AreaPageProps } from "../areas/pages";
import { areaOfArtifact, kindIcon, kindLabel } from "../artifacts/kinds";
import { Link } from "../routing/Link";
import { useRoute } from "../routing/useRoute";
import { Empty } from "../ui/Empty";
import { Icon } from "../ui/Icon";
import { WorkflowCard } from "./WorkflowCard";

/** One workflow by its address: its steps, what it asks, and what it made. */
export default function WorkflowPage({
  session,
  workflowId,
  commands,
}: AreaPageProps & { readonly workflowId: string }) {
  const { route } = useRoute();
  const workflow = session.workflows[workflowId];
  const made = Object.values(session.artifacts).flatMap((item) =>
    item.versions.filter((version) => version.workflow_id === workflowId).map((version) => ({ item, version })),
  );
  return (
    <div className="page" data-testid="workflow-page">
      <Link to={{ area: route.area }} className="artifact-back">
        <Icon name="back" size={14} /> Back
      </Link>
      <h1 className="visually-hidden">{workflow?.title ?? "Workflow"}</h1>
      {workflow ? (
        <>
          <h2 className="visually-hidden">How far it is</h2>
          <WorkflowCard workflow={workflow} onCancel={commands.cancelWorkflow} />
        </>
      ) : (
        <Empty icon="areas" title="This workflow is not shown any more">
          The session shows the newest 50 that have ended. What it made is kept.
        </Empty>
      )}
      {made.length > 0 && (
        <section className="artifacts-area" aria-labelledby="made-title">
          <h2 id="made-title">What it made</h2>
          <ul className="artifacts-list">
            {made.map(({ item, version }) => (
              <li key={item.artifact_id} className="artifacts-row">
                <Icon name={kindIcon(item.kind)} />
                <div className="artifacts-text">
                  <Link
                    to={{
                      area: areaOfArtifact(item, session.workflows),
                      artifactId: item.artifact_id,
                      version: version.version,
                    }}
                    className="artifacts-name"
                  >
                    {version.name}
                  </Link>
                  <p className="quiet">
                    {kindLabel(item.kind)}, version {version.version}
                  </p>
                </div>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}
