"""A real application on the memory store; the agents are asked through the chat service, and answer from real files."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from symphainy.app import Symphainy, open_symphainy
from symphainy.config import Settings
from symphainy.ids import new_id
from symphainy.session import AgentType, File, Message, Session

CLAIMS = """claim_id,region,premium,late_days,paid_on
1,North,100.5,3,2024-01-05
2,north,220.0,95,2024-02-01
3,South,,12,2024-02-11
4,South,180.25,120,2024-03-02
5,East,99.0,1,2024-03-09
6,North,310.75,0,2024-04-17
7,,120.0,44,2024-05-20
8,East,101.0,7,2024-06-30
9,North,150.0,2,2024-07-04
10,South,175.0,14,2024-08-08
11,North,160.0,5,2024-09-12
11,North,160.0,5,2024-09-12
"""

NOTES = """# Onboarding

New customers sign the form. If the form is complete, the back office opens the account.
"""


class Desk:
    """One session of one user, as the user meets it."""

    def __init__(self, app: Symphainy, session_id: str) -> None:
        self.app = app
        self.session_id = session_id

    async def session(self) -> Session:
        return await self.app.sessions.get_session(self.session_id)

    async def upload(self, name: str, content: str | bytes, *, process: bool = True) -> File:
        data = content.encode() if isinstance(content, str) else content

        async def chunks() -> AsyncIterator[bytes]:
            yield data

        file = await self.app.uploads.add(
            self.session_id, name, chunks(), user_id="ada", file_id=new_id("file"), process=process
        )
        await self.settled()
        return (await self.session()).files[file.file_id]

    async def settled(self) -> None:
        """Waits until no workflow is going."""
        async with asyncio.timeout(30):
            while any(not item.status.finished for item in (await self.session()).workflows.values()):
                await asyncio.sleep(0.02)

    async def ask(self, agent_type: AgentType, words: str, files: tuple[str, ...] = ()) -> Message:
        """The agent's answer to the words."""
        sent = await self.app.chat.send_message(
            self.session_id, agent_type, words, user_id="ada", files=files, message_id=new_id("msg")
        )
        async with asyncio.timeout(45):
            while not (await self.session()).runs[sent.run_id].status.finished:
                await asyncio.sleep(0.005)
        messages = (await self.session()).conversations[agent_type].messages
        return next(item for item in messages if item.run_id == sent.run_id and item.role == "assistant")

    async def guide(self, words: str) -> Message:
        return await self.ask(AgentType.GUIDE, words)

    async def content(self, words: str) -> Message:
        return await self.ask(AgentType.CONTENT, words)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_symphainy(Settings(data=tmp_path / "data", store="memory://")) as app:
        session = await app.sessions.create_session("ada")
        yield Desk(app, session.session_id)


@pytest.fixture
async def claims(desk: Desk) -> Desk:
    """The desk with one analysed table."""
    await desk.upload("claims.csv", CLAIMS)
    return desk
