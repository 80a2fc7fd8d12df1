"""One workflow of the area: its steps, and how their results are kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from symphainy.domains.operations.sources import BLUEPRINT, SOP, WORKFLOW, Source, stem, text_source
from symphainy.enabling_services.operations import CoexistenceAnalysis, Sop, SOPBuilder, Workflow, WorkflowConversion
from symphainy.enabling_services.operations.bpmn_writing import file_stem
from symphainy.enabling_services.operations.coexistence import FORMULA, SEVERITY_RULE
from symphainy.enabling_services.operations.documents import blueprint_report, sop_report, workflow_report
from symphainy.enabling_services.operations.process import Process
from symphainy.enabling_services.reports import Report as Written
from symphainy.enabling_services.reports import ReportGenerator
from symphainy.files.base import FileStore
from symphainy.orchestrators.results import NewRendition, Results, artifact_id_of
from symphainy.session import JsonObject, JsonValue, Session
from symphainy.workflows import Flow, ProgressCallback, StepOutcome

BPMN_TYPE: Final = "application/xml"


class Services:
    """The area's enabling services."""

    def __init__(self) -> None:
        self.builder = SOPBuilder()
        self.conversion = WorkflowConversion()
        self.coexistence = CoexistenceAnalysis()
        self.reports = ReportGenerator()


class Job:
    """Every method is one journaled step: done once, and read from the journal when the workflow is resumed."""

    def __init__(self, files: FileStore, flow: Flow, session: Session, services: Services) -> None:
        self._files = files
        self._flow = flow
        self._session = session
        self._services = services
        self._results = Results(files, flow)
        self._started_at = session.workflows[flow.workflow_id].started_at
        self.artifacts: dict[str, JsonValue] = {}

    async def _folder(self) -> Path:
        return await self._files.work_folder(self._flow.session_id, folder_name(self._flow.workflow_id))

    async def sop(self, source: Source) -> Sop:
        """The procedure of a file, read; or of an artifact, as it is."""
        if source.artifact is not None:
            document = await self._results.read_document(self._session, source.artifact.artifact_id)
            return Sop.from_json(dict(document))
        assert source.file is not None
        name, form = text_source(self._session, source.file)
        title = stem(source.file.name)

        async def read(progress: ProgressCallback) -> StepOutcome:
            path = await self._files.path(self._flow.session_id, name)
            made = await self._services.builder.read(
                path, form, title=title, work_dir=await self._folder(), progress=progress
            )
            return StepOutcome(made.to_json(), _steps_detail(made))

        return Sop.from_json(dict(await self._flow.step("read the procedure", SOPBuilder.name, read)))

    async def accept(self, procedure: JsonObject) -> Sop:
        """A procedure that was written in the chat."""

        async def take(progress: ProgressCallback) -> StepOutcome:
            made = Sop.from_json(dict(procedure))
            return StepOutcome(made.to_json(), _steps_detail(made))

        return Sop.from_json(dict(await self._flow.step("build the procedure", SOPBuilder.name, take)))

    async def workflow(self, source: Source) -> Workflow:
        """The workflow of a BPMN file, read; or of an artifact, as it is."""
        if source.artifact is not None:
            document = await self._results.read_document(self._session, source.artifact.artifact_id)
            return workflow_of(document)
        assert source.file is not None
        file, title = source.file, stem(source.file.name)

        async def read(progress: ProgressCallback) -> StepOutcome:
            path = await self._files.path(self._flow.session_id, file.file_id)
            made = await self._services.conversion.read(
                path, title=title, work_dir=await self._folder(), progress=progress
            )
            return StepOutcome(workflow_document(made), _steps_detail(made.steps))

        return workflow_of(await self._flow.step("read the diagram", WorkflowConversion.name, read))

    async def to_workflow(self, sop: Sop) -> Workflow:
        async def convert(progress: ProgressCallback) -> StepOutcome:
            made = await self._services.conversion.to_workflow(sop, work_dir=await self._folder(), progress=progress)
            work = sum(node.kind.is_work for node in made.process.nodes)
            return StepOutcome(workflow_document(made), f"{work} activities in {len(made.process.lanes)} lanes")

        return workflow_of(await self._flow.step("draw the workflow", WorkflowConversion.name, convert))

    async def to_sop(self, workflow: Workflow) -> Sop:
        title = workflow.process.title

        async def convert(progress: ProgressCallback) -> StepOutcome:
            made = await self._services.conversion.to_sop(
                workflow.bpmn, title=title, work_dir=await self._folder(), progress=progress
            )
            return StepOutcome(made.to_json(), _steps_detail(made))

        return Sop.from_json(dict(await self._flow.step("write the procedure", WorkflowConversion.name, convert)))

    async def analysis(self, sop: Sop, workflow: Workflow) -> JsonObject:
        async def analyze(progress: ProgressCallback) -> StepOutcome:
            made = await self._services.coexistence.analyze(
                sop, workflow.steps, work_dir=await self._folder(), progress=progress
            )
            comparison = made["comparison"]
            return StepOutcome(made, f"score {comparison['score']:g}, {len(comparison['gaps'])} gaps")

        return await self._flow.step("compare", CoexistenceAnalysis.name, analyze)

    async def keep_sop(self, sop: Sop, subject: str, source: JsonObject, process: Process | None = None) -> str:
        document: dict[str, JsonValue] = {**sop.to_json(), "subject": subject, "source": source}
        return await self._keep(
            "write the SOP document", SOP, subject, sop.title, document, sop_report(sop, self._started_at, process), ()
        )

    async def keep_workflow(self, workflow: Workflow, subject: str, source: JsonObject) -> str:
        title = workflow.process.title
        document: dict[str, JsonValue] = {**workflow_document(workflow), "subject": subject, "source": source}
        written = workflow_report(title, workflow.process, workflow.steps, self._started_at)
        bpmn = NewRendition(BPMN_TYPE, f"{file_stem(title)}.bpmn", workflow.bpmn.encode())
        return await self._keep("write the workflow document", WORKFLOW, subject, title, document, written, (bpmn,))

    async def keep_blueprint(self, made: JsonObject, sop_id: str, workflow_id: str, title: str) -> str:
        subject = f"{sop_id}:{workflow_id}"
        document = blueprint_document(made, sop_id, workflow_id, title)
        bpmn = NewRendition(BPMN_TYPE, f"{file_stem(title)}.bpmn", str(document["future_bpmn"]).encode())
        written = blueprint_report(document, self._started_at)
        return await self._keep("write the blueprint", BLUEPRINT, subject, title, document, written, (bpmn,))

    async def _keep(
        self,
        step: str,
        kind: str,
        subject: str,
        title: str,
        document: JsonObject,
        written: Written,
        renditions: Sequence[NewRendition],
    ) -> str:
        """The artifact's next version with its document as Markdown and Word, all recorded with the step."""

        async def render(progress: ProgressCallback) -> StepOutcome:
            made = await self._services.reports.render(written, work_dir=await self._folder(), progress=progress)
            named = [NewRendition(item.media_type, f"{file_stem(title)}{item.ending}", item.content) for item in made]
            kept = await self._results.keep(
                kind=kind, subject=subject, name=title, document=document, renditions=(*renditions, *named)
            )
            return StepOutcome({"artifact_id": kept.artifact_id}, title, kept.drafts)

        await self._flow.step(step, ReportGenerator.name, render)
        self.artifacts[kind] = artifact_id_of(self._flow.session_id, kind, subject)
        return str(self.artifacts[kind])


def workflow_document(workflow: Workflow) -> dict[str, JsonValue]:
    return {**workflow.process.to_json(), "bpmn": workflow.bpmn, "steps": workflow.steps.to_json()}


def workflow_of(document: JsonObject) -> Workflow:
    return Workflow(Process.from_json(dict(document)), str(document["bpmn"]), Sop.from_json(dict(document["steps"])))


def blueprint_document(made: JsonObject, sop_id: str, workflow_id: str, title: str) -> dict[str, JsonValue]:
    comparison = made["comparison"]
    return {
        "title": title,
        "sop_artifact_id": sop_id,
        "workflow_artifact_id": workflow_id,
        "score": comparison["score"],
        "formula": FORMULA,
        "severity_rule": SEVERITY_RULE,
        "counts": comparison["counts"],
        "aligned": comparison["aligned"],
        "gaps": comparison["gaps"],
        "assignments": made["assignments"],
        "handoffs": made["handoffs"],
        "future_sop": made["future_sop"],
        "future_process": made["future_process"],
        "future_bpmn": made["future_bpmn"],
    }


def folder_name(workflow_id: str) -> str:
    return f"work-{workflow_id}"


def _steps_detail(sop: Sop) -> str:
    return f"{len(sop.steps)} steps, {len(sop.roles)} roles"
