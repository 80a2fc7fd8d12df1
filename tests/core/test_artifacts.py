"""Artifacts: kept by a workflow, in versions with a lifecycle, in several formats, and comparable."""

from __future__ import annotations

import asyncio
import json

import pytest

from symphainy import entries as log
from symphainy.artifacts import NEXT_STATUSES, ArtifactStatus
from symphainy.dispatch import LeaseLoop
from symphainy.entries import Draft
from symphainy.errors import ArtifactNotFound, NotComparable, ServiceError, TransitionNotAllowed
from symphainy.files.base import FileStore
from symphainy.library import ArtifactLibrary, content_of
from symphainy.orchestrators.base import Orchestrator
from symphainy.orchestrators.results import NewRendition, Results, read_document, state_id_of, state_of
from symphainy.session import AgentType, JsonObject, OrchestratorName, Session, Status, StepPlan, Workflow
from symphainy.sessions import SessionManagerService
from symphainy.traffic_cop import TrafficCop
from symphainy.workflows import Flow, Plan, ProgressCallback, Report, StepOutcome

from .conftest import eventually
from .test_asking import connect

MARKDOWN = "text/markdown"


class Writing(Orchestrator):
    """Keeps its input as a document, with its text as a rendition."""

    name = OrchestratorName.OPERATIONS
    conversation = AgentType.OPERATIONS

    def __init__(self, files: FileStore) -> None:
        self._files = files

    def plan(self, session: Session, operation: str, input: JsonObject) -> Plan:
        return Plan("Write", (StepPlan("write", "Writer"), StepPlan("skipped", "Skipper")))

    async def run(self, flow: Flow) -> JsonObject:
        results = Results(self._files, flow)

        async def write(progress: ProgressCallback) -> StepOutcome:
            text = "\n".join(flow.input["steps"]).encode()
            kept = await results.keep(
                kind="sop",
                subject="invoices",
                name="Invoices.json",
                document=flow.input,
                renditions=[NewRendition(MARKDOWN, "Invoices.md", text)],
            )
            return StepOutcome({"artifact_id": kept.artifact_id}, also=kept.drafts)

        made = await flow.step("write", "Writer", write)
        document = await results.read_document(await flow.sessions.get_session(flow.session_id), made["artifact_id"])
        return {**made, "steps": len(document["steps"]), "state_id": state_id_of(flow.workflow_id)}

    def report(self, session: Session, workflow: Workflow) -> Report:
        return Report(f"{workflow.title}: {workflow.status.value}")

    def consequences(self, session: Session, workflow: Workflow) -> list[Draft]:
        if workflow.status is not Status.COMPLETED:
            return []
        contributions = {"Writer": "text", "Skipper": "nothing"}
        return [state_of(session, workflow, contributions, "sop", {"subject": "invoices"})]


@pytest.fixture
async def session_id(sessions: SessionManagerService) -> str:
    return (await sessions.create_session("ada")).session_id


@pytest.fixture
def library(sessions: SessionManagerService, files: FileStore) -> ArtifactLibrary:
    return ArtifactLibrary(sessions, files)


@pytest.fixture
async def artifact_id(sessions: SessionManagerService, loop: LeaseLoop, files: FileStore, session_id: str) -> str:
    """Of two versions, made by two workflows."""
    business = await connect(sessions, loop, Writing(files))
    for number, steps in enumerate((["receive", "pay"], ["receive", "check", "pay"]), 1):
        workflow_id = f"workflow-{number}"
        await business.start(
            session_id,
            OrchestratorName.OPERATIONS,
            "write",
            {"steps": steps},
            requested_by="user:ada",
            workflow_id=workflow_id,
        )

        async def ended(workflow_id: str = workflow_id) -> bool:
            return (await business.get_workflow(session_id, workflow_id)).status is Status.COMPLETED

        await eventually(ended)
    return str((await business.get_workflow(session_id, "workflow-2")).result["artifact_id"])  # type: ignore[index]


async def test_two_workflows_make_two_versions_and_neither_changes_the_other(
    sessions: SessionManagerService, library: ArtifactLibrary, files: FileStore, session_id: str, artifact_id: str
) -> None:
    session = await sessions.get_session(session_id)
    artifact = session.artifacts[artifact_id]
    assert (artifact.version, artifact.status, artifact.kind) == (2, ArtifactStatus.DRAFT, "sop")
    assert [(item.version, item.workflow_id) for item in artifact.versions] == [(1, "workflow-1"), (2, "workflow-2")]
    assert artifact.size == artifact.versions[1].size
    for version, steps in (
        (1, ["receive", "pay"]),
        (2, ["receive", "check", "pay"]),
        (None, ["receive", "check", "pay"]),
    ):
        own = await content_of(files, session, artifact_id, version, None)
        assert (own.name, own.media_type) == ("Invoices.json", "application/json")
        assert json.loads(own.path.read_bytes()) == {"steps": steps}
        assert await read_document(files, session, artifact_id, version) == {"steps": steps}
        text = await content_of(files, session, artifact_id, version, MARKDOWN)
        assert (text.name, text.path.read_text()) == ("Invoices.md", "\n".join(steps))
    state = await sessions.get_state(session_id, state_id_of("workflow-2"))
    assert state.metadata == {"title": "Write", "kind": "sop", "subject": "invoices"}
    assert [item.service for item in state.orchestrator_metadata.enabling_service_contributions] == ["Writer"]
    assert state.orchestrator_metadata.delegation_chain == (
        "BusinessOrchestrator",
        "OperationsOrchestrator",
        "Writer",
    )


async def test_what_is_not_there_is_said_to_be_not_there(
    sessions: SessionManagerService, library: ArtifactLibrary, files: FileStore, session_id: str, artifact_id: str
) -> None:
    session = await sessions.get_session(session_id)
    for version in (0, 3):
        with pytest.raises(ArtifactNotFound, match=f"no version {version}"):
            await library.open(session, artifact_id, version=version)
    with pytest.raises(ArtifactNotFound) as refused:
        await library.open(session, artifact_id, media_type="application/pdf")
    assert refused.value.details == {"formats": ["application/json", MARKDOWN]}
    with pytest.raises(ArtifactNotFound):
        await library.open(session, "art_none")
    path = (await content_of(files, session, artifact_id, 1, None)).path
    path.write_bytes(b'{"steps": [')
    with pytest.raises(ServiceError, match="no longer be read"):
        await read_document(files, session, artifact_id, 1)
    path.unlink()
    with pytest.raises(ArtifactNotFound, match="deleted"):
        await library.open(session, artifact_id, version=1)


async def test_each_version_goes_its_way_one_status_after_the_other(
    sessions: SessionManagerService, library: ArtifactLibrary, session_id: str, artifact_id: str
) -> None:
    async def becomes(status: str, version: int | None = None) -> list[str]:
        artifact = await library.set_status(
            session_id, artifact_id, ArtifactStatus(status), version=version, actor="user:ada"
        )
        return [item.status.value for item in artifact.versions]

    for status in ("review", "draft", "review", "approved", "draft", "review", "approved", "implemented", "active"):
        assert await becomes(status, 1) == [status, "draft"]
    assert await becomes("review") == ["active", "review"]
    seq = (await sessions.get_session(session_id)).seq
    assert await becomes("review") == ["active", "review"]
    assert (await sessions.get_session(session_id)).seq == seq
    with pytest.raises(ArtifactNotFound):
        await becomes("review", 3)


async def test_every_other_step_is_refused_with_those_that_are_allowed(
    sessions: SessionManagerService, library: ArtifactLibrary, session_id: str, artifact_id: str
) -> None:
    for held in ArtifactStatus:
        await sessions.record(session_id, [Draft(log.ArtifactUpdated(artifact_id, 2, held), "system")])
        for status in set(ArtifactStatus) - {held, *NEXT_STATUSES[held]}:
            seq = (await sessions.get_session(session_id)).seq
            with pytest.raises(TransitionNotAllowed) as refused:
                await library.set_status(session_id, artifact_id, status, actor="user:ada")
            allowed = [item.value for item in NEXT_STATUSES[held]]
            assert refused.value.details == {"version": 2, "current_status": held.value, "allowed": allowed}
            assert (await sessions.get_session(session_id)).seq == seq


async def test_a_step_that_was_sent_twice_is_taken_once_whatever_happened_between(
    sessions: SessionManagerService, library: ArtifactLibrary, session_id: str, artifact_id: str
) -> None:
    async def becomes(status: str, op_id: str) -> str:
        artifact = await library.set_status(
            session_id, artifact_id, ArtifactStatus(status), actor="user:ada", op_id=op_id
        )
        return artifact.status.value

    assert await becomes("review", "step-0001") == "review"
    assert await becomes("approved", "step-0002") == "approved"
    assert await becomes("review", "step-0001") == "approved"
    assert await becomes("draft", "step-0003") == "draft"
    assert await becomes("approved", "step-0002") == "draft"


async def test_of_two_that_decide_at_the_same_time_one_is_refused(
    library: ArtifactLibrary, session_id: str, artifact_id: str
) -> None:
    for status in (ArtifactStatus.REVIEW, ArtifactStatus.APPROVED):
        await library.set_status(session_id, artifact_id, status, actor="user:ada")
    ways = (ArtifactStatus.IMPLEMENTED, ArtifactStatus.DRAFT)
    tried = [library.set_status(session_id, artifact_id, way, actor="user:ada") for way in ways]
    outcomes = await asyncio.gather(*tried, return_exceptions=True)
    assert sum(isinstance(item, TransitionNotAllowed) for item in outcomes) == 1


async def test_versions_are_compared_by_structure_and_by_line(
    sessions: SessionManagerService, library: ArtifactLibrary, session_id: str, artifact_id: str
) -> None:
    session = await sessions.get_session(session_id)
    found = await library.compare(session, artifact_id)
    assert (found.from_version, found.to_version, found.text_media_type) == (1, 2, MARKDOWN)
    assert found.changes is not None
    assert [(item.kind, item.path, item.new) for item in found.changes] == [("added", "/steps/1", "check")]
    assert found.hunks is not None
    assert [(line.kind, line.text) for line in found.hunks[0].lines] == [
        ("same", "receive"),
        ("added", "check"),
        ("same", "pay"),
    ]
    back = await library.compare(session, artifact_id, first=2, second=1)
    assert back.changes is not None
    assert [item.kind for item in back.changes] == ["removed"]
    same = await library.compare(session, artifact_id, first=2, second=2)
    assert (same.changes, same.hunks) == ((), ())


async def test_what_has_no_format_in_common_is_not_compared(
    sessions: SessionManagerService, library: ArtifactLibrary, session_id: str
) -> None:
    body = log.ArtifactCreated("art_table", "t.parquet", "table", "application/vnd.apache.parquet", 1)
    await sessions.record(session_id, [Draft(body, "system"), Draft(body, "system")])
    with pytest.raises(NotComparable):
        await library.compare(await sessions.get_session(session_id), "art_table")


async def test_i8_versions_are_numbered_by_the_log_and_by_no_clock(
    cop: TrafficCop, sessions: SessionManagerService, session_id: str
) -> None:
    def made(name: str) -> Draft:
        return Draft(log.ArtifactCreated("art_1", name, "sop", "application/json", 1, blob=name), "system")

    appended = await asyncio.gather(*(sessions.record(session_id, [made(f"v{n}")]) for n in range(20)))
    order = sorted(range(20), key=lambda n: appended[n].first_seq)
    versions = (await sessions.get_session(session_id)).artifacts["art_1"].versions
    assert [(item.version, item.name) for item in versions] == [(n, f"v{name}") for n, name in enumerate(order, 1)]
