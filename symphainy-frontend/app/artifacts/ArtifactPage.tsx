import "./artifacts.css";
import { Suspense, useState } from "react";
import type { Artifact, ArtifactVersion, JsonObject } from "../../shared/sync/types";
import type { AreaPageProps } from "../areas/pages";
import { artifactUrl, versionsUrl } from "../data/addresses";
import { Loaded } from "../data/Loaded";
import { useCurrentReading, useReading } from "../data/reading";
import { bytes } from "../format/quantities";
import { fullTime } from "../format/times";
import { Link } from "../routing/Link";
import { useRoute } from "../routing/useRoute";
import { Boundary } from "../ui/Boundary";
import { Button } from "../ui/Button";
import { Empty } from "../ui/Empty";
import { Icon } from "../ui/Icon";
import { Skeleton } from "../ui/Skeleton";
import { Comparison } from "./Comparison";
import { formatLabel, kindIcon, kindLabel, NEXT_STEPS } from "./kinds";
import { Provenance } from "./Provenance";
import { DocumentViewer, viewerOf } from "./registry";
import { StatusBadge } from "./StatusBadge";
import { VersionBar } from "./VersionBar";

interface ArtifactPageProps extends AreaPageProps {
  readonly artifactId: string;
}

/** One result: a version of it, how far it has come, where it comes from, and what can be taken along. */
export default function ArtifactPage(props: ArtifactPageProps) {
  const { session, artifactId } = props;
  const { route } = useRoute();
  const artifact = session.artifacts[artifactId];
  const wanted = route.version ?? artifact?.version ?? 1;
  const version = artifact?.versions.find((item) => item.version === wanted);
  const older = artifact !== undefined && wanted >= 1 && wanted < (artifact.versions[0]?.version ?? 1);
  return (
    <div className="page">
      <Link to={{ area: route.area, artifacts: true }} className="artifact-back">
        <Icon name="back" size={14} /> All results
      </Link>
      {artifact === undefined && (
        <Empty icon="document" title="This result is not in this session">
          It belongs to another session, or its address is not whole.
        </Empty>
      )}
      {older && <Older key={wanted} {...props} artifact={artifact} wanted={wanted} />}
      {artifact !== undefined && version === undefined && !older && (
        <Empty icon="document" title={`There is no version ${route.version}`}>
          The newest is version {artifact.version}.
        </Empty>
      )}
      {artifact !== undefined && version !== undefined && <Shown {...props} artifact={artifact} version={version} />}
    </div>
  );
}

interface ShownProps extends ArtifactPageProps {
  readonly artifact: Artifact;
  readonly version: ArtifactVersion;
}

/** A version that the session no longer holds: read again whenever something became of the artifact, in any tab. */
function Older({ wanted, ...props }: ArtifactPageProps & { readonly artifact: Artifact; readonly wanted: number }) {
  const { session, artifact } = props;
  const url = versionsUrl(session.session_id, artifact.artifact_id, wanted, 1);
  const reading = useCurrentReading<{ readonly versions: readonly ArtifactVersion[] }>(url, artifact);
  return (
    <Loaded reading={reading} what="version">
      {({ versions: [version] }) => version && <Shown {...props} version={version} />}
    </Loaded>
  );
}

function Shown(props: ShownProps) {
  const { session, artifact, version } = props;
  const { route } = useRoute();
  const other = route.comparedWith;
  const compared = other !== null && other !== version.version && other <= artifact.version;
  return (
    <article className="artifact" aria-labelledby="artifact-title" data-testid="artifact-view">
      <ArtifactHead {...props} />
      <VersionBar artifact={artifact} version={version} />
      {compared ? (
        <Comparison session={session} artifact={artifact} from={other} to={version.version} />
      ) : (
        <Content key={version.version} {...props} />
      )}
      <Provenance session={session} version={version} />
    </article>
  );
}

function ArtifactHead({ session, artifact, version, commands }: ShownProps) {
  const steps = NEXT_STEPS[version.status];
  return (
    <header className="artifact-head">
      <span className="artifact-icon">
        <Icon name={kindIcon(artifact.kind)} size={20} />
      </span>
      <div className="artifact-heading">
        <h1 id="artifact-title">{version.name}</h1>
        <p className="artifact-facts quiet numeric">
          <span>{kindLabel(artifact.kind)}</span>
          <StatusBadge status={version.status} />
          <span>made {fullTime(version.created_at)}</span>
        </p>
      </div>
      <div className="artifact-actions">
        {steps.map(({ to, label }, place) => (
          <Button
            key={to}
            look={place === 0 ? "primary" : "plain"}
            onClick={() => commands.setArtifactStatus(artifact.artifact_id, version.version, to)}
          >
            {label}
          </Button>
        ))}
        <CopyLink artifact={artifact} version={version} />
        <Downloads sessionId={session.session_id} artifact={artifact} version={version} />
      </div>
    </header>
  );
}

/** The address of this version, which shows the same for ever; that of the artifact alone shows its newest. */
function CopyLink({ artifact, version }: Pick<ShownProps, "artifact" | "version">) {
  const { route, href } = useRoute();
  const [copied, setCopied] = useState(false);
  const address = href({ area: route.area, artifactId: artifact.artifact_id, version: version.version });
  const copy = () => {
    navigator.clipboard.writeText(new URL(address, window.location.href).href).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  return (
    <Button icon={copied ? "check" : "link"} onClick={copy}>
      {copied ? "Copied" : "Copy link"}
    </Button>
  );
}

interface DownloadsProps {
  readonly sessionId: string;
  readonly artifact: Artifact;
  readonly version: ArtifactVersion;
}

function Downloads({ sessionId, artifact, version }: DownloadsProps) {
  const formats = [...version.renditions, version];
  return (
    <details className="artifact-downloads">
      <summary className="button">
        <Icon name="download" /> Download
      </summary>
      <ul>
        {formats.map(({ media_type, name, size }) => (
          <li key={media_type}>
            <a
              href={artifactUrl(sessionId, artifact.artifact_id, { version: version.version, format: media_type })}
              download={name}
            >
              {formatLabel(media_type)}
              <span className="quiet">
                {name}, {bytes(size)}
              </span>
            </a>
          </li>
        ))}
      </ul>
    </details>
  );
}

function Content(props: ShownProps) {
  const { session, artifact, version } = props;
  if (version.media_type !== "application/json") {
    return (
      <Empty icon="download" title={`This is a ${formatLabel(version.media_type)} file`}>
        Download it to look at it.
      </Empty>
    );
  }
  const url = artifactUrl(session.session_id, artifact.artifact_id, { version: version.version });
  return <Document key={url} {...props} url={url} />;
}

/** A document that its viewer cannot show, an older one perhaps, is shown as any other. */
function Document({ url, ...props }: ShownProps & { readonly url: string }) {
  const reading = useReading<JsonObject>(url);
  const Viewer = viewerOf(props.artifact.kind);
  return (
    <Loaded reading={reading} what="result">
      {(document) => (
        <Suspense fallback={<Skeleton label="Opening the result" lines={6} />}>
          <Boundary fallback={<DocumentViewer {...props} document={document} />}>
            <Viewer {...props} document={document} />
          </Boundary>
        </Suspense>
      )}
    </Loaded>
  );
}
