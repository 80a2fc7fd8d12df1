"""OperationsOrchestrator: procedures to workflows and back, and how well the two describe the same work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from symphainy.domains.operations.job import Job, Services, folder_name
from symphainy.domains.operations.reports import ending_report, opening_report
from symphainy.domains.operations.sources import SOP, WORKFLOW, Source, source_of, text_source
from symphainy.enabling_services.operations import CoexistenceAnalysis, Sop, SOPBuilder, WorkflowConversion
from symphainy.enabling_services.reports import ReportGenerator
from symphainy.entries import Draft
from symphainy.errors import ArtifactNotFound, InvalidInput
from symphainy.files.base import FileStore
from symphainy.library import read_document
from symphainy.orchestrators.base import Orchestrator, operation
from symphainy.orchestrators.results import state_id_of, state_of
from symphainy.session import AgentType, JsonObject, JsonValue, OrchestratorName, Session, Status, StepPlan, Workflow
from symphainy.workflows import Flow, Plan, Report

BUILD_SOP: Final = "build_sop"
READ_WORKFLOW: Final = "read_workflow"
TO_WORKFLOW: Final = "generate_workflow_from_sop"
TO_SOP: Final = "generate_sop_from_workflow"
COEXISTENCE: Final = "analyze_coexistence"
CONTRIBUTIONS: Final = {
    SOPBuilder.name: "procedure",
    WorkflowConversion.name: "workflow",
    CoexistenceAnalysis.name: "coexistence",
    ReportGenerator.name: "documents",
}
_FILE: Final = {"type": "string", "description": "the id of an uploaded file, as session_status names it"}
_SOP: Final = {"type": "string", "description": "the id of an sop artifact; name this or a file"}
_WORKFLOW: Final = {"type": "string", "description": "the id of a workflow_model artifact; name this or a file"}
_READ: Final = StepPlan("read the procedure", SOPBuilder.name)
_READ_DIAGRAM: Final = StepPlan("read the diagram", WorkflowConversion.name)
_SOP_DOCUMENT: Final = StepPlan("write the SOP document", ReportGenerator.name)
_WORKFLOW_DOCUMENT: Final = StepPlan("write the workflow document", ReportGenerator.name)


class OperationsOrchestrator(Orchestrator):
    name = OrchestratorName.OPERATIONS
    conversation = AgentType.OPERATIONS
    operations = (BUILD_SOP, READ_WORKFLOW, TO_WORKFLOW, TO_SOP, COEXISTENCE)
    described: ClassVar = {
        BUILD_SOP: operation(
            "Reads a written procedure (Word, PDF, text) as an SOP with steps, roles and conditions.",
            ("file_id",),
            file_id=_FILE,
        ),
        READ_WORKFLOW: operation("Reads an uploaded BPMN diagram as a workflow.", ("file_id",), file_id=_FILE),
        TO_WORKFLOW: operation(
            "Draws an SOP, or a written procedure, as a BPMN workflow.", sop_artifact_id=_SOP, file_id=_FILE
        ),
        TO_SOP: operation(
            "Writes a workflow, or an uploaded BPMN diagram, as an SOP.", workflow_artifact_id=_WORKFLOW, file_id=_FILE
        ),
        COEXISTENCE: operation(
            "Compares an SOP with a workflow: score, gaps, who does what, hand-offs, and the future state as a blueprint.",
            sop_artifact_id=_SOP,
            sop_file_id=_FILE,
            workflow_artifact_id=_WORKFLOW,
            workflow_file_id=_FILE,
        ),
    }

    def __init__(self, files: FileStore) -> None:
        self._files = files
        self._services = Services()

    def plan(self, session: Session, operation: str, input: JsonObject) -> Plan:
        match operation:
            case "build_sop":
                return self._plan_build(session, input)
            case "read_workflow":
                source = source_of(session, input, WORKFLOW)
                return Plan(f"Read the diagram {source.name}", (_READ_DIAGRAM, _WORKFLOW_DOCUMENT))
            case "generate_workflow_from_sop":
                source = source_of(session, input, SOP)
                steps = (StepPlan("draw the workflow", WorkflowConversion.name), _WORKFLOW_DOCUMENT)
                return Plan(f"Draw the workflow of {source.name}", (*self._reading(session, source), *steps))
            case "generate_sop_from_workflow":
                source = source_of(session, input, WORKFLOW)
                steps = (StepPlan("write the procedure", WorkflowConversion.name), _SOP_DOCUMENT)
                return Plan(f"Write the SOP of {source.name}", (*self._reading(session, source), *steps))
            case "analyze_coexistence":
                sop, workflow = source_of(session, input, SOP, "sop_"), source_of(session, input, WORKFLOW, "workflow_")
                steps = (
                    StepPlan("compare", CoexistenceAnalysis.name),
                    StepPlan("write the blueprint", ReportGenerator.name),
                )
                title = f"Compare {sop.name} with {workflow.name}"
                return Plan(title, (*self._reading(session, sop), *self._reading(session, workflow), *steps))
            case _:
                raise InvalidInput(
                    f"{self.name.value} has no operation {operation!r}. It has: {', '.join(self.operations)}."
                )

    def _plan_build(self, session: Session, input: JsonObject) -> Plan:
        if input.get("procedure") is None:
            source = source_of(session, input, SOP)
            return Plan(f"Read the procedure {source.name}", self._reading(session, source))
        sop = _procedure(input)
        artifact_id = input.get("artifact_id")
        if artifact_id is not None and str(artifact_id) not in session.artifacts:
            raise ArtifactNotFound(f"There is no artifact {artifact_id!r} in this session.")
        return Plan(f"Build the SOP {sop.title}", (StepPlan("build the procedure", SOPBuilder.name), _SOP_DOCUMENT))

    def _reading(self, session: Session, source: Source) -> tuple[StepPlan, ...]:
        """A file is read and kept as an artifact first; an artifact is taken as it is."""
        if source.file is None:
            return ()
        if source.name.lower().endswith((".bpmn", ".bpmn2")):
            return (_READ_DIAGRAM, _WORKFLOW_DOCUMENT)
        text_source(session, source.file)
        return (_READ, _SOP_DOCUMENT)

    async def run(self, flow: Flow) -> JsonObject:
        session = await flow.sessions.get_session(flow.session_id)
        job = Job(self._files, flow, session, self._services)
        match flow.operation:
            case "build_sop":
                facts = await self._build(job, session, flow)
            case "read_workflow":
                source = source_of(session, flow.input, WORKFLOW)
                workflow = await job.workflow(source)
                await job.keep_workflow(workflow, source.subject, source.to_json())
                facts = _facts(workflow.steps)
            case "generate_workflow_from_sop":
                facts = await _to_workflow(job, source_of(session, flow.input, SOP))
            case "generate_sop_from_workflow":
                facts = await _to_sop(job, source_of(session, flow.input, WORKFLOW))
            case _:
                sop = source_of(session, flow.input, SOP, "sop_")
                facts = await _coexistence(job, sop, source_of(session, flow.input, WORKFLOW, "workflow_"))
        return {**facts, "artifacts": job.artifacts, "state_id": state_id_of(flow.workflow_id)}

    async def _build(self, job: Job, session: Session, flow: Flow) -> dict[str, JsonValue]:
        if flow.input.get("procedure") is None:
            source = source_of(session, flow.input, SOP)
            sop = await job.sop(source)
            await job.keep_sop(sop, source.subject, source.to_json())
            return _facts(sop)
        sop = await job.accept(_procedure(flow.input).to_json())
        subject, source = f"wizard:{flow.workflow_id}", {"name": "written in the chat"}
        artifact_id = flow.input.get("artifact_id")
        if artifact_id is not None:
            document = await read_document(self._files, session, str(artifact_id))
            subject, source = str(document["subject"]), {**document["source"], "changed": "in the chat"}
        await job.keep_sop(sop, subject, source)
        return _facts(sop)

    def report(self, session: Session, workflow: Workflow) -> Report:
        return ending_report(session, workflow) if workflow.status.finished else opening_report(workflow)

    def consequences(self, session: Session, workflow: Workflow) -> Sequence[Draft]:
        if workflow.status is not Status.COMPLETED:
            return ()
        return (state_of(session, workflow, CONTRIBUTIONS, workflow.operation, {"input": _named(workflow.input)}),)

    async def tidy(self, session_id: str, workflow: Workflow) -> None:
        await self._files.delete_work_folder(session_id, folder_name(workflow.workflow_id))


async def _to_workflow(job: Job, source: Source) -> dict[str, JsonValue]:
    sop = await job.sop(source)
    if source.file is not None:
        await job.keep_sop(sop, source.subject, source.to_json())
    workflow = await job.to_workflow(sop)
    await job.keep_workflow(workflow, source.subject, source.to_json())
    return _facts(sop, workflow.process.warnings)


async def _to_sop(job: Job, source: Source) -> dict[str, JsonValue]:
    workflow = await job.workflow(source)
    if source.file is not None:
        await job.keep_workflow(workflow, source.subject, source.to_json())
    sop = await job.to_sop(workflow)
    await job.keep_sop(sop, source.subject, source.to_json())
    return _facts(sop)


async def _coexistence(job: Job, written: Source, drawn: Source) -> dict[str, JsonValue]:
    sop = await job.sop(written)
    sop_id = (
        written.artifact.artifact_id
        if written.artifact
        else await job.keep_sop(sop, written.subject, written.to_json())
    )
    workflow = await job.workflow(drawn)
    workflow_id = (
        drawn.artifact.artifact_id
        if drawn.artifact
        else await job.keep_workflow(workflow, drawn.subject, drawn.to_json())
    )
    made = await job.analysis(sop, workflow)
    await job.keep_blueprint(made, sop_id, workflow_id, f"Coexistence of {sop.title} and {workflow.process.title}")
    comparison = made["comparison"]
    severities = [gap["severity"] for gap in comparison["gaps"]]
    return {
        "title": f"{sop.title} and {workflow.process.title}",
        "score": comparison["score"],
        "counts": comparison["counts"],
        "gaps": {level: severities.count(level) for level in ("high", "medium", "low")},
        "warnings": [*sop.warnings, *workflow.process.warnings],
    }


def _procedure(input: JsonObject) -> Sop:
    """Raises InvalidInput for anything that is no procedure with steps."""
    try:
        sop = Sop.from_json(dict(input["procedure"]))
    except (TypeError, ValueError, KeyError) as unsuitable:
        raise InvalidInput("`procedure` must be an SOP: title, roles and steps.") from unsuitable
    if not sop.steps or not sop.title:
        raise InvalidInput("A procedure needs a title and at least one step.")
    return sop


def _facts(sop: Sop, warnings: Sequence[str] = ()) -> dict[str, JsonValue]:
    return {
        "title": sop.title,
        "steps": len(sop.steps),
        "roles": list(sop.roles),
        "conditions": sum(step.condition is not None for step in sop.steps),
        "unread": len(sop.unread),
        "warnings": [*sop.warnings, *warnings],
    }


def _named(input: JsonObject) -> dict[str, JsonValue]:
    """What the workflow worked on, without the text of a procedure."""
    return {name: value for name, value in input.items() if name != "procedure"}
