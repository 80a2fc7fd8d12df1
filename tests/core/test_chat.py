"""Turns: every message is answered once, in order, whatever happens to the process or the connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping

import pytest

from symphainy.agents.base import Agent, Reply, Text, Turn
from symphainy.chat import MAX_QUEUED, Accepted, ChatService
from symphainy.dispatch import LaneKind, Lanes, LeaseLoop
from symphainy.entries import RunFinished
from symphainy.errors import Conflict, IdempotencyMismatch, LeaseLost, ServiceError, TooMany
from symphainy.ids import derived_id
from symphainy.session import Action, AgentType, MessageStatus, Status
from symphainy.sessions import SessionManagerService
from symphainy.telemetry import span, traces_to
from symphainy.traffic_cop import TrafficCop, turn_lane
from tests.servers.otlp import collecting

from .conftest import eventually


class Echo(Agent):
    """Says the user's words back, one at a time; waits for `gate` in the middle."""

    agent_type = AgentType.GUIDE
    label = "Echo"

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.turns: list[str] = []

    async def answer(self, turn: Turn) -> AsyncIterator[Text | Reply]:
        self.turns.append(turn.message.content)
        words = turn.message.content.split()
        for n, word in enumerate(words):
            if n == 1:
                await self.gate.wait()
            if word == "fail":
                raise ServiceError("no_idea", "I could not answer that.")
            yield Text(word + " ")
        yield Reply("echo", 1.0, (Action("Again", "send_message"),), orchestrator_context={"workflow_id": "w"})


@pytest.fixture
async def session_id(sessions: SessionManagerService) -> str:
    return (await sessions.create_session("ada")).session_id


@pytest.fixture
def echo() -> Echo:
    return Echo()


async def chat_service(sessions: SessionManagerService, loop: LeaseLoop, echo: Echo) -> ChatService:
    agents: Mapping[AgentType, Agent] = {AgentType.GUIDE: echo}
    service = ChatService(sessions, loop, agents)
    await loop.start({"turn": LaneKind(service.execute, 8, service.pending)})
    return service


@pytest.fixture
async def chat(sessions: SessionManagerService, loop: LeaseLoop, echo: Echo) -> ChatService:
    return await chat_service(sessions, loop, echo)


async def status_of(sessions: SessionManagerService, session_id: str, run_id: str) -> Status:
    session = await sessions.get_session(session_id)
    return session.runs[run_id].status


async def finished(sessions: SessionManagerService, session_id: str, run_id: str) -> bool:
    return (await status_of(sessions, session_id, run_id)).finished


async def say(chat: ChatService, session_id: str, text: str, message_id: str | None = None) -> Accepted:
    return await chat.send_message(session_id, "guide_agent", text, user_id="ada", message_id=message_id)


async def contents(sessions: SessionManagerService, session_id: str) -> list[tuple[str, str]]:
    messages = (await sessions.get_session(session_id)).conversations["guide_agent"].messages
    return [(message.content.strip(), message.status.value) for message in messages]


async def test_an_answer_is_whole_and_carries_its_context(
    chat: ChatService, sessions: SessionManagerService, session_id: str
) -> None:
    accepted = await say(chat, session_id, "hello there")
    await eventually(lambda: finished(sessions, session_id, accepted.run_id))
    session = await sessions.get_session(session_id)
    user, answer = session.conversations["guide_agent"].messages
    assert (user.role, answer.role, answer.content) == ("user", "assistant", "hello there ")
    assert answer.orchestrator_context == {"workflow_id": "w"}
    assert answer.actions[0].label == "Again"
    assert session.title == "hello there"


async def test_what_has_been_said_shows_while_the_rest_is_still_coming(
    chat: ChatService, sessions: SessionManagerService, session_id: str, echo: Echo
) -> None:
    echo.gate.clear()
    accepted = await say(chat, session_id, "one two")

    async def shows_one() -> bool:
        return ("one", "streaming") in await contents(sessions, session_id)

    await eventually(shows_one)
    assert await status_of(sessions, session_id, accepted.run_id) is Status.PROCESSING
    echo.gate.set()
    await eventually(lambda: finished(sessions, session_id, accepted.run_id))
    assert await contents(sessions, session_id) == [("one two", "completed"), ("one two", "completed")]


async def test_messages_are_answered_in_order_and_a_repeated_one_once(
    chat: ChatService, sessions: SessionManagerService, session_id: str, echo: Echo
) -> None:
    echo.gate.clear()
    first = await say(chat, session_id, "one a", "message-1")
    assert await say(chat, session_id, "one a", "message-1") == first
    second = await say(chat, session_id, "two b", "message-2")
    with pytest.raises(IdempotencyMismatch):
        await say(chat, session_id, "other", "message-2")
    echo.gate.set()
    await eventually(lambda: finished(sessions, session_id, second.run_id))
    assert echo.turns == ["one a", "two b"]
    assert await say(chat, session_id, "one a", "message-1") == first
    assert len(await contents(sessions, session_id)) == 4


async def test_i4_cancel_keeps_what_was_said_and_the_next_message_is_answered(
    chat: ChatService, sessions: SessionManagerService, session_id: str, echo: Echo
) -> None:
    echo.gate.clear()
    first = await say(chat, session_id, "one two")
    second = await say(chat, session_id, "three")

    async def speaking() -> bool:
        return ("one", "streaming") in await contents(sessions, session_id)

    await eventually(speaking)
    run = await chat.cancel_run(session_id, first.run_id)
    assert run.status is Status.CANCELLED
    await eventually(lambda: finished(sessions, session_id, second.run_id))
    assert ("one", "cancelled") in await contents(sessions, session_id)
    assert ("three", "completed") in await contents(sessions, session_id)
    entries = await sessions.entries(session_id, topic=first.run_id)
    assert sum(isinstance(entry.body, RunFinished) for entry in entries) == 1
    assert (await chat.cancel_run(session_id, first.run_id)).finished_at == run.finished_at


async def test_a_retry_that_is_sent_again_from_another_trace_is_the_same_retry(
    chat: ChatService, sessions: SessionManagerService, session_id: str
) -> None:
    accepted = await say(chat, session_id, "please fail now")
    await eventually(lambda: finished(sessions, session_id, accepted.run_id))
    with collecting() as collector, traces_to(collector.endpoint, "1"):
        with span("first"):
            first = await chat.retry_run(session_id, accepted.run_id, new_run_id="run-again-1")
        with span("second"):
            assert await chat.retry_run(session_id, accepted.run_id, new_run_id="run-again-1") == first
        await eventually(lambda: finished(sessions, session_id, "run-again-1"))
    (started,) = [entry for entry in await sessions.entries(session_id, topic="run-again-1") if entry.traceparent]
    by_name = {item.name: item for item in collector.spans()}
    assert started.traceparent is not None
    assert (
        started.traceparent.split("-")[1]
        == by_name["first"].trace_id.hex()
        == by_name["turn.guide_agent"].trace_id.hex()
    )


async def test_a_failed_turn_says_why_and_can_be_retried(
    chat: ChatService, sessions: SessionManagerService, session_id: str
) -> None:
    accepted = await say(chat, session_id, "please fail now")
    await eventually(lambda: finished(sessions, session_id, accepted.run_id))
    run = (await sessions.get_session(session_id)).runs[accepted.run_id]
    assert run.error is not None
    assert (run.status, run.error.code) == (Status.FAILED, "no_idea")
    again = await chat.retry_run(session_id, accepted.run_id, new_run_id="run-again-1")
    assert (await chat.retry_run(session_id, accepted.run_id, new_run_id="run-again-1")) == again
    await eventually(lambda: finished(sessions, session_id, "run-again-1"))
    session = await sessions.get_session(session_id)
    assert session.runs["run-again-1"].retry_of == accepted.run_id
    statuses = [message.status for message in session.conversations["guide_agent"].messages]
    assert statuses == [MessageStatus.COMPLETED, MessageStatus.FAILED, MessageStatus.FAILED]


async def test_busy_can_refuse_interrupt_and_has_an_end(
    chat: ChatService, sessions: SessionManagerService, session_id: str, echo: Echo
) -> None:
    echo.gate.clear()
    first = await say(chat, session_id, "one two")
    with pytest.raises(Conflict):
        await chat.send_message(session_id, "guide_agent", "no", user_id="ada", on_busy="reject")
    for n in range(MAX_QUEUED - 1):
        await say(chat, session_id, f"more{n}")
    with pytest.raises(TooMany):
        await say(chat, session_id, "too many")
    last = await chat.send_message(session_id, "guide_agent", "last", user_id="ada", on_busy="interrupt")
    await eventually(lambda: finished(sessions, session_id, last.run_id))
    assert (await chat.get_run(session_id, first.run_id)).status is Status.CANCELLED


async def test_who_wakes_up_after_another_has_answered_has_lost_the_turn_whatever_the_other_said(
    cop: TrafficCop, sessions: SessionManagerService, session_id: str
) -> None:
    awake = ChatService(sessions, LeaseLoop(Lanes(cop)), {AgentType.GUIDE: Echo()})
    await say(awake, session_id, "one two three")
    lane = turn_lane("guide_agent")
    old = await cop.acquire_lease(session_id, lane, "asleep", 60)
    session = await sessions.get_session(session_id)
    message_id = derived_id("msg", next(iter(session.runs)))
    await cop.release_lease(old)
    new = await cop.acquire_lease(session_id, lane, "awake", 60)
    await awake.execute(session_id, "guide_agent", new)
    before = await sessions.entries(session_id)
    with pytest.raises(LeaseLost):
        await sessions.add_conversation_message(
            session_id, "guide_agent", "assistant", "one ", message_id=message_id, fence=old
        )
    assert await sessions.entries(session_id) == before


async def test_a_turn_cut_off_by_a_crash_is_answered_once_by_the_next_process(
    cop: TrafficCop, sessions: SessionManagerService, session_id: str, echo: Echo
) -> None:
    echo.gate.clear()
    first = LeaseLoop(Lanes(cop, lease_seconds=0.5))
    accepted = await say(await chat_service(sessions, first, echo), session_id, "one two three")

    async def speaking() -> bool:
        return ("one", "streaming") in await contents(sessions, session_id)

    await eventually(speaking)
    await first.close()
    echo.gate.set()
    second = LeaseLoop(Lanes(cop, lease_seconds=0.5))
    await chat_service(sessions, second, echo)
    await eventually(lambda: finished(sessions, session_id, accepted.run_id))
    await second.close()
    assert await contents(sessions, session_id) == [("one two three", "completed"), ("one two three", "completed")]
