"""What an agent is going to say, computed and complete, and the buttons that can stand under it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from symphainy.agents.base import Reply, Text, Turn
from symphainy.agents.model import Model, Tool
from symphainy.agents.modelled import Modelled
from symphainy.session import Action, AgentType, File, JsonObject, OrchestratorName, Workflow

ACTIONS_SHOWN: Final = 4

Toolbox = Callable[[Turn], Sequence[Tool]]
"""What a language model may do in a turn's session, with the rights of the turn's user."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Markdown, and what goes with it. `evidence` names what each fact comes from, with the `facts` themselves."""

    text: str
    actions: tuple[Action, ...] = ()
    evidence: tuple[JsonObject, ...] = ()
    context: JsonObject | None = None

    def then(self, other: Answer) -> Answer:
        """Both, one after the other. The first one's workflow stays the one that the answer is about."""
        return Answer(
            f"{self.text}\n\n{other.text}" if self.text and other.text else self.text or other.text,
            tuple({(item.label, item.kind): item for item in (*self.actions, *other.actions)}.values()),
            (*self.evidence, *other.evidence),
            self.context or other.context,
        )


class Speaker:
    """Says an answer in its own words, or has a language model word it from the same facts."""

    def __init__(self, label: str, model: Model | None, toolbox: Toolbox | None = None) -> None:
        self._label = label
        self._model = model
        self._toolbox = toolbox

    async def say(self, turn: Turn, intent: str, confidence: float, answer: Answer) -> AsyncIterator[Text | Reply]:
        """Text, then one Reply. Actions, evidence and context are the computed ones and those of the tools that the model
        used; the text is the computed one wherever the model fails."""
        answer = _passed_on(turn, answer)
        if self._model is None:
            yield Text(answer.text)
        else:
            tools = self._toolbox(turn) if self._toolbox else ()
            modelled = Modelled(self._model, self._label, turn, answer.text, answer.evidence, tools)
            async for text in modelled.spoken():
                yield Text(text)
            for used in modelled.used:
                answer = answer.then(Answer("", used.actions, used.evidence, used.context))
        yield Reply(intent, round(confidence, 3), answer.actions[:ACTIONS_SHOWN], answer.evidence, answer.context)


def _passed_on(turn: Turn, answer: Answer) -> Answer:
    """No answer is empty, and none is a dead end: what an agent has nothing to say to, the guide knows where to take."""
    if not answer.text:
        question = ask("Ask the guide", AgentType.GUIDE, turn.message.content)
        answer = answer.then(Answer("That is a question for the guide, who knows every area.", (question,)))
    if not answer.actions:
        answer = answer.then(Answer("", (ask("What next?", AgentType.GUIDE, "What should I do next?"),)))
    return answer


def ask(label: str, agent_type: AgentType, content: str) -> Action:
    return Action(label, "send_message", {"agent_type": agent_type.value, "content": content})


def open_area(label: str, area: str) -> Action:
    return Action(label, "open_area", {"area": area})


def open_file(file: File, label: str = "Open the file") -> Action:
    return Action(label, "open_file", {"file_id": file.file_id})


def upload(label: str = "Upload a file") -> Action:
    return Action(label, "upload_file", {"area": "content"})


def stop(workflow: Workflow, label: str = "Stop") -> Action:
    return Action(label, "cancel_workflow", {"workflow_id": workflow.workflow_id})


def analyse(file: File, label: str = "Analyse it") -> Action:
    target: JsonObject = {
        "orchestrator": OrchestratorName.CONTENT.value,
        "operation": "analyze_file",
        "input": {"file_id": file.file_id},
    }
    return Action(label, "start_workflow", target)


def about_workflow(workflow: Workflow, **facts: object) -> JsonObject:
    return {"kind": "workflow", "workflow_id": workflow.workflow_id, "status": workflow.status.value, "facts": facts}


def about_file(file: File, **facts: object) -> JsonObject:
    return {"kind": "file", "file_id": file.file_id, "name": file.name, "status": file.status.value, "facts": facts}


def context_of(workflow: Workflow) -> JsonObject:
    return {
        "orchestrator": workflow.orchestrator.value,
        "workflow_id": workflow.workflow_id,
        "status": workflow.status.value,
    }


def offers(labels: Sequence[tuple[str, str]], agent_type: AgentType) -> tuple[Action, ...]:
    """Buttons that send their question to the agent: (label, question)."""
    return tuple(ask(label, agent_type, question) for label, question in labels)
