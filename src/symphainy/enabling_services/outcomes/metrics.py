"""MetricsCalculator: key figures of a session, each with where it stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from symphainy.enabling_services.json_values import Json, decode, encode
from symphainy.enabling_services.outcomes.evidence import Evidence, FindingType, GapKind, Level, Source
from symphainy.enabling_services.outcomes.figures import count, listed, number
from symphainy.enabling_services.outcomes.financials import Financials
from symphainy.enabling_services.outcomes.roadmap import Roadmap


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """`sources` are the artifacts or files that it is counted or read from. Counted from nothing it is not there."""

    key: str
    area: str
    label: str
    value: float
    unit: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class AreaSummary:
    """What one area has to show: `ready` is False where it has no result, and `action` then says what to do."""

    area: str
    label: str
    ready: bool
    sentences: tuple[str, ...]
    figures: tuple[KeyFigure, ...]
    sources: tuple[Source, ...]
    action: str | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    title: str
    areas: tuple[AreaSummary, ...]

    def to_json(self) -> Json:
        return encode(self)

    @classmethod
    def from_json(cls, data: Json) -> Self:
        return decode(cls, data)


class MetricsCalculator:
    name = "MetricsCalculator"

    def key_figures(self, evidence: Evidence) -> tuple[KeyFigure, ...]:
        """Of content, insights and operations, in this order."""
        return (*_content(evidence), *_insights(evidence), *_operations(evidence))

    def summarize(self, evidence: Evidence) -> Summary:
        """The three areas, in the order of the journey."""
        figures = self.key_figures(evidence)

        def of(area: str) -> tuple[KeyFigure, ...]:
            return tuple(figure for figure in figures if figure.area == area)

        return Summary(
            "What the areas found",
            (
                _content_summary(evidence, of("content")),
                _insights_summary(evidence, of("insights")),
                _operations_summary(evidence, of("operations")),
            ),
        )


def _content(evidence: Evidence) -> Iterator[KeyFigure]:
    if not evidence.files:
        return
    sources = tuple(file.source for file in evidence.files)
    parsed = [file for file in evidence.files if file.status == "parsed"]
    yield KeyFigure("files", "content", "files", len(evidence.files), "", sources)
    yield KeyFigure("files_parsed", "content", "files analysed", len(parsed), "", tuple(file.source for file in parsed))
    for key, label, pick in (
        ("rows", "rows read", "rows"),
        ("rejected_rows", "rows that could not be read", "rejected_rows"),
        ("problems", "problems in the data", "problem_count"),
    ):
        counted = [file for file in parsed if getattr(file, pick)]
        total = sum(getattr(file, pick) for file in counted)
        if parsed:
            used = tuple(file.source for file in counted or parsed)
            yield KeyFigure(key, "content", label, total, "", used)


def _insights(evidence: Evidence) -> Iterator[KeyFigure]:
    if not evidence.summaries and not evidence.findings:
        return
    sources = tuple(dict.fromkeys(item.source for item in evidence.summaries))
    yield KeyFigure("findings", "insights", "findings", len(evidence.findings), "", sources)
    counted = Counter(finding.type for finding in evidence.findings)
    for type_ in FindingType:
        if counted[type_]:
            of_type = tuple(finding.source for finding in evidence.findings if finding.type is type_)
            yield KeyFigure(
                f"findings_{type_.value}", "insights", f"of type {type_.value}", counted[type_], "", of_type
            )


def _operations(evidence: Evidence) -> Iterator[KeyFigure]:
    for key, label, items in (
        ("procedures", "procedures", evidence.procedures),
        ("workflow_models", "workflow models", evidence.workflow_models),
    ):
        if items:
            yield KeyFigure(key, "operations", label, len(items), "", tuple(item.source for item in items))
    for blueprint in evidence.blueprints:
        name = f"coexistence score of {blueprint.title}"
        yield KeyFigure(f"score:{blueprint.source.id}", "operations", name, blueprint.score, "", (blueprint.source,))
    if evidence.blueprints:
        sources = tuple(blueprint.source for blueprint in evidence.blueprints)
        yield KeyFigure("gaps", "operations", "gaps", len(evidence.gaps), "", sources)
        high = [gap for gap in evidence.gaps if gap.severity is Level.HIGH]
        yield KeyFigure("gaps_high", "operations", "gaps of high severity", len(high), "", sources)


def _content_summary(evidence: Evidence, figures: tuple[KeyFigure, ...]) -> AreaSummary:
    sentences: list[str] = []
    for file in evidence.files:
        match file.status:
            case "parsed":
                extent = count(file.rows, "row") if file.rows else count(file.words, "word")
                lost = f", {count(file.rejected_rows, 'row')} could not be read" if file.rejected_rows else ""
                sentences.append(
                    f"{file.source.name}: {extent}{lost}, {count(file.problem_count, 'problem')} in its data."
                )
            case "rejected":
                sentences.append(f"{file.source.name} could not be read. {file.reason or ''}".rstrip())
            case _:
                sentences.append(f"{file.source.name} is not analysed yet.")
    action = None if evidence.files else "Upload a file in Content."
    sources = tuple(file.source for file in evidence.files)
    ready = any(file.status == "parsed" for file in evidence.files)
    return AreaSummary(
        "content", "Content", ready, tuple(sentences) or ("No file was uploaded.",), figures, sources, action
    )


def _insights_summary(evidence: Evidence, figures: tuple[KeyFigure, ...]) -> AreaSummary:
    best = sorted(evidence.findings, key=lambda finding: -finding.score)[:5]
    sources = tuple(finding.source for finding in best) or tuple(item.source for item in evidence.summaries)
    if not evidence.summaries and not evidence.findings:
        done = any(file.status == "parsed" for file in evidence.files)
        action = "Analyse a file in Insights." if done else "Upload a file in Content, then analyse it in Insights."
        return AreaSummary("insights", "Insights", False, ("No data was analysed.",), figures, (), action)
    if not best:
        sentences = ("The data was analysed and nothing in it stands out.",)
    else:
        sentences = tuple(finding.statement for finding in best)
        if more := len(evidence.findings) - len(best):
            sentences = (*sentences, f"And {count(more, 'more finding')}.")
    return AreaSummary("insights", "Insights", True, sentences, figures, sources)


def _operations_summary(evidence: Evidence, figures: tuple[KeyFigure, ...]) -> AreaSummary:
    sentences: list[str] = []
    for items, noun in ((evidence.procedures, "procedure"), (evidence.workflow_models, "workflow")):
        sentences += [f"{noun.capitalize()} {item.title}: {count(item.steps, 'step')}." for item in items]
    for blueprint in evidence.blueprints:
        sentences.append(_blueprint_sentence(evidence, blueprint.source))
    sources = tuple(
        item.source for items in (evidence.blueprints, evidence.procedures, evidence.workflow_models) for item in items
    )
    action = None
    if not evidence.blueprints:
        have = evidence.procedures and evidence.workflow_models
        action = (
            "Compare the procedure with the workflow in Operations."
            if have
            else "Bring a procedure or a workflow to Operations, have the other one made, and compare both."
        )
    said = tuple(sentences) or ("No procedure and no workflow was examined.",)
    return AreaSummary("operations", "Operations", bool(sources), said, figures, sources, action)


def _blueprint_sentence(evidence: Evidence, source: Source) -> str:
    blueprint = next(item for item in evidence.blueprints if item.source == source)
    kinds = Counter(gap.kind for gap in blueprint.gaps)
    words = {
        GapKind.MISSING_IN_SOP: "missing in the procedure",
        GapKind.MISSING_IN_WORKFLOW: "missing in the workflow",
        GapKind.MISMATCH: "different in both",
    }
    gaps = listed([f"{kinds[kind]} {words[kind]}" for kind in GapKind if kinds[kind]])
    found = f"{count(len(blueprint.gaps), 'gap')} ({gaps})" if gaps else "no gaps"
    return f"{blueprint.title}: score {number(blueprint.score)}, {count(blueprint.aligned, 'aligned step')}, {found}."


def of_roadmap(roadmap: Roadmap, source: Source) -> list[KeyFigure]:
    """Of business outcomes: how much is planned."""
    area, sources = "business_outcomes", (source,)
    return [
        KeyFigure("initiatives", area, "initiatives planned", len(roadmap.initiatives), "", sources),
        KeyFigure("effort", area, "effort", roadmap.effort, "person-days", sources),
        KeyFigure("working_days", area, "length of the plan", roadmap.working_days, "working days", sources),
    ]


def of_proposal(financials: Financials, source: Source) -> list[KeyFigure]:
    """Of business outcomes: what it costs and brings. A figure that has no value is not there."""
    area, sources, currency = "business_outcomes", (source,), financials.assumptions.currency
    figures = [
        KeyFigure("investment", area, "investment", financials.investment, currency, sources),
        KeyFigure("npv", area, "net present value", financials.npv, currency, sources),
    ]
    for key, label, figure, unit in (
        ("irr", "internal rate of return", financials.irr, "of 1"),
        ("payback", "payback", financials.payback, "years"),
        ("roi", "return on investment", financials.roi, "of 1"),
    ):
        if figure.value is not None:
            figures.append(KeyFigure(key, area, label, figure.value, unit, sources))
    return figures
