"""Risks read off the evidence and the plan. Each rule names what it looks at; where nothing is found there is no risk.

- rows of a used file that could not be read: high from 5 % of its rows, else medium
- problems in the data of a used file: medium
- a finding computed from fewer than 30 rows: medium
- a gap of high severity: high
- nothing known about procedures and workflow, or nothing about data: medium
- a deadline of the user that the plan misses: high
- everything waits for one team: low
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from symphainy.enabling_services.outcomes.evidence import DataFile, Evidence, Level, Source
from symphainy.enabling_services.outcomes.figures import count, percent
from symphainy.enabling_services.outcomes.initiatives import Kind
from symphainy.enabling_services.outcomes.roadmap import Milestone, Planned, Risk, Team

REJECTED_HIGH: Final = 0.05
FEW_ROWS: Final = 30
_ORDER: Final = (Level.HIGH, Level.MEDIUM, Level.LOW)


def risks_of(
    evidence: Evidence, planned: Sequence[Planned], milestones: Sequence[Milestone], team: Team
) -> tuple[Risk, ...]:
    """The gravest first."""
    found = [
        *_of_data(evidence, planned),
        *_of_findings(evidence, planned),
        *_of_gaps(evidence, planned),
        *_of_missing_areas(evidence),
        *_of_plan(planned, milestones, team),
    ]
    return tuple(sorted(found, key=lambda risk: _ORDER.index(risk.severity)))


def _treating(planned: Sequence[Planned], source: Source, kind: Kind | None = None) -> str | None:
    return next((item.no for item in planned if source in item.sources and (kind is None or item.kind is kind)), None)


def _of_data(evidence: Evidence, planned: Sequence[Planned]) -> Iterator[Risk]:
    used = {finding.file_id for finding in evidence.findings}
    for file in evidence.files:
        if file.source.id not in used:
            continue
        repair = _treating(planned, file.source, Kind.REPAIR)
        if file.rejected_rows:
            yield _rejected(file, repair)
        if file.problem_count:
            problems = " ".join(file.problems[:2])
            problem = f"{count(file.problem_count, 'problem')} in the data of {file.source.name}"
            statement = f"{problem} may distort what was found in it. {problems}"
            yield Risk(statement, Level.MEDIUM, file.source, repair)


def _rejected(file: DataFile, repair: str | None) -> Risk:
    share = file.rejected_rows / (file.rejected_rows + file.rows)
    rows = f"{count(file.rejected_rows, 'row')} of {file.source.name} ({percent(share)})"
    statement = f"{rows} could not be read, so the findings do not count them."
    return Risk(statement, Level.HIGH if share >= REJECTED_HIGH else Level.MEDIUM, file.source, repair)


def _of_findings(evidence: Evidence, planned: Sequence[Planned]) -> Iterator[Risk]:
    for finding in evidence.findings:
        treated = _treating(planned, finding.source)
        if finding.rows < FEW_ROWS and treated is not None:
            statement = (
                f"“{finding.title}” is computed from {count(finding.rows, 'row')} only; more data may change it."
            )
            yield Risk(statement, Level.MEDIUM, finding.source, treated)


def _of_gaps(evidence: Evidence, planned: Sequence[Planned]) -> Iterator[Risk]:
    for gap in evidence.gaps:
        if gap.severity is Level.HIGH:
            yield Risk(gap.statement, Level.HIGH, gap.source, _treating(planned, gap.source))


def _of_missing_areas(evidence: Evidence) -> Iterator[Risk]:
    if not evidence.blueprints:
        yield Risk(
            "Procedure and workflow were not compared, so the plan knows nothing of gaps between them.",
            Level.MEDIUM,
            None,
        )
    if not evidence.findings:
        yield Risk("No data was analysed in Insights, so the plan rests on process gaps alone.", Level.MEDIUM, None)


def _of_plan(planned: Sequence[Planned], milestones: Sequence[Milestone], team: Team) -> Iterator[Risk]:
    for milestone in milestones:
        if milestone.met is False:
            yield Risk(f"The plan ends after the date you named: {milestone.title}.", Level.HIGH, None)
    if team.places == 1 and len(planned) > 1:
        yield Risk(
            "One group of people does everything, one initiative after the other: whatever delays one delays all after it.",
            Level.LOW,
            None,
        )
