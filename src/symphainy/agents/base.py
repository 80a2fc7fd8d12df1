"""What an agent promises: given one turn of a session, it says what it says and nothing is left in it afterwards."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from dataclasses import dataclass

from symphainy.session import Action, AgentType, JsonObject, Message, Session


@dataclass(frozen=True, slots=True)
class Turn:
    """One run of an agent: the user's message, and the session as of the moment the run began.

    `run_id` stays the same when the turn is executed again after a crash: derive from it the id of whatever the turn
    starts, so that it is started once.
    """

    session: Session
    user_id: str
    message: Message
    run_id: str

    @property
    def session_id(self) -> str:
        return self.session.session_id


@dataclass(frozen=True, slots=True)
class Text:
    """The next piece of the answer, Markdown."""

    text: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes with the answer's text: said once, last. `orchestrator_context` wherever the answer concerns a
    workflow.

    `confidence` is 0 to 1: how sure the agent is of having understood (`intent`). `evidence` names what each fact
    comes from.
    """

    intent: str
    confidence: float
    actions: tuple[Action, ...] = ()
    evidence: tuple[JsonObject, ...] = ()
    orchestrator_context: JsonObject | None = None


class Agent(ABC):
    """Stateless: the session is its only memory."""

    agent_type: AgentType
    label: str

    @abstractmethod
    def answer(self, turn: Turn) -> AsyncIterator[Text | Reply]:
        """Text in pieces as it becomes known, then one Reply. Raises ServiceError if the answer cannot be given."""


class LiaisonAgent(Agent):
    """The agent of one domain: it answers from that domain's results and hands work to its orchestrator."""

    @abstractmethod
    def process_user_query(self, turn: Turn) -> AsyncIterator[Text | Reply]: ...

    def answer(self, turn: Turn) -> AsyncIterator[Text | Reply]:
        return self.process_user_query(turn)
