"""BusinessOutcomesOrchestrator: summaries, key figures, a roadmap and a proposal, from what the other areas found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from symphainy.domains.business_outcomes import planning, proposing
from symphainy.domains.business_outcomes.reports import report_on
from symphainy.domains.business_outcomes.work import SUBJECT, Services, Work, evidence_name, folder_name
from symphainy.enabling_services.errors import ServiceError
from symphainy.enabling_services.json_values import encode
from symphainy.enabling_services.outcomes import Evidence, MetricsCalculator, POCGeneration, RoadmapGeneration
from symphainy.enabling_services.outcomes.documents import summary_report
from symphainy.enabling_services.outcomes.evidence import Source
from symphainy.enabling_services.outcomes.figures import count
from symphainy.enabling_services.outcomes.metrics import Summary, of_proposal, of_roadmap
from symphainy.enabling_services.reports import ReportGenerator
from symphainy.entries import Draft
from symphainy.errors import InvalidInput
from symphainy.files.base import FileStore
from symphainy.orchestrators.base import Orchestrator, operation
from symphainy.orchestrators.results import artifact_id_of, state_id_of, state_of
from symphainy.session import AgentType, JsonObject, OrchestratorName, Session, Status, StepPlan, Workflow
from symphainy.workflows import Flow, Plan, ProgressCallback, Report, StepOutcome

SUMMARIZE: Final = "summarize_areas"
ROADMAP: Final = "generate_strategic_roadmap"
PROPOSAL: Final = "generate_poc_proposal"
KEY_FIGURES: Final = "calculate_kpis"
TITLES: Final = {
    SUMMARIZE: "Summarise the areas",
    ROADMAP: "Make the roadmap",
    PROPOSAL: "Write the proposal",
    KEY_FIGURES: "Calculate the key figures",
}
CONTRIBUTIONS: Final = {
    MetricsCalculator.name: "key_figures",
    RoadmapGeneration.name: "roadmap",
    POCGeneration.name: "proposal",
    ReportGenerator.name: "documents",
}
_COLLECT: Final = StepPlan("collect", MetricsCalculator.name)


class BusinessOutcomesOrchestrator(Orchestrator):
    name = OrchestratorName.BUSINESS_OUTCOMES
    conversation = AgentType.BUSINESS_OUTCOMES
    described: ClassVar = {
        SUMMARIZE: operation("Sums up what content, insights and operations found, with numbers, as a document."),
        ROADMAP: operation("Makes a dated roadmap from findings and gaps. Asks the user for effort, team and start."),
        PROPOSAL: operation(
            "Writes a proof-of-concept proposal with costs and benefits. Asks the user for scope and assumptions; makes "
            "the roadmap first where there is none."
        ),
        KEY_FIGURES: operation("Counts the key figures of the session, each with where it stands."),
    }

    def __init__(
        self,
        files: FileStore,
        metrics: MetricsCalculator,
        roadmaps: RoadmapGeneration,
        proposals: POCGeneration,
        reports: ReportGenerator,
    ) -> None:
        self._files = files
        self._services = Services(metrics, roadmaps, proposals, reports)

    def plan(self, session: Session, operation: str, input: JsonObject) -> Plan:
        """A proposal without a roadmap makes the roadmap first."""
        match operation:
            case "summarize_areas":
                steps = (
                    _COLLECT,
                    StepPlan("summary", MetricsCalculator.name),
                    StepPlan("document", ReportGenerator.name),
                )
            case "generate_strategic_roadmap":
                steps = (_COLLECT, *planning.STEPS)
            case "generate_poc_proposal":
                there = artifact_id_of(session.session_id, "roadmap", SUBJECT) in session.artifacts
                steps = (_COLLECT, *(() if there else planning.STEPS), *proposing.STEPS)
            case "calculate_kpis":
                steps = (_COLLECT, StepPlan("key_figures", MetricsCalculator.name))
            case _:
                known = ", ".join(self.described)
                raise InvalidInput(f"{self.name.value} has no operation {operation!r}. It has: {known}.")
        if input:
            raise InvalidInput(f"{operation} takes no input: it works on the results of this session.")
        return Plan(TITLES[operation], steps)

    async def run(self, flow: Flow) -> JsonObject:
        work = Work(self._files, flow, self._services)
        collected = await work.collect()
        match flow.operation:
            case "summarize_areas":
                result = await _summarize(work, collected.evidence)
            case "generate_strategic_roadmap":
                _, result = await planning.make_roadmap(work, collected.evidence)
            case "generate_poc_proposal":
                result = await proposing.make_proposal(work, collected)
            case _:
                result = await _key_figures(work, collected.evidence)
        return {**result, "state_id": state_id_of(flow.workflow_id)}

    def report(self, session: Session, workflow: Workflow) -> Report:
        return report_on(session, workflow)

    def consequences(self, session: Session, workflow: Workflow) -> Sequence[Draft]:
        if workflow.status is not Status.COMPLETED:
            return ()
        return (state_of(session, workflow, CONTRIBUTIONS, workflow.operation, {}),)

    async def tidy(self, session_id: str, workflow: Workflow) -> None:
        await self._files.delete(session_id, evidence_name(workflow.workflow_id))
        await self._files.delete_work_folder(session_id, folder_name(workflow.workflow_id))


async def _summarize(work: Work, evidence: Evidence) -> JsonObject:
    async def summarized(_: ProgressCallback) -> StepOutcome:
        made = work.services.metrics.summarize(evidence)
        if not any(area.ready or area.figures for area in made.areas):
            raise _nothing()
        ready = [area.label for area in made.areas if area.ready]
        return StepOutcome(made.to_json(), f"{count(len(ready), 'area')} with results")

    summary = Summary.from_json(dict(await work.flow.step("summary", MetricsCalculator.name, summarized)))
    kept = await work.publish(
        "document", "summary", summary_report(summary, await work.started_at()), summary.to_json()
    )
    return {**kept, "areas": [{"area": area.area, "ready": area.ready} for area in summary.areas]}


async def _key_figures(work: Work, evidence: Evidence) -> JsonObject:
    async def calculated(_: ProgressCallback) -> StepOutcome:
        figures = [*work.services.metrics.key_figures(evidence)]
        if held := await work.newest_roadmap():
            figures += of_roadmap(
                held[0], Source("artifact", work.artifact_id("roadmap"), "Roadmap", "roadmap", held[1])
            )
        if proposed := await work.newest_proposal():
            source = Source("artifact", work.artifact_id("proposal"), proposed[0].title, "proposal", proposed[1])
            figures += of_proposal(proposed[0].financials, source)
        if not figures:
            raise _nothing()
        return StepOutcome({"key_figures": [encode(figure) for figure in figures]}, count(len(figures), "key figure"))

    return await work.flow.step("key_figures", MetricsCalculator.name, calculated)


def _nothing() -> ServiceError:
    return ServiceError(
        "nothing_to_build_on",
        "There is nothing to summarise yet: this session has no file and no result. Upload a file in Content first.",
    )
