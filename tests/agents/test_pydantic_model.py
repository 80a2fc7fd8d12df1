"""A real provider over HTTP, behaving and misbehaving: the answer always ends, and the computed one is always there."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from symphainy.agents.model import Model
from symphainy.agents.pydantic_model import Bounds, open_model
from symphainy.app import open_symphainy
from symphainy.config import Settings
from symphainy.errors import InvalidInput
from symphainy.session import Message, MessageStatus

from .conftest import Desk
from .provider import Behaviour, breaks_off, calls, garbage, provider, refuses, says, texts, waits_for_ever

COMPUTED = "upload a file in Content"


async def asked(folder: Path, url: str, *questions: str, bounds: Bounds | None = None) -> list[Message]:
    model: Model = open_model("peer", url=url, bounds=bounds)
    async with open_symphainy(Settings(data=folder / "data", store="memory://"), model=model) as app:
        session = await app.sessions.create_session("ada")
        desk = Desk(app, session.session_id)
        return [await desk.guide(question) for question in questions]


async def test_an_answer_streams_from_the_provider_and_earlier_messages_are_told_to_it(tmp_path: Path) -> None:
    async with provider(says("Bring ", "a file", " first."), says("As I said: a file.")) as peer:
        first, second = await asked(tmp_path, peer.url, "what next?", "what next, please?")
    assert first.content == "Bring a file first."
    assert second.content == "As I said: a file."
    roles = [role for role, _ in texts(peer.requests[1]["messages"])]
    assert roles == ["system", "user", "assistant", "user"]
    assert COMPUTED in texts(peer.requests[0]["messages"])[-1][1]


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (refuses(401, "no such key"), "the provider refused"),
        (refuses(400, "not with me"), "the provider refused"),
        (refuses(429, "too much"), "cannot be reached or is in trouble"),
        (refuses(503, "down for maintenance"), "cannot be reached or is in trouble"),
        (garbage(b"data: {nonsense\n\n"), "could not answer"),
        (garbage(b"<html>a proxy's page</html>"), "The language model"),
        (breaks_off(), "could not answer"),
        (breaks_off("Bring a file, ", "because "), "could not answer"),
        (says("Revenue grew by 15 ", "% last year."), "it said 15 %, which does not stand in the evidence"),
        (says(*["I am a helpful file assistant. "] * 40), "it repeated itself"),
        (says("Lorem ipsum dolor sit amet."), "has nothing to do with the facts"),
        (says(), "could not answer"),
        (calls("no_such_tool", {}), "could not answer"),
    ],
)
@pytest.mark.timeout(60)
async def test_whatever_the_provider_does_the_answer_ends_with_the_computed_one(
    behaviour: Behaviour, reason: str, tmp_path: Path
) -> None:
    async with provider(behaviour) as peer:
        (answer,) = await asked(tmp_path, peer.url, "what next?")
    assert answer.status is MessageStatus.COMPLETED
    assert reason in answer.content
    assert COMPUTED in answer.content
    assert "grew by 15" not in answer.content
    assert answer.actions


async def test_nobody_there(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}/v1"
        (answer,) = await asked(tmp_path, url, "what next?")
    assert "cannot be reached" in answer.content
    assert COMPUTED in answer.content


async def test_an_answer_that_takes_too_long_is_stopped_and_the_connection_closed(tmp_path: Path) -> None:
    begun = asyncio.Event()
    async with provider(waits_for_ever(begun, "Bring a file, ")) as peer:
        (answer,) = await asked(tmp_path, peer.url, "what next?", bounds=Bounds(seconds=1.5))
    assert begun.is_set()
    assert answer.content.startswith("Bring a file, ")
    assert "stopped after 1.5 seconds" in answer.content
    assert COMPUTED in answer.content


async def test_a_model_that_wants_tools_for_ever_meets_the_limit(tmp_path: Path) -> None:
    async with provider(calls("session_status", {})) as peer:
        (answer,) = await asked(tmp_path, peer.url, "what next?", bounds=Bounds(requests=3))
    assert len(peer.requests) <= 3
    assert "could not answer" in answer.content
    assert COMPUTED in answer.content


def test_a_provider_that_does_not_exist_is_said_at_start() -> None:
    with pytest.raises(InvalidInput, match="cannot be used"):
        open_model("no-such-provider:x")


def test_a_missing_credential_is_said_at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(InvalidInput, match="OPENAI_API_KEY"):
        open_model("openai:gpt-5")
