"""The intents: whose they are, the button that asks for each, and ways to say it. Read from the files in `intents/`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Final

SHARED: Final = "shared"
GUIDE: Final = "guide"
PARTS: Final = (SHARED, GUIDE, "content", "insights", "operations", "business_outcomes")
"""One file each: what every agent is asked, what the guide answers itself, and each area's own."""

_BUTTON: Final = "button:"


@dataclass(frozen=True, slots=True)
class Intent:
    """`key` is unique over all agents: the name alone where it is shared, else `area.name`. `label` and `question` are those of
    the button that asks for it, empty where there is none; `lines` are prototypes."""

    area: str | None
    name: str
    label: str = ""
    question: str = ""
    lines: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return f"{self.area}.{self.name}" if self.area else self.name


@cache
def intents() -> Mapping[str, Intent]:
    """All of them, by key, in the order of PARTS and of the files. A button's question is a prototype, too."""
    return MappingProxyType({intent.key: intent for part in PARTS for intent in read_intents(part, _text_of(part))})


def intents_of(area: str) -> tuple[str, ...]:
    """The names of an area's own intents, in the order of its file."""
    return tuple(intent.name for intent in intents().values() if intent.area == area)


def read_intents(part: str, text: str) -> list[Intent]:
    """The sections of one file; several of the same name are one intent."""
    found: dict[str, Intent] = {}
    name = ""
    for line in (line.strip() for line in text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            name = line[1:-1]
            found.setdefault(name, Intent(None if part == SHARED else part, name))
        elif line.startswith(_BUTTON):
            label, _, question = line.removeprefix(_BUTTON).partition("|")
            found[name] = _with(replace(found[name], label=label.strip(), question=question.strip()), [question])
        elif line and not line.startswith("#"):
            found[name] = _with(found[name], [line])
    return list(found.values())


def _with(intent: Intent, lines: Iterable[str]) -> Intent:
    return replace(intent, lines=(*intent.lines, *(line.strip() for line in lines)))


def _text_of(part: str) -> str:
    folder = resources.files("symphainy.agents.understanding").joinpath("intents")
    return folder.joinpath(f"{part}.txt").read_text(encoding="utf-8")
