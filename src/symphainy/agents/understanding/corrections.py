"""What a session's log says about misunderstandings: where an agent asked back, and which button the user then pressed."""

from __future__ import annotations

import shlex
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Final

from symphainy import entries as log
from symphainy.agents.understanding.prototypes import SHARED, intents
from symphainy.session import Action, AgentType, Role

ASKED_BACK: Final = ("I am not sure that I understood", "I did not understand")
"""How an answer begins that asks back or gives up."""


@dataclass(frozen=True, slots=True)
class Correction:
    """`key` is the intent of the button that the user pressed next; None where none was pressed."""

    agent_type: AgentType
    utterance: str
    key: str | None

    @property
    def command(self) -> str:
        """What teaches it."""
        area, _, name = (self.key or "AREA.INTENT").rpartition(".")
        return f"symphainy learn {shlex.quote(self.utterance)} --area {area or SHARED} --intent {name}"


async def corrections(entries: AsyncIterator[log.Entry]) -> list[Correction]:
    """Every turn in which an agent asked back, in order."""
    found: list[Correction] = []
    said: dict[AgentType, str] = {}
    open_turns: dict[AgentType, tuple[int, tuple[Action, ...]]] = {}
    async for entry in entries:
        match entry.body:
            case log.MessageAdded(role=Role.USER, content=content) if entry.conversation:
                for place, actions in open_turns.values():
                    if any(action.target.get("content") == content for action in actions):
                        found[place] = Correction(found[place].agent_type, found[place].utterance, _asking(content))
                open_turns.pop(entry.conversation, None)
                said[entry.conversation] = content
            case log.MessageCompleted(content=content, actions=actions) if entry.conversation in said:
                agent_type = AgentType(entry.conversation)
                if content.startswith(ASKED_BACK):
                    open_turns[agent_type] = (len(found), tuple(actions))
                    found.append(Correction(agent_type, said[agent_type], None))
            case _:
                pass
    return found


def _asking(question: str) -> str | None:
    """The intent whose button sends that question."""
    candidates: Iterable[str] = (key for key, intent in intents().items() if intent.question == question)
    return next(iter(candidates), None)
