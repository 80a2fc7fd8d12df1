"""Results that are kept, and what a team does with them: versions that never change, each with a status of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class ArtifactStatus(StrEnum):
    """How far a version has come: `implemented` is built, `active` is in use."""

    DRAFT = "draft"
    REVIEW = "review"
    APPROVED = "approved"
    IMPLEMENTED = "implemented"
    ACTIVE = "active"


NEXT_STATUSES: Final[Mapping[ArtifactStatus, tuple[ArtifactStatus, ...]]] = {
    ArtifactStatus.DRAFT: (ArtifactStatus.REVIEW,),
    ArtifactStatus.REVIEW: (ArtifactStatus.APPROVED, ArtifactStatus.DRAFT),
    ArtifactStatus.APPROVED: (ArtifactStatus.IMPLEMENTED, ArtifactStatus.DRAFT),
    ArtifactStatus.IMPLEMENTED: (ArtifactStatus.ACTIVE,),
    ArtifactStatus.ACTIVE: (),
}
"""One step forward at a time; back to draft as long as nothing was built from it."""


VERSIONS_KEPT: Final = 50
"""Versions of one artifact that a session's fold holds: the newest. The log holds all of them."""


@dataclass(frozen=True, slots=True)
class Rendition:
    """Another format of one version. `blob` names its bytes in the file store."""

    media_type: str
    name: str
    blob: str
    size: int


@dataclass(frozen=True, slots=True)
class ArtifactVersion:
    """What one workflow made of the artifact. Its bytes never change; its status does."""

    version: int
    name: str
    media_type: str
    size: int
    blob: str
    created_at: str
    workflow_id: str | None = None
    status: ArtifactStatus = ArtifactStatus.DRAFT
    renditions: tuple[Rendition, ...] = ()


@dataclass(frozen=True, slots=True)
class Artifact:
    """A result kept as bytes in the file store: a typed table, a profile, a document's text.

    Its fields are those of its newest version. `versions` are the newest 50 in log order, by number, where the first ever is 1;
    `ArtifactLibrary.versions` reads older ones.
    """

    artifact_id: str
    name: str
    kind: str
    media_type: str
    size: int
    created_at: str
    workflow_id: str | None = None
    file_id: str | None = None
    version: int = 1
    status: ArtifactStatus = ArtifactStatus.DRAFT
    versions: tuple[ArtifactVersion, ...] = ()


def blobs_of(version: ArtifactVersion) -> list[str]:
    """The names of its bytes in the file store, in every format."""
    return [version.blob, *(rendition.blob for rendition in version.renditions)]
