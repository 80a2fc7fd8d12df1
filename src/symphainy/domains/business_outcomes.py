from symphainy.agents.guide import GuideCrossDomainAgent
from symphainy.session import AgentType


class BusinessOutcomesLiaisonAgent(GuideCrossDomainAgent):
    agent_type = AgentType.BUSINESS_OUTCOMES
    label = "BusinessOutcomesLiaisonAgent"

    def __init__(self, *a: object, **_: object) -> None: ...
