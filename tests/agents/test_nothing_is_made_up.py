"""The twenty ways in which systems of this kind have been seen to make results up, each shown to be real here.

Those of procedures and of business outcomes have their tests beside what they are about: 5, 13, 14 and 15 in
`tests/operations/test_area.py`, 6, 16 and 17 in `tests/outcomes`.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from symphainy.agents.understanding.router import area_router
from symphainy.api import create_api
from symphainy.app import open_symphainy
from symphainy.config import Settings
from symphainy.enabling_services.insights.visualization_engine import VisualizationEngine
from symphainy.errors import ServiceError, SessionNotFound, StoreUnavailable
from symphainy.files.folder import FolderFileStore
from symphainy.library import read_document
from symphainy.session import AgentType, FileStatus, Message, OrchestratorName, orchestrator_states
from symphainy.sessions import SessionManagerService
from symphainy.stores import open_store
from symphainy.testing import FaultyStore
from symphainy.traffic_cop import TrafficCop

from .conftest import CLAIMS, Desk

SALES = "month,revenue,units\n" + "".join(f"2024-{n:02d}-01,{n * n * 7 + 3},{n * 2}\n" for n in range(1, 13))


@pytest.fixture
async def two(desk: Desk) -> Desk:
    """A desk with two very different tables."""
    await desk.upload("claims.csv", CLAIMS)
    await desk.upload("sales.csv", SALES)
    return desk


async def insights(desk: Desk, words: str) -> Message:
    return await desk.ask(AgentType.INSIGHTS, words)


async def test_1_persistence_is_there_and_its_failure_is_raised(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data")
    async with open_symphainy(settings) as app:
        session_id = (await app.sessions.create_session("ada")).session_id
        await app.sessions.add_conversation_message(session_id, AgentType.GUIDE, "user", "keep this")
    async with open_symphainy(settings) as app:
        (message,) = await app.sessions.get_conversation_history(session_id, AgentType.GUIDE)
        assert message.content == "keep this"


async def test_1_a_store_that_is_away_is_never_a_success(tmp_path: Path) -> None:
    async with open_store("memory://") as memory:
        store = FaultyStore(memory)
        sessions = SessionManagerService(TrafficCop(store), FolderFileStore(tmp_path))
        session_id = (await sessions.create_session("ada")).session_id
        store.plan("refuse", method="append")
        with pytest.raises(StoreUnavailable):
            await sessions.add_conversation_message(session_id, AgentType.GUIDE, "user", "lost?")
        assert await sessions.get_conversation_history(session_id, AgentType.GUIDE) == []


async def test_2_an_unknown_session_is_not_active_and_cannot_be_deleted(desk: Desk) -> None:
    with pytest.raises(SessionNotFound):
        await desk.app.sessions.get_session("ses_unknown")
    with pytest.raises(SessionNotFound):
        await desk.app.sessions.close_session("ses_unknown")


async def test_3_the_guide_does_not_answer_what_it_does_not_understand(desk: Desk) -> None:
    sure = await desk.guide("what should I do next?")
    lost = await desk.guide("the purple harbour sings of quantum marmalade")
    assert "Next:" in sure.content
    assert "did not understand" in lost.content
    assert lost.actions


def test_3_confidence_is_no_constant() -> None:
    said = ("what should I do next?", "files?", "how far is my analysis?", "hmm, well")
    assert len({round(area_router("guide").understand(words).confidence, 3) for words in said}) == len(said)


async def test_4_the_content_liaison_answers_from_the_file_that_is_asked_about(two: Desk) -> None:
    answers = [await two.content(f"how many rows does {name} have?") for name in ("claims.csv", "sales.csv")]
    assert ["12 rows" in answer.content for answer in answers] == [True, True]
    columns = [(await two.content(f"which columns are in {name}?")).content for name in ("claims.csv", "sales.csv")]
    assert ["premium" in told for told in columns] == [True, False]
    assert ["revenue" in told for told in columns] == [False, True]


async def test_7_8_numbers_of_insights_are_those_of_the_data(two: Desk) -> None:
    average = await insights(two, "what is the average revenue in sales.csv?")
    assert f"{sum(n * n * 7 + 3 for n in range(1, 13)) / 12:.6g}" in average.content
    total = await insights(two, "what is the total of units in sales.csv?")
    assert "156" in total.content
    for answer in (average, total):
        assert "42.5" not in answer.content
        assert "15 %" not in answer.content


async def test_9_a_correlation_that_does_not_exist_is_not_zero(desk: Desk) -> None:
    await desk.upload("flat.csv", "price,rate\n" + "5,1\n" * 40)
    answer = await insights(desk, "Is price correlated with rate?")
    assert "correlation of price and rate: **no value**" in answer.content
    (evidence,) = answer.evidence
    assert evidence["facts"]["rows"] == [[None, 40]]
    await insights(desk, "analyse flat.csv")
    await desk.settled()
    session = await desk.session()
    (analysis,) = [item for item in session.artifacts.values() if item.kind == "insights"]
    document = await read_document(desk.app.files, session, analysis.artifact_id)
    assert document["findings"] == []


def test_10_what_has_no_value_is_not_drawn() -> None:
    engine = VisualizationEngine()
    with pytest.raises(ServiceError, match="no number"):
        engine.chart([("region", "VARCHAR")], [["North"], ["South"]], title="Regions")
    columns = [("region", "VARCHAR"), ("sales", "DOUBLE")]
    chart = engine.chart(columns, [["North", 7.5], ["South", None]], title="Sales")
    assert chart.spec["data"]["values"] == [{"x": "North", "y": 7.5}, {"x": "South", "y": None}]


async def test_11_a_drill_down_gives_the_rows_asked_for_and_not_an_older_answer(two: Desk) -> None:
    first = await insights(two, "which claims in claims.csv are more than 90 days late?")
    second = await insights(two, "which claims in claims.csv are more than 100 days late?")
    found: list[list[int]] = []
    for answer in (first, second):
        (evidence,) = [item for item in answer.evidence if item.get("kind") == "artifact"]
        document = await read_document(two.app.files, await two.session(), evidence["artifact_id"])
        place = next(n for n, column in enumerate(document["columns"]) if column["name"] == "late_days")
        found.append(sorted(row[place] for row in document["rows"]))
    assert found == [[95, 120], [120]]


async def test_12_what_stands_in_a_document_keeps_its_own_place(desk: Desk) -> None:
    page = "<h1>Fees</h1><table><tr><th>kind</th><th>fee</th></tr><tr><td>late</td><td>25</td></tr></table>"
    await desk.upload("fees.html", f"<html><body><p>Text before.</p>{page}<p>Text after.</p></body></html>")
    session = await desk.session()
    text = next(item for item in session.artifacts.values() if item.kind == "document_text")
    content = (await desk.app.files.path(session.session_id, text.artifact_id)).read_text()
    assert content.index("Text before") < content.index("25") < content.index("Text after")


async def test_18_limits_close_and_patches_reach_everybody(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data", store="memory://", messages_per_minute=3)
    async with open_symphainy(settings) as app:
        transport = httpx.ASGITransport(create_api(app))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            made = (await client.post("/api/v1/sessions", json={})).json()
            path = f"/api/v1/sessions/{made['session_id']}"
            headers = {"Authorization": f"Bearer {made['session_token']}"}
            message = f"{path}/conversations/guide_agent/messages"
            codes = [
                (
                    await client.post(message, json={"message_id": f"message-{n}", "content": "hi"}, headers=headers)
                ).status_code
                for n in range(5)
            ]
            assert codes == [202, 202, 202, 429, 429]
            patches = [client.patch(f"{path}/state", json={f"k{n}": n}, headers=headers) for n in range(10)]
            assert {answer.status_code for answer in await asyncio.gather(*patches)} == {200}
            state = (await client.get(f"{path}/state", headers=headers)).json()["state"]
            assert state == {f"k{n}": n for n in range(10)}


async def test_19_work_that_failed_sets_nothing_done(desk: Desk) -> None:
    file = await desk.upload("broken.xlsx", b"PK\x03\x04 this is no workbook")
    session = await desk.session()
    assert file.status is FileStatus.REJECTED
    assert orchestrator_states(session)[OrchestratorName.CONTENT] == "failed"
    assert not [item for item in session.artifacts.values() if item.file_id == file.file_id]
    assert not session.states


async def test_20_without_a_language_model_nothing_pretends_to_be_one(desk: Desk) -> None:
    assert desk.app.model is None
    answer = await desk.guide("are you a language model?")
    assert "no language model" in answer.content


async def test_20_what_a_text_is_about_is_read_from_the_text(desk: Desk) -> None:
    told: list[list[str]] = []
    for subject in ("late payment", "delivery note"):
        text = f"# Terms\n\nThe {subject} is checked. Each {subject} has a number. No {subject} is lost.\n"
        file = await desk.upload(f"{subject}.md", text)
        analysis = await desk.app.business.start(
            desk.session_id,
            OrchestratorName.INSIGHTS,
            "analyze_content_for_insights",
            {"file_id": file.file_id},
            requested_by="user:ada",
        )
        await desk.settled()
        session = await desk.session()
        result = session.workflows[analysis.workflow_id].result
        assert result is not None
        document = await read_document(desk.app.files, session, result["document"]["artifact_id"])
        told.append([item["phrase"] for item in document["key_phrases"]])
    assert told == [["late payment"], ["delivery note"]]
