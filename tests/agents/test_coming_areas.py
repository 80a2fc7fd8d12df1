"""The liaisons of areas that this version cannot work in: honest, of use, and never at a dead end."""

from __future__ import annotations

import pytest

from symphainy.session import AgentType

from .conftest import NOTES, Desk

AREAS = [
    (AgentType.INSIGHTS, "find trends in my data"),
]
ANYTHING = (
    "hi",
    "help",
    "what data do you need?",
    "what next?",
    "how far is it?",
    "which columns are in my file?",
    "our customers pay late",
    "asdf qwer",
    "thanks",
    "ok",
)


@pytest.mark.parametrize(("agent_type", "request_"), AREAS)
async def test_work_that_cannot_be_done_is_refused_and_nothing_is_started(
    desk: Desk, agent_type: AgentType, request_: str
) -> None:
    answer = await desk.ask(agent_type, request_)
    assert "not part of this version" in answer.content
    assert answer.orchestrator_context is None
    assert not (await desk.session()).workflows


@pytest.mark.parametrize(("agent_type", "request_"), AREAS)
async def test_every_answer_has_a_way_on(desk: Desk, agent_type: AgentType, request_: str) -> None:
    for words in (*ANYTHING, request_):
        answer = await desk.ask(agent_type, words)
        assert answer.content, words
        assert answer.actions, words


async def test_each_says_which_of_the_files_would_serve(claims: Desk) -> None:
    await claims.upload("notes.md", NOTES)
    insights = await claims.ask(AgentType.INSIGHTS, "which of my files could you use?")
    operations = await claims.ask(AgentType.OPERATIONS, "which of my files could you use?")
    assert "claims.csv" in insights.content
    assert "notes.md" not in insights.content
    assert "notes.md" in operations.content
    assert "claims.csv" not in operations.content


async def test_a_question_about_a_files_content_goes_to_the_content_liaison(claims: Desk) -> None:
    answer = await claims.ask(AgentType.INSIGHTS, "how many rows are in claims.csv?")
    assert "content_liaison" in {action.target.get("agent_type") for action in answer.actions}
