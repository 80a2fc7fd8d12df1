"""What the liaison says when a workflow asks."""

from __future__ import annotations

from typing import Final

from symphainy.questions import Asked, Question
from symphainy.session import Action, JsonValue, Workflow
from symphainy.workflows.plans import Report

MOST_BUTTONS: Final = 4


def asking_report(asked: Asked, workflow: Workflow) -> Report:
    """The questions in words, for whoever does not see the form; one short choice is answered by a button."""
    lines = [_line(question) for question in asked.questions]
    text = f"**{asked.title}**\n\n{workflow.title} goes on as soon as you have answered:\n\n" + "\n".join(lines)
    actions = [
        Action(label, "answer_workflow", {**_target(asked, workflow), "answers": {asked.questions[0].name: value}})
        for label, value in _buttons(asked)
    ]
    actions.append(Action("Stop this", "cancel_workflow", {"workflow_id": workflow.workflow_id}))
    return Report(text, tuple(actions))


def _target(asked: Asked, workflow: Workflow) -> dict[str, JsonValue]:
    return {"workflow_id": workflow.workflow_id, "name": asked.name}


def _line(question: Question) -> str:
    unit = f" ({question.unit})" if question.unit else ""
    options = f": {', '.join(question.options)}" if question.options else ""
    optional = "" if question.required else ", if you like"
    return f"- {question.label}{unit}{options}{optional}"


def _buttons(asked: Asked) -> list[tuple[str, JsonValue]]:
    if len(asked.questions) != 1:
        return []
    (question,) = asked.questions
    if question.kind == "boolean":
        return [("Yes", True), ("No", False)]
    return [(option, option) for option in question.options] if len(question.options) <= MOST_BUTTONS else []
