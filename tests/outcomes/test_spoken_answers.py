"""Answers in ordinary words are given to the questions they belong to; where that is not sure, it says so."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from symphainy.domains.business_outcomes.context import budget_in, deadline_in
from symphainy.domains.business_outcomes.questions import NOTHING_EARLIER, Earlier, assumption_questions, plan_questions
from symphainy.domains.business_outcomes.spoken import Spoken, answers_in
from symphainy.enabling_services.outcomes import POCGeneration

from .facts import derived, evidence, planned

TODAY = date(2026, 11, 25)
PLAN = plan_questions(derived(), NOTHING_EARLIER)
_ROADMAP = planned()
_OBJECTIVES = POCGeneration().objectives(_ROADMAP, evidence(), [item.no for item in _ROADMAP.initiatives])
MONEY = assumption_questions(_ROADMAP, _OBJECTIVES, NOTHING_EARLIER)


def test_the_one_of_one_off_is_not_a_number() -> None:
    for text in ("one-off costs 12000", "one-time costs are 12000", "one off: 12000"):
        assert heard(text).answers == {"one_off_cost": 12000}


def heard(text: str, questions: list[Any] = MONEY, **known: object) -> Spoken:
    return answers_in(text, questions, known, TODAY)


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("800 per day, 12% discount rate", {"cost_per_day": 800, "discount_rate": 12}),
        ("the day rate is 1,250.50 EUR", {"cost_per_day": 1250.5, "currency": "EUR"}),
        ("€900 a day and licences of 12k once", {"cost_per_day": 900, "one_off_cost": 12_000, "currency": "EUR"}),
        ("running costs are 5 thousand, it saves 40'000 a year", {"yearly_cost": 5_000, "yearly_benefit": 40_000}),
        ("judge it over five years; discount 8 percent", {"horizon": 5, "discount_rate": 8}),
        ("discount rate 7,5 %", {"discount_rate": 7.5}),
        ("I1 and I3 are in scope", {"scope": "I1, I3"}),
        ("everything", {"scope": "all"}),
        ("target for I2 is 2.5", {"target_I2": 2.5}),
        ("it brings 1.2 million USD", {"yearly_benefit": 1_200_000, "currency": "USD"}),
        ("training and hardware cost 3000 once", {"one_off_cost": 3000}),
        ("maintenance: 2500", {"yearly_cost": 2500}),
    ],
)
def test_assumptions(text: str, answers: dict[str, object]) -> None:
    spoken = heard(text)
    assert spoken.answers == answers
    assert not spoken.uncertain


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("three people, two work together on each initiative", {"team_size": 3, "people_each": 2}),
        ("we are a team of six and start on 7 December", {"team_size": 6, "start_date": "2026-12-07"}),
        ("start 2027-01-11", {"start_date": "2027-01-11"}),
        ("we can begin January 4th", {"start_date": "2027-01-04"}),
        ("I1 takes 10 days, I2: 4.5 days, I3 20", {"effort_I1": 10, "effort_I2": 4.5, "effort_I3": 20}),
        ("ten days each", {f"effort_I{number}": 10 for number in range(1, 7)}),
        ("I3 not after I1; I4 after I2 and I3", {"order": "I3 not after I1; I4 after I2 and I3"}),
    ],
)
def test_plan(text: str, answers: dict[str, object]) -> None:
    spoken = heard(text, PLAN)
    assert spoken.answers == answers
    assert not spoken.uncertain


def test_a_number_without_a_cue_is_a_guess_only_where_one_question_is_open() -> None:
    known: dict[str, Any] = {item.name: 1 for item in MONEY if item.kind == "number" and item.name != "horizon"}
    spoken = answers_in("4", MONEY, known, TODAY)
    assert (spoken.answers, spoken.uncertain) == ({"horizon": 4}, ("horizon",))
    assert heard("4") == Spoken({}, (), ("4",))


def test_as_last_time_takes_what_is_offered_and_nothing_else() -> None:
    offered = assumption_questions(_ROADMAP, _OBJECTIVES, Earlier({"cost_per_day": 700, "horizon": 3}, "version 1"))
    assert heard("same as last time", offered, horizon=5).answers == {"cost_per_day": 700}


def test_words_without_a_value_answer_nothing() -> None:
    for text in ("hello", "what is the ROI?", "thanks a lot", "our customers pay late"):
        assert heard(text).answers == {}


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("must be live before June", "2027-05-31"),
        ("by the end of June 2027", "2027-06-30"),
        ("no later than 15 March", "2027-03-15"),
        ("before 24 December", "2026-12-23"),
        ("by 2027-02-28", "2027-02-28"),
        ("we start in June", None),
        ("by 31 February", None),
        ("the report covers June", None),
    ],
)
def test_deadlines_are_read_only_where_the_words_set_one(text: str, day: str | None) -> None:
    found = deadline_in(text, TODAY)
    assert (found.isoformat() if found else None) == day


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("our budget is 50k", 50_000),
        ("the budget is limited to €120,000 before June", 120_000),
        ("budget: 1.5 million", 1_500_000),
        ("the budget is tight", None),
        ("between 20k and 30k of budget", None),
        ("we have 50k customers", None),
    ],
)
def test_budgets_are_read_only_where_the_words_name_one_amount(text: str, amount: float | None) -> None:
    assert budget_in(text) == amount
