"""Every agent answers every one of its intents in the same shape, with buttons that can be pressed and facts that can be traced."""

from __future__ import annotations

import pytest

from symphainy.agents.areas import BY_NAME, area_of
from symphainy.agents.base import Reply, Text, Turn
from symphainy.agents.understanding.prototypes import intents
from symphainy.ids import new_id
from symphainy.session import Action, AgentType, Message, MessageStatus, Role, Session

from .conftest import NOTES, Desk
from .numbers import unfounded

AREAS = {*BY_NAME, "guide"}
CONTEXT = {"orchestrator", "workflow_id", "status"}


def questions(agent_type: AgentType) -> list[str]:
    area = area_of(agent_type)
    return [intent.question or intent.lines[0] for intent in intents().values() if intent.area in (None, area)]


async def answered(desk: Desk, agent_type: AgentType, words: str) -> tuple[Session, str, Reply]:
    session = await desk.session()
    agent = next(agent for agent in desk.app.agents if agent.agent_type is agent_type)
    message = Message(new_id("msg"), Role.USER, words, session.updated_at, MessageStatus.COMPLETED, session.seq)
    parts = [part async for part in agent.answer(Turn(session, "ada", message, new_id("run")))]
    text = "".join(part.text for part in parts if isinstance(part, Text))
    assert isinstance(parts[-1], Reply), words
    assert sum(isinstance(part, Reply) for part in parts) == 1, words
    return session, text, parts[-1]


def can_be_pressed(desk: Desk, session: Session, action: Action) -> bool:
    target = action.target
    match action.kind:
        case "send_message":
            return target["agent_type"] in list(AgentType) and bool(target["content"].strip())
        case "open_area" | "upload_file":
            return target["area"] in AREAS
        case "open_file":
            return target["file_id"] in session.files
        case "open_artifact":
            return target["artifact_id"] in session.artifacts
        case "cancel_workflow" | "answer_workflow":
            return target["workflow_id"] in session.workflows
        case "start_workflow":
            operations = {name.value: list(known) for name, known in desk.app.business.operations().items()}
            return target["operation"] in operations[target["orchestrator"]]
        case _:
            return False


@pytest.mark.timeout(120)
@pytest.mark.parametrize("agent_type", AgentType)
async def test_every_intent_is_answered_in_the_same_shape(claims: Desk, agent_type: AgentType) -> None:
    await claims.upload("notes.md", NOTES)
    for words in questions(agent_type):
        _, text, reply = await answered(claims, agent_type, words)
        session = await claims.session()
        assert text.strip(), words
        assert reply.intent, words
        assert 0 <= reply.confidence <= 1, words
        assert 1 <= len(reply.actions) <= 4, (words, text)
        assert [action for action in reply.actions if not can_be_pressed(claims, session, action)] == [], words
        assert all({"kind", "facts"} <= set(item) for item in reply.evidence), (words, reply.evidence)
        if reply.orchestrator_context is not None:
            assert set(reply.orchestrator_context) >= CONTEXT, words
            assert reply.orchestrator_context["workflow_id"] in session.workflows, words


async def test_an_empty_session_is_answered_in_the_same_shape(desk: Desk) -> None:
    for agent_type in AgentType:
        for words in questions(agent_type):
            _, text, reply = await answered(desk, agent_type, words)
            session = await desk.session()
            assert text.strip(), words
            assert [action for action in reply.actions if not can_be_pressed(desk, session, action)] == [], words


async def test_every_number_the_guide_says_can_be_derived_from_the_session(claims: Desk) -> None:
    await claims.upload("notes.md", NOTES)
    for words in questions(AgentType.GUIDE):
        session, text, reply = await answered(claims, AgentType.GUIDE, words)
        said = Message(
            "msg_1", Role.ASSISTANT, text, session.updated_at, MessageStatus.COMPLETED, 1, evidence=reply.evidence
        )
        assert await unfounded(session, claims.app.files, words, said) == set(), text
