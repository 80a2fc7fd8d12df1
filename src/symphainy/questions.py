"""What a workflow asks its user, and the check of what the user answers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from symphainy.errors import InvalidInput, JsonObject, JsonValue

TEXT_CHARACTERS: Final = 4_000

QuestionKind = Literal["number", "text", "choice", "date", "boolean"]


@dataclass(frozen=True, slots=True)
class Question:
    """One field of a form.

    It never comes filled in. A value that was found in the session's data may be offered: `suggestion`, and in `source`
    where it was found. `minimum` and `maximum` bound a number, `options` are those of a choice.
    """

    name: str
    label: str
    kind: QuestionKind
    required: bool = True
    unit: str | None = None
    options: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    help: str | None = None
    suggestion: JsonValue = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """Questions that a workflow waits for. `name` is unique within the workflow."""

    name: str
    title: str
    questions: tuple[Question, ...]
    asked_at: str


def check_questions(questions: Sequence[Question]) -> None:
    """Raises ValueError for a form that nobody could answer: a mistake of the orchestrator, not of the user."""
    names = [question.name for question in questions]
    if not names or len(set(names)) != len(names):
        raise ValueError(f"questions need names of their own: {names}")
    for question in questions:
        if (question.kind == "choice") != bool(question.options):
            raise ValueError(f"{question.name}: a choice has options, and nothing else has")
        if question.suggestion is not None and not question.source:
            raise ValueError(f"{question.name}: a suggestion says where it comes from")


def check_answers(questions: Sequence[Question], answers: JsonObject) -> dict[str, JsonValue]:
    """The answers, without the optional ones that were left empty.

    Raises InvalidInput; its details name each field that is missing, unknown, or of a wrong kind or range.
    """
    known = {question.name: question for question in questions}
    faults = {name: "There is no such question." for name in answers if name not in known}
    given = {name: value for name, value in answers.items() if name in known and value not in (None, "")}
    for name, question in known.items():
        if name in given and (fault := _CHECKS[question.kind](question, given[name])):
            faults[name] = fault
        elif name not in given and question.required:
            faults[name] = "An answer is needed."
    if faults:
        shown = {name: known[name].label if name in known else repr(name) for name in faults}
        message = " ".join(f"{shown[name]}: {fault}" for name, fault in list(faults.items())[:5])
        fields = [{"field": name, "message": fault} for name, fault in faults.items()]
        raise InvalidInput(f"{message} Nothing was recorded.", details={"fields": fields})
    return given


def _number(question: Question, value: JsonValue) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return "A number is needed."
    unit = f" {question.unit}" if question.unit else ""
    if question.minimum is not None and value < question.minimum:
        return f"At least {question.minimum:g}{unit}."
    if question.maximum is not None and value > question.maximum:
        return f"At most {question.maximum:g}{unit}."
    return None


def _text(_: Question, value: JsonValue) -> str | None:
    if not isinstance(value, str):
        return "A text is needed."
    if not value.strip():
        return "A text is needed, not only spaces."
    return f"At most {TEXT_CHARACTERS:,} characters." if len(value) > TEXT_CHARACTERS else None


def _choice(question: Question, value: JsonValue) -> str | None:
    return None if value in question.options else f"Choose one of: {', '.join(question.options)}."


def _date(_: Question, value: JsonValue) -> str | None:
    try:
        date.fromisoformat(value if isinstance(value, str) and len(value) == 10 else "")
    except ValueError:
        return "A date is needed, as 2026-11-23."
    return None


def _boolean(_: Question, value: JsonValue) -> str | None:
    return None if isinstance(value, bool) else "Yes or no is needed."


_CHECKS: Final[Mapping[QuestionKind, Callable[[Question, JsonValue], str | None]]] = {
    "number": _number,
    "text": _text,
    "choice": _choice,
    "date": _date,
    "boolean": _boolean,
}
