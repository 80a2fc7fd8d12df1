"""From a turn to its intent: the router's view of the words, in the light of the session."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import PurePath
from typing import Final

from symphainy.agents.base import Turn
from symphainy.agents.situation import running
from symphainy.agents.understanding.router import LONG_TEXT, Router, Surroundings, Understanding, masked
from symphainy.session import Role, Session, Status

FILE: Final = "<file>"
COLUMN: Final = "<column>"
OWN_FAVOUR: Final = 1.08
_RUNNING_FAVOURS: Final = {"progress": 1.08, "cancel": 1.06}
_FAILED_FAVOURS: Final = {"failure": 1.08}
_CONTINUING: Final = frozenset(
    {FILE, "and", "or", "what", "how", "about", "for", "of", "in", "same", "also", "too", "the", "then"}
)
_NAMES: Final = 400


class Listener:
    """Hears with one agent's ear: `own` intents, by name, count a little more."""

    def __init__(self, own: Iterable[str], router: Router) -> None:
        self._router = router
        self._own = dict.fromkeys(own, OWN_FAVOUR)

    def hear(self, turn: Turn, columns: Iterable[str] = ()) -> Understanding:
        """`columns` are names that the user may mention, in addition to the session's files."""
        session = turn.session
        names = {**dict.fromkeys(columns, COLUMN), **file_names(session)}
        names = dict(list(names.items())[-_NAMES:])
        surroundings = Surroundings(names, self._favours(session))
        heard = self._router.understand(turn.message.content, surroundings)
        return self._continued(turn, heard, names, surroundings)

    def _favours(self, session: Session) -> Mapping[str, float]:
        favours = dict(self._own)
        more = _RUNNING_FAVOURS if running(session) else {}
        latest = max(session.workflows.values(), key=lambda workflow: workflow.seq, default=None)
        if latest is not None and latest.status is Status.FAILED:
            more = {**more, **_FAILED_FAVOURS}
        for intent, factor in more.items():
            favours[intent] = favours.get(intent, 1.0) * factor
        return favours

    def _continued(
        self, turn: Turn, heard: Understanding, names: Mapping[str, str], surroundings: Surroundings
    ) -> Understanding:
        """`And claims.csv?` asks the question before once more, about something else."""
        if len(turn.message.content) > LONG_TEXT:
            return heard
        text = masked(turn.message.content, names)
        lexicon = self._router.lexicon
        words = set(lexicon.words(text))
        if FILE not in words or not words <= _CONTINUING:
            return heard
        before = _message_before(turn)
        again = self._router.understand(before, surroundings) if before else None
        return replace(again, goals=heard.goals) if again and again.intent else heard


def file_names(session: Session) -> Mapping[str, str]:
    """What files may be called: by their name, and by their name without the ending."""
    names: dict[str, str] = {}
    for file in session.files.values():
        names[file.name] = FILE
        stem = PurePath(file.name).stem
        if len(stem) > 2:
            names[stem] = FILE
    return names


def _message_before(turn: Turn) -> str | None:
    conversation = next(
        (
            item
            for item in turn.session.conversations.values()
            if any(message.message_id == turn.message.message_id for message in item.messages)
        ),
        None,
    )
    said = [message for message in (conversation.messages if conversation else ()) if message.role is Role.USER]
    earlier = [message.content for message in said if message.seq < turn.message.seq]
    return earlier[-1] if earlier else None
