"""What every agent answers in the same way: thanks, who it is, where data is kept, formats, and not having understood."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from symphainy.agents.answers import Answer, ask, open_area, upload
from symphainy.agents.model import Model, model_name
from symphainy.agents.understanding.router import Understanding
from symphainy.agents.wording import bullets
from symphainy.session import Action, AgentType

TOPICS: Final[Mapping[str, tuple[str, str]]] = {
    "help": ("What can you do?", "What can you do?"),
    "journey": ("Explain the journey", "How does the journey work?"),
    "goal": ("Talk about my goal", "I have a goal and need help with it"),
    "data_advice": ("Which data to bring", "Which data should I bring?"),
    "next": ("What next?", "What should I do next?"),
    "progress": ("How far is it?", "How far is it?"),
    "outcome": ("What was found?", "What did you find?"),
    "failure": ("What failed?", "What went wrong?"),
    "upload": ("How to upload", "How do I upload a file?"),
    "privacy": ("Where is my data?", "Where is my data stored?"),
    "files": ("Which files are there?", "Which files do I have?"),
    "overview": ("What is in the file?", "What is in the file?"),
    "columns": ("Show the columns", "Which columns are there?"),
    "size": ("How many rows?", "How many rows are there?"),
    "preview": ("Show the first rows", "Show me the first rows"),
    "quality": ("Any problems?", "Are there any problems with the data?"),
    "column_stats": ("Column statistics", "Show statistics of all columns"),
    "metadata": ("Show the metadata", "Show the metadata"),
    "analyze": ("Start the analysis", "Start the analysis"),
    "cancel": ("Stop the analysis", "Cancel the analysis"),
    "export": ("Download results", "Can I download the result?"),
    "remove": ("Remove a file", "How do I remove a file?"),
    "insights": ("Charts and drill-downs", "Show me a chart"),
    "operations": ("Workflow diagrams", "Create a workflow diagram"),
    "outcomes": ("Roadmap and proposal", "Create a roadmap"),
    "who": ("Who are you?", "Who are you?"),
}
"""For each intent: a button's label, and the question that it sends. Each question is understood as its intent (tested)."""

FORMATS: Final = (
    "tables: CSV, TSV, Excel (.xlsx, .xls), OpenDocument (.ods), JSON, JSON Lines, Parquet",
    "documents: PDF, Word (.docx), PowerPoint (.pptx), HTML, Markdown, plain text, and pictures of text",
)


class Manners:
    def __init__(
        self, agent_type: AgentType, label: str, job: str, offered: tuple[str, ...], model: Model | None
    ) -> None:
        """`job` continues "I am the <label>: I"; `offered` are the intents that the agent puts forward, best first."""
        self._agent_type = agent_type
        self._label = label
        self._job = job
        self._offered = offered
        self._model = model

    def topics(self, *intents: str) -> tuple[Action, ...]:
        """Buttons that ask this agent about the intents."""
        return tuple(ask(TOPICS[intent][0], self._agent_type, TOPICS[intent][1]) for intent in intents)

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
        options = [intent for intent in heard.options if intent in TOPICS][:3]
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
