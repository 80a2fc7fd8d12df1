from symphainy.agents.guide import GuideCrossDomainAgent
from symphainy.session import AgentType


class InsightsLiaisonAgent(GuideCrossDomainAgent):
    agent_type = AgentType.INSIGHTS
    label = "InsightsLiaisonAgent"

    def __init__(self, *a: object, **_: object) -> None: ...
