"""What an entry does to the artifacts: a next version, or a version's next status."""

from __future__ import annotations

from collections.abc import Mapping

from symphainy import entries as log
from symphainy.artifacts import VERSIONS_KEPT, Artifact, ArtifactStatus, ArtifactVersion
from symphainy.entries import Entry
from symphainy.fold.values import replace


def artifacts_after(
    artifacts: Mapping[str, Artifact], entry: Entry, body: log.ArtifactCreated | log.ArtifactUpdated
) -> Mapping[str, Artifact]:
    held = artifacts.get(body.artifact_id)
    if isinstance(body, log.ArtifactCreated):
        return {**artifacts, body.artifact_id: _created(held, entry, body)}
    if held is None:
        return artifacts
    return {**artifacts, body.artifact_id: _updated(held, body)}


def _created(held: Artifact | None, entry: Entry, body: log.ArtifactCreated) -> Artifact:
    version = version_made(held.version + 1 if held else 1, entry, body)
    return Artifact(
        artifact_id=body.artifact_id,
        name=body.name,
        kind=body.kind,
        media_type=body.media_type,
        size=body.size,
        created_at=entry.ts,
        workflow_id=entry.workflow_id,
        file_id=body.file_id,
        version=version.version,
        status=ArtifactStatus.DRAFT,
        versions=(*(held.versions if held else ()), version)[-VERSIONS_KEPT:],
    )


def version_made(number: int, entry: Entry, body: log.ArtifactCreated) -> ArtifactVersion:
    """What the entry makes, a draft."""
    return ArtifactVersion(
        version=number,
        name=body.name,
        media_type=body.media_type,
        size=body.size,
        blob=body.blob or body.artifact_id,
        created_at=entry.ts,
        workflow_id=entry.workflow_id,
        renditions=body.renditions,
    )


def _updated(held: Artifact, body: log.ArtifactUpdated) -> Artifact:
    versions = tuple(
        replace(item, status=body.status) if item.version == body.version else item for item in held.versions
    )
    return replace(held, status=versions[-1].status if versions else held.status, versions=versions)
