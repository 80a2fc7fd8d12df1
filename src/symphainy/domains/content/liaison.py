from symphainy.agents.guide import GuideCrossDomainAgent
from symphainy.session import AgentType


class ContentLiaisonAgent(GuideCrossDomainAgent):
    agent_type = AgentType.CONTENT
    label = "ContentLiaisonAgent"

    def __init__(self, *a: object, **_: object) -> None: ...
