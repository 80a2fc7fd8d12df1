"""The insights liaison and its orchestrator in a real application: exact rows, follow-ups, findings, and no dead end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from symphainy.agents.grounding import Grounding
from symphainy.app import open_symphainy
from symphainy.config import Settings
from symphainy.library import read_document
from symphainy.session import AgentType, Message, Status
from tests.agents.conftest import CLAIMS, Desk
from tests.insights.planted_tables import late_payers


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_symphainy(Settings(data=tmp_path / "data", store="memory://")) as app:
        session = await app.sessions.create_session("ada")
        yield Desk(app, session.session_id)


async def ask(desk: Desk, words: str) -> Message:
    return await desk.ask(AgentType.INSIGHTS, words)


async def test_late_rows_are_exactly_those_and_a_follow_up_goes_on_from_them(desk: Desk) -> None:
    await desk.upload("claims.csv", CLAIMS)
    answer = await ask(desk, "Show me claims that are more than 90 days late")
    (evidence,) = [item for item in answer.evidence if item.get("kind") == "artifact"]
    document = await read_document(desk.app.files, await desk.session(), evidence["artifact_id"])
    late = document["columns"].index(next(c for c in document["columns"] if c["name"] == "late_days"))
    assert sorted(row[late] for row in document["rows"]) == [95, 120]
    follow_up = await ask(desk, "only in the South")
    assert "1 row" in follow_up.content
    assert "120" in follow_up.content
    how = await ask(desk, "how was that computed?")
    assert '"late_days" > 90' in how.content


async def test_how_two_columns_go_together_is_answered_in_the_chat(desk: Desk) -> None:
    await desk.upload("claims.csv", CLAIMS)
    answer = await ask(desk, "Is premium correlated with late days?")
    assert "correlation of" in answer.content
    assert not (await desk.session()).workflows or all(
        item.operation != "analyze_content_for_insights" for item in (await desk.session()).workflows.values()
    )


async def test_an_analysis_is_a_workflow_with_findings_and_provenance(desk: Desk) -> None:
    table = late_payers(1_500, 1, customers=40, late=3)
    lines = [",".join(name for name, _ in table.columns)]
    lines += [",".join(str(value) for value in row) for row in table.rows]
    await desk.upload("ledger.csv", "\n".join(lines))
    await ask(desk, "analyse my data")
    await desk.settled()
    session = await desk.session()
    (workflow,) = [item for item in session.workflows.values() if item.operation == "analyze_content_for_insights"]
    assert workflow.status is Status.COMPLETED, workflow.error
    assert [step.service for step in workflow.steps] == ["InsightsGenerator", "DataInsightsQuery"]
    assert workflow.result is not None
    assert workflow.result["state_id"] in session.states
    told = await ask(desk, "explain the first finding")
    assert "Debtor 000, Debtor 001 and Debtor 002" in told.content
    advice = await ask(desk, "what do you recommend because of the findings?")
    assert "Follow up" in advice.content


async def test_the_rows_behind_every_finding_are_shown(desk: Desk) -> None:
    """As many as the finding counts, or the groups that it compares; nothing goes on from them."""
    table = late_payers(1_500, 1, customers=40, late=3)
    lines = [",".join(name for name, _ in table.columns)]
    lines += [",".join(str(value) for value in row) for row in table.rows]
    file = await desk.upload("ledger.csv", "\n".join(lines))
    await ask(desk, "analyse my data")
    await desk.settled()
    session = await desk.session()
    (analysis,) = [item for item in session.artifacts.values() if item.kind == "insights"]
    document = await read_document(desk.app.files, session, analysis.artifact_id)
    assert document["findings"]
    for finding in document["findings"]:
        asked = {"question": "Rows", "file_id": file.file_id, "artifact_id": analysis.artifact_id}
        started = await desk.app.business.start(
            desk.session_id,
            "InsightsOrchestrator",
            "query_analysis_results",
            {**asked, "finding_id": finding["finding_id"]},
            requested_by="ada",
        )
        await desk.settled()
        session = await desk.session()
        done = session.workflows[started.workflow_id]
        assert done.status is Status.COMPLETED, done.error
        assert done.result is not None
        rows = await read_document(desk.app.files, session, done.result["artifact_id"])
        assert rows["rows"]
        assert len(rows["rows"]) == min(rows["rows_total"], 500)
        assert rows["query"] is None


QUESTIONS = (
    "Show me claims that are more than 90 days late",
    "what is the average amount per region?",
    "top 3 claims by amount",
    "share of amount by region",
    "give me the insights summary",
    "explain the first finding",
    "what do you recommend because of the findings?",
    "what is going on?",
)


async def test_no_number_of_a_reply_is_underivable(desk: Desk) -> None:
    table = late_payers(1_500, 1, customers=40, late=3)
    lines = [",".join(name for name, _ in table.columns)]
    lines += [",".join(str(value) for value in row) for row in table.rows]
    await desk.upload("claims.csv", CLAIMS)
    await desk.upload("ledger.csv", "\n".join(lines))
    await ask(desk, "analyse ledger.csv")
    await desk.settled()
    for words in QUESTIONS:
        answer = await ask(desk, words)
        session = await desk.session()
        sources = Grounding()
        sources.add(words, [list(session.files), list(session.workflows), list(session.artifacts)])
        for item in answer.evidence:
            artifact_id, workflow = item.get("artifact_id"), session.workflows.get(str(item.get("workflow_id")))
            if artifact_id:
                sources.add(await read_document(desk.app.files, session, artifact_id))
            if workflow is not None:
                sources.add(workflow.title, workflow.result or {}, [step.detail or "" for step in workflow.steps])
            if item.get("file_id"):
                sources.add(session.files[item["file_id"]].name)
        assert sources.unfounded(answer.content) == [], (words, answer.content)


@pytest.mark.parametrize(
    "words", ["hi", "help", "which customers are late?", "analyse my data", "summary", "thanks", "asdf qwer", "stop"]
)
async def test_there_is_always_a_way_on(desk: Desk, words: str) -> None:
    answer = await ask(desk, words)
    assert answer.content
    assert answer.actions
