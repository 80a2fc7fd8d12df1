"""Artifacts: their bytes by version and format, their lifecycle, and what differs between two versions."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query, Response

from symphainy.api.auth import App, Opened
from symphainy.api.downloads import download
from symphainy.api.errors import problems, writing
from symphainy.api.models import ArtifactList, ClientId, ComparisonModel, UpdateArtifact, VersionList
from symphainy.api.paging import CursorQuery, LimitQuery, page
from symphainy.api.strict_json import StrictRoute
from symphainy.codec import to_json
from symphainy.session import Artifact

router = APIRouter(tags=["artifacts"], route_class=StrictRoute)

ANY_BYTES: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The bytes, of the version's own type or of the rendition's.",
        "content": {"*/*": {"schema": {}}},
    }
}
MOST_VERSIONS: Final = 1_000_000

VersionQuery = Annotated[int | None, Query(ge=1, le=MOST_VERSIONS, description="Left out: the newest version.")]
FormatQuery = Annotated[
    str | None,
    Query(max_length=200, description="Media type of a rendition. Left out: the version's own format."),
]


@router.get("/sessions/{session_id}/artifacts", response_model=ArtifactList, responses=problems(404, 409))
async def list_artifacts(opened: Opened, cursor: CursorQuery = None, limit: LimitQuery = 50) -> ArtifactList:
    """The results that workflows left as files, with their versions, oldest first."""
    items, following = page(list(opened.session.artifacts.items()), cursor, limit)
    return ArtifactList(artifacts=items, next_cursor=following)


@router.get(
    "/sessions/{session_id}/artifacts/{artifact_id}",
    response_class=Response,
    responses={**ANY_BYTES, **problems(404)},
)
async def download_artifact(
    app: App,
    opened: Opened,
    artifact_id: str,
    version: VersionQuery = None,
    format: FormatQuery = None,
) -> Response:
    """A version's bytes. They never change."""
    found = await app.library.open(opened.session, artifact_id, version=version, media_type=format)
    return download(found.file, found.name, found.media_type)


@router.get(
    "/sessions/{session_id}/artifacts/{artifact_id}/versions",
    response_model=VersionList,
    responses=problems(404),
)
async def list_versions(
    app: App,
    opened: Opened,
    artifact_id: str,
    before: Annotated[int | None, Query(ge=1, le=MOST_VERSIONS, description="Left out: the newest.")] = None,
    limit: LimitQuery = 50,
) -> VersionList:
    """The versions in front of the number `before`, oldest first: also those that the session's document no longer holds."""
    found = await app.library.versions(opened.session, artifact_id, before=before, limit=limit)
    return VersionList(versions=found, has_more=bool(found) and found[0].version > 1)


@router.patch(
    "/sessions/{session_id}/artifacts/{artifact_id}",
    response_model=Artifact,
    responses=writing(404, 409),
)
async def update_artifact(
    app: App,
    opened: Opened,
    artifact_id: str,
    body: UpdateArtifact,
    idempotency_key: Annotated[ClientId | None, Header()] = None,
) -> Artifact:
    """Gives a version its next status: draft, review, approved, implemented, active, one after the other, and from review
    and approved back to draft. The status that it has already changes nothing; 409 names those that are `allowed`."""
    return await app.library.set_status(
        opened.session_id,
        artifact_id,
        body.status,
        version=body.version,
        actor=opened.actor,
        op_id=idempotency_key,
    )


@router.get(
    "/sessions/{session_id}/artifacts/{artifact_id}/comparison",
    response_model=ComparisonModel,
    responses=problems(404, 409),
)
async def compare_artifact(
    app: App,
    opened: Opened,
    artifact_id: str,
    first: Annotated[
        int | None, Query(alias="from", ge=1, le=MOST_VERSIONS, description="Left out: the version before `to`.")
    ] = None,
    second: Annotated[
        int | None, Query(alias="to", ge=1, le=MOST_VERSIONS, description="Left out: the newest.")
    ] = None,
) -> ComparisonModel:
    """What differs between two versions: of JSON documents by structure, of texts by line."""
    found = await app.library.compare(opened.session, artifact_id, first=first, second=second)
    return ComparisonModel.model_validate(to_json(found))
