"""Files and artifacts: bytes in, bytes out. What the user calls a file is only ever metadata."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Header, Query, Request, Response, UploadFile
from fastapi import File as FormFile
from fastapi.responses import FileResponse

from symphainy.api.auth import App, Opened
from symphainy.api.errors import problems
from symphainy.api.models import ArtifactList, ClientId, FileList, FileModel, UploadedFiles
from symphainy.api.paging import CursorQuery, LimitQuery, page
from symphainy.codec import to_json
from symphainy.errors import ArtifactNotFound, FileNotFound, TooLarge, TooMany
from symphainy.ids import derived_id, new_id
from symphainy.session import File

router = APIRouter(tags=["files"])

CHUNK: Final = 256 * 1024
NAME_CHARACTERS: Final = 255
BYTES: Final = {
    200: {
        "description": "The bytes.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.post(
    "/sessions/{session_id}/files",
    status_code=201,
    response_model=UploadedFiles,
    responses=problems(403, 404, 413, 507),
)
async def upload_files(
    request: Request,
    app: App,
    opened: Opened,
    files: Annotated[list[UploadFile], FormFile(min_length=1, description="The files to upload.")],
    process: Annotated[bool, Query(description="Start the analysis of each file at once.")] = True,
    idempotency_key: Annotated[ClientId | None, Header()] = None,
) -> UploadedFiles:
    """The files are durable when this answers, and so are the workflows that analyse them. A repeated
    Idempotency-Key changes nothing."""
    most = app.settings.max_files_at_once
    if len(files) > most:
        raise TooMany(f"At most {most} files at once. Nothing was kept; send them in several requests.")
    for upload in files:
        if upload.size is not None and upload.size > app.settings.max_upload:
            raise TooLarge(f"A file may have at most {app.settings.max_upload:,} bytes. Nothing was kept.")
    kept: list[File] = []
    for number, upload in enumerate(files):
        key = idempotency_key
        file_id = derived_id("file", opened.session_id, key, str(number)) if key else new_id("file")
        kept.append(
            await app.uploads.add(
                opened.session_id,
                _clean_name(upload.filename),
                _chunks(upload),
                user_id=opened.user_id,
                file_id=file_id,
                process=process,
                media_type=_clean_type(upload.content_type),
            )
        )
    return UploadedFiles(files=to_json(kept))


@router.get("/sessions/{session_id}/files", response_model=FileList, responses=problems(404))
async def list_files(opened: Opened, cursor: CursorQuery = None, limit: LimitQuery = 50) -> FileList:
    """The session's files, oldest first."""
    items, following = page(list(opened.session.files.items()), cursor, limit)
    return FileList(files=to_json(items), next_cursor=following)


@router.get("/sessions/{session_id}/files/{file_id}", response_model=FileModel, responses=problems(404))
async def get_file(opened: Opened, file_id: str) -> FileModel:
    return FileModel.model_validate(to_json(_file(opened, file_id)))


@router.get(
    "/sessions/{session_id}/files/{file_id}/content",
    response_class=Response,
    responses={**BYTES, **problems(404)},
)
async def download_file(app: App, opened: Opened, file_id: str) -> Response:
    """The file as it was uploaded."""
    file = _file(opened, file_id)
    return _download(FileResponse(app.files.path(opened.session_id, file_id)), file.name)


@router.delete("/sessions/{session_id}/files/{file_id}", status_code=204, responses=problems(403, 404))
async def delete_file(app: App, opened: Opened, file_id: str) -> Response:
    """Stops what is going on with the file, and erases its bytes and results."""
    await app.uploads.remove(opened.session_id, file_id, user_id=opened.user_id)
    return Response(status_code=204)


@router.get("/sessions/{session_id}/artifacts", response_model=ArtifactList, responses=problems(404))
async def list_artifacts(opened: Opened, cursor: CursorQuery = None, limit: LimitQuery = 50) -> ArtifactList:
    """The results that workflows left as files, oldest first."""
    items, following = page(list(opened.session.artifacts.items()), cursor, limit)
    return ArtifactList(artifacts=items, next_cursor=following)


@router.get(
    "/sessions/{session_id}/artifacts/{artifact_id}",
    response_class=Response,
    responses={**BYTES, **problems(404)},
)
async def download_artifact(app: App, opened: Opened, artifact_id: str) -> Response:
    """An artifact's bytes. They never change."""
    artifact = opened.session.artifacts.get(artifact_id)
    if artifact is None:
        raise ArtifactNotFound(f"There is no artifact {artifact_id!r} in this session.")
    try:
        path = app.files.path(opened.session_id, artifact_id)
    except FileNotFound as missing:
        raise ArtifactNotFound("This artifact's file was deleted.") from missing
    return _download(FileResponse(path, media_type=artifact.media_type), artifact.name)


def _file(opened: Opened, file_id: str) -> File:
    file = opened.session.files.get(file_id)
    if file is None:
        raise FileNotFound(f"There is no file {file_id!r} in this session.")
    return file


async def _chunks(upload: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await upload.read(CHUNK):
        yield chunk


def _clean_name(name: str | None) -> str:
    """The last part of a path, without what cannot be shown: it is displayed, never used to open anything."""
    last = (name or "").replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(character for character in last if character.isprintable()).strip()
    return shown[-NAME_CHARACTERS:] or "unnamed"


def _clean_type(media_type: str | None) -> str | None:
    return media_type if media_type and media_type.isprintable() and len(media_type) <= 100 else None


def _download(response: Response, name: str) -> Response:
    """Whatever the bytes are, the browser saves them and runs nothing of them."""
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response
