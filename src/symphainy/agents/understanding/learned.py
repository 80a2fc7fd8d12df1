"""Prototypes that a user added: a file of its own in the data folder, read on top of those of the package."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from symphainy.agents.understanding.lexicon import english
from symphainy.agents.understanding.prototypes import PARTS, intents
from symphainy.agents.understanding.router import Router, Scorer, Understanding, examples, scorer_over
from symphainy.errors import InvalidInput

FILE_NAME: Final = "prototypes.txt"
BUTTONS: Final = sum(bool(intent.question) for intent in intents().values())
_HEAD: Final = "# Ways to say it that were added with `symphainy learn`: `[area.intent]`, then one on each line.\n"


@dataclass(frozen=True, slots=True)
class Lesson:
    """What an utterance was understood as before and after it was added."""

    key: str
    before: Understanding
    after: Understanding
    forgotten: tuple[str, ...]
    """Questions of buttons that were understood before and are not any more."""


def read_learned(path: Path) -> Mapping[str, Sequence[str]]:
    """Lines by the key of their intent; those of intents that no longer exist are left out."""
    found: dict[str, list[str]] = {}
    key = ""
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
        if line.startswith("["):
            key = line.strip("[] ")
        elif line.strip() and not line.startswith("#") and key in intents():
            found.setdefault(key, []).append(line.strip())
    return found


def key_of(area: str, name: str) -> str:
    """The key of an intent as a user names it. Raises InvalidInput that lists what there is."""
    if area not in PARTS:
        raise InvalidInput(f"There is no area {area!r}: use one of {', '.join(PARTS)}.")
    own = [intent for intent in intents().values() if (intent.area or "shared") == area]
    for intent in own:
        if intent.name == name:
            return intent.key
    raise InvalidInput(f"{area} has no intent {name!r}: use one of {', '.join(intent.name for intent in own)}.")


def learn(path: Path, utterance: str, key: str) -> Lesson:
    """Appends the utterance to the file at `path`, under the intent. Raises InvalidInput if it has no words."""
    words = " ".join(utterance.split())
    if not english().words(words) or words.startswith(("#", "[")):
        raise InvalidInput("There are no words to learn in that.")
    area = intents()[key].area or "guide"
    before = scorer_over(examples(read_learned(path)))
    lines = [*read_learned(path).get(key, ()), words]
    after = scorer_over(examples({**read_learned(path), key: lines}))
    lesson = Lesson(key, _heard(area, words, before), _heard(area, words, after), _forgotten(before, after))
    text = path.read_text(encoding="utf-8") if path.is_file() else _HEAD
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{text.rstrip()}\n\n[{key}]\n{words}\n", encoding="utf-8")
    return lesson


def _heard(area: str, words: str, scorer: Scorer) -> Understanding:
    return Router(area, english(), intents(), scorer).understand(words)


def _forgotten(before: Scorer, after: Scorer) -> tuple[str, ...]:
    asked = [intent for intent in intents().values() if intent.question]
    return tuple(
        intent.question
        for intent in asked
        if _heard(intent.area or "guide", intent.question, before).intent == intent.name
        and _heard(intent.area or "guide", intent.question, after).intent != intent.name
    )
