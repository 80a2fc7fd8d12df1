"""What there is so far: of the whole session at the guide, of its area at each liaison; read off the session, nothing made up."""

from __future__ import annotations

import pytest

from symphainy.agents.answers import Answer
from symphainy.agents.areas import BUSINESS_OUTCOMES, INSIGHTS, OPERATIONS
from symphainy.agents.inventory import so_far
from symphainy.agents.understanding.evaluation import IN_VIEW
from symphainy.agents.understanding.prototypes import PARTS
from symphainy.agents.understanding.router import Surroundings, area_router
from symphainy.entries import WorkflowAsked
from symphainy.questions import Question
from symphainy.session import AgentType

from .conftest import NOTES, Desk
from .logs import session_of
from .numbers import unfounded
from .test_next_steps import CREATED, made, parsed, started

LIAISONS = [item for item in AgentType if item is not AgentType.GUIDE]
NEXT = Answer("Next: go on.")


FRESH = (
    "give me a rundown of this session",
    "what's been produced up to here?",
    "remind me what we have already",
    "I'm back after lunch, what is there so far",
    "list the things that exist in my session",
    "summarise for me what we've got up to now",
    "what did we end up with so far",
    "can I see all that was made here",
    "please sum up the session",
    "what have you and I done so far",
)
"""Never used for tuning: keep it so."""
FRESH_HEARD = 0.9


@pytest.mark.parametrize("words", ["what have I got so far?", "what do we have here", "summary of this session"])
def test_it_is_heard_by_every_agent(words: str) -> None:
    for area in PARTS[1:]:
        assert area_router(area).understand(words, Surroundings(IN_VIEW)).intent == "artifacts", area


@pytest.mark.parametrize("area", PARTS[1:])
def test_it_is_heard_in_fresh_words(area: str) -> None:
    heard = [area_router(area).understand(words, Surroundings(IN_VIEW)) for words in FRESH]
    assert sum(item.intent == "artifacts" for item in heard) >= FRESH_HEARD * len(FRESH)
    assert all("artifacts" in item.options for item in heard)


@pytest.mark.parametrize("words", ["show me my files", "which files are in this session", "list my files please"])
def test_files_are_heard_by_every_agent(words: str) -> None:
    for area in PARTS[1:]:
        assert area_router(area).understand(words, Surroundings(IN_VIEW)).intent in ("files", "artifacts"), area


@pytest.mark.parametrize("words", ["what have I got so far?", "show me my files", "give me a summary of this session"])
async def test_the_guide_tells_all_of_the_session(claims: Desk, words: str) -> None:
    await claims.upload("broken.xlsx", b"PK\x03\x04 this is no workbook")
    await claims.upload("notes.md", NOTES)
    await claims.ask(AgentType.INSIGHTS, "what is the average premium?")
    answer = await claims.guide(words)
    assert "- **claims.csv**: 12 rows and 5 columns" in answer.content
    assert "- **broken.xlsx**: could not be read. " in answer.content
    assert "(answer, version 1, draft)" in answer.content
    assert "Next: " in answer.content
    assert any(item.get("artifact_kind") == "answer" for item in answer.evidence)
    session = await claims.session()
    named = {item.get("file_id") for item in answer.evidence} | {item.get("artifact_id") for item in answer.evidence}
    assert set(session.files) <= named
    assert await unfounded(session, claims.app.files, words, answer) == set(), answer.content


async def test_each_liaison_tells_what_is_of_its_area(claims: Desk) -> None:
    await claims.upload("notes.md", NOTES)
    await claims.ask(AgentType.INSIGHTS, "what is the average premium?")
    told = {item: (await claims.ask(item, "what do we have here?")).content for item in LIAISONS}
    assert "**claims.csv**" in told[AgentType.CONTENT]
    assert "(answer, " not in told[AgentType.CONTENT]
    assert "**claims.csv**" in told[AgentType.INSIGHTS]
    assert "(answer, version 1, draft)" in told[AgentType.INSIGHTS]
    assert "**notes.md**" in told[AgentType.OPERATIONS]
    assert "claims.csv" not in told[AgentType.OPERATIONS].partition("Next")[0]
    assert told[AgentType.BUSINESS_OUTCOMES].startswith("There is nothing in **Business Outcomes** yet.")


@pytest.mark.parametrize("agent_type", AgentType)
async def test_of_an_empty_session_nothing_is_told(desk: Desk, agent_type: AgentType) -> None:
    answer = await desk.ask(agent_type, "what have I got so far?")
    assert answer.content.startswith("There is nothing in ")
    assert answer.actions


def test_work_that_waits_is_told_where_it_belongs() -> None:
    asked = WorkflowAsked("basis", "Effort", (Question("days", "Days", "number"),))
    session = session_of(CREATED, started("build_sop"), (4.0, asked, "wf_1"))
    for area in (None, OPERATIONS):
        assert "waits for your answers to 1 question (Effort)" in so_far(session, NEXT, area, ()).text
    for area in (INSIGHTS, BUSINESS_OUTCOMES):
        assert so_far(session, NEXT, area, ()).text.startswith("There is nothing")


def test_results_are_told_with_their_version_and_opened_and_a_long_list_is_cut() -> None:
    session = session_of(CREATED, *parsed(), made("sop", 4.0), made("sop", 5.0), made("roadmap", 6.0))
    told = so_far(session, NEXT)
    assert "**sop of ours** (SOP, version 2, draft)" in told.text
    assert [action.kind for action in told.actions] == ["open_artifact", "open_artifact"]
    assert "roadmap" in so_far(session, NEXT, BUSINESS_OUTCOMES, ()).text
    assert "sop of ours" not in so_far(session, NEXT, BUSINESS_OUTCOMES, ()).text
