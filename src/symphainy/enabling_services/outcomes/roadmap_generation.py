"""RoadmapGeneration: from evidence and the team's own answers to a dated plan."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from symphainy.enabling_services.errors import ServiceError
from symphainy.enabling_services.outcomes.evidence import Evidence
from symphainy.enabling_services.outcomes.figures import count, day, listed
from symphainy.enabling_services.outcomes.initiatives import Dependency, Derived, Initiative, Kind, derive
from symphainy.enabling_services.outcomes.risks import risks_of
from symphainy.enabling_services.outcomes.roadmap import Milestone, Phase, Planned, Roadmap, Team
from symphainy.enabling_services.outcomes.scheduling import (
    Slot,
    Task,
    days_of_work,
    schedule,
    working_day,
    working_days_between,
)

_CHANGE: Final = re.compile(
    r"\b(I\d+)\s+(not\s+after|after)\s+(I\d+\b(?:\s*(?:,|and)\s*I\d+\b(?!\s+(?:not\s+)?after))*)", re.IGNORECASE
)
_NO: Final = re.compile(r"I\d+", re.IGNORECASE)
_IN_WORDS: Final = {
    Kind.REPAIR: "repair data",
    Kind.INVESTIGATE: "find causes",
    Kind.ACT: "act on findings",
    Kind.DECIDE: "decide differences",
    Kind.ALIGN: "align procedure and workflow",
    Kind.INTRODUCE: "introduce the future process",
}
ASKED_FOR: Final = "you asked for it"


@dataclass(frozen=True, slots=True)
class PlanAnswers:
    """What only the user can know. `efforts` are person-days by initiative number; 0 leaves an initiative out.

    `changes` are the user's own words about what comes after what: `I3 after I1; I4 not after I2`.
    """

    team: Team
    efforts: Mapping[str, float]
    changes: str = ""


class RoadmapGeneration:
    name = "RoadmapGeneration"

    def derive(self, evidence: Evidence) -> Derived:
        """The initiatives that follow from the evidence. Raises ServiceError `nothing_to_build_on`."""
        derived = derive(evidence)
        if not derived.initiatives:
            raise ServiceError(
                "nothing_to_build_on",
                "There is nothing to build a roadmap on: this session has no findings that call for work and no gaps "
                "between a procedure and its workflow. Analyse a file in Insights, or compare a procedure with its "
                "workflow in Operations, and start again.",
            )
        return derived

    def plan(self, derived: Derived, evidence: Evidence, answers: PlanAnswers) -> Roadmap:
        """The same inputs give the same plan.

        Raises ServiceError `dependency_cycle` (names it), `plan_not_possible` (says which answer cannot be planned
        with).
        """
        team = answers.team
        if team.places < 1:
            raise ServiceError(
                "plan_not_possible",
                f"{team.people_each} people are to work on one initiative, but the team has {team.size}.",
            )
        initiatives = changed(derived.initiatives, answers.changes)
        kept = [item for item in initiatives if answers.efforts[item.no] > 0]
        if not kept:
            raise ServiceError(
                "plan_not_possible", "Every initiative was left out (0 person-days), so there is no plan."
            )
        tasks = [
            Task(
                item.no,
                days_of_work(answers.efforts[item.no], team.people_each),
                {dependency.after: dependency.reason for dependency in item.after},
            )
            for item in kept
        ]
        slots = {slot.name: slot for slot in schedule(tasks, team.places)}
        return _roadmap(kept, slots, evidence, answers, _not_planned(derived, initiatives, answers))


def changed(initiatives: Sequence[Initiative], changes: str) -> tuple[Initiative, ...]:
    """The initiatives with the user's changes of their order. Raises ServiceError `plan_not_possible` for words that are
    not understood or numbers that do not exist."""
    rest = _CHANGE.sub("", changes)
    if re.sub(r"[\s,.;]|\band\b", "", rest):
        raise ServiceError(
            "plan_not_possible",
            f"I did not understand “{rest.strip(' ,.;')}”. Write it like: I3 after I1; I4 not after I2.",
        )
    found = {item.no: item for item in initiatives}
    for match in _CHANGE.finditer(changes):
        no, word, others = match.group(1).upper(), match.group(2).lower(), _NO.findall(match.group(3).upper())
        unknown = [name for name in (no, *others) if name not in found]
        if unknown:
            raise ServiceError("plan_not_possible", f"There is no initiative {listed(unknown)}.")
        kept = tuple(item for item in found[no].after if item.after not in others)
        added = () if word.startswith("not") else tuple(Dependency(other, ASKED_FOR) for other in others)
        found[no] = replace(found[no], after=(*kept, *added))
    return tuple(found.values())


def _not_planned(derived: Derived, initiatives: Sequence[Initiative], answers: PlanAnswers) -> tuple[str, ...]:
    zero = [
        f"{item.no} {item.title} (0 person-days were given)" for item in initiatives if not answers.efforts[item.no]
    ]
    return (*zero, *(f"{title} (beyond the {len(initiatives)} weightiest)" for title in derived.left_out))


def _roadmap(
    kept: Sequence[Initiative],
    slots: Mapping[str, Slot],
    evidence: Evidence,
    answers: PlanAnswers,
    not_planned: tuple[str, ...],
) -> Roadmap:
    team = answers.team
    start = working_day(date.fromisoformat(team.start_date), 0)
    levels = sorted({slot.level for slot in slots.values()})
    planned = tuple(
        sorted(
            (_planned(item, slots[item.no], answers, start, levels.index(slots[item.no].level) + 1) for item in kept),
            key=lambda item: (item.begins, item.days, item.no),
        )
    )
    working_days = max(slot.ends for slot in slots.values())
    finish = working_day(start, working_days - 1)
    milestones = tuple(sorted(_milestones(planned, slots, evidence, finish), key=lambda item: item.date))
    critical = sorted((slot for slot in slots.values() if slot.critical), key=lambda slot: slot.begins)
    return Roadmap(
        title="Roadmap",
        team=team,
        start=start.isoformat(),
        finish=finish.isoformat(),
        working_days=working_days,
        effort=sum(item.effort for item in planned),
        initiatives=planned,
        phases=tuple(_phases(planned, len(levels))),
        milestones=milestones,
        critical_path=tuple(slot.name for slot in critical),
        risks=risks_of(evidence, planned, milestones, team),
        rules=_rules(team),
        not_planned=not_planned,
    )


def _planned(item: Initiative, slot: Slot, answers: PlanAnswers, start: date, phase: int) -> Planned:
    return Planned(
        no=item.no,
        key=item.key,
        kind=item.kind,
        title=item.title,
        why=item.why,
        sources=item.sources,
        recommendations=item.recommendations,
        after=tuple(dependency for dependency in item.after if answers.efforts[dependency.after] > 0),
        effort=answers.efforts[item.no],
        days=slot.ends - slot.begins,
        begins=slot.begins,
        start=working_day(start, slot.begins).isoformat(),
        finish=working_day(start, slot.ends - 1).isoformat(),
        phase=phase,
        critical=slot.critical,
        waited_for=slot.waited_for,
        waited_because=slot.waited_because,
    )


def _phases(planned: Sequence[Planned], phases: int) -> Iterator[Phase]:
    for no in range(1, phases + 1):
        items = [item for item in planned if item.phase == no]
        kinds = [_IN_WORDS[kind] for kind in Kind if any(item.kind is kind for item in items)]
        words = listed(kinds)
        yield Phase(
            no,
            f"{words[0].upper()}{words[1:]}",
            min(item.start for item in items),
            max(item.finish for item in items),
            tuple(item.no for item in items),
        )


def _milestones(
    planned: Sequence[Planned], slots: Mapping[str, Slot], evidence: Evidence, finish: date
) -> Iterator[Milestone]:
    for item in planned:
        lets = [other.no for other in planned if any(dependency.after == item.no for dependency in other.after)]
        if lets:
            yield Milestone(item.finish, "handover", f"{item.title}: done, {listed(lets)} can begin", (item.no, *lets))
    last = [item.no for item in planned if slots[item.no].ends == max(slot.ends for slot in slots.values())]
    yield Milestone(finish.isoformat(), "end", "Everything planned is done", tuple(last))
    for note in evidence.context:
        if note.deadline is not None:
            spare = working_days_between(finish, date.fromisoformat(note.deadline))
            met = finish <= date.fromisoformat(note.deadline)
            words = "to spare" if met else "too late"
            title = f"“{note.text}”: {count(abs(spare), 'working day')} {words}"
            yield Milestone(note.deadline, "deadline", title, tuple(last), met)


def _rules(team: Team) -> tuple[str, ...]:
    return (
        f"{count(team.people_each, 'person', 'people')} of {team.size} work on one initiative, so "
        f"{count(team.places, 'initiative')} can be worked on at the same time. It takes its person-days divided by "
        f"{team.people_each}, rounded up to working days.",
        "Where a place is free, the initiative with the longest chain of work behind it begins.",
        "Working days are Monday to Friday; holidays and absences are not known and not taken off.",
        f"The plan starts on {day(working_day(date.fromisoformat(team.start_date), 0).isoformat())}.",
        "A phase holds the initiatives that have equally many others before them in their longest chain.",
        "The critical path is the chain of waiting that decides the last day.",
    )
