"""ContentAnalysisOrchestrator: from an uploaded file to typed tables, a profile, metadata and a preview, and on from
there to a validation and to other formats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from symphainy import entries as log
from symphainy.domains.content.analysis import (
    ANALYSIS_STEPS,
    ANALYZE_FILE,
    CONTRIBUTIONS,
    EXTRACT_METADATA,
    METADATA_STEPS,
    READING,
    Analysis,
    file_status,
)
from symphainy.domains.content.batches import BATCH_STEPS, analyze_each, check_batch
from symphainy.domains.content.checking import (
    CHECK_CONTRIBUTIONS,
    CONVERSION_STEPS,
    CONVERT_FORMAT,
    VALIDATE_CONTENT,
    VALIDATION_STEPS,
    Checking,
)
from symphainy.domains.content.copybooks import check_copybook
from symphainy.domains.content.jobs import file_of_input, folder_name
from symphainy.domains.content.reports import batch_report, checking_report, ending_report, opening_report
from symphainy.enabling_services import (
    DataAnalyzer,
    DataQuality,
    FileParser,
    FormatComposer,
    MetadataExtractor,
    PreviewBuilder,
)
from symphainy.enabling_services.content.format_composer import FORMATS
from symphainy.enabling_services.insights.data_insights_query import DataInsightsQuery
from symphainy.entries import Draft
from symphainy.errors import InvalidInput
from symphainy.files.base import FileStore
from symphainy.orchestrators.base import Orchestrator, operation
from symphainy.orchestrators.results import state_of
from symphainy.session import AgentType, JsonObject, OrchestratorName, Session, Status, Workflow
from symphainy.workflows import Flow, Plan, Report

__all__ = ["ANALYZE_FILE", "CONVERT_FORMAT", "EXTRACT_METADATA", "VALIDATE_CONTENT", "ContentAnalysisOrchestrator"]

PROCESS_DOCUMENTS: Final = "process_documents"
_FILE: Final = {"type": "string", "description": "the file's id, as session_status names it"}


class ContentAnalysisOrchestrator(Orchestrator):
    name = OrchestratorName.CONTENT
    conversation = AgentType.CONTENT
    operations = (ANALYZE_FILE, EXTRACT_METADATA, VALIDATE_CONTENT, CONVERT_FORMAT, PROCESS_DOCUMENTS)
    described: ClassVar = {
        ANALYZE_FILE: operation(
            "Reads an uploaded file into tables or text and profiles it, again if it was read before.",
            ("file_id",),
            file_id=_FILE,
            copybook_file_id={"type": "string", "description": "the COBOL copybook of a file of mainframe records"},
        ),
        EXTRACT_METADATA: operation(
            "Reads only the schema of a file and what it says of itself; keeps none of its values.",
            ("file_id",),
            file_id=_FILE,
        ),
        VALIDATE_CONTENT: operation(
            "Checks an analysed file: unreadable lines, duplicates, missing values, mixed types, keys.",
            ("file_id",),
            file_id=_FILE,
        ),
        CONVERT_FORMAT: operation(
            "Writes a table of an analysed file in another format, to be downloaded.",
            ("file_id", "format"),
            file_id=_FILE,
            format={"type": "string", "enum": list(FORMATS)},
            table={"type": "string", "description": "its name, where the file has several"},
        ),
        PROCESS_DOCUMENTS: operation(
            "Analyses several files, each as a workflow of its own, and says what became of each.",
            ("file_ids",),
            file_ids={"type": "array", "items": {"type": "string"}},
        ),
    }

    def __init__(
        self,
        files: FileStore,
        parser: FileParser,
        analyzer: DataAnalyzer,
        metadata: MetadataExtractor,
        preview: PreviewBuilder,
        quality: DataQuality,
        composer: FormatComposer,
        query: DataInsightsQuery | None = None,
    ) -> None:
        """`query` answers questions about tables: it is told of those that were just read."""
        self._files = files
        self._analysis = Analysis(files, parser, analyzer, metadata, preview, query)
        self._checking = Checking(files, quality, composer)

    def plan(self, session: Session, operation: str, input: JsonObject) -> Plan:
        if operation == PROCESS_DOCUMENTS:
            count = len(check_batch(session, input))
            return Plan(f"Analyse {count} files", BATCH_STEPS)
        if operation not in self.operations:
            raise InvalidInput(
                f"{self.name.value} has no operation {operation!r}. It has: {', '.join(self.operations)}."
            )
        file = file_of_input(session, input)
        match operation:
            case "validate_content":
                self._checking.check_validation(session, input)
                return Plan(f"Validate {file.name}", VALIDATION_STEPS)
            case "convert_format":
                self._checking.check_conversion(session, input)
                return Plan(f"Convert {file.name} to {input['format']}", CONVERSION_STEPS)
            case "extract_metadata":
                check_copybook(session, file, input)
                return Plan(f"Read the metadata of {file.name}", METADATA_STEPS)
            case _:
                check_copybook(session, file, input)
                return Plan(f"Analyse {file.name}", ANALYSIS_STEPS)

    async def run(self, flow: Flow) -> JsonObject:
        match flow.operation:
            case "validate_content":
                return await self._checking.validate(flow)
            case "convert_format":
                return await self._checking.convert(flow)
            case "process_documents":
                return await analyze_each(flow)
            case _:
                return await self._analysis.run(flow)

    def report(self, session: Session, workflow: Workflow) -> Report:
        if workflow.operation == PROCESS_DOCUMENTS:
            return batch_report(workflow)
        file = session.files.get(str(workflow.input.get("file_id")))
        if file is None:
            return Report(f"{workflow.title}: {workflow.status.value}. The file is no longer in this session.")
        if workflow.operation not in READING:
            return checking_report(file, workflow)
        return ending_report(session, file, workflow) if workflow.status.finished else opening_report(file, workflow)

    def consequences(self, session: Session, workflow: Workflow) -> Sequence[Draft]:
        file_id = str(workflow.input.get("file_id"))
        if file_id not in session.files:
            return ()
        drafts: list[Draft] = []
        if workflow.operation in READING:
            updated = log.FileUpdated(file_id, *file_status(session, workflow))
            drafts.append(Draft(updated, f"orchestrator:{self.name.value}", workflow_id=workflow.workflow_id))
        if workflow.status is Status.COMPLETED:
            kind = "file_analysis" if workflow.operation in READING else workflow.operation
            contributed = {**CONTRIBUTIONS, **CHECK_CONTRIBUTIONS}
            drafts.append(state_of(session, workflow, contributed, kind, {"file_id": file_id}))
        return drafts

    async def tidy(self, session_id: str, workflow: Workflow) -> None:
        await self._files.delete_work_folder(session_id, folder_name(workflow.workflow_id))
