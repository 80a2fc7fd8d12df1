"""What a language model may do: the operations of the orchestrators, in the turn's session, once for each call."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from symphainy.agents.model import Prompt, ToolResult
from symphainy.agents.pydantic_model import open_model
from symphainy.app import open_symphainy
from symphainy.config import Settings
from symphainy.errors import SymphainyError
from symphainy.session import AgentType, OrchestratorName, Status

from .conftest import CLAIMS, Desk
from .provider import calls, provider, says

Use = Callable[[Callable[[str, dict[str, object]], Awaitable[ToolResult]]], Awaitable[str]]


class ToolUser:
    """A model that uses the tools as its script says, and then says what the script gives back."""

    name = "tool user"
    patience = 60.0

    def __init__(self, script: Use) -> None:
        self._script = script
        self.offered: set[str] = set()

    async def stream(self, prompt: Prompt) -> AsyncIterator[str]:
        tools = {tool.name: tool for tool in prompt.tools}
        self.offered = set(tools)
        yield await self._script(lambda name, given: tools[name].call(given))


async def desk_with(model: ToolUser, folder: Path) -> AsyncIterator[Desk]:
    async with open_symphainy(Settings(data=folder / "data", store="memory://"), model=model) as app:
        yield Desk(app, (await app.sessions.create_session("ada")).session_id)


async def test_a_call_starts_the_operation_and_its_result_may_be_said(tmp_path: Path) -> None:
    file_id = ""

    async def script(call: Callable[[str, dict[str, object]], Awaitable[ToolResult]]) -> str:
        return (await call("analyze_file", {"file_id": file_id})).text

    async for desk in desk_with(ToolUser(script), tmp_path):
        file_id = (await desk.upload("claims.csv", CLAIMS, process=False)).file_id
        answer = await desk.guide("read the claims please")
        assert "12 rows" in answer.content
        (workflow,) = (await desk.session()).workflows.values()
        assert workflow.status is Status.COMPLETED
        assert answer.orchestrator_context == {
            "orchestrator": OrchestratorName.CONTENT.value,
            "workflow_id": workflow.workflow_id,
            "status": "completed",
        }
        chain = [(link.source, link.target) for link in (await desk.session()).delegations]
        assert ("agent:guide_agent", "BusinessOrchestrator") in chain


async def test_the_same_call_twice_starts_one_workflow(tmp_path: Path) -> None:
    file_id = ""

    async def script(call: Callable[[str, dict[str, object]], Awaitable[ToolResult]]) -> str:
        await call("analyze_file", {"file_id": file_id})
        return (await call("analyze_file", {"file_id": file_id})).text

    async for desk in desk_with(ToolUser(script), tmp_path):
        file_id = (await desk.upload("claims.csv", CLAIMS, process=False)).file_id
        await desk.guide("read the claims please")
        assert len((await desk.session()).workflows) == 1


async def test_another_sessions_file_is_out_of_reach(tmp_path: Path) -> None:
    refused = ""

    async def script(call: Callable[[str, dict[str, object]], Awaitable[ToolResult]]) -> str:
        nonlocal refused
        try:
            await call("analyze_file", {"file_id": foreign.file_id})
        except SymphainyError as error:
            refused = error.message
        return (await call("session_status", {})).text

    async for desk in desk_with(ToolUser(script), tmp_path):
        other = Desk(desk.app, (await desk.app.sessions.create_session("bob")).session_id)
        foreign = await other.upload("secret.csv", CLAIMS, process=False)
        answer = await desk.guide("read the secret file")
        assert "There is no file" in refused
        assert "secret" not in answer.content
        assert not (await desk.session()).workflows
        assert not (await other.session()).workflows


@pytest.mark.parametrize("agent", [AgentType.GUIDE, AgentType.CONTENT])
async def test_what_is_offered_is_what_the_orchestrators_can_do(agent: AgentType, tmp_path: Path) -> None:
    async def script(call: Callable[[str, dict[str, object]], Awaitable[ToolResult]]) -> str:
        return "Upload a file in Content."

    model = ToolUser(script)
    async for desk in desk_with(model, tmp_path):
        await desk.ask(agent, "what next?")
        operations = desk.app.business.operations()
        own = (
            operations if agent is AgentType.GUIDE else {OrchestratorName.CONTENT: operations[OrchestratorName.CONTENT]}
        )
        assert model.offered == {
            "session_status",
            "cancel_workflow",
            *(name for names in own.values() for name in names),
        }


async def test_over_http_a_provider_calls_a_tool_and_words_its_result(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data", store="memory://")
    async with (
        provider(calls("session_status", {}), says("There is one file, claims.csv.")) as peer,
        open_symphainy(settings, model=open_model("peer", url=peer.url)) as app,
    ):
        desk = Desk(app, (await app.sessions.create_session("ada")).session_id)
        await desk.upload("claims.csv", CLAIMS)
        answer = await desk.guide("what do I have?")
    assert answer.content == "There is one file, claims.csv."
    assert any("claims.csv" in str(message) for message in peer.requests[1]["messages"] if message["role"] == "tool")
