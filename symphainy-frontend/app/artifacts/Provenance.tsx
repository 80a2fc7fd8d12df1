import type { ArtifactVersion, JsonValue, Session } from "../../shared/sync/types";
import { actorName } from "../content/ProvenanceTab";
import { fullTime } from "../format/times";
import { Link } from "../routing/Link";
import { useRoute } from "../routing/useRoute";
import { areaOfArtifact, kindLabel } from "./kinds";

/** Where a version comes from: the workflow, its services, who handed it to whom, and what it was made of. */
export function Provenance({ session, version }: { readonly session: Session; readonly version: ArtifactVersion }) {
  const { route } = useRoute();
  const workflow = session.workflows[version.workflow_id ?? ""];
  if (version.workflow_id === null) return null;
  const links = session.delegations.filter((link) => link.workflow_id === version.workflow_id);
  const names = links[0] ? [...new Set([links[0].source, ...links.map((link) => link.target)])] : [];
  const services = [...new Set(workflow?.steps.map((step) => step.service))];
  return (
    <details className="artifact-origin" data-testid="artifact-origin">
      <summary>Where this comes from</summary>
      <dl className="artifact-origin-facts">
        <div>
          <dt>Workflow</dt>
          <dd>
            <Link to={{ area: route.area, workflowId: version.workflow_id }}>
              {workflow?.title ?? version.workflow_id}
            </Link>
            <span className="quiet">
              {workflow && `, ${workflow.orchestrator}`}, {fullTime(version.created_at)}
            </span>
          </dd>
        </div>
        {services.length > 0 && (
          <div>
            <dt>Services</dt>
            <dd>{services.join(", ")}</dd>
          </div>
        )}
        {names.length > 0 && (
          <div>
            <dt>Handed on</dt>
            <dd>
              <ol className="origin-chain">
                {names.map((name) => (
                  <li key={name}>{actorName(name)}</li>
                ))}
              </ol>
            </dd>
          </div>
        )}
        {workflow && <Inputs session={session} input={workflow.input} />}
      </dl>
    </details>
  );
}

function Inputs({
  session,
  input,
}: {
  readonly session: Session;
  readonly input: Session["workflows"][string]["input"];
}) {
  const named = [...new Set(namedIn(input))].filter((id) => session.files[id] || session.artifacts[id]);
  if (named.length === 0) return null;
  return (
    <div>
      <dt>Made from</dt>
      <dd>
        <ul className="origin-inputs">
          {named.map((id) => (
            <li key={id}>
              <Source session={session} id={id} />
            </li>
          ))}
        </ul>
      </dd>
    </div>
  );
}

function Source({ session, id }: { readonly session: Session; readonly id: string }) {
  const file = session.files[id];
  if (file) return <Link to={{ area: "content", fileId: id }}>{file.name}</Link>;
  const artifact = session.artifacts[id];
  if (!artifact) return null;
  return (
    <Link to={{ area: areaOfArtifact(artifact, session.workflows), artifactId: id }}>
      {artifact.name} <span className="quiet">{kindLabel(artifact.kind).toLowerCase()}</span>
    </Link>
  );
}

/** Every text in a workflow's input: ids of files and artifacts are among them. */
function namedIn(value: JsonValue): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(namedIn);
}
