from symphainy.agents.guide import GuideCrossDomainAgent
from symphainy.session import AgentType


class OperationsLiaisonAgent(GuideCrossDomainAgent):
    agent_type = AgentType.OPERATIONS
    label = "OperationsLiaisonAgent"

    def __init__(self, *a: object, **_: object) -> None: ...
