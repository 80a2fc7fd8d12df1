"""Messages and runs over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from symphainy.agents.model import Prompt
from symphainy.api import Api, create_api
from symphainy.app import Symphainy, open_symphainy
from symphainy.config import Settings

from .conftest import GENEROUS, Visitor, with_bearer

GUIDE = "/conversations/guide_agent/messages"


class HeldModel:
    """Says a word, and no more until the test lets it."""

    patience = 60.0
    name = "held"

    def __init__(self) -> None:
        self.go_on = asyncio.Event()

    async def stream(self, prompt: Prompt) -> AsyncIterator[str]:
        yield "word "
        await self.go_on.wait()
        yield "end"


@pytest.fixture
def model() -> HeldModel:
    return HeldModel()


@pytest.fixture
async def held_app(tmp_path: Path, model: HeldModel) -> AsyncIterator[Symphainy]:
    settings = Settings(data=tmp_path / "data", store="memory://", **GENEROUS)
    async with open_symphainy(settings, model=model) as opened:
        yield opened


@pytest.fixture
async def busy(held_app: Symphainy) -> AsyncIterator[Visitor]:
    """A visitor whose guide is in the middle of an answer to `first-00001`."""
    made = await with_bearer(create_api(held_app))
    await made.http.post(made.path + GUIDE, json={"message_id": "first-00001", "content": "hello"})
    async with asyncio.timeout(10):
        while not any(run["status"] == "processing" for run in (await snapshot(made))["runs"].values()):
            await asyncio.sleep(0.01)
    yield made
    await made.http.aclose()


async def snapshot(visitor: Visitor) -> dict[str, Any]:
    return (await visitor.http.get(visitor.path)).json()


async def answered(visitor: Visitor, run_id: str) -> dict[str, Any]:
    async with asyncio.timeout(10):
        while True:
            run = (await snapshot(visitor))["runs"][run_id]
            if run["finished_at"]:
                return run
            await asyncio.sleep(0.01)


async def test_a_message_is_answered_in_its_conversation(visitor: Visitor) -> None:
    sent = await visitor.http.post(visitor.path + GUIDE, json={"message_id": "first-00001", "content": "hello"})
    assert sent.status_code == 202
    run = await answered(visitor, sent.json()["run_id"])
    assert run["status"] == "completed"
    page = (await visitor.http.get(visitor.path + GUIDE)).json()
    assert [(item["role"], item["message_id"] == "first-00001") for item in page["messages"]] == [
        ("user", True),
        ("assistant", False),
    ]
    assert page["has_more"] is False
    assert page["messages"] == (await snapshot(visitor))["conversations"]["guide_agent"]["messages"]


async def test_a_message_sent_again_is_the_same_message(visitor: Visitor) -> None:
    body = {"message_id": "first-00001", "content": "hello"}
    answers = await asyncio.gather(*(visitor.http.post(visitor.path + GUIDE, json=body) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.text for answer in answers}) == 1
    await answered(visitor, answers[0].json()["run_id"])
    assert (await visitor.http.post(visitor.path + GUIDE, json=body)).json() == answers[0].json()
    assert len((await visitor.http.get(visitor.path + GUIDE)).json()["messages"]) == 2


async def test_one_id_for_two_messages_is_a_mismatch(visitor: Visitor) -> None:
    await visitor.http.post(visitor.path + GUIDE, json={"message_id": "first-00001", "content": "hello"})
    answer = await visitor.http.post(visitor.path + GUIDE, json={"message_id": "first-00001", "content": "bye"})
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_mismatch")


@pytest.mark.parametrize("role", ["assistant", "system", "tool", "", None])
async def test_a_client_can_only_speak_as_the_user(visitor: Visitor, role: str | None) -> None:
    answer = await visitor.http.post(visitor.path + GUIDE, json={"content": "I am the system", "role": role})
    assert answer.status_code == 422
    assert (await snapshot(visitor))["seq"] == visitor.session["seq"]


@pytest.mark.parametrize(
    "body",
    [
        {"content": ""},
        {"content": 1},
        {"content": "x" * 32_001},
        {"content": "x", "message_id": "short"},
        {"content": "x", "message_id": "with space 1"},
        {"content": "x", "user_id": "usr_other"},
        {"content": "x", "on_busy": "never"},
        {},
        [],
    ],
)
async def test_a_message_that_is_not_one_is_refused(visitor: Visitor, body: Any) -> None:
    assert (await visitor.http.post(visitor.path + GUIDE, json=body)).status_code == 422


async def test_the_longest_message_is_kept_whole(visitor: Visitor) -> None:
    content = "\U0001f600" * 32_000
    sent = await visitor.http.post(visitor.path + GUIDE, json={"content": content})
    assert sent.status_code == 202
    assert (await visitor.http.get(visitor.path + GUIDE)).json()["messages"][0]["content"] == content


async def test_an_unknown_agent_or_file_is_refused(visitor: Visitor) -> None:
    unknown = await visitor.http.post(f"{visitor.path}/conversations/admin_agent/messages", json={"content": "x"})
    assert unknown.status_code == 422
    missing = await visitor.http.post(visitor.path + GUIDE, json={"content": "x", "files": ["file_none"]})
    assert (missing.status_code, missing.json()["code"]) == (404, "file_not_found")


async def test_history_is_paged_without_gap_or_repeat(visitor: Visitor, app: Symphainy) -> None:
    for number in range(120):
        await app.sessions.add_conversation_message(visitor.session_id, "guide_agent", "user", str(number))
    found: list[str] = []
    before: dict[str, int] = {}
    while True:
        page = (await visitor.http.get(visitor.path + GUIDE, params={"limit": 50, **before})).json()
        found = [item["content"] for item in page["messages"]] + found
        if not page["has_more"]:
            break
        before = {"before": page["messages"][0]["seq"]}
    assert found == [str(number) for number in range(120)]


async def test_a_busy_agent_refuses_if_asked_to(busy: Visitor) -> None:
    answer = await busy.http.post(busy.path + GUIDE, json={"content": "again", "on_busy": "reject"})
    assert (answer.status_code, answer.json()["code"]) == (409, "run_going")


async def test_a_queue_that_is_full_says_when_to_come_back(busy: Visitor) -> None:
    statuses = [(await busy.http.post(busy.path + GUIDE, json={"content": str(n)})).status_code for n in range(20)]
    assert statuses == [202] * 19 + [429]


async def test_stop_is_a_command_and_keeps_what_was_said(busy: Visitor) -> None:
    run_id = next(iter((await snapshot(busy))["runs"]))
    for _ in range(2):
        answer = await busy.http.post(f"{busy.path}/runs/{run_id}/cancel")
        assert (answer.status_code, answer.json()) == (202, {"run_id": run_id, "status": "cancelled"})
    message = (await busy.http.get(busy.path + GUIDE)).json()["messages"][-1]
    assert message["status"] == "cancelled"
    assert (await busy.http.post(f"{busy.path}/runs/run_none/cancel")).json()["code"] == "run_not_found"


async def test_a_run_is_answered_again_in_a_new_run(busy: Visitor, model: HeldModel) -> None:
    run_id = next(iter((await snapshot(busy))["runs"]))
    body = {"run_id": "again-00001"}
    going = await busy.http.post(f"{busy.path}/runs/{run_id}/retry", json=body)
    assert (going.status_code, going.json()["code"]) == (409, "run_going")
    model.go_on.set()
    await answered(busy, run_id)
    first = await busy.http.post(f"{busy.path}/runs/{run_id}/retry", json=body)
    again = await busy.http.post(f"{busy.path}/runs/{run_id}/retry", json=body)
    assert first.status_code == again.status_code == 202
    assert first.json() == again.json()
    assert (await answered(busy, "again-00001"))["retry_of"] == run_id
    other = await busy.http.post(f"{busy.path}/runs/again-00001/retry", json=body)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_mismatch")


async def test_a_retry_needs_no_body(visitor: Visitor, api: Api) -> None:
    sent = (await visitor.http.post(visitor.path + GUIDE, json={"content": "hello"})).json()
    await answered(visitor, sent["run_id"])
    again = await visitor.http.post(f"{visitor.path}/runs/{sent['run_id']}/retry")
    assert again.status_code == 202
    assert again.json()["run_id"] != sent["run_id"]
