"""InsightsOrchestrator: findings of tables and documents, answers to questions about rows, charts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from symphainy.domains.insights.documents import (
    answer_document,
    chart_document,
    document_title,
    finding_rows_document,
    insights_document,
    summary_chart,
)
from symphainy.domains.insights.reports import report_on
from symphainy.domains.insights.sources import (
    Table,
    file_of_input,
    index_path,
    path_of,
    table_of_input,
    tables_of,
    text_of,
)
from symphainy.enabling_services.errors import ServiceError
from symphainy.enabling_services.insights.data_insights_query import DataInsightsQuery
from symphainy.enabling_services.insights.document_insights import DocumentInsights
from symphainy.enabling_services.insights.insights_generator import InsightsGenerator
from symphainy.enabling_services.insights.query import Query, Unclear
from symphainy.enabling_services.insights.visualization_engine import VisualizationEngine
from symphainy.entries import Draft
from symphainy.errors import ArtifactNotFound, InvalidInput
from symphainy.files.base import FileStore
from symphainy.orchestrators.base import Orchestrator, operation
from symphainy.orchestrators.results import Results, state_id_of, state_of
from symphainy.session import (
    AgentType,
    File,
    JsonObject,
    JsonValue,
    OrchestratorName,
    Session,
    Status,
    StepPlan,
    Workflow,
)
from symphainy.workflows import Flow, Plan, ProgressCallback, Report, StepOutcome

ANALYZE: Final = "analyze_content_for_insights"
QUERY: Final = "query_analysis_results"
VISUALIZE: Final = "create_visualization"
MOST_TABLES: Final = 8
PREVIEW_ROWS: Final = 10
CONTRIBUTIONS: Final = {
    InsightsGenerator.name: "findings",
    VisualizationEngine.name: "charts",
    DataInsightsQuery.name: "answers",
    DocumentInsights.name: "facts_of_the_text",
}
_FILE: Final[JsonObject] = {"type": "string", "description": "The file's id."}
_TABLE: Final[JsonObject] = {"type": "string", "description": "The table's name, where the file has several."}
_QUESTION: Final[JsonObject] = {"type": "string", "description": "The question in plain English."}
_AFTER: Final[JsonObject] = {
    "type": "string",
    "description": "The artifact id of an answer that the question goes on from.",
}

_FINDING: Final[JsonObject] = {
    "type": "string",
    "description": "With the artifact id of an analysis: the rows behind this finding of it are shown.",
}


class InsightsOrchestrator(Orchestrator):
    name = OrchestratorName.INSIGHTS
    conversation = AgentType.INSIGHTS
    described: ClassVar = {
        ANALYZE: operation(
            "Finds trends, anomalies, correlations and differences in an analysed file's tables, and facts in "
            "its text.",
            ("file_id",),
            file_id=_FILE,
            table=_TABLE,
        ),
        QUERY: operation(
            "Answers a question about the rows of a table.",
            ("question",),
            question=_QUESTION,
            file_id=_FILE,
            table=_TABLE,
            artifact_id=_AFTER,
            finding_id=_FINDING,
        ),
        VISUALIZE: operation(
            "Draws a chart of what a question asks for.",
            ("question",),
            question=_QUESTION,
            file_id=_FILE,
            table=_TABLE,
            artifact_id=_AFTER,
        ),
    }

    def __init__(
        self,
        files: FileStore,
        generator: InsightsGenerator,
        charts: VisualizationEngine,
        query: DataInsightsQuery,
        documents: DocumentInsights,
    ) -> None:
        self._files = files
        self._generator = generator
        self._charts = charts
        self._query = query
        self._documents = documents

    def plan(self, session: Session, operation: str, input: JsonObject) -> Plan:
        match operation:
            case "analyze_content_for_insights":
                return _analysis_plan(session, input)
            case "query_analysis_results" | "create_visualization":
                question = input.get("question")
                if not isinstance(question, str) or not question.strip():
                    raise InvalidInput("Ask something: question is missing.")
                _table_asked(session, input)
                service = DataInsightsQuery.name if operation == QUERY else VisualizationEngine.name
                title = question.strip() if len(question) <= 80 else f"{question.strip()[:79]}\N{HORIZONTAL ELLIPSIS}"
                return Plan(title, (StepPlan("answer" if operation == QUERY else "chart", service),))
            case _:
                raise InvalidInput(
                    f"{self.name.value} has no operation {operation!r}. It has: {', '.join(self.described)}."
                )

    async def run(self, flow: Flow) -> JsonObject:
        session = await flow.sessions.get_session(flow.session_id)
        if flow.operation == ANALYZE:
            return await self._analyze(flow, session)
        return await self._ask(flow, session)

    def report(self, session: Session, workflow: Workflow) -> Report:
        return report_on(session, workflow)

    def consequences(self, session: Session, workflow: Workflow) -> Sequence[Draft]:
        if workflow.status is not Status.COMPLETED or not workflow.result or "state_id" not in workflow.result:
            return ()
        about: JsonObject = {"file_id": workflow.input.get("file_id")}
        return (state_of(session, workflow, CONTRIBUTIONS, "insights", about),)

    async def tidy(self, session_id: str, workflow: Workflow) -> None:
        await self._files.delete_work_folder(session_id, _folder_name(workflow.workflow_id))

    # --- analysis

    async def _analyze(self, flow: Flow, session: Session) -> JsonObject:
        file = file_of_input(session, flow.input)
        tables = _tables_asked(session, file, flow.input)
        made: list[JsonObject] = []
        for number, table in enumerate(tables):
            made.append(await self._table(flow, session, table, number, alone=len(tables) == 1))
        text = text_of(session, file)
        document: JsonObject | None = None
        if text is not None and not flow.input.get("table"):
            document = await self._text(flow, session, file)
        summary = [sentence for item in made for sentence in item.get("summary", ())] + (document or {}).get(
            "summary", []
        )
        return {
            "file_id": file.file_id,
            "analyses": made,
            "findings": sum(int(item.get("findings", 0)) for item in made),
            "document": document,
            "summary": summary[:8],
            "state_id": state_id_of(flow.workflow_id),
        }

    async def _table(self, flow: Flow, session: Session, table: Table, number: int, *, alone: bool) -> JsonObject:
        """Findings, then the chart of the summary, then what questions need to know of the table."""
        results = Results(self._files, flow)
        suffix = "" if alone else f" {number + 1}"

        async def find(progress: ProgressCallback) -> StepOutcome:
            path = await path_of(self._files, session, table.artifact)
            folder = await self._files.work_folder(flow.session_id, _folder_name(flow.workflow_id))
            try:
                generated = await self._generator.generate(path, table.name, work_dir=folder, progress=progress)
            except ServiceError as failure:
                if alone or failure.service_code != "too_few_rows":
                    raise
                return StepOutcome({"table": table.name, "skipped": failure.message}, "too few rows")
            document = insights_document(table, generated)
            document["summary_chart"] = summary_chart(document)
            kept = await results.keep(
                kind="insights",
                subject=f"{table.file.file_id}/{table.name}",
                name=f"Insights: {table.label}",
                document=document,
                file_id=table.file.file_id,
            )
            found: list[JsonObject] = document["findings"]
            output: dict[str, JsonValue] = {
                "table": table.name,
                "artifact_id": kept.artifact_id,
                "rows": document["rows"],
                "findings": len(found),
                "tests": document["tests"],
                "summary": document["summary"],
                "titles": [finding["title"] for finding in found[:5]],
            }
            return StepOutcome(output, f"{len(found)} findings in {document['rows']:,} rows", kept.drafts)

        made = await flow.step(f"findings{suffix}", InsightsGenerator.name, find)

        async def prepare(progress: ProgressCallback) -> StepOutcome:
            path = await path_of(self._files, session, table.artifact)
            kept = await index_path(self._files, session, table)
            index = await self._query.index(path, table.name, kept)
            await self._query.prepare(path, table.name, kept)
            known = sum(len(column.values) for column in index.columns)
            return StepOutcome({"columns": len(index.columns), "values": known}, f"{len(index.columns)} columns known")

        await flow.step(f"questions{suffix}", DataInsightsQuery.name, prepare)
        return made

    async def _text(self, flow: Flow, session: Session, file: File) -> JsonObject:
        results = Results(self._files, flow)
        artifact = text_of(session, file)
        assert artifact is not None

        async def read(progress: ProgressCallback) -> StepOutcome:
            found = await self._documents.read(await path_of(self._files, session, artifact))
            summary = [
                f"{file.name}: {found['words']:,} words in {found['sentences']:,} sentences, "
                f"{len(found['facts'])} facts and "
                f"{found['obligations_total']} obligations, each with its sentence."
            ]
            document = {"title": document_title(file), "file_id": file.file_id, **found, "summary": summary}
            kept = await results.keep(
                kind="document_insights",
                subject=file.file_id,
                name=document_title(file),
                document=document,
                file_id=file.file_id,
            )
            output: JsonObject = {
                "artifact_id": kept.artifact_id,
                "facts": len(found["facts"]),
                "obligations": found["obligations_total"],
                "summary": summary,
            }
            return StepOutcome(output, f"{len(found['facts'])} facts", kept.drafts)

        return await flow.step("text", DocumentInsights.name, read)

    # --- questions and charts

    async def _ask(self, flow: Flow, session: Session) -> JsonObject:
        results = Results(self._files, flow)
        table = _table_asked(session, flow.input)
        question = str(flow.input["question"]).strip()
        charted = flow.operation == VISUALIZE

        async def answer(progress: ProgressCallback) -> StepOutcome:
            if flow.input.get("finding_id"):
                return await self._finding_rows(results, session, table, flow.input)
            before = await self._before(results, session, flow.input)
            path = await path_of(self._files, session, table.artifact)
            kept = await index_path(self._files, session, table)
            if not self._query.is_prepared(path, table.name):
                await progress(0.1, "Opening the table first")
                await self._query.prepare(path, table.name, kept)
                await progress(0.5, "Looking it up")
            answer = await self._query.answer(path, table.name, question, before=before, kept=kept)
            if isinstance(answer, Unclear):
                return StepOutcome(unclear_result(table, question, answer), "needs to know more")
            make = chart_document if charted else answer_document
            document = make(table, answer, self._charts)
            kind = "chart" if charted else "answer"
            kept = await results.keep(
                kind=kind,
                subject=subject_of(table, document),
                name=question[:120],
                document=document,
                file_id=table.file.file_id,
            )
            output = answer_result(table, document, kept.artifact_id, kind)
            return StepOutcome(output, f"{document['rows_total']:,} rows", kept.drafts)

        step, service = ("chart", VisualizationEngine.name) if charted else ("answer", DataInsightsQuery.name)
        return await flow.step(step, service, answer)

    async def _finding_rows(self, results: Results, session: Session, table: Table, input: JsonObject) -> StepOutcome:
        """The rows behind a finding, by the SQL that the analysis kept with it."""
        analysis = await results.read_document(session, str(input.get("artifact_id")))
        findings: list[JsonObject] = analysis.get("findings", [])
        finding = next((item for item in findings if item["finding_id"] == input["finding_id"]), None)
        if finding is None:
            raise InvalidInput(f"There is no finding {input['finding_id']!r} in this analysis.")
        answered = await self._query.rows(
            await path_of(self._files, session, table.artifact), table.name, finding["rows_sql"]
        )
        document = finding_rows_document(table, finding, answered)
        kept = await results.keep(
            kind="answer",
            subject=subject_of(table, document),
            name=str(document["title"])[:120],
            document=document,
            file_id=table.file.file_id,
        )
        output = answer_result(table, document, kept.artifact_id, "answer")
        return StepOutcome(output, f"{answered.rows_total:,} rows", kept.drafts)

    async def _before(self, results: Results, session: Session, input: JsonObject) -> Query | None:
        artifact_id = input.get("artifact_id")
        if not artifact_id:
            return None
        document = await results.read_document(session, str(artifact_id))
        return Query.from_json(document["query"]) if document.get("query") else None


def subject_of(table: Table, document: JsonObject) -> str:
    """The same query again is the next version of the same answer."""
    return f"{table.file.file_id}/{table.name}/{document['sql']}"


def answer_result(table: Table, document: JsonObject, artifact_id: str, kind: str) -> JsonObject:
    """What the conversation and the page show at once; all rows are in the artifact."""
    return {
        "artifact_id": artifact_id,
        "artifact_kind": kind,
        "file_id": table.file.file_id,
        "table": table.name,
        "question": document["question"],
        "interpretation": document["interpretation"],
        "sql": document["sql"],
        "columns": document["columns"],
        "rows": document["rows"][:PREVIEW_ROWS],
        "rows_total": document["rows_total"],
        "rationale": document["rationale"],
        "query": document["query"],
        "follow_ups": document.get("follow_ups", []),
    }


def unclear_result(table: Table, question: str, unclear: Unclear) -> JsonObject:
    return {
        "file_id": table.file.file_id,
        "table": table.name,
        "question": question,
        "unclear": unclear.reason,
        "options": [{"label": option.label, "question": option.question} for option in unclear.options],
    }


def _analysis_plan(session: Session, input: JsonObject) -> Plan:
    file = file_of_input(session, input)
    tables = _tables_asked(session, file, input)
    steps: list[StepPlan] = []
    for number in range(len(tables)):
        suffix = "" if len(tables) == 1 else f" {number + 1}"
        steps += [
            StepPlan(f"findings{suffix}", InsightsGenerator.name),
            StepPlan(f"questions{suffix}", DataInsightsQuery.name),
        ]
    if text_of(session, file) is not None and not input.get("table"):
        steps.append(StepPlan("text", DocumentInsights.name))
    if not steps:
        raise InvalidInput(
            f"{file.name} was not analysed in Content, or nothing was found in it. Analyse it there first; then "
            "its tables and "
            "its text can be studied here."
        )
    return Plan(f"Find insights in {file.name}", tuple(steps))


def _tables_asked(session: Session, file: File, input: JsonObject) -> list[Table]:
    tables = tables_of(session, file)
    wanted = input.get("table")
    if not wanted:
        return tables[:MOST_TABLES]
    chosen = [table for table in tables if table.name == wanted]
    if not chosen:
        raise InvalidInput(f"{file.name} has no table {wanted!r}.")
    return chosen


def _table_asked(session: Session, input: JsonObject) -> Table:
    """The table of the input; else that of the answer which the question goes on from."""
    artifact_id = input.get("artifact_id")
    if artifact_id and not input.get("file_id"):
        artifact = session.artifacts.get(str(artifact_id))
        if artifact is None:
            raise ArtifactNotFound(f"There is no artifact {artifact_id!r} in this session.")
        return table_of_input(session, {**input, "file_id": artifact.file_id})
    return table_of_input(session, input)


def _folder_name(workflow_id: str) -> str:
    return f"work-{workflow_id}"
