"""The insights liaison and its orchestrator in a real application: exact rows, follow-ups, findings, and no dead end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

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


@pytest.mark.parametrize(
    "words", ["hi", "help", "which customers are late?", "analyse my data", "summary", "thanks", "asdf qwer", "stop"]
)
async def test_there_is_always_a_way_on(desk: Desk, words: str) -> None:
    answer = await ask(desk, words)
    assert answer.content
    assert answer.actions
