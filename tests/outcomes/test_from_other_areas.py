"""What Insights and Operations really make of files is what roadmap, proposal and summary are built on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

from symphainy.ids import new_id
from symphainy.session import OrchestratorName

from .conftest import Desk, completed

SAMPLES = Path(__file__).parents[2] / "src/symphainy/samples"


async def add(desk: Desk, name: str) -> str:
    async def chunks() -> AsyncIterator[bytes]:
        yield (SAMPLES / name).read_bytes()

    file = await desk.app.uploads.add(
        desk.session_id, name, chunks(), user_id="ada", file_id=new_id("file"), process=False
    )
    return file.file_id


async def test_a_real_blueprint_becomes_initiatives_that_name_its_gaps(desk: Desk) -> None:
    given = {
        "sop_file_id": await add(desk, "refund_sop.docx"),
        "workflow_file_id": await add(desk, "refund_process.bpmn"),
    }
    started = await desk.app.business.start(
        desk.session_id, OrchestratorName.OPERATIONS, "analyze_coexistence", given, requested_by="user:ada"
    )
    completed(await desk.stopped(started.workflow_id))
    blueprint = await desk.document("blueprint")
    gaps = {gap["gap_id"] for gap in blueprint["gaps"]}
    assert gaps

    await desk.proposal()
    roadmap = await desk.document("roadmap")
    named = [source["item"] for item in roadmap["initiatives"] for source in item["sources"] if source["item"]]
    assert sorted(named) == sorted(gaps)
    assert len(roadmap["phases"]) >= 2
    assert any("Diagram of the future process" in line for line in (await desk.text("proposal")).splitlines())

    completed(await desk.start("summarize_areas"))
    assert f"score {blueprint['score']:g}" in await desk.text("summary")


async def test_real_findings_become_initiatives_that_name_them(desk: Desk) -> None:
    rows = [
        f"I{number},{'north' if number % 3 else 'south'},{30 + number % 7 if number % 3 else 95 + number % 9},{100 + number % 50}"
        for number in range(600)
    ]
    file_id = await desk.upload("invoices.csv", "\n".join(["invoice,region,late_days,amount", *rows]) + "\n")
    started = await desk.app.business.start(
        desk.session_id,
        OrchestratorName.INSIGHTS,
        "analyze_content_for_insights",
        {"file_id": file_id},
        requested_by="user:ada",
    )
    completed(await desk.stopped(started.workflow_id))
    findings = {finding["finding_id"]: finding for finding in (await desk.document("insights"))["findings"]}
    assert findings

    await desk.proposal()
    roadmap, proposal = await desk.document("roadmap"), await desk.document("proposal")
    named = {source["item"] for item in roadmap["initiatives"] for source in item["sources"] if source["item"]}
    assert named
    assert named <= set(findings)
    assert any(objective["chart"] for objective in proposal["objectives"])
    completed(await desk.start("summarize_areas"))
    best = max(findings.values(), key=lambda finding: finding["score"])
    text = (await desk.text("summary")).replace("\\", "")
    assert best["statement"] in text
