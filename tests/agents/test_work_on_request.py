"""Starting and stopping an analysis from the chat, with workflows that nobody executes: what is asked for happens once."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from symphainy.agents.base import Reply, Text, Turn
from symphainy.domains.content.liaison import ContentLiaisonAgent
from symphainy.domains.content.orchestrator import ContentAnalysisOrchestrator
from symphainy.enabling_services import (
    DataAnalyzer,
    DataQuality,
    FileParser,
    FormatComposer,
    MetadataExtractor,
    PreviewBuilder,
)
from symphainy.enabling_services.insights.data_insights_query import DataInsightsQuery
from symphainy.enabling_services.insights.query_engine import QueryEngine
from symphainy.ids import new_id
from symphainy.orchestrators.business import BusinessOrchestrator
from symphainy.session import AgentType, Role, Session, Status
from symphainy.workflows import Workflows

from .conftest import CLAIMS, Desk


class NobodyExecutes:
    def submit(self, session_id: str, lane: str) -> None: ...
    def interrupt(self, session_id: str, lane: str) -> None: ...


@dataclass
class Parked:
    """An agent whose workflows stay queued, and the desk it works at."""

    desk: Desk
    agent: ContentLiaisonAgent

    async def turn(self, words: str) -> Turn:
        message = await self.desk.app.sessions.add_conversation_message(
            self.desk.session_id, AgentType.CONTENT, Role.USER, words
        )
        return Turn(await self.desk.session(), "ada", message, new_id("run"))

    async def answer(self, turn: Turn) -> tuple[str, Reply]:
        text, reply = "", None
        async for part in self.agent.process_user_query(turn):
            match part:
                case Text(text=piece):
                    text += piece
                case Reply():
                    reply = part
        assert reply is not None
        return text, reply

    async def say(self, words: str) -> tuple[str, Reply]:
        return await self.answer(await self.turn(words))

    async def session(self) -> Session:
        return await self.desk.session()


@pytest.fixture
async def parked(desk: Desk) -> Parked:
    app = desk.app
    content = ContentAnalysisOrchestrator(
        app.files,
        FileParser(),
        DataAnalyzer(),
        MetadataExtractor(),
        PreviewBuilder(),
        DataQuality(),
        FormatComposer(),
    )
    business = BusinessOrchestrator(
        Workflows(app.sessions, NobodyExecutes(), [content]), {content.name: content.operations}
    )
    await desk.upload("claims.csv", CLAIMS, process=False)
    return Parked(desk, ContentLiaisonAgent(business, app.files, DataInsightsQuery(QueryEngine())))


async def test_a_turn_that_is_executed_again_starts_the_analysis_once(parked: Parked) -> None:
    turn = await parked.turn("analyse claims.csv")
    first = await parked.answer(turn)
    again = await parked.answer(Turn(await parked.session(), turn.user_id, turn.message, turn.run_id))
    assert len((await parked.session()).workflows) == 1
    assert first == again


async def test_a_second_request_meets_the_analysis_that_is_going(parked: Parked) -> None:
    await parked.say("analyse claims.csv")
    text, reply = await parked.say("analyse claims.csv")
    assert "being analysed already" in text
    assert "waits for its turn" in text
    assert len((await parked.session()).workflows) == 1
    assert reply.orchestrator_context is not None


@pytest.mark.parametrize("words", ["stop it", "cancel the analysis", "never mind, stop", "please abort claims.csv"])
async def test_a_running_analysis_is_stopped_on_request(parked: Parked, words: str) -> None:
    await parked.say("analyse claims.csv")
    text, reply = await parked.say(words)
    (workflow,) = (await parked.session()).workflows.values()
    assert workflow.status is Status.CANCELLED
    assert "cancelled" in text
    assert "kept" in text
    assert reply.orchestrator_context == {
        "orchestrator": "ContentAnalysisOrchestrator",
        "workflow_id": workflow.workflow_id,
        "status": "cancelled",
    }


async def test_of_several_running_analyses_it_asks_which_one_to_stop(parked: Parked) -> None:
    await parked.desk.upload("people.csv", "name,age\nann,30\n", process=False)
    await parked.say("analyse claims.csv")
    await parked.say("analyse people.csv")
    text, reply = await parked.say("stop it")
    assert "Which one" in text
    assert [action.kind for action in reply.actions] == ["cancel_workflow", "cancel_workflow"]
    await parked.say("stop people.csv")
    stopped = [item.title for item in (await parked.session()).workflows.values() if item.status is Status.CANCELLED]
    assert stopped == ["Analyse people.csv"]
