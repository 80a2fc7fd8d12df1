"""The guide: it asks what brought the user here, suggests data, explains the journey and says what is going on and what is next."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from symphainy.agents.answers import (
    Answer,
    Speaker,
    Toolbox,
    about_file,
    about_workflow,
    ask,
    open_area,
    open_file,
    stop,
    upload,
)
from symphainy.agents.areas import BY_NAME, CONTENT, INSIGHTS, JOURNEY, Area
from symphainy.agents.base import Agent, Reply, Text, Turn
from symphainy.agents.goals import goal_answer, wanted_data
from symphainy.agents.inventory import so_far
from symphainy.agents.listening import Listener
from symphainy.agents.manners import Manners
from symphainy.agents.meanings import meaning
from symphainy.agents.model import Model
from symphainy.agents.next_steps import next_step
from symphainy.agents.situation import analysed, ending, failures, latest_completed, running, status
from symphainy.agents.understanding.router import Understanding, area_router
from symphainy.agents.wording import bullets, newest_first, plain, plural
from symphainy.session import AgentType, Role, Session

JOB: Final = "show you the way: which data helps your goal, what is going on, and what to do next"
OWN: Final = ("goal", "data_advice", "journey", "next", "progress", "outcome", "failure")
FOR_CONTENT: Final = {
    "overview": "what is in a file",
    "columns": "columns",
    "size": "the number of rows",
    "preview": "the first rows",
    "quality": "the quality of the data",
    "column_stats": "the values of a column",
    "metadata": "a file's metadata",
    "analyze": "starting an analysis",
    "export": "results to download",
    "remove": "removing files",
}


class GuideCrossDomainAgent(Agent):
    agent_type = AgentType.GUIDE
    label = "Guide"

    def __init__(self, model: Model | None = None, toolbox: Toolbox | None = None) -> None:
        self._listener = Listener(OWN, area_router("guide"))
        self._manners = Manners(self.agent_type, "guide", JOB, ("next", "data_advice", "journey", "progress"), model)
        self._speaker = Speaker(self.label, model, toolbox)

    def answer(self, turn: Turn) -> AsyncIterator[Text | Reply]:
        return self.provide_guidance(turn)

    async def provide_guidance(self, turn: Turn) -> AsyncIterator[Text | Reply]:
        heard = self._listener.hear(turn)
        told = self._told(turn, heard)
        async for part in self._speaker.say(turn, heard.intent or "unclear", heard.confidence, told):
            yield part

    def _told(self, turn: Turn, heard: Understanding) -> Answer:
        session = turn.session
        if heard.terms:
            return meaning(session, heard.terms, self.agent_type)
        if heard.intent in FOR_CONTENT and heard.area in (None, CONTENT.name):
            return _to_content(session, heard.intent, turn.message.content)
        if heard.intent != "files" and (area := BY_NAME.get(heard.area or "")):
            return _to_area(session, area, turn.message.content)
        match heard.intent:
            case "greet":
                return self._welcome(turn)
            case "help":
                return self._help(session)
            case "journey":
                return _journey(session)
            case "goal":
                return goal_answer(session, heard.goals)
            case "data_advice":
                return wanted_data(session, heard.goals)
            case "next" | "yes":
                return next_step(session)
            case "progress":
                return status(session)
            case "outcome":
                return _outcome(session)
            case "failure":
                return failures(session)
            case "artifacts" | "files":
                return so_far(session, next_step(session))
            case "cancel":
                return _stopping(session)
            case _:
                return self._manners.answer(heard) or Answer("")

    def _welcome(self, turn: Turn) -> Answer:
        met = any(message.role is Role.ASSISTANT for message in turn.session.conversations[self.agent_type].messages)
        if met or turn.session.files:
            return Answer("Hello again." if met else "Hello.").then(next_step(turn.session))
        text = (
            "Hello, I am the guide. What brought you here? Tell me your goal in a sentence, for example "
            "*customers pay us late* or *our onboarding takes too long*, and I say which data helps. "
            "If you have a file at hand, upload it in Content and watch it being read and checked."
        )
        return Answer(text, (upload(), *self._manners.topics("data_advice", "journey")))

    def _help(self, session: Session) -> Answer:
        text = "I can:\n\n" + bullets(
            [
                "suggest which data helps a goal: tell me what you want to achieve",
                "explain the journey through the four areas",
                "say what is happening, how far it is, what was found and what failed",
                "say what to do next",
                "hand you over to the liaison who answers from your files",
            ]
        )
        return Answer(text, self._manners.topics("next", "data_advice", "journey"), _counted(session))


def _journey(session: Session) -> Answer:
    def line(area: Area) -> str:
        return f"**{area.label}**: {area.purpose}. Gives {area.results}."

    text = "There are four areas. You may open any of them; this is the recommended order:\n\n"
    text += bullets([line(area) for area in JOURNEY])
    return Answer(text).then(next_step(session)).then(Answer("", (open_area("Open Content", CONTENT.name),)))


def _outcome(session: Session) -> Answer:
    """All that was found so far, by file; or why there is nothing yet."""
    found = latest_completed(session)
    if running(session) or found is None:
        return status(session)
    told = ending(session, found)
    others = [
        file
        for file in newest_first(session.files)
        if analysed(session, file) and file.file_id != found.input.get("file_id")
    ][:3]
    if not others:
        return told
    more = Answer(
        f"Also analysed: {', '.join(f'**{plain(file.name)}**' for file in others)}.",
        tuple(open_file(file, f"Open {file.name}") for file in others[:1]),
        tuple(about_file(file) for file in others),
    )
    return told.then(more)


def _to_content(session: Session, intent: str, question: str) -> Answer:
    text = f"The content liaison answers that: {FOR_CONTENT[intent]}."
    if not session.files:
        text += " There is no file in this session yet, so upload one first."
        return Answer(text, (upload(), open_area("Open Content", CONTENT.name)), _counted(session))
    text += f" {plural(len(session.files), 'file is', 'files are')} in this session. Shall I pass your question on?"
    actions = (ask("Ask the content liaison", AgentType.CONTENT, question), open_area("Open Content", CONTENT.name))
    return Answer(text, actions, _counted(session))


def _stopping(session: Session) -> Answer:
    """Stopping ends work, so it stays the user's own click."""
    going = running(session)
    if not going:
        return Answer("Nothing is running, so there is nothing to stop.").then(next_step(session))
    listed = bullets([plain(item.title) for item in going[:3]])
    buttons = tuple(stop(item, f"Stop: {item.title}") for item in going[:3])
    return Answer(f"This is running. Shall I stop it?\n\n{listed}", buttons, tuple(map(about_workflow, going[:3])))


def _to_area(session: Session, area: Area, question: str) -> Answer:
    """Hands over with the user's own words."""
    text = f"The {area.label} liaison answers that: in **{area.label}** {area.purpose}."
    handover = ask(f"Ask the {area.label} liaison", area.agent_type, question)
    buttons = (handover, open_area(f"Open {area.label}", area.name))
    if area is INSIGHTS and not any(analysed(session, file) for file in session.files.values()):
        return Answer(f"{text} It needs a file first: upload it in Content.", (upload(), *buttons), _counted(session))
    return Answer(text, buttons, _counted(session))


def _counted(session: Session) -> tuple[dict[str, object], ...]:
    return ({"kind": "session", "session_id": session.session_id, "facts": {"files": len(session.files)}},)
