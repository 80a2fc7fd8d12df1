"""What every agent answers in the same way: thanks, who it is, where data is kept, formats, and not having understood."""

from __future__ import annotations

from typing import Final

from symphainy.agents.answers import Answer, ask, open_area, upload
from symphainy.agents.areas import agent_of, area_of
from symphainy.agents.model import Model, model_name
from symphainy.agents.understanding.prototypes import GUIDE, intents
from symphainy.agents.understanding.router import Understanding
from symphainy.agents.wording import bullets
from symphainy.session import Action, AgentType

FORMATS: Final = (
    "tables: CSV, TSV, Excel (.xlsx, .xls), OpenDocument (.ods), JSON, JSON Lines, Parquet",
    "documents: PDF, Word (.docx), PowerPoint (.pptx), HTML, Markdown, plain text, and pictures of text",
    "e-mail with its attachments, BPMN diagrams, and mainframe records with their COBOL copybook",
)


class Manners:
    def __init__(
        self, agent_type: AgentType, label: str, job: str, offered: tuple[str, ...], model: Model | None
    ) -> None:
        """`job` continues "I am the <label>: I"; `offered` names the intents that the agent puts forward, best first."""
        self._agent_type = agent_type
        self._label = label
        self._job = job
        self._offered = offered
        self._model = model

    def topics(self, *names: str) -> tuple[Action, ...]:
        """Buttons that ask about intents: by name for those of this agent, the shared ones and the guide's, else by key."""
        return tuple(self._topic(name) for name in names)

    def _topic(self, name: str) -> Action:
        own = f"{area_of(self._agent_type)}.{name}"
        key = next(key for key in (own, name, f"{GUIDE}.{name}") if key in intents())
        intent = intents()[key]
        return ask(intent.label, agent_of(intent.area) if intent.area else self._agent_type, intent.question)

    def answer(self, heard: Understanding) -> Answer | None:
        """For the intents that are the same everywhere; None for any other."""
        match heard.intent:
            case "thanks":
                return Answer("You are welcome. Everything stays in this session.", self.topics("next"))
            case "no":
                return Answer("Fine, nothing was changed.", self.topics(*self._offered[:3]))
            case "who":
                text = f"I am the {self._label}, a program and not a person. I {self._job}. What I say comes from this "
                text += f"session's files and results. Who words it: {model_name(self._model)}."
                return Answer(text, self.topics("help", "next"))
            case "privacy":
                return self._privacy()
            case "upload":
                text = "Upload files in Content, with the button or by dropping them there. I can read:\n\n"
                text += bullets(FORMATS)
                text += "\n\nA file that cannot be read is refused with its reason; nothing else is affected."
                return Answer(text, (upload(), open_area("Open Content", "content")))
            case None:
                return self._not_understood(heard)
            case _:
                return None

    def _privacy(self) -> Answer:
        text = (
            "Your files, their results and this conversation are kept with this session, on the server that runs Symphainy. "
            "The session opens only with its own credential, and deleting it erases them. "
        )
        text += (
            "No language model is connected, so nothing is sent to one."
            if self._model is None
            else f"A language model is connected ({self._model.name}): your questions and the computed answers are given to it."
        )
        return Answer(text, self.topics("next"))

    def _not_understood(self, heard: Understanding) -> Answer:
        options = [key for key in heard.options if intents()[key].label][:3]
        if heard.language is not None:
            return Answer("I understand English only. These work now:", self.topics(*self._offered[:3]))
        if options:
            text = "I am not sure that I understood." + (
                " Is it this?" if len(options) == 1 else " Which of these do you mean?"
            )
            return Answer(text, self.topics(*options))
        if heard.long_text:
            text = (
                "That is a long text, and I found no question in it. To have a text analysed, upload it as a file; "
                "to ask something, one sentence is enough."
            )
            return Answer(text, (upload(), *self.topics(*self._offered[:2])))
        return Answer(f"I did not understand that. I {self._job}. These work now:", self.topics(*self._offered[:3]))
