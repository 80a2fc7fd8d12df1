"""What the liaison says of a roadmap and a proposal: read off the artifact, with the formula and the inputs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from symphainy.agents.answers import Answer, open_area
from symphainy.agents.wording import bullets, plain
from symphainy.artifacts import Artifact
from symphainy.domains.business_outcomes.reports import about, ask, open_artifact, start
from symphainy.enabling_services.outcomes.documents import figure_text, years
from symphainy.enabling_services.outcomes.evidence import ContextNote, Evidence
from symphainy.enabling_services.outcomes.figures import count, day, money, number, percent
from symphainy.enabling_services.outcomes.financials import Financials
from symphainy.enabling_services.outcomes.metrics import KeyFigure, Summary
from symphainy.enabling_services.outcomes.poc_generation import Proposal
from symphainy.enabling_services.outcomes.roadmap import Phase, Planned, Risk, Roadmap
from symphainy.session import Action, JsonObject

SHOWN: Final = 6
_PHASE: Final = re.compile(r"\bphase\s+(\d+|one|two|three|four|five|six|last|first|second|third)\b", re.IGNORECASE)
_NUMBERS: Final = {"one": 1, "first": 1, "two": 2, "second": 2, "three": 3, "third": 3, "four": 4, "five": 5, "six": 6}
_INITIATIVE: Final = re.compile(r"\bI\d+\b", re.IGNORECASE)


def no_roadmap() -> Answer:
    text = "There is no roadmap in this session yet. I make one from the findings and gaps, and ask you for the effort."
    return Answer(text, (start("Create a roadmap", "generate_strategic_roadmap"),))


def no_proposal() -> Answer:
    text = (
        "There is no proposal in this session yet, so there are no costs and benefits: I compute them from assumptions "
        "that I ask you for."
    )
    return Answer(text, (start("Write the proposal", "generate_poc_proposal"),))


def summaries(summary: Summary, evidence: Evidence) -> Answer:
    """The three areas with their numbers; where one has no result, what to do."""
    parts: list[str] = []
    sources: list[JsonObject] = []
    actions: list[Action] = []
    for area in summary.areas:
        lines = [plain(sentence) for sentence in area.sentences[:SHOWN]]
        if more := len(area.sentences) - len(lines):
            lines.append(f"and {count(more, 'more line')} in the summary")
        parts.append(f"**{area.label}**\n\n{bullets(lines)}")
        if area.action:
            parts[-1] += f"\n\nNext: {area.action}"
            actions.append(open_area(f"Open {area.label}", area.area))
        sources += [_cited(source.kind, source.id, source.name, source.artifact_kind) for source in area.sources]
    found = {
        "kind": "session",
        "facts": {"files": len(evidence.files), "findings": len(evidence.findings), "gaps": len(evidence.gaps)},
    }
    document = start("Make it a document", "summarize_areas")
    unique = list({str(item): item for item in sources}.values())
    facts = [{"kind": "session", "facts": {"sentences": [list(area.sentences) for area in summary.areas]}}]
    return Answer("\n\n".join(parts), (document, *actions), (found, *facts, *unique))


def _cited(kind: str, id_: str, name: str, artifact_kind: str | None) -> JsonObject:
    if kind == "file":
        return {"kind": "file", "file_id": id_, "name": name, "facts": {}}
    return {"kind": "artifact", "artifact_id": id_, "artifact_kind": artifact_kind, "name": name, "facts": {}}


def key_figures(figures: Sequence[KeyFigure]) -> Answer:
    lines = [f"{plain(item.label)}: {number(item.value)} {item.unit}".rstrip() for item in figures]
    facts = tuple(
        {
            **_cited(item.sources[0].kind, item.sources[0].id, item.sources[0].name, item.sources[0].artifact_kind),
            "facts": {item.key: item.value},
        }
        for item in figures
        if item.sources
    )
    text = f"The key figures of this session:\n\n{bullets(lines)}"
    return Answer(text, (start("Keep them as a result", "calculate_kpis"),), facts)


def roadmap(artifact: Artifact, made: Roadmap) -> Answer:
    lines = [f"Phase {phase.no}: {phase.title}, {_span(phase)}" for phase in made.phases]
    text = (
        f"The **roadmap** (version {artifact.version}) runs from {day(made.start)} to {day(made.finish)}: "
        f"{count(len(made.initiatives), 'initiative')}, {number(made.effort)} person-days.\n\n{bullets(lines)}"
    )
    again = start("Make a new version", "generate_strategic_roadmap")
    return Answer(
        text,
        (open_artifact(artifact), again, ask("Critical path", "What is the critical path?")),
        _plan_facts(artifact, made),
    )


def proposal(artifact: Artifact, made: Proposal) -> Answer:
    text = f"The **proposal** (version {artifact.version}): {' '.join(made.summary)}"
    again = start("Make a new version", "generate_poc_proposal")
    actions = (open_artifact(artifact), again, ask("Costs and benefits", "What are the costs and the benefits?"))
    return Answer(text, actions, (about(artifact, summary=list(made.summary)),))


def financials(artifact: Artifact, made: Proposal) -> Answer:
    """Each figure with its formula and the numbers put into it."""
    found = made.financials
    given, currency = found.assumptions, found.assumptions.currency
    net = money(given.yearly_net, currency)
    lines = [
        f"Investment: {number(given.effort)} person-days * {number(given.cost_per_day)} + {number(given.one_off_cost)} "
        f"one-off = **{money(found.investment, currency)}**",
        f"Every year: {money(given.yearly_benefit, currency)} benefit - {money(given.yearly_cost, currency)} cost = {net}",
        f"ROI: ({number(given.horizon)} * {net} - {money(found.investment, currency)}) / {money(found.investment, currency)} = "
        f"**{figure_text(found.roi, percent)}**",
        f"NPV at {number(given.discount_rate * 100)} % over {count(given.horizon, 'year')}: **{money(found.npv, currency)}**",
        f"IRR: **{figure_text(found.irr, percent)}**",
        f"Payback: {money(found.investment, currency)} / {net} a year = **{figure_text(found.payback, years)}**",
    ]
    text = f"From the assumptions in proposal version {artifact.version}:\n\n{bullets(lines)}"
    if found.npv < 0:
        text += f"\n\nIt breaks even at a yearly benefit of {money(found.break_even_benefit, currency)}."
    again = start("Change the assumptions", "generate_poc_proposal")
    return Answer(text, (open_artifact(artifact), again), (about(artifact, **_money_facts(found)),))


def _money_facts(found: Financials) -> dict[str, object]:
    given = found.assumptions
    return {
        "effort": given.effort,
        "cost_per_day": given.cost_per_day,
        "one_off_cost": given.one_off_cost,
        "yearly_benefit": given.yearly_benefit,
        "yearly_cost": given.yearly_cost,
        "yearly_net": given.yearly_net,
        "discount_rate_percent": given.discount_rate * 100,
        "horizon": given.horizon,
        "investment": found.investment,
        "npv": found.npv,
        "irr_percent": None if found.irr.value is None else found.irr.value * 100,
        "payback": found.payback.value,
        "roi_percent": None if found.roi.value is None else found.roi.value * 100,
        "break_even_benefit": found.break_even_benefit,
    }


def critical_path(artifact: Artifact, made: Roadmap) -> Answer:
    lines: list[str] = []
    for no in made.critical_path:
        if item := made.initiative(no):
            why = f", after {item.waited_for}: {item.waited_because}" if item.waited_for else ""
            lines.append(f"{item.no} {plain(item.title)}: {day(item.start)} to {day(item.finish)}{why}")
    text = (
        f"The critical path decides that the plan takes {count(made.working_days, 'working day')}, until {day(made.finish)}:"
        f"\n\n{bullets(lines)}\n\nWhatever delays one of these delays the end."
    )
    return Answer(text, (open_artifact(artifact),), _plan_facts(artifact, made))


def dates(artifact: Artifact, made: Roadmap, words: str) -> Answer:
    """Of the phase or the initiative that the words name; else the milestones."""
    if (phase := _phase_in(made, words)) is not None:
        if isinstance(phase, str):
            text = f"The roadmap has no phase {phase}: it has {count(len(made.phases), 'phase')}."
        else:
            held = f"{count(len(phase.initiatives), 'initiative')}: {', '.join(phase.initiatives)}"
            text = f"**Phase {phase.no}** ({phase.title}) starts on {day(phase.start)} and ends on {day(phase.finish)}. It has {held}."
        return Answer(text, (open_artifact(artifact),), _plan_facts(artifact, made))
    named = [item for no in _INITIATIVE.findall(words) if (item := made.initiative(no.upper()))]
    if named:
        lines = [f"{item.no} {plain(item.title)}: {day(item.start)} to {day(item.finish)}" for item in named]
        return Answer(bullets(lines), (open_artifact(artifact),), _plan_facts(artifact, made))
    lines = [f"{day(item.date)}: {plain(item.title)}" for item in made.milestones]
    text = f"The plan starts on {day(made.start)} and ends on {day(made.finish)}. Its milestones:\n\n{bullets(lines)}"
    return Answer(text, (open_artifact(artifact),), _plan_facts(artifact, made))


def _phase_in(made: Roadmap, words: str) -> Phase | str | None:
    found = _PHASE.search(words)
    if found is None:
        return None
    word = found.group(1).lower()
    wanted = len(made.phases) if word == "last" else _NUMBERS.get(word) or int(word)
    return next((phase for phase in made.phases if phase.no == wanted), str(wanted))


def risks(artifact: Artifact, found: Sequence[Risk]) -> Answer:
    if not found:
        return Answer("The evidence and the plan show none of the risks that I look for.", (open_artifact(artifact),))
    lines = [
        f"**{risk.severity.value}**: {plain(risk.statement)} "
        + (f"Treated by {risk.treated_by}." if risk.treated_by else "Nothing in the plan treats it.")
        for risk in found[:SHOWN]
    ]
    text = f"{count(len(found), 'risk')}, the gravest first:\n\n{bullets(lines)}"
    if more := len(found) - len(lines):
        text += f"\n\nAnd {more} more in the document."
    facts = about(
        artifact, risks=len(found), more=len(found) - len(lines), statements=[risk.statement for risk in found]
    )
    return Answer(text, (open_artifact(artifact),), (facts,))


def exports(artifacts: Sequence[Artifact]) -> Answer:
    if not artifacts:
        text = "There is no document to download yet: no summary, no roadmap and no proposal was made."
        return Answer(text, (start("Create a roadmap", "generate_strategic_roadmap"),))
    lines = [f"{plain(item.name)}, version {item.version}: Word and Markdown" for item in artifacts]
    text = f"Open one and choose a format under its title:\n\n{bullets(lines)}"
    return Answer(text, tuple(open_artifact(item) for item in artifacts), tuple(about(item) for item in artifacts))


def context(notes: Sequence[ContextNote]) -> Answer:
    if not notes:
        return Answer(
            "You have told me nothing about the circumstances yet. Say for example: we must be live before June."
        )
    facts = {"kind": "session", "facts": {"context": [note.text for note in notes]}}
    text = f"You told me:\n\n{bullets([plain(note.text) for note in notes])}\n\nOn the area's page each can be removed."
    return Answer(text, (open_area("Open Business Outcomes", "business_outcomes"),), (facts,))


def context_added(note: ContextNote) -> Answer:
    text = f"Noted: “{plain(note.text)}”. It is shown in the next version of the proposal"
    if note.deadline:
        text += f", and the roadmap is checked against {day(note.deadline)}"
    if note.budget is not None:
        text += f", and the investment is checked against {number(note.budget)}"
    facts = {"kind": "session", "facts": {"text": note.text, "deadline": note.deadline, "budget": note.budget}}
    return Answer(text + ".", (ask("What do you know?", "What have I told you so far?"),), (facts,))


def _plan_facts(artifact: Artifact, made: Roadmap) -> tuple[JsonObject, ...]:
    def brief(item: Planned) -> JsonObject:
        return {"no": item.no, "title": item.title, "start": item.start, "finish": item.finish, "effort": item.effort}

    return (
        about(
            artifact,
            start=made.start,
            finish=made.finish,
            working_days=made.working_days,
            effort=made.effort,
            phases=[{"no": phase.no, "start": phase.start, "finish": phase.finish} for phase in made.phases],
            initiatives=[brief(item) for item in made.initiatives],
            milestones=[{"date": item.date, "title": item.title} for item in made.milestones],
            counts=[len(made.initiatives), *(len(phase.initiatives) for phase in made.phases)],
        ),
    )


def _span(phase: Phase) -> str:
    return f"{day(phase.start)} to {day(phase.finish)}"
