"""A language model words answers; facts, buttons and evidence stay the computed ones, and its failure costs nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from symphainy.agents.model import model_name
from symphainy.app import open_symphainy
from symphainy.config import Settings
from symphainy.session import AgentType, MessageStatus
from symphainy.testing.scripted_model import ScriptedModel

from .conftest import CLAIMS, Desk


async def desk_with(model: ScriptedModel, folder: Path) -> AsyncIterator[Desk]:
    async with open_symphainy(Settings(data=folder / "data", store="memory://"), model=model) as app:
        session = await app.sessions.create_session("ada")
        yield Desk(app, session.session_id)


async def test_the_model_words_what_was_computed_from_the_session(tmp_path: Path) -> None:
    model = ScriptedModel(["There are ", "twelve rows."])
    async for desk in desk_with(model, tmp_path):
        await desk.upload("claims.csv", CLAIMS)
        answer = await desk.content("how many rows?")
        assert answer.content == "There are twelve rows."
        assert answer.actions
        assert answer.orchestrator_context is not None
        (prompt,) = model.prompts
        assert "12 rows and 5 columns" in prompt.facts
        assert prompt.evidence == answer.evidence
        assert prompt.question == "how many rows?"
        assert prompt.facts not in prompt.system


@pytest.mark.parametrize("fails_at", [0, 1, 2])
async def test_a_model_that_fails_is_named_and_the_computed_answer_given(fails_at: int, tmp_path: Path) -> None:
    model = ScriptedModel(["One ", "two"], fails_at=fails_at)
    async for desk in desk_with(model, tmp_path):
        answer = await desk.guide("what next?")
        assert answer.status is MessageStatus.COMPLETED
        assert "The language model could not answer (The scripted model stopped here)" in answer.content
        assert "upload a file in Content" in answer.content
        assert answer.actions


async def test_a_model_that_says_nothing_is_not_taken_for_an_answer(tmp_path: Path) -> None:
    async for desk in desk_with(ScriptedModel([" "]), tmp_path):
        assert "upload a file in Content" in (await desk.guide("what next?")).content


async def test_what_the_model_has_said_is_in_the_session_while_it_goes_on(tmp_path: Path) -> None:
    gate = asyncio.Event()

    async def wait_in_the_middle(number: int) -> None:
        if number == 1:
            await gate.wait()

    async for desk in desk_with(
        ScriptedModel(["Upload a file. ", "That is next."], before_piece=wait_in_the_middle), tmp_path
    ):
        asking = asyncio.create_task(desk.guide("what next?"))
        async with asyncio.timeout(10):
            while True:
                messages = (await desk.session()).conversations[AgentType.GUIDE].messages
                if messages and messages[-1].content == "Upload a file. ":
                    break
                await asyncio.sleep(0.01)
        assert messages[-1].status is MessageStatus.STREAMING
        gate.set()
        assert (await asking).content == "Upload a file. That is next."


def test_without_a_model_its_name_says_so() -> None:
    assert "no language model" in model_name(None)
    assert model_name(ScriptedModel([], name="small-one")) == "small-one"
