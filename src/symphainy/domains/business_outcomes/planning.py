"""The steps from evidence to a roadmap, with the questions that only the user can answer."""

from __future__ import annotations

from typing import Final

from symphainy.domains.business_outcomes.questions import (
    NOTHING_EARLIER,
    PLAN_TITLE,
    Earlier,
    earlier_plan,
    last_time,
    plan_answers,
    plan_questions,
)
from symphainy.domains.business_outcomes.work import Held, Work
from symphainy.enabling_services.json_values import decode, encode
from symphainy.enabling_services.outcomes import Evidence, RoadmapGeneration
from symphainy.enabling_services.outcomes.documents import roadmap_report
from symphainy.enabling_services.outcomes.figures import count, day
from symphainy.enabling_services.outcomes.initiatives import Derived
from symphainy.enabling_services.outcomes.roadmap import Roadmap
from symphainy.enabling_services.outcomes.roadmap_generation import PlanAnswers
from symphainy.errors import ServiceError
from symphainy.session import JsonObject, StepPlan
from symphainy.workflows import ProgressCallback, StepOutcome

ASKED_AGAIN: Final = frozenset({"plan_not_possible", "dependency_cycle"})
STEPS: Final = (
    StepPlan("initiatives", "RoadmapGeneration"),
    StepPlan("schedule", "RoadmapGeneration"),
    StepPlan("roadmap_document", "ReportGenerator"),
)


async def make_roadmap(work: Work, evidence: Evidence) -> tuple[Held, JsonObject]:
    """A new version of the session's roadmap, and what a workflow's result says of it. Raises ServiceError
    `nothing_to_build_on`."""
    derived = await _derive(work, evidence)
    answers = await _answers(work, derived, evidence)

    async def scheduled(_: ProgressCallback) -> StepOutcome:
        made = work.services.roadmaps.plan(derived, evidence, answers)
        detail = f"{count(made.working_days, 'working day')}, until {day(made.finish)}"
        return StepOutcome(made.to_json(), detail)

    roadmap = Roadmap.from_json(dict(await work.flow.step("schedule", RoadmapGeneration.name, scheduled)))
    report = roadmap_report(roadmap, await work.started_at())
    kept = await work.publish("roadmap_document", "roadmap", report, roadmap.to_json(), evidence=evidence)
    return Held(roadmap, 0, evidence), {**kept, **_facts(roadmap)}


async def _derive(work: Work, evidence: Evidence) -> Derived:
    """Recorded, so that answers given later stand by the initiatives that were asked about."""

    async def derived(_: ProgressCallback) -> StepOutcome:
        made = work.services.roadmaps.derive(evidence)
        return StepOutcome(encode(made), count(len(made.initiatives), "initiative"))

    return decode(Derived, await work.flow.step("initiatives", RoadmapGeneration.name, derived))


async def _answers(work: Work, derived: Derived, evidence: Evidence) -> PlanAnswers:
    """Asks until the answers make a plan; each time it says what was wrong, and offers what was answered."""
    held = await work.newest_roadmap()
    earlier: Earlier = earlier_plan(*held, derived) if held else NOTHING_EARLIER
    problem: str | None = None
    for attempt in range(1, 100):
        name = "plan" if attempt == 1 else f"plan_{attempt}"
        given = await work.flow.ask(name, PLAN_TITLE, plan_questions(derived, earlier, problem))
        answers = plan_answers(given)
        try:
            work.services.roadmaps.plan(derived, evidence, answers)
        except ServiceError as failure:
            if failure.service_code not in ASKED_AGAIN:
                raise
            earlier, problem = last_time(given), failure.message
        else:
            return answers
    raise ServiceError(
        "plan_not_possible", "A hundred sets of answers could not be planned with. Start the roadmap again."
    )


def _facts(roadmap: Roadmap) -> JsonObject:
    return {
        "start": roadmap.start,
        "finish": roadmap.finish,
        "working_days": roadmap.working_days,
        "effort": roadmap.effort,
        "initiatives": len(roadmap.initiatives),
        "phases": len(roadmap.phases),
        "critical_path": list(roadmap.critical_path),
        "risks": len(roadmap.risks),
    }
