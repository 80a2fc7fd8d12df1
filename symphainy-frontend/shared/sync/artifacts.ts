/** What each entry does to the artifacts. Part of the fold, as `fold/artifacts.py`. */

import { type EntryOf, renditions } from "./entries";
import { mapShared, own, put } from "./mapping";
import type { Artifact, ArtifactVersion, Keyed } from "./types";

/** As in `artifacts.py`: the newest; older ones are read from the log. */
export const VERSIONS_KEPT = 50;

export function artifactCreated(
  artifacts: Keyed<Artifact>,
  { data, ts, workflow_id }: EntryOf<"artifact.created">,
): Keyed<Artifact> {
  const { artifact_id, name, kind, media_type, size } = data;
  const held = own(artifacts, artifact_id);
  const about = { name, media_type, size, created_at: ts, workflow_id: workflow_id ?? null, status: "draft" } as const;
  const version: ArtifactVersion = {
    ...about,
    version: (held?.version ?? 0) + 1,
    blob: data.blob || artifact_id,
    renditions: renditions(data.renditions),
  };
  return put(artifacts, artifact_id, {
    ...about,
    artifact_id,
    kind,
    file_id: data.file_id ?? null,
    version: version.version,
    versions: [...(held?.versions ?? []), version].slice(-VERSIONS_KEPT),
  });
}

/** Of a version that is not held nothing is known but that it changed: the same value in another object tells who shows it. */
export function artifactUpdated(artifacts: Keyed<Artifact>, { data }: EntryOf<"artifact.updated">): Keyed<Artifact> {
  const held = own(artifacts, data.artifact_id);
  if (held === undefined) return artifacts;
  const { status } = data;
  const versions = mapShared(held.versions, (item) =>
    item.version === data.version && item.status !== status ? { ...item, status } : item,
  );
  const older = data.version < (held.versions[0]?.version ?? 1);
  if (versions === held.versions && !older) return artifacts;
  return put(artifacts, held.artifact_id, { ...held, versions, status: versions.at(-1)?.status ?? held.status });
}
