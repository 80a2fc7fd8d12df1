"""Artifacts as Insights and Operations make them, put into a real session through the real stores."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import orjson

from symphainy.app import Symphainy
from symphainy.entries import ArtifactCreated, Draft
from symphainy.ids import derived_id, new_id
from symphainy.orchestrators.results import artifact_id_of, state_id_of

CHART = {
    "data": {"values": [{"late": "late", "invoices": 212}, {"late": "in time", "invoices": 4788}]},
    "mark": "bar",
    "encoding": {"x": {"field": "late", "type": "nominal"}, "y": {"field": "invoices", "type": "quantitative"}},
}


def finding(finding_id: str, type_: str, title: str, statement: str, **other: object) -> dict[str, object]:
    return {
        "finding_id": finding_id,
        "type": type_,
        "title": title,
        "statement": statement,
        "score": 0.8,
        "formula": "count(late_days > 90) / count(*)",
        "numbers": {"late_invoices": 212, "share_late_percent": 4.24},
        "rows": 5000,
        "sql": "SELECT count(*) FROM invoices WHERE late_days > 90",
        "recommendation": None,
        "chart": None,
        **other,
    }


def insights(file_id: str, **other: object) -> dict[str, Any]:
    return {
        "title": "Insights of invoices.csv",
        "file_id": file_id,
        "table": "invoices",
        "rows": 5000,
        "findings": [
            finding(
                "f_late",
                "anomaly",
                "212 invoices are more than 90 days late",
                "212 of 5,000 invoices (4.24 %) are more than 90 days late.",
                score=0.91,
                chart=CHART,
            ),
            finding(
                "f_trend",
                "trend",
                "Late days rise by 1.7 a month",
                "The average of late_days rises by 1.7 a month.",
                numbers={"slope_per_month": 1.7, "r2": 0.88},
                recommendation="Remind customers 10 days earlier.",
            ),
        ],
        "summary": ["Two findings stand out."],
        **other,
    }


def blueprint(**other: object) -> dict[str, object]:
    gap = {"gap_id": "g_approval", "kind": "mismatch", "severity": "high"}
    return {
        "title": "Refund process",
        "score": 71.4,
        "formula": "aligned steps / all steps",
        "aligned": [{"step": number} for number in range(5)],
        "gaps": [
            {
                **gap,
                "statement": "The procedure has the manager approve, the workflow the clerk.",
                "recommendation": "Name one approver.",
            },
            {
                "gap_id": "g_check",
                "kind": "missing_in_sop",
                "severity": "low",
                "statement": "The procedure does not mention the credit check.",
                "recommendation": "Write the credit check down.",
            },
        ],
        "assignments": [
            {"step": 1, "action": "Check", "by": "ai", "reason": "a system check"},
            {"step": 2, "by": "human"},
        ],
        "handoffs": [],
        **other,
    }


async def put(
    app: Symphainy,
    session_id: str,
    kind: str,
    document: Mapping[str, Any],
    *,
    subject: str = "session",
    file_id: str | None = None,
) -> str:
    """The artifact's next version; its id."""
    artifact_id, blob = artifact_id_of(session_id, kind, subject), derived_id("blob", new_id("x"))

    async def chunks() -> AsyncIterator[bytes]:
        yield orjson.dumps(document)

    stored = await app.files.write(session_id, blob, chunks(), max_bytes=1_000_000)
    body = ArtifactCreated(
        artifact_id, str(document["title"]), kind, "application/json", stored.size, file_id, blob=blob
    )
    await app.sessions.record(session_id, [Draft(body, "test")])
    return artifact_id


async def put_analysed_file(app: Symphainy, session_id: str, name: str, content: str) -> str:
    """A file with the result of its analysis, as Content leaves it when its workflow is no longer in the snapshot."""

    async def chunks() -> AsyncIterator[bytes]:
        yield content.encode()

    file = await app.uploads.add(session_id, name, chunks(), user_id="ada", file_id=new_id("file"), process=False)
    workflow_id = new_id("wf")
    rows = content.count("\n") - 1
    result = {"rows": rows, "columns": 4, "words": None, "rejected_rows": 0, "findings": 0, "worst_findings": []}
    await app.sessions.store_state(session_id, result, state_id=state_id_of(workflow_id))
    body = ArtifactCreated(
        derived_id("art", workflow_id), f"{name}.profile.json", "profile", "application/json", 2, file.file_id
    )
    await app.sessions.record(session_id, [Draft(body, "test", workflow_id=workflow_id)])
    return file.file_id


async def put_all(app: Symphainy, session_id: str, file_id: str) -> Sequence[str]:
    """An insights artifact of the file, and a blueprint."""
    return [
        await put(app, session_id, "insights", insights(file_id), subject=file_id, file_id=file_id),
        await put(app, session_id, "blueprint", blueprint()),
    ]
