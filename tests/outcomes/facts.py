"""Evidence as the other areas leave it, small enough to compute by hand."""

from __future__ import annotations

from collections.abc import Mapping

from symphainy.enabling_services.outcomes.evidence import (
    Blueprint,
    ContextNote,
    DataFile,
    Evidence,
    Finding,
    FindingType,
    Gap,
    GapKind,
    Level,
    Procedure,
    Source,
)
from symphainy.enabling_services.outcomes.initiatives import Derived
from symphainy.enabling_services.outcomes.roadmap import Roadmap, Team
from symphainy.enabling_services.outcomes.roadmap_generation import PlanAnswers, RoadmapGeneration

CLAIMS = Source("file", "file_claims", "claims.csv")
INSIGHTS = Source("artifact", "art_insights", "Insights of claims.csv", "insights", 1)
BLUEPRINT = Source("artifact", "art_blueprint", "Refund blueprint", "blueprint", 1)


def finding(number: int, type_: FindingType, **other: object) -> Finding:
    given: dict[str, object] = {
        "source": INSIGHTS.of(f"f{number}"),
        "type": type_,
        "title": f"Finding {number}",
        "statement": f"Statement of finding {number}.",
        "score": 0.9 - number / 10,
        "rows": 5000,
        "numbers": {"rows": 212, "share_late": 4.24},
        "file_id": CLAIMS.id,
        "table": "claims",
        "recommendation": None,
        "chart": None,
    }
    return Finding(**{**given, **other})  # type: ignore[arg-type]


def evidence(**other: object) -> Evidence:
    gaps = (
        Gap(BLUEPRINT.of("g1"), GapKind.MISMATCH, "The approver differs.", Level.HIGH, "Name one approver."),
        Gap(BLUEPRINT.of("g2"), GapKind.MISSING_IN_SOP, "The check is not written down.", Level.LOW),
    )
    given: dict[str, object] = {
        "files": (DataFile(CLAIMS, "parsed", None, 5000, 9, 0, 40, 2, ("40 rows are ragged.", "Amounts are text.")),),
        "findings": (
            finding(1, FindingType.ANOMALY),
            finding(2, FindingType.TREND, recommendation="Call late payers first."),
        ),
        "summaries": (Procedure(INSIGHTS, "Insights of claims.csv", 5000),),
        "procedures": (Procedure(Source("artifact", "art_sop", "Refund SOP", "sop", 1), "Refund", 8),),
        "workflow_models": (
            Procedure(Source("artifact", "art_flow", "Refund flow", "workflow_model", 1), "Refund", 14),
        ),
        "blueprints": (
            Blueprint(BLUEPRINT, "Refund", 71.5, "aligned / all", 6, gaps, human=4, ai=2, shared=2, handoffs=3),
        ),
    }
    return Evidence(**{**given, **other})  # type: ignore[arg-type]


def deadline(text: str, iso: str) -> ContextNote:
    return ContextNote(Source("context", "ctx_1", "what you told us"), text, "2026-11-25T01:00:00Z", deadline=iso)


def derived(given: Evidence | None = None) -> Derived:
    return RoadmapGeneration().derive(given or evidence())


def planned(
    given: Evidence | None = None,
    efforts: Mapping[str, float] | None = None,
    *,
    size: int = 4,
    each: int = 2,
    start: str = "2026-12-07",
    changes: str = "",
) -> Roadmap:
    """Every initiative takes ten person-days unless said otherwise."""
    given = given or evidence()
    initiatives = derived(given)
    all_efforts = {**{item.no: 10.0 for item in initiatives.initiatives}, **(efforts or {})}
    answers = PlanAnswers(Team(size, each, start), all_efforts, changes)
    return RoadmapGeneration().plan(initiatives, given, answers)
