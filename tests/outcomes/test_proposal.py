"""A proposal's numbers follow from the roadmap and from assumptions that were asked for (the 17th of the fakes)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from symphainy.enabling_services import ServiceError
from symphainy.enabling_services.outcomes.evidence import ContextNote, Evidence, FindingType, Source
from symphainy.enabling_services.outcomes.financials import Assumptions, evaluate, npv
from symphainy.enabling_services.outcomes.poc_generation import Answered, POCGeneration, Proposal

from .facts import evidence, finding, planned

BASE = Assumptions("EUR", 60, 800, 12_000, 5_000, 40_000, 0.1, 4)
ANSWERED = Answered(("I1", "I2", "I4"), "EUR", 800, 2_000, 5_000, 40_000, 0.1, 4, {"anomaly:art_insights:claims": 2.0})


def proposal(given: Evidence | None = None, answered: Answered = ANSWERED) -> Proposal:
    given = given or evidence()
    roadmap, service = planned(given), POCGeneration()
    return service.propose(roadmap, given, answered, service.financials(roadmap, answered))


def test_by_hand() -> None:
    """60 days at 800 and 12,000 are 60,000. Then 35,000 * 3.169865 at 10 %. At 45.2154 %: 35,000 * 1.714286."""
    result = evaluate(BASE)
    assert result.investment == 60_000
    assert result.npv == pytest.approx(50_945.29, abs=0.01)
    assert result.irr.value == pytest.approx(0.452154, abs=1e-6)
    assert result.payback.value == pytest.approx(60 / 35)
    assert result.roi.value == pytest.approx(80 / 60)
    assert result.break_even_benefit == pytest.approx(60_000 / 3.1698654 + 5_000, abs=0.01)
    assert [(year.year, year.flow, year.cumulative) for year in result.years] == [
        (0, -60_000, -60_000),
        (1, 35_000, -25_000),
        (2, 35_000, 10_000),
        (3, 35_000, 45_000),
        (4, 35_000, 80_000),
    ]


def test_the_reference_case_that_always_lost_money_has_the_true_irr() -> None:
    """Benefit of 30 % of the cost, three years: the sum of the flows is 90 %, so the rate is negative: 15 * 3.3333 at -5.0885 %."""
    result = evaluate(Assumptions("USD", 50, 1_000, 0, 0, 15_000, 0.1, 3))
    assert result.irr.value == pytest.approx(-0.050885, abs=1e-6)
    assert result.payback.value is None
    assert result.payback.undefined == "the investment is not paid back within the horizon of 3 years"


@pytest.mark.parametrize(
    ("changes", "undefined"),
    [
        ({"yearly_benefit": 5_000.0}, {"irr", "payback"}),
        ({"effort": 0.0, "one_off_cost": 0.0}, {"irr", "payback", "roi"}),
        ({"yearly_benefit": 0.0}, {"irr", "payback"}),
    ],
)
def test_what_has_no_value_says_why(changes: dict[str, float], undefined: set[str]) -> None:
    result = evaluate(replace(BASE, **changes))  # type: ignore[arg-type]
    figures = {"irr": result.irr, "payback": result.payback, "roi": result.roi}
    assert {name for name, figure in figures.items() if figure.value is None} == undefined
    assert all((figure.value is None) == bool(figure.undefined) for figure in figures.values())


def test_sensitivity_begins_with_what_matters_most_and_leaves_out_what_is_nothing() -> None:
    result = evaluate(replace(BASE, yearly_cost=0.0))
    assert [swing.assumption for swing in result.sensitivity] == [
        "yearly_benefit",
        "effort",
        "cost_per_day",
        "discount_rate",
        "one_off_cost",
    ]
    first = result.sensitivity[0]
    assert (first.low_value, first.high_value) == (32_000, 48_000)
    assert first.npv_at_high - result.npv == pytest.approx(8_000 * 3.1698654, abs=0.1)


amounts = st.integers(1, 1_000_000).map(float)
assumptions = st.builds(
    Assumptions,
    st.just("EUR"),
    st.integers(1, 2_000).map(float),
    st.integers(1, 3_000).map(float),
    st.integers(0, 1_000_000).map(float),
    st.integers(0, 100_000).map(float),
    amounts,
    st.integers(0, 60).map(lambda percent: percent / 100),
    st.integers(1, 30),
)


@given(assumptions)
def test_at_the_irr_the_npv_is_nothing(given: Assumptions) -> None:
    rate = evaluate(given).irr.value
    assume(rate is not None and rate > -0.9)
    assert rate is not None
    assert npv(replace(given, discount_rate=rate)) == pytest.approx(
        0, abs=1e-4 * max(given.investment, given.yearly_net)
    )


@given(assumptions, st.integers(1, 100_000))
def test_more_cost_never_pays_back_earlier(given: Assumptions, more: int) -> None:
    cheap, dear = (
        evaluate(given).payback.value,
        evaluate(replace(given, one_off_cost=given.one_off_cost + more)).payback.value,
    )
    assert dear is None or (cheap is not None and dear > cheap)


def test_objectives_refer_to_findings_with_their_numbers() -> None:
    made = proposal()
    assert [(item.initiative, [source.item for source in item.sources]) for item in made.objectives] == [
        ("I1", [None]),
        ("I4", ["g1"]),
        ("I2", ["f1"]),
    ]
    assert made.objectives[2].numbers == {"rows": 212, "share_late": 4.24}


def test_success_is_measured_by_the_findings_own_numbers_and_targets_are_never_invented() -> None:
    made = proposal()
    assert [criterion.text for criterion in made.criteria] == [
        "I1: rows that cannot be read from 40 to a target that was not given yet, measured as in claims.csv.",
        "I4: open gaps from 1 to a target that was not given yet, measured as in Refund blueprint.",
        "I2: share late from 4.24 to 2, measured as in Insights of claims.csv.",
    ]
    assert "Agree on a target for open gaps (now 1)." in made.next_steps


def test_scope_costs_and_dates_are_those_of_the_chosen_initiatives() -> None:
    made = proposal()
    assert made.financials.assumptions.effort == 30
    assert made.financials.investment == 30 * 800 + 2_000
    assert (made.start, made.finish) == ("2026-12-07", "2026-12-18")
    assert made.out_of_scope[0].startswith("I5 Write 1 missing step into the procedure")


def test_scope_is_read_from_words() -> None:
    service, roadmap = POCGeneration(), planned()
    assert service.scope(roadmap, "i3, I1") == ("I1", "I3")
    assert service.scope(roadmap, "All") == ("I1", "I4", "I2", "I5", "I3", "I6")
    with pytest.raises(ServiceError, match="The roadmap has no I9"):
        service.scope(roadmap, "I1 and I9")
    with pytest.raises(ServiceError, match="names no initiative"):
        service.scope(roadmap, "the first ones")


def test_a_budget_that_is_exceeded_is_a_risk_and_a_loss_is_called_one() -> None:
    note = ContextNote(
        Source("context", "ctx_1", "what you told us"), "our budget is 20k", "2026-11-25T01:00:00Z", budget=20_000
    )
    made = proposal(evidence(context=(note,)), replace(ANSWERED, yearly_benefit=6_000.0))
    assert made.risks[0].statement == "The investment exceeds “our budget is 20k” by 6,000 EUR."
    assert "With these assumptions it costs more than it brings." in made.summary[2]


def test_a_proposal_is_read_back_as_it_was() -> None:
    given = evidence(findings=(finding(1, FindingType.ANOMALY),))
    made = proposal(given, replace(ANSWERED, scope=("I1",)))
    assert Proposal.from_json(made.to_json()) == made
