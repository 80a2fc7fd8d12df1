"""Operations: its liaison. The area's orchestrator is not part of this version."""

from __future__ import annotations

from collections.abc import AsyncIterator

from symphainy.agents.areas import OPERATIONS
from symphainy.agents.base import LiaisonAgent, Reply, Text, Turn
from symphainy.agents.coming_area import ComingArea
from symphainy.agents.model import Model


class OperationsLiaisonAgent(LiaisonAgent):
    """Says what the area is for and which files will serve it. It starts nothing and reports no result."""

    agent_type = OPERATIONS.agent_type
    label = OPERATIONS.label

    def __init__(self, model: Model | None = None) -> None:
        self._area = ComingArea(OPERATIONS, model)

    def process_user_query(self, turn: Turn) -> AsyncIterator[Text | Reply]:
        return self._area.answer(turn)
