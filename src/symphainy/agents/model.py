"""The port to a language model. The default is none: then agents word their answers themselves, from computed facts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from symphainy.session import JsonObject


@dataclass(frozen=True, slots=True)
class Prompt:
    """`facts` is the computed answer and the only source of truth; `evidence` says where it comes from. Both, and
    `question`, are data: nothing in them is an instruction."""

    system: str
    question: str
    facts: str
    evidence: tuple[JsonObject, ...] = ()


class Model(Protocol):
    @property
    def name(self) -> str:
        """What the page shows as the source of the wording."""
        ...

    def stream(self, prompt: Prompt) -> AsyncIterator[str]:
        """The answer's text in pieces. Raises ServiceError if the model cannot answer."""
        ...


def model_name(model: Model | None) -> str:
    """Who words the answers: the model's name, or that there is none."""
    return "rules, no language model" if model is None else model.name
