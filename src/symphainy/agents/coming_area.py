"""What a liaison can honestly say while its area is not part of this version: what it is for, and which data will serve."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from symphainy.agents.answers import Answer, Speaker, about_file, ask, open_area, open_file, upload
from symphainy.agents.areas import Area
from symphainy.agents.base import Reply, Text, Turn
from symphainy.agents.listening import Listener
from symphainy.agents.manners import Manners
from symphainy.agents.model import Model
from symphainy.agents.situation import analysed, next_step, status
from symphainy.agents.understanding.router import Understanding, area_router
from symphainy.agents.wording import bullets, newest_first, plain
from symphainy.enabling_services.kinds import DOCUMENTS
from symphainy.session import Action, AgentType, File, Session

_FOR_CONTENT: Final = frozenset(
    {
        "overview",
        "columns",
        "size",
        "preview",
        "quality",
        "column_stats",
        "metadata",
        "analyze",
        "cancel",
        "export",
        "remove",
    }
)


OWN: Final = ("data_advice", "files", "help")
"""What such a liaison is mostly asked beside its area's work."""


class ComingArea:
    """Answers for the liaison of an area that cannot run work yet. Invents nothing, and always knows a way on."""

    def __init__(self, area: Area, model: Model | None) -> None:
        self._area = area
        job = f"say which data {area.label} will work with; its analyses are not part of this version yet"
        label = f"{area.label} liaison"
        self._listener = Listener(OWN, area_router(area.name))
        self._manners = Manners(area.agent_type, label, job, ("data_advice", "content.files", "next"), model)
        self._speaker = Speaker(label, model)

    async def answer(self, turn: Turn) -> AsyncIterator[Text | Reply]:
        heard = self._listener.hear(turn)
        told = self._told(turn, heard)
        async for part in self._speaker.say(turn, heard.intent or "unclear", heard.confidence, told):
            yield part

    def _told(self, turn: Turn, heard: Understanding) -> Answer:
        session = turn.session
        question = turn.message.content
        if heard.area == self._area.name:
            return self._refusal().then(self._serving(session))
        if heard.intent in _FOR_CONTENT:
            return self._passed_on("The content liaison answers that from your files.", AgentType.CONTENT, question)
        match heard.intent:
            case "greet" | "help" | "journey":
                return self._purpose().then(self._serving(session))
            case "data_advice":
                return self._wanted().then(self._serving(session))
            case "files":
                return self._serving(session)
            case "next" | "yes":
                return next_step(session)
            case "progress" | "outcome" | "failure":
                return status(session)
            case "goal":
                return self._passed_on("The guide says which data helps a goal.", AgentType.GUIDE, question)
            case _ if heard.area is not None:
                return self._passed_on(
                    "That belongs to another area; the guide knows which.", AgentType.GUIDE, question
                )
            case _:
                return self._manners.answer(heard) or Answer("")

    def _purpose(self) -> Answer:
        area = self._area
        text = f"**{area.label}** is where {area.purpose}. It will give {area.results}. "
        return Answer(text + "Its analyses are not part of this version yet, so I can start none now.")

    def _refusal(self) -> Answer:
        area = self._area
        return Answer(
            f"I cannot do that yet: the analyses of **{area.label}** are not part of this version, and I do not make up results. "
            "What can be done now is to bring the data and have it read and checked in Content."
        )

    def _wanted(self) -> Answer:
        return Answer(f"{self._area.label} will work with:\n\n{bullets(self._area.serves)}", (upload(),))

    def _serving(self, session: Session) -> Answer:
        """Which of the session's files the area could use, and the way on."""
        fitting = [file for file in newest_first(session.files) if self._serves(session, file)][:3]
        if not fitting:
            text = (
                "None of your files would serve it so far."
                if session.files
                else "There is no file in this session yet."
            )
            missing = "" if session.files else f" Useful would be {self._area.serves[0]}."
            return Answer(text + missing, (upload(), open_area("Open Content", "content"), self._to_guide()), ())
        listed = bullets([f"**{plain(file.name)}** ({file.kind or file.media_type})" for file in fitting])
        return Answer(
            f"Of your files, these would serve it:\n\n{listed}",
            (
                open_file(fitting[0]),
                ask("What is in it?", AgentType.CONTENT, f"What is in {fitting[0].name}?"),
                self._to_guide(),
            ),
            tuple(about_file(file, file_kind=file.kind) for file in fitting),
        )

    def _serves(self, session: Session, file: File) -> bool:
        return analysed(session, file) and (file.kind not in DOCUMENTS) is self._area.from_tables

    def _passed_on(self, text: str, agent_type: AgentType, question: str) -> Answer:
        label = "Ask the content liaison" if agent_type is AgentType.CONTENT else "Ask the guide"
        area = (open_area("Open Content", "content"),) if agent_type is AgentType.CONTENT else ()
        return Answer(text, (ask(label, agent_type, question), *area))

    def _to_guide(self) -> Action:
        return ask("Ask the guide what is next", AgentType.GUIDE, "What should I do next?")
