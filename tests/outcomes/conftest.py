"""A real application on the memory store, with results of the other areas in a session."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest

from symphainy.app import Symphainy, open_symphainy
from symphainy.config import Settings
from symphainy.ids import new_id
from symphainy.library import content_of, read_document
from symphainy.session import AgentType, JsonObject, Message, OrchestratorName, Session, Status, Workflow

from .results_of_others import put_all, put_analysed_file

INVOICES = "invoice,customer,late_days,amount\n" + "".join(
    f"{number},customer {number % 7},{number * 13 % 140},{number * 7 % 900}.5\n" for number in range(200)
)
PLAN: dict[str, Any] = {"team_size": 4, "people_each": 2, "start_date": "2026-12-07"}
MONEY: dict[str, Any] = {
    "scope": "all",
    "currency": "EUR",
    "cost_per_day": 800,
    "one_off_cost": 12_000,
    "yearly_cost": 5_000,
    "yearly_benefit": 60_000,
    "discount_rate": 10,
    "horizon": 4,
}


class Desk:
    """One session of one user with the business outcomes area."""

    def __init__(self, app: Symphainy, session_id: str) -> None:
        self.app = app
        self.session_id = session_id

    async def session(self) -> Session:
        return await self.app.sessions.get_session(self.session_id)

    async def upload(self, name: str = "invoices.csv", content: str = INVOICES) -> str:
        async def chunks() -> AsyncIterator[bytes]:
            yield content.encode()

        file = await self.app.uploads.add(self.session_id, name, chunks(), user_id="ada", file_id=new_id("file"))
        await self.until(lambda session: all(item.status.finished for item in session.workflows.values()))
        return file.file_id

    async def until(self, condition: Any) -> Session:
        async with asyncio.timeout(30):
            while not condition(session := await self.session()):
                await asyncio.sleep(0.01)
        return session

    async def start(self, operation: str) -> Workflow:
        """Until it waits for its user, or has ended."""
        workflow = await self.app.business.start(
            self.session_id, OrchestratorName.BUSINESS_OUTCOMES, operation, {}, requested_by="user:ada"
        )
        return await self.stopped(workflow.workflow_id)

    async def stopped(self, workflow_id: str) -> Workflow:
        def at_rest(session: Session) -> bool:
            held = session.workflows[workflow_id]
            return held.status.finished or held.asked is not None

        return (await self.until(at_rest)).workflows[workflow_id]

    async def answer(self, workflow: Workflow, answers: Mapping[str, Any]) -> Workflow:
        assert workflow.asked is not None, workflow.error
        await self.app.business.answer(
            self.session_id, workflow.workflow_id, workflow.asked.name, answers, requested_by="user:ada"
        )
        return await self.stopped(workflow.workflow_id)

    async def roadmap(self, effort: float = 10.0) -> Workflow:
        waiting = await self.start("generate_strategic_roadmap")
        return await self.answer(waiting, plan_of(waiting, effort))

    async def proposal(self, **money: object) -> Workflow:
        """With the roadmap first, where there is none."""
        workflow = await self.start("generate_poc_proposal")
        if workflow.asked is not None and workflow.asked.name == "plan":
            workflow = await self.answer(workflow, plan_of(workflow))
        return await self.answer(workflow, {**MONEY, **money})

    async def document(self, kind: str, version: int | None = None) -> JsonObject:
        session = await self.session()
        artifact = next(item for item in session.artifacts.values() if item.kind == kind)
        return await read_document(self.app.files, session, artifact.artifact_id, version)

    async def text(self, kind: str) -> str:
        session = await self.session()
        artifact = next(item for item in session.artifacts.values() if item.kind == kind)
        content = await content_of(self.app.files, session, artifact.artifact_id, None, "text/markdown")
        return content.path.read_text()

    async def ask(self, words: str) -> Message:
        """The liaison's answer."""
        sent = await self.app.chat.send_message(
            self.session_id, AgentType.BUSINESS_OUTCOMES, words, user_id="ada", message_id=new_id("msg")
        )
        await self.until(lambda session: session.runs[sent.run_id].status.finished)
        messages = (await self.session()).conversations[AgentType.BUSINESS_OUTCOMES].messages
        return next(item for item in messages if item.run_id == sent.run_id and item.role == "assistant")


def plan_of(waiting: Workflow, effort: float = 10.0) -> dict[str, Any]:
    assert waiting.asked is not None, waiting.error
    efforts = {item.name: effort for item in waiting.asked.questions if item.name.startswith("effort_")}
    return {**PLAN, **efforts}


def completed(workflow: Workflow) -> JsonObject:
    assert workflow.status is Status.COMPLETED, workflow.error
    assert workflow.result is not None
    return workflow.result


def as_json(document: JsonObject) -> JsonObject:
    return orjson.loads(orjson.dumps(document))


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_symphainy(Settings(data=tmp_path / "data", store="memory://")) as app:
        session = await app.sessions.create_session("ada")
        yield Desk(app, session.session_id)


@pytest.fixture
async def found(desk: Desk) -> Desk:
    """The desk with an analysed file, two findings of it and a blueprint with two gaps."""
    file_id = await put_analysed_file(desk.app, desk.session_id, "invoices.csv", INVOICES)
    await put_all(desk.app, desk.session_id, file_id)
    return desk
