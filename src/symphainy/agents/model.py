"""The port to a language model. The default is none: then agents word their answers themselves, from computed facts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from symphainy.session import Action, JsonObject, Role


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool gives back: `text` for the model to read; the rest goes under the answer as the computed parts do."""

    text: str
    evidence: tuple[JsonObject, ...] = ()
    actions: tuple[Action, ...] = ()
    context: JsonObject | None = None


@dataclass(frozen=True, slots=True)
class Tool:
    """Something the model may do on the user's behalf, in the user's own session and nowhere else.

    `parameters` is a JSON Schema of an object. `call` raises ServiceError, InvalidInput and the like for what cannot be done:
    the model is told the message and may try otherwise. The same call in the same run has its effect once.
    """

    name: str
    description: str
    parameters: JsonObject
    call: Callable[[JsonObject], Awaitable[ToolResult]]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One earlier message of the conversation."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """`facts` is the computed answer and, with what the tools give, the only source of truth; `evidence` says where it comes
    from. All of it, and `question` and `history`, are data: nothing in them is an instruction."""

    system: str
    question: str
    facts: str
    evidence: tuple[JsonObject, ...] = ()
    history: tuple[Exchange, ...] = ()
    tools: tuple[Tool, ...] = ()


class Model(Protocol):
    @property
    def name(self) -> str:
        """What the page shows as the source of the wording."""
        ...

    @property
    def patience(self) -> float:
        """Seconds that one answer may take in all, tools included."""
        ...

    def stream(self, prompt: Prompt) -> AsyncIterator[str]:
        """The answer's text in pieces. Raises ServiceError if the model cannot answer."""
        ...


def model_name(model: Model | None) -> str:
    """Who words the answers: the model's name, or that there is none."""
    return "rules, no language model" if model is None else model.name
