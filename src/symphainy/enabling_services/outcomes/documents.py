"""Summary, roadmap and proposal as reports for people. They say what the results say, and compute nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from symphainy.enabling_services.json_values import JsonValue
from symphainy.enabling_services.outcomes import pictures
from symphainy.enabling_services.outcomes.evidence import ContextNote, Source
from symphainy.enabling_services.outcomes.figures import count, day, listed, money, number, percent
from symphainy.enabling_services.outcomes.financials import Figure, Financials
from symphainy.enabling_services.outcomes.metrics import Summary
from symphainy.enabling_services.outcomes.poc_generation import Objective, Proposal
from symphainy.enabling_services.outcomes.roadmap import Planned, Risk, Roadmap
from symphainy.enabling_services.reports import Block, Facts, Heading, List, Paragraph, Picture, Report, Table
from symphainy.enabling_services.reports.report import Tone


def summary_report(summary: Summary, created_at: str) -> Report:
    blocks: list[Block] = []
    for area in summary.areas:
        blocks.append(Heading(area.label))
        blocks.append(List(area.sentences))
        if area.action:
            blocks.append(Paragraph(f"Next: {area.action}"))
        if area.figures:
            rows = tuple((item.label, number(item.value), _named(item.sources)) for item in area.figures)
            blocks.append(Table(("key figure", "value", "from"), rows, numeric=frozenset({1})))
    return Report(summary.title, created_at, tuple(blocks))


def roadmap_report(roadmap: Roadmap, created_at: str) -> Report:
    return Report(roadmap.title, created_at, tuple(_roadmap(roadmap)))


def _roadmap(roadmap: Roadmap) -> Iterator[Block]:
    yield Facts(
        (
            ("From", day(roadmap.start)),
            ("To", f"{day(roadmap.finish)}, {count(roadmap.working_days, 'working day')}"),
            ("Effort", f"{number(roadmap.effort)} person-days, as answered"),
            ("Critical path", " → ".join(roadmap.critical_path)),
        )
    )
    yield Picture(pictures.timeline_in_words(roadmap), svg=pictures.timeline(roadmap))
    yield Heading("Phases")
    for phase in roadmap.phases:
        yield Heading(f"Phase {phase.no}: {phase.title}", 2)
        yield Paragraph(f"{day(phase.start)} to {day(phase.finish)}: {listed(list(phase.initiatives))}.")
    yield Heading("Initiatives")
    yield _plan_table(roadmap.initiatives)
    for item in roadmap.initiatives:
        yield from _initiative(item)
    yield Heading("Milestones")
    milestones = tuple((day(item.date), item.title) for item in roadmap.milestones)
    yield Table(("date", "milestone"), milestones)
    yield from _risks(roadmap.risks)
    if roadmap.not_planned:
        yield Heading("Not planned")
        yield List(roadmap.not_planned)
    yield Heading("How this was planned")
    yield List(roadmap.rules)


def _plan_table(initiatives: Sequence[Planned]) -> Table:
    rows = tuple(
        (item.no, item.title, number(item.effort), day(item.start), day(item.finish), "yes" if item.critical else "")
        for item in initiatives
    )
    columns = ("no.", "initiative", "person-days", "from", "to", "critical")
    return Table(columns, rows, numeric=frozenset({2}))


def _initiative(item: Planned) -> Iterator[Block]:
    yield Heading(f"{item.no} {item.title}", 2)
    yield Paragraph(item.why)
    if item.recommendations:
        yield List(item.recommendations)
    if item.after:
        yield List(tuple(f"After {dependency.after}: {dependency.reason}." for dependency in item.after))
    yield Paragraph(f"From {_named(item.sources)}.", Tone.NOTE)


def _risks(risks: Sequence[Risk]) -> Iterator[Block]:
    yield Heading("Risks")
    if not risks:
        yield Paragraph("The evidence and the plan show none of the risks that are looked for.")
        return
    rows = tuple(
        (
            risk.severity.value,
            risk.statement,
            risk.treated_by or "nothing yet",
            _named((risk.source,)) if risk.source else "the plan",
        )
        for risk in risks
    )
    yield Table(("severity", "risk", "treated by", "from"), rows)


def proposal_report(proposal: Proposal, assumed: Mapping[str, str], created_at: str) -> Report:
    """`assumed` says of each answered assumption where its value comes from: `answered on 25 Nov 2026`."""
    return Report(proposal.title, created_at, tuple(_proposal(proposal, assumed)))


def _proposal(proposal: Proposal, assumed: Mapping[str, str]) -> Iterator[Block]:
    yield from (Paragraph(sentence) for sentence in proposal.summary)
    yield Heading("Objectives")
    for objective in proposal.objectives:
        yield from _objective(objective)
    yield Heading("Scope")
    yield Heading("In scope", 2)
    yield List(proposal.in_scope)
    yield Heading("Not in scope", 2)
    yield List(proposal.out_of_scope) if proposal.out_of_scope else Paragraph("Nothing of the roadmap is left out.")
    yield from _context(proposal.context)
    yield Heading("Timeline")
    yield Paragraph(f"{day(proposal.start)} to {day(proposal.finish)}, as in the roadmap.")
    yield _plan_table(proposal.initiatives)
    yield from _money(proposal.financials, assumed)
    yield Heading("Success criteria")
    if proposal.criteria:
        yield List(tuple(criterion.text for criterion in proposal.criteria))
    else:
        yield Paragraph("What is in scope has no number to measure success by.")
    yield from _risks(proposal.risks)
    yield Heading("Next steps")
    yield List(proposal.next_steps, numbered=True)


def _objective(objective: Objective) -> Iterator[Block]:
    yield Heading(f"{objective.initiative} {objective.title}", 2)
    yield Paragraph(objective.why)
    if objective.numbers:
        yield Facts(tuple((name.replace("_", " "), _value(value)) for name, value in objective.numbers.items()))
    if objective.chart:
        yield Picture(objective.why, chart=objective.chart)
    if objective.diagram:
        yield Picture(f"Diagram of the future process. {objective.why}", svg=objective.diagram)
    yield Paragraph(f"From {_named(objective.sources)}.", Tone.NOTE)


def _value(value: JsonValue) -> str:
    return number(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _context(context: Sequence[ContextNote]) -> Iterator[Block]:
    if context:
        yield Heading("What you told us")
        yield List(tuple(note.text for note in context))


def _money(financials: Financials, assumed: Mapping[str, str]) -> Iterator[Block]:
    given, currency = financials.assumptions, financials.assumptions.currency
    yield Heading("Costs and benefits")
    yield Heading("Assumptions", 2)
    rows = (
        ("Person-days in scope", number(given.effort), assumed.get("effort", "")),
        ("Cost of a person-day", f"{number(given.cost_per_day)} {currency}", assumed.get("cost_per_day", "")),
        ("One-off cost", f"{number(given.one_off_cost)} {currency}", assumed.get("one_off_cost", "")),
        ("Yearly cost", f"{number(given.yearly_cost)} {currency}", assumed.get("yearly_cost", "")),
        ("Yearly benefit", f"{number(given.yearly_benefit)} {currency}", assumed.get("yearly_benefit", "")),
        ("Discount rate", f"{number(given.discount_rate * 100)} %", assumed.get("discount_rate", "")),
        ("Horizon", count(given.horizon, "year"), assumed.get("horizon", "")),
    )
    yield Table(("assumption", "value", "from"), rows, numeric=frozenset({1}))
    yield Heading("Results", 2)
    yield Facts(
        (
            ("Investment", money(financials.investment, currency)),
            ("Net present value (NPV)", money(financials.npv, currency)),
            ("Internal rate of return (IRR)", figure_text(financials.irr, percent)),
            ("Payback", figure_text(financials.payback, years)),
            ("Return on investment (ROI)", figure_text(financials.roi, percent)),
            ("Yearly benefit at which the NPV is 0", money(financials.break_even_benefit, currency)),
        )
    )
    yield Picture(pictures.cash_flow_in_words(financials), chart=pictures.cash_flow(financials))
    rows = tuple(
        (
            str(item.year),
            *(
                f"{round(amount):,}"
                for amount in (item.benefit, item.cost, item.flow, item.discounted, item.cumulative)
            ),
        )
        for item in financials.years
    )
    columns = ("year", "benefit", "cost", "flow", "discounted", "added up")
    yield Table(columns, rows, f"Cash flow in {currency}", frozenset(range(6)))
    if financials.sensitivity:
        yield Heading("Sensitivity", 2)
        yield Picture(pictures.tornado_in_words(financials), chart=pictures.tornado(financials))
    yield Paragraph(
        "Investment = person-days * cost of a person-day + one-off cost, all in year 0. From year 1: benefit - cost. "
        "NPV = sum of flow / (1 + rate)^year. IRR is the rate at which the NPV is 0. Payback: years until the flows add "
        "up to 0, not discounted. ROI = (flows from year 1 - investment) / investment. Without taxes and inflation.",
        Tone.NOTE,
    )


def figure_text(figure: Figure, words: Callable[[float], str]) -> str:
    return words(figure.value) if figure.value is not None else f"none: {figure.undefined}"


def years(value: float) -> str:
    return f"{value:,.1f} years"


def _named(sources: Sequence[Source]) -> str:
    return listed(list(dict.fromkeys(source.name for source in sources)))
