"""Reading a file: its tables and text, their profile, its metadata and a preview; or its metadata alone."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from symphainy.domains.content.attachments import add_attachments
from symphainy.domains.content.copybooks import copybook_for, copybook_path
from symphainy.domains.content.jobs import INDEX_KIND, Job, file_of_input
from symphainy.enabling_services import DataAnalyzer, FileParser, MetadataExtractor, ParsedFile, PreviewBuilder, Profile
from symphainy.enabling_services.data_analyzer import INDEX_FILE
from symphainy.enabling_services.insights.data_insights_query import DataInsightsQuery
from symphainy.enabling_services.profile import Severity
from symphainy.files.base import FileStore
from symphainy.orchestrators.results import state_id_of
from symphainy.session import FileStatus, JsonObject, JsonValue, Session, Status, StepPlan, Workflow
from symphainy.workflows import Flow, ProgressCallback, StepOutcome

ANALYZE_FILE = "analyze_file"
EXTRACT_METADATA = "extract_metadata"
READING = (ANALYZE_FILE, EXTRACT_METADATA)
CONTRIBUTIONS = {
    FileParser.name: "parsed_file",
    DataAnalyzer.name: "profile",
    MetadataExtractor.name: "metadata",
    PreviewBuilder.name: "preview",
}
ANALYSIS_STEPS = (
    StepPlan("parse", FileParser.name),
    StepPlan("profile", DataAnalyzer.name),
    StepPlan("metadata", MetadataExtractor.name),
    StepPlan("preview", PreviewBuilder.name),
)
METADATA_STEPS = (StepPlan("parse", FileParser.name), StepPlan("metadata", MetadataExtractor.name))


class Analysis:
    def __init__(
        self,
        files: FileStore,
        parser: FileParser,
        analyzer: DataAnalyzer,
        metadata: MetadataExtractor,
        preview: PreviewBuilder,
        query: DataInsightsQuery | None = None,
    ) -> None:
        self._files = files
        self._query = query
        self._parser = parser
        self._analyzer = analyzer
        self._metadata = metadata
        self._preview = preview

    async def run(self, flow: Flow) -> JsonObject:
        """With `extract_metadata` no value of the file is kept: its schema and what it says of itself, and nothing else."""
        whole = flow.operation == ANALYZE_FILE
        session = await flow.sessions.get_session(flow.session_id)
        file = file_of_input(session, flow.input)
        copybook = await copybook_for(flow, session, self._files, file)
        job = Job(self._files, flow, file)

        async def parse(progress: ProgressCallback) -> StepOutcome:
            folder = await job.folder()
            parsed = await self._parser.parse(
                await job.source(),
                file_name=file.name,
                media_type=file.media_type,
                output_dir=folder,
                progress=progress,
                copybook=await copybook_path(self._files, flow.session_id, copybook),
                code_page=copybook.code_page if copybook else None,
            )
            attached = await add_attachments(flow, self._files, folder, parsed, flow.operation)
            kept = await job.keep_parsed(parsed) if whole else ()
            return StepOutcome({**parsed.to_json(), "attached": attached}, _parsed_detail(parsed), kept)

        read = await flow.step("parse", FileParser.name, parse)
        parsed = ParsedFile.from_json(dict(read))
        facts: JsonObject = {}
        if whole:
            facts = await self._profiled(flow, job, parsed)

        async def metadata(progress: ProgressCallback) -> StepOutcome:
            made = await self._metadata.extract(await job.source(), parsed, file_name=file.name, progress=progress)
            return await job.keep("metadata", made.to_json(), {})

        await flow.step("metadata", MetadataExtractor.name, metadata)
        if whole:
            await self._previewed(flow, job, parsed)
            await self._prepare(flow, job, parsed)
        copied = {"copybook_file_id": copybook.file.file_id} if copybook else {}
        return _result(flow, job, parsed, {**facts, **copied, "attachments": read.get("attached") or []}, whole=whole)

    async def _profiled(self, flow: Flow, job: Job, parsed: ParsedFile) -> JsonObject:
        async def profile(progress: ProgressCallback) -> StepOutcome:
            folder = await job.parsed_folder(parsed)
            made = await self._analyzer.profile(parsed, output_dir=folder, progress=progress)
            kept = await job.keep("profile", await asyncio.to_thread(made.to_json), _profile_facts(made))
            return replace(kept, also=(*kept.also, *await job.keep_index()))

        facts = await flow.step("profile", DataAnalyzer.name, profile)
        return {name: facts[name] for name in ("findings", "worst_findings")}

    async def _prepare(self, flow: Flow, job: Job, parsed: ParsedFile) -> None:
        """The table will be asked about soon: the first question shall not wait for more than its answer."""
        if self._query is None or not parsed.tables or not (await job.folder() / INDEX_FILE).is_file():
            return
        path, index = [await self._files.path(flow.session_id, job.artifact_id(kind)) for kind in ("table", INDEX_KIND)]
        self._query.prepare_soon(path, parsed.tables[0].name, index)

    async def _previewed(self, flow: Flow, job: Job, parsed: ParsedFile) -> None:
        async def preview(progress: ProgressCallback) -> StepOutcome:
            folder = await job.parsed_folder(parsed)
            made = await self._preview.preview(parsed, output_dir=folder, progress=progress)
            return await job.keep("preview", made.to_json(), {})

        await flow.step("preview", PreviewBuilder.name, preview)


def _result(flow: Flow, job: Job, parsed: ParsedFile, facts: JsonObject, *, whole: bool) -> dict[str, JsonValue]:
    artifacts: dict[str, JsonValue] = {"metadata": job.artifact_id("metadata")}
    if whole:
        artifacts |= {"profile": job.artifact_id("profile"), "preview": job.artifact_id("preview")}
        artifacts["tables"] = [job.artifact_id("table", number) for number in range(len(parsed.tables))]
    if whole and parsed.document is not None:
        artifacts["document_text"] = job.artifact_id("document_text")
    return {
        "file_id": str(flow.input["file_id"]),
        "kind": parsed.kind.value,
        "metadata_only": not whole,
        "tables": [{"name": table.name, "rows": table.rows, "columns": len(table.columns)} for table in parsed.tables],
        "rows": sum(table.rows for table in parsed.tables),
        "columns": sum(len(table.columns) for table in parsed.tables),
        "pages": parsed.document.pages if parsed.document else None,
        "words": parsed.document.words if parsed.document else None,
        "rejected_rows": parsed.rejected_rows.count,
        "warnings": list(parsed.warnings),
        **facts,
        "state_id": state_id_of(flow.workflow_id),
        "artifacts": artifacts,
    }


def _parsed_detail(parsed: ParsedFile) -> str:
    parts = [f"{table.rows:,} rows, {len(table.columns)} columns" for table in parsed.tables[:3]]
    if parsed.document is not None:
        parts.append(f"{parsed.document.words:,} words")
    return "; ".join(parts)


def file_status(session: Session, workflow: Workflow) -> tuple[FileStatus, str | None, str | None]:
    """Status, kind and reason. Results of an earlier analysis stay good when a later one does not finish."""
    file_id = workflow.input["file_id"]
    others = (item for item in session.workflows.values() if item.workflow_id != workflow.workflow_id)
    parsed_before = any(
        item.operation in READING and item.input.get("file_id") == file_id and item.status is Status.COMPLETED
        for item in others
    )
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
        case Status.WAITING_FOR_USER:
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
