"""ContentAnalysisOrchestrator: from an uploaded file to typed tables, a profile, metadata and a preview."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import ClassVar, Final

import orjson

from symphainy import entries as log
from symphainy.domains.content.reports import ending_report, opening_report
from symphainy.enabling_services import DataAnalyzer, FileParser, MetadataExtractor, ParsedFile, PreviewBuilder, Profile
from symphainy.enabling_services.profile import Severity
from symphainy.entries import Draft
from symphainy.errors import FileNotFound, InvalidInput
from symphainy.files import FileStore
from symphainy.ids import derived_id
from symphainy.orchestrators.base import Orchestrator, operation
from symphainy.orchestrators.results import ARTIFACT_LIMIT, state_id_of, state_of
from symphainy.session import (
    AgentType,
    File,
    FileStatus,
    JsonObject,
    JsonValue,
    OrchestratorName,
    Session,
    Status,
    StepPlan,
    Workflow,
)
from symphainy.workflows import Flow, Plan, ProgressCallback, Report, StepOutcome

ANALYZE_FILE: Final = "analyze_file"
CONTRIBUTIONS: Final = {
    FileParser.name: "parsed_file",
    DataAnalyzer.name: "profile",
    MetadataExtractor.name: "metadata",
    PreviewBuilder.name: "preview",
}


class ContentAnalysisOrchestrator(Orchestrator):
    name = OrchestratorName.CONTENT
    conversation = AgentType.CONTENT
    operations = (ANALYZE_FILE,)
    described: ClassVar = {
        ANALYZE_FILE: operation(
            "Reads an uploaded file into tables or text and profiles it, again if it was read before.",
            ("file_id",),
            file_id={"type": "string", "description": "the file's id, as session_status names it"},
        ),
    }

    def __init__(
        self,
        files: FileStore,
        parser: FileParser,
        analyzer: DataAnalyzer,
        metadata: MetadataExtractor,
        preview: PreviewBuilder,
    ) -> None:
        self._files = files
        self._parser = parser
        self._analyzer = analyzer
        self._metadata = metadata
        self._preview = preview

    def plan(self, session: Session, operation: str, input: JsonObject) -> Plan:
        if operation != ANALYZE_FILE:
            raise InvalidInput(f"{self.name.value} has no operation {operation!r}. It has: {ANALYZE_FILE}.")
        file = _file(session, input)
        steps = (
            StepPlan("parse", FileParser.name),
            StepPlan("profile", DataAnalyzer.name),
            StepPlan("metadata", MetadataExtractor.name),
            StepPlan("preview", PreviewBuilder.name),
        )
        return Plan(f"Analyse {file.name}", steps)

    async def run(self, flow: Flow) -> JsonObject:
        file = _file(await flow.sessions.get_session(flow.session_id), flow.input)
        job = _Job(self._files, flow, file)

        async def parse(progress: ProgressCallback) -> StepOutcome:
            parsed = await self._parser.parse(
                job.source, file_name=file.name, media_type=file.media_type, output_dir=job.folder, progress=progress
            )
            return await job.keep_parsed(parsed)

        parsed = ParsedFile.from_json(dict(await flow.step("parse", FileParser.name, parse)))

        async def profile(progress: ProgressCallback) -> StepOutcome:
            made = await self._analyzer.profile(parsed, output_dir=job.folder, progress=progress)
            return await job.keep("profile", await asyncio.to_thread(made.to_json), _profile_facts(made))

        facts = await flow.step("profile", DataAnalyzer.name, profile)

        async def metadata(progress: ProgressCallback) -> StepOutcome:
            made = await self._metadata.extract(job.source, parsed, file_name=file.name, progress=progress)
            return await job.keep("metadata", made.to_json(), {})

        await flow.step("metadata", MetadataExtractor.name, metadata)

        async def preview(progress: ProgressCallback) -> StepOutcome:
            made = await self._preview.preview(parsed, output_dir=job.folder, progress=progress)
            return await job.keep("preview", made.to_json(), {})

        await flow.step("preview", PreviewBuilder.name, preview)
        return job.result(parsed, facts)

    def report(self, session: Session, workflow: Workflow) -> Report:
        file = session.files.get(str(workflow.input.get("file_id")))
        if file is None:
            return Report(f"{workflow.title}: {workflow.status.value}. The file is no longer in this session.")
        return ending_report(file, workflow) if workflow.status.finished else opening_report(file, workflow)

    def consequences(self, session: Session, workflow: Workflow) -> Sequence[Draft]:
        file_id = str(workflow.input.get("file_id"))
        if file_id not in session.files:
            return ()
        updated = log.FileUpdated(file_id, *_file_status(session, workflow))
        drafts = [Draft(updated, f"orchestrator:{self.name.value}", workflow_id=workflow.workflow_id)]
        if workflow.status is Status.COMPLETED:
            drafts.append(state_of(session, workflow, CONTRIBUTIONS, "file_analysis", {"file_id": file_id}))
        return drafts

    async def tidy(self, session_id: str, workflow: Workflow) -> None:
        await self._files.delete(session_id, _folder_name(workflow.workflow_id))


class _Job:
    """One workflow's files: where its steps read and write, and how their results get names of their own."""

    def __init__(self, files: FileStore, flow: Flow, file: File) -> None:
        self._files = files
        self._flow = flow
        self._file = file
        self.source: Path = files.path(flow.session_id, file.file_id)
        self.folder: Path = files.work_folder(flow.session_id, _folder_name(flow.workflow_id))

    async def keep_parsed(self, parsed: ParsedFile) -> StepOutcome:
        created: list[Draft] = []
        for number, table in enumerate(parsed.tables):
            name = f"{table.name}.parquet"
            created.append(
                await self._adopt(
                    "table", number, name, "application/vnd.apache.parquet", self.folder / table.file_name
                )
            )
        if parsed.document is not None:
            text = self.folder / parsed.document.text_file
            created.append(await self._adopt("document_text", 0, f"{self._file.name}.md", "text/markdown", text))
        return StepOutcome(parsed.to_json(), _parsed_detail(parsed), tuple(created))

    async def keep(self, kind: str, document: JsonObject, facts: JsonObject) -> StepOutcome:
        artifact_id = self.artifact_id(kind)
        content = orjson.dumps(document)

        async def chunks() -> AsyncIterator[bytes]:
            yield content

        stored = await self._files.write(self._flow.session_id, artifact_id, chunks(), max_bytes=ARTIFACT_LIMIT)
        created = self._created(artifact_id, f"{self._file.name}.{kind}.json", kind, "application/json", stored.size)
        return StepOutcome({"artifact_id": artifact_id, **facts}, None, (created,))

    async def _adopt(self, kind: str, number: int, name: str, media_type: str, source: Path) -> Draft:
        artifact_id = self.artifact_id(kind, number)
        stored = await self._files.adopt(self._flow.session_id, artifact_id, source)
        return self._created(artifact_id, name, kind, media_type, stored.size)

    def _created(self, artifact_id: str, name: str, kind: str, media_type: str, size: int) -> Draft:
        return self._flow.draft(log.ArtifactCreated(artifact_id, name, kind, media_type, size, self._file.file_id))

    def artifact_id(self, kind: str, number: int = 0) -> str:
        return derived_id("art", self._flow.workflow_id, kind, str(number))

    def result(self, parsed: ParsedFile, facts: JsonObject) -> dict[str, JsonValue]:
        artifacts: dict[str, JsonValue] = {
            "profile": self.artifact_id("profile"),
            "metadata": self.artifact_id("metadata"),
            "preview": self.artifact_id("preview"),
            "tables": [self.artifact_id("table", number) for number in range(len(parsed.tables))],
        }
        if parsed.document is not None:
            artifacts["document_text"] = self.artifact_id("document_text")
        return {
            "file_id": self._file.file_id,
            "kind": parsed.kind.value,
            "tables": [
                {"name": table.name, "rows": table.rows, "columns": len(table.columns)} for table in parsed.tables
            ],
            "rows": sum(table.rows for table in parsed.tables),
            "columns": sum(len(table.columns) for table in parsed.tables),
            "pages": parsed.document.pages if parsed.document else None,
            "words": parsed.document.words if parsed.document else None,
            "rejected_rows": parsed.rejected_rows.count,
            "warnings": list(parsed.warnings),
            "findings": facts["findings"],
            "worst_findings": facts["worst_findings"],
            "state_id": state_id_of(self._flow.workflow_id),
            "artifacts": artifacts,
        }


def _file(session: Session, input: JsonObject) -> File:
    file = session.files.get(str(input.get("file_id")))
    if file is None:
        raise FileNotFound(f"There is no file {input.get('file_id')!r} in this session.")
    return file


def _folder_name(workflow_id: str) -> str:
    return f"work-{workflow_id}"


def _parsed_detail(parsed: ParsedFile) -> str:
    parts = [f"{table.rows:,} rows, {len(table.columns)} columns" for table in parsed.tables[:3]]
    if parsed.document is not None:
        parts.append(f"{parsed.document.words:,} words")
    return "; ".join(parts)


def _file_status(session: Session, workflow: Workflow) -> tuple[FileStatus, str | None, str | None]:
    """Status, kind and reason. Results of an earlier analysis stay good when a later one does not finish."""
    file_id = workflow.input["file_id"]
    others = (item for item in session.workflows.values() if item.workflow_id != workflow.workflow_id)
    parsed_before = any(item.input.get("file_id") == file_id and item.status is Status.COMPLETED for item in others)
    match workflow.status:
        case Status.FAILED | Status.CANCELLED if parsed_before:
            return FileStatus.PARSED, None, None
        case Status.COMPLETED:
            kind = str(workflow.result["kind"]) if workflow.result else None
            return FileStatus.PARSED, kind, None
        case Status.FAILED:
            reason = workflow.error.message if workflow.error else None
            servers_fault = workflow.error is not None and workflow.error.code in ("not_installed", "disk_full")
            unreadable = not servers_fault and any(
                step.name == "parse" and step.status is Status.FAILED for step in workflow.steps
            )
            return (FileStatus.REJECTED if unreadable else FileStatus.UPLOADED), None, reason
        case Status.CANCELLED:
            return FileStatus.UPLOADED, None, None
        case _:
            return FileStatus.PARSING, None, None


def _profile_facts(profile: Profile) -> dict[str, JsonValue]:
    """How many findings there are, and the gravest: what is good to know is not counted among them."""
    everything = [finding for table in profile.tables for finding in table.findings]
    everything += profile.document.findings if profile.document else ()
    grave = [
        finding
        for severity in (Severity.WARNING, Severity.NOTICE)
        for finding in everything
        if finding.severity is severity
    ]
    return {"findings": len(grave), "worst_findings": [finding.message for finding in grave[:3]]}
