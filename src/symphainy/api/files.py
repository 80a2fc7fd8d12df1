"""Files: bytes in, bytes out. What the user calls a file is only ever metadata."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Header, Query, Request, Response

from symphainy.api.auth import App, Opened, OpenSession
from symphainy.api.downloads import download
from symphainy.api.errors import Unreadable, problems, writing
from symphainy.api.models import ClientId, FileList, UploadedFiles
from symphainy.api.multipart import Multipart, Part
from symphainy.api.paging import CursorQuery, LimitQuery, page
from symphainy.api.strict_json import StrictRoute
from symphainy.app import Symphainy
from symphainy.errors import FileNotFound, IdempotencyMismatch, InvalidInput, SymphainyError
from symphainy.ids import derived_id, new_id
from symphainy.session import File

router = APIRouter(tags=["files"], route_class=StrictRoute)

BYTES: Final = {
    200: {
        "description": "The bytes.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
UPLOAD_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["files"],
                    "properties": {
                        "files": {
                            "type": "array",
                            "minItems": 1,
                            "items": {"type": "string", "format": "binary"},
                            "description": "One part of this name for each file.",
                        }
                    },
                }
            }
        },
    }
}


@router.post(
    "/sessions/{session_id}/files",
    status_code=201,
    response_model=UploadedFiles,
    responses=writing(404, 409, 415),
    openapi_extra=UPLOAD_BODY,
)
async def upload_files(
    request: Request,
    app: App,
    opened: Opened,
    process: Annotated[bool, Query(description="Start the analysis of each file at once.")] = True,
    metadata_only: Annotated[
        bool,
        Query(description="Read only the schema and what the file says of itself; no value of it is kept beside it."),
    ] = False,
    idempotency_key: Annotated[
        ClientId | None, Header(description="The same key with the same files changes nothing.")
    ] = None,
) -> UploadedFiles:
    """Each file is durable when this answers, and so is the workflow that analyses it. If one is refused, the files before it
    are kept (`kept` in the problem names them), nothing of it is, and those after it are not read."""
    most = app.settings.max_files_at_once
    kept: list[File] = []
    try:
        async for part in Multipart(request).files("files"):
            if len(kept) == most:
                raise InvalidInput(f"At most {most} files at once. Send the others in another request.")
            key = idempotency_key
            file_id = derived_id("file", opened.session_id, key, str(len(kept))) if key else new_id("file")
            kept.append(await _keep(app, opened, part, file_id, process, metadata_only))
    except (SymphainyError, Unreadable) as refused:
        refused.details = {**refused.details, "kept": [file.file_id for file in kept]}
        raise
    if not kept:
        raise InvalidInput("The upload has no part `files` that is a file.")
    if (
        idempotency_key
        and derived_id("file", opened.session_id, idempotency_key, str(len(kept))) in opened.session.files
    ):
        raise IdempotencyMismatch("This Idempotency-Key was used before with more files.")
    return UploadedFiles(files=kept)


async def _keep(
    app: Symphainy, opened: OpenSession, part: Part, file_id: str, process: bool, metadata_only: bool
) -> File:
    file = await app.uploads.add(
        opened.session_id,
        part.name,
        part.chunks(),
        user_id=opened.user_id,
        file_id=file_id,
        process=process,
        media_type=part.media_type,
        metadata_only=metadata_only,
    )
    await part.skip()
    if (file.name, file.sha256) != (part.name, part.sha256):
        raise IdempotencyMismatch("This Idempotency-Key was used before with other files.")
    return file


@router.get("/sessions/{session_id}/files", response_model=FileList, responses=problems(404, 409))
async def list_files(opened: Opened, cursor: CursorQuery = None, limit: LimitQuery = 50) -> FileList:
    """The session's files, oldest first."""
    items, following = page(list(opened.session.files.items()), cursor, limit)
    return FileList(files=items, next_cursor=following)


@router.get("/sessions/{session_id}/files/{file_id}", response_model=File, responses=problems(404))
async def get_file(opened: Opened, file_id: str) -> File:
    return _file(opened, file_id)


@router.get(
    "/sessions/{session_id}/files/{file_id}/content",
    response_class=Response,
    responses={**BYTES, **problems(404)},
)
async def download_file(app: App, opened: Opened, file_id: str) -> Response:
    """The file as it was uploaded."""
    file = _file(opened, file_id)
    return download(await app.files.open(opened.session_id, file_id), file.name)


@router.delete("/sessions/{session_id}/files/{file_id}", status_code=204, responses=writing(404))
async def delete_file(app: App, opened: Opened, file_id: str) -> Response:
    """Stops what is going on with the file, and erases its bytes and results."""
    await app.uploads.remove(opened.session_id, file_id, user_id=opened.user_id)
    return Response(status_code=204)


def _file(opened: Opened, file_id: str) -> File:
    file = opened.session.files.get(file_id)
    if file is None:
        raise FileNotFound(f"There is no file {file_id!r} in this session.")
    return file
