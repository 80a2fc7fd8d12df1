from collections.abc import AsyncIterator

from symphainy.agents.base import Agent, Reply, Text, Turn
from symphainy.session import AgentType


class GuideCrossDomainAgent(Agent):
    agent_type = AgentType.GUIDE
    label = "Guide"

    def __init__(self, **_: object) -> None: ...
    async def answer(self, turn: Turn) -> AsyncIterator[Text | Reply]:
        yield Text("Hello")
        yield Reply("hello", 1.0)
