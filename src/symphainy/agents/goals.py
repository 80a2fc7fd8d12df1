"""From a goal to the data that helps: a table of rules in `understanding/goals.json`, applied to what the session has."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import Final

from symphainy.agents.answers import Answer, about_file, ask, open_area, open_file, upload
from symphainy.agents.areas import BY_NAME
from symphainy.agents.next_steps import next_step
from symphainy.agents.understanding.lexicon import Goal, english
from symphainy.agents.wording import and_list, bullets, newest_first, plain
from symphainy.session import Action, AgentType, File, Session

ANY_DATA: Final = (
    "a table with one row for each thing that matters (invoice, order, case, customer), with dates and amounts",
    "the list of the people or things it is about, with the same number or key",
    "written procedures or reports as PDF, Word or text",
)
_EXAMPLES: Final = ("receivables", "churn", "operations")


def goal_answer(session: Session, names: Sequence[str]) -> Answer:
    """How the goal was understood, which data helps, and which of the session's files may be it already."""
    goals = [english().goals[name] for name in names][:2]
    if not goals:
        text = "I have no rule for that goal. Tell me what you want to find out or change in other words, or choose one of these. "
        text += f"What helps with most goals:\n\n{bullets(ANY_DATA)}"
        return Answer(text, (*_goal_buttons(), upload()))
    understood = and_list([f"**{goal.label}**" for goal in goals])
    questions = and_list([goal.ask for goal in goals])
    text = f"I understand your goal as {understood}: to see {questions}. This data would help:\n\n"
    text += bullets([line for goal in goals for line in goal.data])
    told = Answer(text)
    if fitting := files_for(session, goals):
        told = told.then(_already_there(fitting))
    return told.then(_way(goals[0])).then(_first_step(session, bool(fitting)))


def wanted_data(session: Session, names: Sequence[str]) -> Answer:
    """Which data to bring: for the goal that was named, or in general."""
    if names:
        return goal_answer(session, names)
    text = f"That depends on your goal. These help with most goals:\n\n{bullets(ANY_DATA)}\n\nWhat do you want to find out or change?"
    told = Answer(text, (*_goal_buttons(), upload()))
    if not session.files:
        return told
    files = newest_first(session.files)[:3]
    listed = bullets([f"**{plain(file.name)}** ({file.status.value})" for file in files])
    return told.then(Answer(f"In this session already:\n\n{listed}", (), tuple(about_file(file) for file in files)))


def files_for(session: Session, goals: Sequence[Goal]) -> list[File]:
    """Files whose name speaks of the goal, newest first."""
    wanted = {goal.name for goal in goals}
    return [
        file
        for file in newest_first(session.files)
        if wanted.intersection(english().read(PurePath(file.name).stem.replace("_", " ")).goals)
    ][:3]


def _already_there(files: Sequence[File]) -> Answer:
    names = and_list([f"**{plain(file.name)}**" for file in files])
    verb = "may be" if len(files) == 1 else "may be part of"
    text = f"{names} {verb} that already, going by the name."
    question = ask("What is in it?", AgentType.CONTENT, f"What is in {files[0].name}?")
    return Answer(text, (question, open_file(files[0])), tuple(about_file(file) for file in files))


def _way(goal: Goal) -> Answer:
    areas = [BY_NAME[name] for name in goal.areas]
    return Answer(f"The way there: {', then '.join(area.label for area in areas)}.")


def _first_step(session: Session, has_data: bool) -> Answer:
    if session.files and has_data:
        return next_step(session)
    return Answer("First step: upload that data in Content.", (upload(), open_area("Open Content", "content")))


def _goal_buttons() -> tuple[Action, ...]:
    goals = [english().goals[name] for name in _EXAMPLES]
    return tuple(ask(goal.label.capitalize(), AgentType.GUIDE, f"My goal is {goal.label}") for goal in goals)
