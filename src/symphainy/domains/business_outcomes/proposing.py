"""The steps from a roadmap to a proposal, with the assumptions that only the user can give."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from symphainy.domains.business_outcomes.planning import ASKED_AGAIN, make_roadmap
from symphainy.domains.business_outcomes.questions import (
    ASSUMPTIONS_TITLE,
    NOTHING_EARLIER,
    Earlier,
    assumption_questions,
    assumptions,
    earlier_assumptions,
    last_time,
)
from symphainy.domains.business_outcomes.work import Collected, Held, Work
from symphainy.enabling_services.outcomes import Evidence, POCGeneration
from symphainy.enabling_services.outcomes.documents import proposal_report
from symphainy.enabling_services.outcomes.figures import count, day, money
from symphainy.enabling_services.outcomes.financials import Financials
from symphainy.enabling_services.outcomes.poc_generation import Answered, Proposal
from symphainy.errors import ServiceError
from symphainy.session import JsonObject, JsonValue, StepPlan
from symphainy.workflows import ProgressCallback, StepOutcome

STEPS: Final = (
    StepPlan("financials", POCGeneration.name),
    StepPlan("proposal", POCGeneration.name),
    StepPlan("proposal_document", "ReportGenerator"),
)


@dataclass(frozen=True, slots=True)
class Basis:
    """What the proposal rests on: a roadmap, with the evidence that it was made from and today's context."""

    held: Held
    evidence: Evidence


async def make_proposal(work: Work, collected: Collected) -> JsonObject:
    """A new version of the session's proposal; where there is no roadmap yet, that is made first, in the same
    workflow."""
    made: JsonObject = {}
    if collected.roadmap_version is None:
        held, made = await make_roadmap(work, collected.evidence)
    else:
        held = await work.roadmap(collected.roadmap_version)
    basis = Basis(held, replace(held.evidence, context=collected.evidence.context))
    answered = await _answers(work, basis)

    async def evaluated(_: ProgressCallback) -> StepOutcome:
        figures = work.services.proposals.financials(held.roadmap, answered)
        return StepOutcome(figures.to_json(), f"net present value {money(figures.npv, answered.currency)}")

    financials = Financials.from_json(dict(await work.flow.step("financials", POCGeneration.name, evaluated)))

    async def proposed(_: ProgressCallback) -> StepOutcome:
        proposal = work.services.proposals.propose(held.roadmap, basis.evidence, answered, financials)
        return StepOutcome(proposal.to_json(), count(len(proposal.objectives), "objective"))

    proposal = Proposal.from_json(dict(await work.flow.step("proposal", POCGeneration.name, proposed)))
    return {**await _published(work, basis, proposal), **_facts(proposal), "roadmap": made or _of_roadmap(work, held)}


async def _answers(work: Work, basis: Basis) -> Answered:
    roadmap, proposals = basis.held.roadmap, work.services.proposals
    objectives = proposals.objectives(roadmap, basis.evidence, [item.no for item in roadmap.initiatives])
    before = await work.newest_proposal()
    earlier: Earlier = earlier_assumptions(*before, objectives) if before else NOTHING_EARLIER
    problem: str | None = None
    for attempt in range(1, 100):
        name = "assumptions" if attempt == 1 else f"assumptions_{attempt}"
        questions = assumption_questions(roadmap, objectives, earlier, problem)
        given = await work.flow.ask(name, ASSUMPTIONS_TITLE, questions)
        try:
            return assumptions(given, proposals.scope(roadmap, str(given["scope"])), objectives)
        except ServiceError as failure:
            if failure.service_code not in ASKED_AGAIN:
                raise
            earlier, problem = last_time(given), failure.message
    raise ServiceError("plan_not_possible", "A hundred sets of answers named no scope. Start the proposal again.")


async def _published(work: Work, basis: Basis, proposal: Proposal) -> JsonObject:
    started_at = await work.started_at()
    answered = f"your answer of {day(started_at[:10])}"
    names = ("cost_per_day", "one_off_cost", "yearly_cost", "yearly_benefit", "discount_rate", "horizon")
    version = f" version {basis.held.version}" if basis.held.version else ""
    assumed = {**dict.fromkeys(names, answered), "effort": f"the efforts in the roadmap{version}"}
    report = proposal_report(proposal, assumed, started_at)
    document: dict[str, JsonValue] = {**proposal.to_json(), "assumed": assumed}
    return await work.publish("proposal_document", "proposal", report, document)


def _facts(proposal: Proposal) -> JsonObject:
    financials = proposal.financials
    return {
        "currency": financials.assumptions.currency,
        "investment": financials.investment,
        "npv": financials.npv,
        "irr": financials.irr.value,
        "payback": financials.payback.value,
        "roi": financials.roi.value,
        "start": proposal.start,
        "finish": proposal.finish,
        "objectives": len(proposal.objectives),
        "risks": len(proposal.risks),
    }


def _of_roadmap(work: Work, held: Held) -> JsonObject:
    return {"artifact_id": work.artifact_id("roadmap"), "version": held.version}
