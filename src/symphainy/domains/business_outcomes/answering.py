"""Answers to a waiting workflow in the chat: collected over several messages, echoed, and given once all are there.

What was understood so far is kept in the session's general state, so a reload or a restart loses none of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final, cast

from symphainy.agents.answers import Answer, about_workflow, context_of, stop
from symphainy.agents.base import Turn
from symphainy.agents.wording import bullets, plain
from symphainy.domains.business_outcomes.questions import IN_CURRENCY
from symphainy.domains.business_outcomes.spoken import Spoken, answers_in
from symphainy.enabling_services.outcomes.figures import count, day, number
from symphainy.errors import InvalidInput
from symphainy.orchestrators.business import BusinessOrchestrator
from symphainy.questions import Asked, Question, check_answers
from symphainy.session import Action, AgentType, JsonValue, OrchestratorName, Session, Workflow
from symphainy.sessions import SessionManagerService

STATE_KEY: Final = "answers_so_far"
ACTOR: Final = f"agent:{AgentType.BUSINESS_OUTCOMES.value}"
_QUESTION: Final = re.compile(
    r"\?\s*$|^\s*(what|when|which|why|who|how|where|is|are|can|could|does|do)\b", re.IGNORECASE
)


def waiting_in(session: Session) -> Workflow | None:
    """The area's workflow that waits for answers, the newest first."""
    waiting = [
        item
        for item in session.workflows.values()
        if item.orchestrator is OrchestratorName.BUSINESS_OUTCOMES
        and item.asked is not None
        and not item.status.finished
    ]
    return max(waiting, key=lambda item: item.seq, default=None)


class Answering:
    def __init__(self, sessions: SessionManagerService, business: BusinessOrchestrator) -> None:
        self._sessions = sessions
        self._business = business

    async def take(self, turn: Turn, workflow: Workflow, *, confirmed: bool) -> Answer | None:
        """None if the message answers nothing that is asked."""
        asked = workflow.asked
        assert asked is not None
        known = _so_far(turn.session, workflow, asked)
        if confirmed and known:
            return await self._give(turn, workflow, asked, known) if not _missing(asked, known) else None
        if _QUESTION.search(turn.message.content):
            return None
        spoken = answers_in(
            turn.message.content, asked.questions, known, date.fromisoformat(turn.message.timestamp[:10])
        )
        if not spoken.answers:
            return None
        now = {**known, **spoken.answers}
        faults = _faults(asked, now)
        kept = {name: value for name, value in now.items() if name not in faults}
        await self._keep(turn, workflow, asked, kept)
        if not faults and not spoken.uncertain and not spoken.unplaced and not _missing(asked, now):
            return await self._give(turn, workflow, asked, now)
        return _echo(workflow, asked, kept, spoken, faults)

    def open_questions(self, workflow: Workflow) -> Answer:
        asked = workflow.asked
        assert asked is not None
        lines = [plain(question.label) for question in asked.questions if question.required]
        text = f"{workflow.title} waits for your answers. Use the form, or write them here:\n\n{bullets(lines)}"
        return Answer(text, (stop(workflow),), (_facts(workflow, asked, {}),), context_of(workflow))

    async def _keep(self, turn: Turn, workflow: Workflow, asked: Asked, known: Mapping[str, JsonValue]) -> None:
        patch = {STATE_KEY: {workflow.workflow_id: {asked.name: dict(known)}}}
        await self._sessions.patch_state(turn.session_id, patch, op_id=f"answers:{turn.run_id}", actor=ACTOR)

    async def _give(self, turn: Turn, workflow: Workflow, asked: Asked, answers: Mapping[str, JsonValue]) -> Answer:
        after = await self._business.answer(
            turn.session_id,
            workflow.workflow_id,
            asked.name,
            answers,
            requested_by=ACTOR,
            op_id=f"answers:{turn.run_id}",
        )
        forget = {STATE_KEY: {workflow.workflow_id: None}}
        await self._sessions.patch_state(turn.session_id, forget, op_id=f"answered:{turn.run_id}", actor=ACTOR)
        text = f"Thank you. I go on with:\n\n{bullets(_lines(asked, answers))}"
        return Answer(text, (stop(after),), (_facts(workflow, asked, answers),), context_of(after))


def _so_far(session: Session, workflow: Workflow, asked: Asked) -> dict[str, JsonValue]:
    held: JsonValue = session.state.get(STATE_KEY)
    for name in (workflow.workflow_id, asked.name):
        held = cast("Mapping[str, JsonValue]", held).get(name) if isinstance(held, Mapping) else None
    return dict(cast("Mapping[str, JsonValue]", held)) if isinstance(held, Mapping) else {}


def _faults(asked: Asked, answers: Mapping[str, JsonValue]) -> dict[str, str]:
    """What is wrong with what was said; what is missing is not wrong."""
    try:
        check_answers(asked.questions, answers)
    except InvalidInput as refused:
        fields: Sequence[Mapping[str, str]] = refused.details.get("fields") or ()
        return {item["field"]: item["message"] for item in fields if item["field"] in answers}
    return {}


def _missing(asked: Asked, answers: Mapping[str, JsonValue]) -> list[Question]:
    return [question for question in asked.questions if question.required and question.name not in answers]


def _echo(
    workflow: Workflow, asked: Asked, known: Mapping[str, JsonValue], spoken: Spoken, faults: Mapping[str, str]
) -> Answer:
    labels = {question.name: question.label for question in asked.questions}
    parts = [f"I understood:\n\n{bullets(_lines(asked, known))}"] if known else []
    unsure = [labels[name] for name in spoken.uncertain if name not in faults]
    if unsure:
        parts.append(f"I am not sure about: {'; '.join(map(plain, unsure))}.")
    if faults:
        parts.append(bullets([f"{plain(labels[name])} {fault}" for name, fault in faults.items()]))
    if spoken.unplaced:
        parts.append(f"I could not place: {'; '.join(map(plain, spoken.unplaced))}.")
    missing = _missing(asked, known)
    actions: list[Action] = []
    if missing:
        parts.append(f"Still needed:\n\n{bullets([plain(question.label) for question in missing])}")
    else:
        parts.append("Is that right? Say yes, or correct it.")
        target = {"workflow_id": workflow.workflow_id, "name": asked.name, "answers": dict(known)}
        actions.append(Action("Yes, go on", "answer_workflow", target))
    facts = _facts(workflow, asked, known)
    return Answer("\n\n".join(parts), (*actions, stop(workflow)), (facts,), context_of(workflow))


def _lines(asked: Asked, answers: Mapping[str, JsonValue]) -> list[str]:
    return [
        f"{plain(question.label)} **{_shown(question, answers)}**"
        for question in asked.questions
        if question.name in answers
    ]


def _shown(question: Question, answers: Mapping[str, JsonValue]) -> str:
    value = answers[question.name]
    if question.kind == "date":
        return day(str(value))
    if question.kind == "number":
        currency = answers.get("currency")
        unit = str(currency) if question.unit == IN_CURRENCY and currency else question.unit or ""
        return f"{number(value)} {unit}".rstrip()
    return plain(str(value))


def _facts(workflow: Workflow, asked: Asked, answers: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    questions = [question.label for question in asked.questions]
    return about_workflow(
        workflow,
        title=workflow.title,
        answers=dict(answers),
        questions=questions,
        asked=count(len(questions), "question"),
    )
