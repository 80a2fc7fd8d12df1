"""The guide: from the goal to the data, what is going on, and the next step; all of it read off the session."""

from __future__ import annotations

import pytest

from symphainy.agents.areas import JOURNEY
from symphainy.agents.situation import progress
from symphainy.session import Action, AgentType, Message

from .conftest import CLAIMS, NOTES, Desk
from .logs import second_step_going
from .numbers import unfounded


def kinds(answer: Message) -> set[str]:
    return {action.kind for action in answer.actions}


def sent_to(answer: Message, agent_type: AgentType) -> list[Action]:
    return [action for action in answer.actions if action.target.get("agent_type") == agent_type.value]


async def test_it_welcomes_and_asks_what_brought_the_user_here(desk: Desk) -> None:
    answer = await desk.guide("hello")
    assert "What brought you here?" in answer.content
    assert "upload_file" in kinds(answer)
    assert "Hello again" in (await desk.guide("hi")).content


@pytest.mark.parametrize(
    ("words", "understood", "data"),
    [
        ("our customers pay us too late", "customers who pay late", "due date"),
        ("too many customers cancel their subscription", "customers who leave", "end date"),
        ("we want to improve our onboarding process", "a process that should run better", "SOP"),
        ("claims handling is too expensive", "claims and what they cost", "policy number"),
        ("i want to understand our sales", "sales", "order line"),
        ("overtime is too high", "staffing", "hours"),
        ("we have to migrate from the mainframe", "moving data to another system", "export"),
    ],
)
async def test_a_goal_is_said_back_with_the_data_that_helps(desk: Desk, words: str, understood: str, data: str) -> None:
    answer = await desk.guide(words)
    assert f"**{understood}**" in answer.content
    assert data in answer.content
    assert {"upload_file", "open_area"} <= kinds(answer)


async def test_a_file_that_fits_the_goal_is_recognised_by_its_name(claims: Desk) -> None:
    answer = await claims.guide("our claims cost too much")
    assert "**claims.csv** may be that already" in answer.content


async def test_the_journey_says_what_each_area_gives(desk: Desk) -> None:
    answer = await desk.guide("how does this work?")
    lines = {line.split("**")[1]: line for line in answer.content.splitlines() if line.startswith("- **")}
    assert list(lines) == ["Content", "Insights", "Operations", "Business Outcomes"]
    for area in JOURNEY:
        assert area.results in lines[area.label]


async def test_the_next_step_follows_from_the_session(desk: Desk) -> None:
    assert "upload a file" in (await desk.guide("what next?")).content
    await desk.upload("later.csv", CLAIMS, process=False)
    assert "analyse **later.csv**" in (await desk.guide("what next?")).content
    await desk.upload("broken.pdf", b"%PDF-1.4 this is none")
    assert "look at **broken.pdf**" in (await desk.guide("what next?")).content


async def test_after_parsing_the_next_step_is_the_analysis_with_its_button(claims: Desk) -> None:
    answer = await claims.guide("what now?")
    assert "You have 1 parsed file and no analysis" in answer.content
    file_id = next(iter((await claims.session()).files))
    assert {
        "orchestrator": "InsightsOrchestrator",
        "operation": "analyze_content_for_insights",
        "input": {"file_id": file_id},
    } in [action.target for action in answer.actions]


async def test_every_number_the_guide_says_stands_in_the_evidence(claims: Desk) -> None:
    for question in ("what's happening?", "what did you find?", "what next?", "is it done yet?"):
        answer = await claims.guide(question)
        assert await unfounded(await claims.session(), claims.app.files, question, answer) == set(), answer.content


async def test_what_was_found_is_said_even_if_something_else_failed_later(claims: Desk) -> None:
    await claims.upload("broken.pdf", b"%PDF-1.4 this is none")
    assert "12 rows and 5 columns" in (await claims.guide("what did you find?")).content
    failed = await claims.guide("what failed and why?")
    assert "**broken.pdf**" in failed.content
    assert "kept" in failed.content
    assert "12 rows" not in failed.content


async def test_nothing_failed_is_said_when_nothing_did(claims: Desk) -> None:
    assert "Nothing has failed" in (await claims.guide("what went wrong?")).content


async def test_a_question_about_a_file_is_handed_over_in_the_users_own_words(claims: Desk) -> None:
    answer = await claims.guide("how many rows does claims.csv have?")
    (action,) = sent_to(answer, AgentType.CONTENT)
    assert action.target["content"] == "how many rows does claims.csv have?"
    assert "open_area" in kinds(answer)
    assert "12 rows" in (await claims.content(action.target["content"])).content


@pytest.mark.parametrize(
    ("words", "area", "agent_type"),
    [
        ("draw me a bar chart", "Insights", AgentType.INSIGHTS),
        ("create a process map", "Operations", AgentType.OPERATIONS),
        ("write a roadmap", "Business Outcomes", AgentType.BUSINESS_OUTCOMES),
    ],
)
async def test_the_work_of_an_area_is_handed_over_in_the_users_own_words(
    desk: Desk, words: str, area: str, agent_type: AgentType
) -> None:
    answer = await desk.guide(words)
    assert f"**{area}**" in answer.content
    assert [action.target["content"] for action in sent_to(answer, agent_type)] == [words]
    assert "open_area" in kinds(answer)


@pytest.mark.parametrize("words", ["what is the weather", "xkjhd sdkjh", "wie viele Zeilen hat die Datei und welche"])
async def test_what_it_does_not_understand_is_admitted_with_two_or_three_offers(desk: Desk, words: str) -> None:
    answer = await desk.guide(words)
    assert "understand" in answer.content
    assert 2 <= len(answer.actions) <= 3


async def test_it_is_neither_a_person_nor_a_language_model(desk: Desk) -> None:
    content = (await desk.guide("who are you?")).content
    assert "not a person" in content
    assert "no language model" in content


async def test_answers_stay_calm(claims: Desk) -> None:
    await claims.upload("notes.md", NOTES)
    for words in ("hi", "help", "what next", "our customers pay late", "thanks", "what did you find"):
        content = (await claims.guide(words)).content
        assert "!" not in content
        assert content.isprintable() or "\n" in content


def test_progress_names_step_service_fraction_and_time() -> None:
    """From a log that stops in the middle of the second step."""
    session = second_step_going()
    told = progress(session, session.workflows["wf_1"])
    assert "step 2 of 4" in told.text
    assert "*profile* (DataAnalyzer), 42 % of this step, 12 s since it was started" in told.text
    assert "column 3 of 7: premium" in told.text
    assert told.context == {
        "orchestrator": "ContentAnalysisOrchestrator",
        "workflow_id": "wf_1",
        "status": "processing",
    }
    assert told.actions[0].kind == "cancel_workflow"
