"""Sample data: what there is, and taking it into a session."""

from __future__ import annotations

from fastapi import APIRouter

from symphainy.api.auth import App, Opened
from symphainy.api.errors import problems, writing
from symphainy.api.models import SampleList, SampleSummary, UploadedFiles
from symphainy.api.strict_json import StrictRoute
from symphainy.samples import SAMPLES

router = APIRouter(tags=["samples"], route_class=StrictRoute)


@router.get("/samples", response_model=SampleList, responses=problems())
async def list_samples() -> SampleList:
    """The samples that ship with this version. No credential is needed."""
    return SampleList(
        samples=[
            SampleSummary(
                name=sample.name,
                title=sample.title,
                shows=sample.shows,
                area=sample.area,
                licence=sample.licence,
                source=sample.source,
                files=[file.name for file in sample.files],
            )
            for sample in SAMPLES
        ]
    )


@router.post(
    "/sessions/{session_id}/samples/{name}", status_code=201, response_model=UploadedFiles, responses=writing(404)
)
async def add_sample(app: App, opened: Opened, name: str) -> UploadedFiles:
    """The sample's files in the session, each with its analysis, durable when this answers. The same again changes nothing."""
    return UploadedFiles(files=await app.uploads.add_sample(opened.session_id, name, user_id=opened.user_id))
