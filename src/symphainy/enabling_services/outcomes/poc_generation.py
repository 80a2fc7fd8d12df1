"""POCGeneration: a proof-of-concept proposal from a roadmap, its evidence and assumptions that were asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from symphainy.enabling_services.errors import ServiceError
from symphainy.enabling_services.json_values import Json, JsonValue, decode, encode
from symphainy.enabling_services.operations.drawing import draw_svg
from symphainy.enabling_services.operations.process import Process
from symphainy.enabling_services.outcomes.evidence import ContextNote, Evidence, Finding, Level, Source
from symphainy.enabling_services.outcomes.figures import count, day, listed, money, number
from symphainy.enabling_services.outcomes.financials import Assumptions, Financials, evaluate
from symphainy.enabling_services.outcomes.initiatives import Kind
from symphainy.enabling_services.outcomes.roadmap import Planned, Risk, Roadmap

_NO: Final = re.compile(r"I\d+", re.IGNORECASE)
_SHARES: Final = ("share", "percent", "pct", "rate", "ratio")


@dataclass(frozen=True, slots=True)
class Measure:
    """What shows whether an objective is reached: a number of a finding, or the gaps of one kind that are open."""

    key: str
    name: str
    now: float
    source: Source


@dataclass(frozen=True, slots=True)
class Objective:
    """An initiative in scope, with the finding or gaps that it refers to. `numbers` and `chart` (Vega-Lite) are the
    finding's own; `diagram` (SVG) is of the process that is introduced."""

    initiative: str
    title: str
    why: str
    sources: tuple[Source, ...]
    numbers: JsonValue
    measure: Measure | None
    chart: JsonValue = None
    diagram: str | None = None


@dataclass(frozen=True, slots=True)
class Criterion:
    """Met when the measure is at the target. `target` None: it was not given, and agreeing on it is a next step."""

    measure: Measure
    target: float | None
    text: str


@dataclass(frozen=True, slots=True)
class Proposal:
    title: str
    summary: tuple[str, ...]
    objectives: tuple[Objective, ...]
    in_scope: tuple[str, ...]
    out_of_scope: tuple[str, ...]
    financials: Financials
    criteria: tuple[Criterion, ...]
    risks: tuple[Risk, ...]
    start: str
    finish: str
    initiatives: tuple[Planned, ...]
    context: tuple[ContextNote, ...]
    next_steps: tuple[str, ...]

    def to_json(self) -> Json:
        return encode(self)

    @classmethod
    def from_json(cls, data: Json) -> Self:
        return decode(cls, data)


@dataclass(frozen=True, slots=True)
class Answered:
    """What only the user can know. `scope` are numbers of initiatives; `targets` by the key of the measure."""

    scope: tuple[str, ...]
    currency: str
    cost_per_day: float
    one_off_cost: float
    yearly_cost: float
    yearly_benefit: float
    discount_rate: float
    horizon: int
    targets: Mapping[str, float]


class POCGeneration:
    name = "POCGeneration"

    def scope(self, roadmap: Roadmap, words: str) -> tuple[str, ...]:
        """The initiatives that `I1, I3` or `all` names, in the roadmap's order. Raises ServiceError
        `plan_not_possible`."""
        if words.strip().lower() in ("all", "all of them", "everything"):
            return tuple(item.no for item in roadmap.initiatives)
        named = [no.upper() for no in _NO.findall(words)]
        unknown = [no for no in named if roadmap.initiative(no) is None]
        if unknown or not named:
            known = listed([item.no for item in roadmap.initiatives])
            wrong = f"The roadmap has no {listed(unknown)}" if unknown else f"“{words.strip()}” names no initiative"
            raise ServiceError("plan_not_possible", f"{wrong}. It has {known}; write their numbers, or: all.")
        return tuple(item.no for item in roadmap.initiatives if item.no in named)

    def objectives(self, roadmap: Roadmap, evidence: Evidence, scope: Sequence[str]) -> tuple[Objective, ...]:
        """One for each initiative in scope, in the roadmap's order."""
        return tuple(_objective(item, evidence) for item in roadmap.initiatives if item.no in scope)

    def financials(self, roadmap: Roadmap, answered: Answered) -> Financials:
        effort = sum(item.effort for item in roadmap.initiatives if item.no in answered.scope)
        return evaluate(
            Assumptions(
                answered.currency,
                effort,
                answered.cost_per_day,
                answered.one_off_cost,
                answered.yearly_cost,
                answered.yearly_benefit,
                answered.discount_rate,
                answered.horizon,
            )
        )

    def propose(self, roadmap: Roadmap, evidence: Evidence, answered: Answered, financials: Financials) -> Proposal:
        """The same inputs give the same proposal."""
        chosen = [item for item in roadmap.initiatives if item.no in answered.scope]
        objectives = self.objectives(roadmap, evidence, answered.scope)
        criteria = tuple(_criteria(objectives, answered.targets))
        start, finish = min(item.start for item in chosen), max(item.finish for item in chosen)
        return Proposal(
            title="Proposal for a proof of concept",
            summary=tuple(_summary(chosen, evidence, financials, start, finish)),
            objectives=objectives,
            in_scope=tuple(f"{item.no} {item.title}" for item in chosen),
            out_of_scope=(
                *(f"{item.no} {item.title}" for item in roadmap.initiatives if item.no not in answered.scope),
                *roadmap.not_planned,
            ),
            financials=financials,
            criteria=criteria,
            risks=(*_budget_risks(evidence, financials), *_risks(roadmap, chosen)),
            start=start,
            finish=finish,
            initiatives=tuple(chosen),
            context=evidence.context,
            next_steps=tuple(_next_steps(chosen, criteria, roadmap)),
        )


def _objective(item: Planned, evidence: Evidence) -> Objective:
    findings = [finding for finding in evidence.findings if finding.source in item.sources]
    best = max(findings, key=lambda finding: finding.score, default=None)
    return Objective(
        initiative=item.no,
        title=item.title,
        why=item.why,
        sources=item.sources,
        numbers=best.numbers if best else {},
        measure=_measure(item, best, evidence),
        chart=next((finding.chart for finding in findings if finding.chart), None),
        diagram=_diagram(item, evidence),
    )


def _diagram(item: Planned, evidence: Evidence) -> str | None:
    blueprint = next((held for held in evidence.blueprints if held.source in item.sources), None)
    if item.kind is not Kind.INTRODUCE or blueprint is None or blueprint.future_process is None:
        return None
    return draw_svg(Process.from_json(blueprint.future_process))


def _measure(item: Planned, best: Finding | None, evidence: Evidence) -> Measure | None:
    """Of a finding: its share or rate where it has one, else its first number. Of gaps: how many are open. Of a repair:
    the rows that could not be read, or the problems."""
    if best is not None:
        numbers: dict[str, float] = {name: value for name, value in best.numbers.items() if _is_number(value)}
        name = next(
            (name for name in numbers if any(word in name.lower() for word in _SHARES)), next(iter(numbers), None)
        )
        return Measure(item.key, name.replace("_", " "), float(numbers[name]), best.source) if name else None
    if item.kind in (Kind.DECIDE, Kind.ALIGN):
        gaps = [gap for gap in evidence.gaps if gap.source in item.sources]
        return Measure(item.key, "open gaps", float(len(gaps)), item.sources[0]) if gaps else None
    if item.kind is Kind.REPAIR and (file := evidence.file(item.sources[0].id)):
        rejected = file.rejected_rows
        name, now = ("rows that cannot be read", rejected) if rejected else ("problems in the data", file.problem_count)
        return Measure(item.key, name, float(now), file.source)
    return None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _criteria(objectives: Sequence[Objective], targets: Mapping[str, float]) -> Iterator[Criterion]:
    for objective in objectives:
        measure = objective.measure
        if measure is None:
            continue
        target = targets.get(measure.key)
        begin = f"{objective.initiative}: {measure.name} from {number(measure.now)}"
        end = f"to {number(target)}" if target is not None else "to a target that was not given yet"
        yield Criterion(measure, target, f"{begin} {end}, measured as in {measure.source.name}.")


def _summary(
    chosen: Sequence[Planned], evidence: Evidence, financials: Financials, start: str, finish: str
) -> Iterator[str]:
    findings = [finding for finding in evidence.findings if any(finding.source in item.sources for item in chosen)]
    gaps = [gap for gap in evidence.gaps if any(gap.source in item.sources for item in chosen)]
    bases = [count(len(findings), "finding")] if findings else []
    bases += [count(len(gaps), "gap")] if gaps else []
    base = f" It rests on {listed(bases)}." if bases else ""
    yield f"{count(len(chosen), 'initiative')} from {day(start)} to {day(finish)}.{base}"
    currency, assumptions = financials.assumptions.currency, financials.assumptions
    yield (
        f"It takes {number(assumptions.effort)} person-days and {money(financials.investment, currency)}; "
        f"at {number(assumptions.discount_rate * 100)} % over {count(assumptions.horizon, 'year')} "
        f"its net present value is {money(financials.npv, currency)}."
    )
    if financials.npv < 0:
        yield (
            "With these assumptions it costs more than it brings. It breaks even at a yearly benefit of "
            f"{money(financials.break_even_benefit, currency)}."
        )


def _risks(roadmap: Roadmap, chosen: Sequence[Planned]) -> Iterator[Risk]:
    sources = {source for item in chosen for source in item.sources}
    numbers = {item.no for item in chosen}
    for risk in roadmap.risks:
        if risk.source is None or risk.source in sources or risk.treated_by in numbers:
            yield risk


def _budget_risks(evidence: Evidence, financials: Financials) -> Iterator[Risk]:
    currency = financials.assumptions.currency
    for note in evidence.context:
        if note.budget is not None and financials.investment > note.budget:
            over = money(financials.investment - note.budget, currency)
            yield Risk(f"The investment exceeds “{note.text}” by {over}.", Level.HIGH, note.source)


def _next_steps(chosen: Sequence[Planned], criteria: Sequence[Criterion], roadmap: Roadmap) -> Iterator[str]:
    for criterion in criteria:
        if criterion.target is None:
            yield f"Agree on a target for {criterion.measure.name} (now {number(criterion.measure.now)})."
    first = [item for item in chosen if item.begins == min(other.begins for other in chosen)]
    for item in first:
        yield f"Begin {item.no} {item.title} on {day(item.start)} with {count(roadmap.team.people_each, 'person', 'people')}."
    untreated = [risk for risk in roadmap.risks if risk.treated_by is None and risk.source is not None]
    for risk in untreated[:3]:
        yield f"Decide what to do about this risk, which nothing in the plan treats: {risk.statement}"
    yield "Approve this proposal, or change its assumptions and make its next version."
