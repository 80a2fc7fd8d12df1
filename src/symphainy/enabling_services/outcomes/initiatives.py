"""From findings and gaps to initiatives, by rules; nothing becomes an initiative without a finding, a gap or a problem
in the data behind it.

| evidence                                             | kind of initiative | what it is for                              |
|------------------------------------------------------|--------------------|---------------------------------------------|
| rows that could not be read, problems in a file      | repair             | data that later work can rely on            |
| anomaly, correlation                                 | investigate        | the cause of what stands out                |
| trend, concentration, comparison                     | act                | a change of what the finding measures       |
| distribution                                         | act                | only if the finding recommends something    |
| gap: procedure and workflow disagree                 | decide             | which of both is right                      |
| gap: a step is missing in procedure or in workflow   | align              | one process, described once                 |
| blueprint that gives steps to AI or to both          | introduce          | the future process                          |

Findings of one kind about one table become one initiative, and so do gaps of one kind in one blueprint. A repair is
needed only of files that findings are computed from.

What comes after what, each with its reason: repair before whatever uses that file's rows; investigate before act on the
same table; decide before align, and both before introduce, within one blueprint.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from symphainy.enabling_services.outcomes.evidence import (
    Blueprint,
    DataFile,
    Evidence,
    Finding,
    FindingType,
    Gap,
    GapKind,
    Level,
    Source,
)
from symphainy.enabling_services.outcomes.figures import count, listed

MOST: Final = 12


class Kind(Enum):
    REPAIR = "repair"
    INVESTIGATE = "investigate"
    ACT = "act"
    DECIDE = "decide"
    ALIGN = "align"
    INTRODUCE = "introduce"


@dataclass(frozen=True, slots=True)
class Dependency:
    after: str
    reason: str


@dataclass(frozen=True, slots=True)
class Initiative:
    """`no` is its name in questions and documents (`I1`); `key` stays the same when findings are computed again.

    `subject` is what it works on: two initiatives of one subject depend on each other by the rules.
    """

    no: str
    key: str
    kind: Kind
    title: str
    why: str
    sources: tuple[Source, ...]
    weight: float
    subject: str
    recommendations: tuple[str, ...] = ()
    after: tuple[Dependency, ...] = ()


@dataclass(frozen=True, slots=True)
class Derived:
    """`left_out` are titles of initiatives beyond the limit: the least weighty ones."""

    initiatives: tuple[Initiative, ...]
    left_out: tuple[str, ...] = ()


_KIND_OF: Final = {
    FindingType.ANOMALY: Kind.INVESTIGATE,
    FindingType.CORRELATION: Kind.INVESTIGATE,
    FindingType.TREND: Kind.ACT,
    FindingType.CONCENTRATION: Kind.ACT,
    FindingType.COMPARISON: Kind.ACT,
    FindingType.DISTRIBUTION: Kind.ACT,
}
_VERB: Final = {
    FindingType.ANOMALY: "Find the cause of",
    FindingType.CORRELATION: "Find out what is behind",
    FindingType.TREND: "Act on the trend",
    FindingType.CONCENTRATION: "Act on the concentration",
    FindingType.COMPARISON: "Act on the difference",
    FindingType.DISTRIBUTION: "Act on the distribution",
}
_MANY: Final = {
    FindingType.ANOMALY: "anomalies",
    FindingType.CORRELATION: "correlations",
    FindingType.TREND: "trends",
    FindingType.CONCENTRATION: "concentrations",
    FindingType.COMPARISON: "differences",
    FindingType.DISTRIBUTION: "distributions",
}
_KIND_VERB: Final = {Kind.INVESTIGATE: "Find the causes of", Kind.ACT: "Act on"}
_GAP_KIND: Final = {
    GapKind.MISMATCH: Kind.DECIDE,
    GapKind.MISSING_IN_SOP: Kind.ALIGN,
    GapKind.MISSING_IN_WORKFLOW: Kind.ALIGN,
}
_TOLD: Final = 3
_WEIGHT: Final = {Level.HIGH: 1.0, Level.MEDIUM: 0.6, Level.LOW: 0.3}
_ORDER: Final = tuple(Kind)
_REASONS: Final = {
    (Kind.REPAIR, Kind.INVESTIGATE): "its numbers are computed from the rows that are repaired",
    (Kind.REPAIR, Kind.ACT): "its numbers are computed from the rows that are repaired",
    (Kind.INVESTIGATE, Kind.ACT): "the causes in the same table are known by then",
    (Kind.DECIDE, Kind.ALIGN): "which description is right is decided by then",
    (Kind.DECIDE, Kind.INTRODUCE): "which description is right is decided by then",
    (Kind.ALIGN, Kind.INTRODUCE): "procedure and workflow describe the same process by then",
}


def derive(evidence: Evidence) -> Derived:
    """The initiatives in the order of the kinds, the weightiest first, numbered from I1."""
    found = [*_repairs(evidence), *_from_findings(evidence), *_from_blueprints(evidence)]
    found.sort(key=lambda item: -item.weight)
    kept = sorted(found[:MOST], key=lambda item: (_ORDER.index(item.kind), -item.weight))
    numbered = [replace(item, no=f"I{number}") for number, item in enumerate(kept, 1)]
    return Derived(
        tuple(replace(item, after=tuple(_dependencies(item, numbered))) for item in numbered),
        tuple(item.title for item in found[MOST:]),
    )


def _repairs(evidence: Evidence) -> Iterator[Initiative]:
    used = {finding.file_id for finding in evidence.findings}
    for file in evidence.files:
        if file.source.id in used and (file.problem_count or file.rejected_rows):
            yield Initiative(
                "",
                f"repair:{file.source.id}",
                Kind.REPAIR,
                f"Repair the data of {file.source.name}",
                _data_problem(file),
                (file.source,),
                min(1.0, 0.5 + 0.1 * file.problem_count),
                file.source.id,
                file.problems,
            )


def _data_problem(file: DataFile) -> str:
    parts: list[str] = []
    if file.rejected_rows:
        parts.append(
            f"{count(file.rejected_rows, 'row')} could not be read beside {count(file.rows, 'row')} that could"
        )
    if file.problem_count:
        parts.append(
            f"{count(file.problem_count, 'problem')} in its data: {listed([_inside(problem) for problem in file.problems])}"
        )
    return "; ".join(parts) + "."


def _inside(problem: str) -> str:
    """A sentence as a part of one."""
    return problem.rstrip(".").replace("Column '", "column '", 1)


def _from_findings(evidence: Evidence) -> Iterator[Initiative]:
    groups: dict[tuple[str, str, FindingType], list[Finding]] = {}
    for finding in evidence.findings:
        if finding.type is not FindingType.DISTRIBUTION or finding.recommendation:
            groups.setdefault((finding.source.id, finding.table, finding.type), []).append(finding)
    for (artifact, table, type_), findings in groups.items():
        findings.sort(key=lambda item: -item.score)
        best = findings[0]
        file = evidence.file(best.file_id)
        where = file.source.name if file else best.source.name
        many = f"{_KIND_VERB[_KIND_OF[type_]]} {len(findings)} {_MANY[type_]} in {where}"
        yield Initiative(
            "",
            f"{type_.value}:{artifact}:{table}",
            _KIND_OF[type_],
            f"{_VERB[type_]}: {best.title}" if len(findings) == 1 else many,
            _said(findings),
            tuple(finding.source for finding in findings),
            best.score,
            f"{best.file_id}:{table}",
            tuple(finding.recommendation for finding in findings if finding.recommendation),
        )


def _said(findings: Sequence[Finding]) -> str:
    """The weightiest ones; where there are more, where to read them."""
    told = " ".join(finding.statement for finding in findings[:_TOLD])
    return told if len(findings) <= _TOLD else f"{told} The others stand in {findings[0].source.name}."


def _from_blueprints(evidence: Evidence) -> Iterator[Initiative]:
    for blueprint in evidence.blueprints:
        groups: dict[GapKind, list[Gap]] = {}
        for gap in blueprint.gaps:
            groups.setdefault(gap.kind, []).append(gap)
        for kind, gaps in groups.items():
            yield Initiative(
                "",
                f"{kind.value}:{blueprint.source.id}",
                _GAP_KIND[kind],
                _gap_title(kind, len(gaps), blueprint),
                " ".join(gap.statement for gap in gaps),
                tuple(gap.source for gap in gaps),
                max(_WEIGHT[gap.severity] for gap in gaps),
                blueprint.source.id,
                tuple(gap.recommendation for gap in gaps if gap.recommendation),
            )
        if blueprint.ai or blueprint.shared:
            yield _introduction(blueprint)


def _gap_title(kind: GapKind, gaps: int, blueprint: Blueprint) -> str:
    match kind:
        case GapKind.MISMATCH:
            return f"Decide {count(gaps, 'difference')} between procedure and workflow ({blueprint.title})"
        case GapKind.MISSING_IN_SOP:
            return f"Write {count(gaps, 'missing step')} into the procedure ({blueprint.title})"
        case GapKind.MISSING_IN_WORKFLOW:
            return f"Add {count(gaps, 'missing step')} to the workflow ({blueprint.title})"


def _introduction(blueprint: Blueprint) -> Initiative:
    steps = blueprint.ai + blueprint.shared
    return Initiative(
        "",
        f"introduce:{blueprint.source.id}",
        Kind.INTRODUCE,
        f"Introduce the future process ({blueprint.title})",
        f"The blueprint gives {count(blueprint.ai, 'step')} to AI and {count(blueprint.shared, 'step')} to people and AI "
        f"together, {steps} of {steps + blueprint.human}.",
        (blueprint.source,),
        0.5,
        blueprint.source.id,
    )


def _dependencies(item: Initiative, all_of_them: Iterable[Initiative]) -> Iterator[Dependency]:
    for other in all_of_them:
        reason = _REASONS.get((other.kind, item.kind))
        same = other.subject == item.subject or (
            other.kind is Kind.REPAIR and item.subject.startswith(f"{other.subject}:")
        )
        if reason is not None and same:
            yield Dependency(other.no, reason)
