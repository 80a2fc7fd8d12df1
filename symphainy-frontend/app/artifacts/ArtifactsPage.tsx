import "./artifacts.css";
import type { Artifact, Session, SessionFile } from "../../shared/sync/types";
import { AREAS } from "../areas/catalogue";
import { kindIcon as fileIcon } from "../content/kinds";
import { ago } from "../format/times";
import { useMinutes } from "../format/useNow";
import { Link } from "../routing/Link";
import { Empty } from "../ui/Empty";
import { Icon } from "../ui/Icon";
import { areaOfArtifact, isShownAtFile, kindIcon, kindLabel } from "./kinds";
import { StatusBadge } from "./StatusBadge";

/** Made so that questions are answered at once: nothing that one would open. */
const INDEX = "table_index";

/** Every result of the session, by area, the newest first. */
export default function ArtifactsPage({ session }: { readonly session: Session }) {
  const all = Object.values(session.artifacts).toReversed();
  return (
    <div className="page" data-testid="artifacts-page">
      <header className="page-head">
        <h1>Results</h1>
        <p className="lede">Everything that was made in this session, with its versions and how far each has come.</p>
      </header>
      {all.length === 0 && (
        <div className="artifacts-none">
          <Empty icon="document" title="Nothing was made yet">
            Results appear here as soon as a workflow has kept one.
          </Empty>
        </div>
      )}
      {AREAS.map((area) => {
        const mine = all.filter((item) => areaOfArtifact(item, session.workflows) === area.name);
        if (mine.length === 0) return null;
        return (
          <section key={area.name} className="artifacts-area" aria-labelledby={`artifacts-${area.name}`}>
            <h2 id={`artifacts-${area.name}`}>{area.label}</h2>
            <ul className="artifacts-list">
              <FileRows artifacts={mine} session={session} />
              {mine
                .filter((item) => !isShownAtFile(item.kind) || item.file_id === null)
                .map((item) => (
                  <ArtifactRow key={item.artifact_id} artifact={item} session={session} />
                ))}
            </ul>
          </section>
        );
      })}
    </div>
  );
}

function ArtifactRow({ artifact, session }: { readonly artifact: Artifact; readonly session: Session }) {
  const now = useMinutes();
  const area = areaOfArtifact(artifact, session.workflows);
  return (
    <li className="artifacts-row" data-testid="artifact-row">
      <Icon name={kindIcon(artifact.kind)} />
      <div className="artifacts-text">
        <Link to={{ area, artifactId: artifact.artifact_id }} className="artifacts-name">
          {artifact.name}
        </Link>
        <p className="quiet numeric">
          {kindLabel(artifact.kind)}, version {artifact.version}, {ago(artifact.created_at, now)}
        </p>
      </div>
      <StatusBadge status={artifact.status} />
    </li>
  );
}

/** A file's tables, text and profile are one row: they are looked at together, at the file. */
function FileRows({ artifacts, session }: { readonly artifacts: readonly Artifact[]; readonly session: Session }) {
  const byFile = new Map<string, Artifact[]>();
  for (const item of artifacts) {
    if (item.file_id !== null && isShownAtFile(item.kind)) {
      byFile.set(item.file_id, [item, ...(byFile.get(item.file_id) ?? [])]);
    }
  }
  return [...byFile].map(([fileId, made]) => (
    <FileRow key={fileId} fileId={fileId} file={session.files[fileId]} made={made} />
  ));
}

interface FileRowProps {
  readonly fileId: string;
  readonly file: SessionFile | undefined;
  readonly made: readonly Artifact[];
}

function FileRow({ fileId, file, made }: FileRowProps) {
  const kinds = [...new Set(made.filter((item) => item.kind !== INDEX).map((item) => kindLabel(item.kind)))];
  return (
    <li className="artifacts-row" data-testid="artifact-row">
      <Icon name={file ? fileIcon(file.kind, file.name) : "document"} />
      <div className="artifacts-text">
        {file === undefined ? (
          <span className="quiet">A file that was removed, with its results</span>
        ) : (
          <>
            <Link to={{ area: "content", fileId }} className="artifacts-name">
              {file.name}
            </Link>
            <p className="quiet">{kinds.join(", ")}</p>
          </>
        )}
      </div>
    </li>
  );
}
