"""What only the user can know, as forms; and the answers as the services take them.

A suggestion is the value of an earlier version of the same artifact, and says so; nothing is ever filled in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from symphainy.enabling_services.outcomes.figures import number
from symphainy.enabling_services.outcomes.initiatives import Derived, Initiative
from symphainy.enabling_services.outcomes.poc_generation import Answered, Objective, Proposal
from symphainy.enabling_services.outcomes.roadmap import Roadmap, Team
from symphainy.enabling_services.outcomes.roadmap_generation import PlanAnswers
from symphainy.questions import Question
from symphainy.session import JsonObject, JsonValue

PLAN_TITLE: Final = "Effort and team"
ASSUMPTIONS_TITLE: Final = "Scope, costs and benefits"
EFFORT: Final = "effort_"
TARGET: Final = "target_"
MOST_MONEY: Final = 1e12
MOST_DAYS: Final = 10_000
TITLE_CHARACTERS: Final = 90
IN_CURRENCY: Final = "in your currency"
"""The unit of an amount until its currency is known."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """Values that were answered before: by the question's name, and where they stand."""

    values: Mapping[str, JsonValue]
    source: str

    def on(self, question: Question) -> Question:
        value = self.values.get(question.name)
        return question if value in (None, "") else replace(question, suggestion=value, source=self.source)


NOTHING_EARLIER: Final = Earlier({}, "")


def plan_questions(derived: Derived, earlier: Earlier, problem: str | None = None) -> list[Question]:
    """Team and start, then the effort of each initiative, then their order. `problem` says why they are asked again."""
    team = [
        Question("team_size", "How many people work on it in all?", "number", unit="people", minimum=1, maximum=1000),
        Question(
            "people_each",
            "How many of them work together on one initiative?",
            "number",
            unit="people",
            minimum=1,
            maximum=1000,
            help="The others work on other initiatives at the same time.",
        ),
        Question("start_date", "On which day can the work begin?", "date"),
    ]
    efforts = [_effort(item) for item in derived.initiatives]
    order = Question(
        "order",
        "Shall anything come in another order?",
        "text",
        required=False,
        help=f"{_order_help(derived.initiatives)} To change it, write for example: I3 after I1; I2 not after I1.",
    )
    return _with_problem([earlier.on(item) for item in (*team, *efforts, order)], problem)


def _effort(item: Initiative) -> Question:
    label = item.title if len(item.title) <= TITLE_CHARACTERS else item.title.split(" (")[0]
    label = label if len(label) <= TITLE_CHARACTERS else label[: TITLE_CHARACTERS - 1] + "…"
    return Question(
        f"{EFFORT}{item.no}",
        f"{item.no} {label}: how many person-days?",
        "number",
        unit="person-days",
        minimum=0,
        maximum=MOST_DAYS,
        help="0 leaves it out of the plan.",
    )


def _order_help(initiatives: Sequence[Initiative]) -> str:
    known = [f"{item.no} after {' and '.join(link.after for link in item.after)}" for item in initiatives if item.after]
    return f"By the rules: {'; '.join(known)}." if known else "By the rules none of them waits for another one."


def plan_answers(answers: JsonObject) -> PlanAnswers:
    efforts = {name.removeprefix(EFFORT): float(value) for name, value in answers.items() if name.startswith(EFFORT)}
    team = Team(int(answers["team_size"]), int(answers["people_each"]), str(answers["start_date"]))
    return PlanAnswers(team, efforts, str(answers.get("order") or ""))


def earlier_plan(roadmap: Roadmap, version: int, derived: Derived) -> Earlier:
    """An initiative is the same one if it comes from the same evidence, whatever its number."""
    efforts = {item.key: item.effort for item in roadmap.initiatives}
    values: dict[str, JsonValue] = {
        "team_size": roadmap.team.size,
        "people_each": roadmap.team.people_each,
        "start_date": roadmap.team.start_date,
        **{f"{EFFORT}{item.no}": efforts.get(item.key) for item in derived.initiatives},
    }
    return Earlier(values, f"your answer in roadmap version {version}")


def assumption_questions(
    roadmap: Roadmap, objectives: Sequence[Objective], earlier: Earlier, problem: str | None = None
) -> list[Question]:
    """Scope and money, then a target for each initiative that has a number to measure it by."""
    initiatives = "; ".join(f"{item.no} {item.title}" for item in roadmap.initiatives)
    money = [
        _amount("cost_per_day", "What does a person-day cost?"),
        _amount("one_off_cost", "Which other costs come once (licences, hardware, training)?"),
        _amount("yearly_cost", "What does running it cost a year?"),
        _amount("yearly_benefit", "What does it bring a year, with everything in scope in place?"),
    ]
    questions = [
        Question(
            "scope",
            "Which initiatives are part of the proof of concept?",
            "text",
            help=f"Their numbers, or: all. The roadmap has {initiatives}.",
        ),
        Question("currency", "In which currency do you answer?", "text", help="For example EUR or USD."),
        *money,
        Question("discount_rate", "Which discount rate do you use?", "number", unit="% a year", minimum=0, maximum=100),
        Question("horizon", "Over how many years is it judged?", "number", unit="years", minimum=1, maximum=30),
        *(_target(item) for item in objectives if item.measure is not None),
    ]
    return _with_problem([earlier.on(item) for item in questions], problem)


def _amount(name: str, label: str) -> Question:
    return Question(name, label, "number", unit=IN_CURRENCY, minimum=0, maximum=MOST_MONEY)


def _target(objective: Objective) -> Question:
    assert objective.measure is not None
    now = number(objective.measure.now)
    return Question(
        f"{TARGET}{objective.initiative}",
        f"{objective.initiative}: to what shall “{objective.measure.name}” change? It is {now} now.",
        "number",
        required=False,
        help="Without a target the proposal says that it has to be agreed on.",
    )


def assumptions(answers: JsonObject, scope: tuple[str, ...], objectives: Sequence[Objective]) -> Answered:
    targets = {
        item.measure.key: float(answers[name])
        for item in objectives
        if item.measure is not None and (name := f"{TARGET}{item.initiative}") in answers
    }
    return Answered(
        scope=scope,
        currency=str(answers["currency"]).strip(),
        cost_per_day=float(answers["cost_per_day"]),
        one_off_cost=float(answers["one_off_cost"]),
        yearly_cost=float(answers["yearly_cost"]),
        yearly_benefit=float(answers["yearly_benefit"]),
        discount_rate=float(answers["discount_rate"]) / 100,
        horizon=int(answers["horizon"]),
        targets=targets,
    )


def earlier_assumptions(proposal: Proposal, version: int, objectives: Sequence[Objective]) -> Earlier:
    given = proposal.financials.assumptions
    targets = {item.measure.key: item.target for item in proposal.criteria}
    values: dict[str, JsonValue] = {
        "currency": given.currency,
        "cost_per_day": given.cost_per_day,
        "one_off_cost": given.one_off_cost,
        "yearly_cost": given.yearly_cost,
        "yearly_benefit": given.yearly_benefit,
        "discount_rate": round(given.discount_rate * 100, 6),
        "horizon": given.horizon,
        **{f"{TARGET}{item.initiative}": targets.get(item.measure.key) for item in objectives if item.measure},
    }
    return Earlier(values, f"your answer in proposal version {version}")


def last_time(answers: JsonObject) -> Earlier:
    """For a form that is asked again because its answers do not go together."""
    return Earlier(answers, "your last answer")


def _with_problem(questions: list[Question], problem: str | None) -> list[Question]:
    if problem is None:
        return questions
    first, *rest = questions
    return [replace(first, help=f"{problem} {first.help or ''}".strip()), *rest]
