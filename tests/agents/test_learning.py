"""A misroute becomes a prototype by one command, and a session's log says what was misunderstood."""

from __future__ import annotations

from pathlib import Path

import pytest

from symphainy import entries as log
from symphainy.agents.understanding.corrections import ASKED_BACK, Correction, corrections
from symphainy.agents.understanding.learned import key_of, learn, read_learned
from symphainy.agents.understanding.lexicon import english
from symphainy.agents.understanding.prototypes import intents
from symphainy.agents.understanding.router import Router, examples, scorer_over
from symphainy.entries import Entry
from symphainy.errors import InvalidInput
from symphainy.session import Action, AgentType, Role

WORDS = "frobnicate the widgets for me"


def test_what_was_taught_is_understood_from_then_on(tmp_path: Path) -> None:
    path = tmp_path / "data" / "prototypes.txt"
    lesson = learn(path, f"  {WORDS} ", key_of("insights", "chart"))
    assert lesson.before.intent != "chart"
    assert (lesson.after.area, lesson.after.intent) == ("insights", "chart")
    assert lesson.forgotten == ()
    assert read_learned(path) == {"insights.chart": [WORDS]}
    router = Router("insights", english(), intents(), scorer_over(examples(read_learned(path))))
    assert router.understand(WORDS).intent == "chart"


def test_lessons_are_added_to_those_that_are_there(tmp_path: Path) -> None:
    path = tmp_path / "prototypes.txt"
    path.write_text("# mine\n[help]\nput me in the picture\n[gone.intent]\nold words\n", encoding="utf-8")
    learn(path, WORDS, "insights.chart")
    assert read_learned(path) == {"help": ["put me in the picture"], "insights.chart": [WORDS]}
    assert path.read_text(encoding="utf-8").startswith("# mine\n")


@pytest.mark.parametrize(
    ("area", "name", "said"), [("nowhere", "chart", "no area"), ("insights", "dance", "no intent")]
)
def test_an_intent_that_does_not_exist_is_refused_with_those_that_do(area: str, name: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        key_of(area, name)


@pytest.mark.parametrize("words", ["  ", "...", "[insights.chart]"])
def test_nothing_is_learned_from_no_words(tmp_path: Path, words: str) -> None:
    with pytest.raises(InvalidInput):
        learn(tmp_path / "prototypes.txt", words, "insights.chart")
    assert not (tmp_path / "prototypes.txt").exists()


async def test_the_log_tells_where_an_agent_asked_back_and_what_the_user_chose() -> None:
    question = intents()["insights.chart"].question
    button = Action("Show a chart", "send_message", {"agent_type": "insights_liaison", "content": question})
    said: list[tuple[AgentType, log.Body]] = [
        (AgentType.GUIDE, log.MessageAdded("m1", Role.USER, WORDS)),
        (AgentType.GUIDE, log.MessageCompleted("m2", f"{ASKED_BACK[0]}. Is it this?", actions=(button,))),
        (AgentType.INSIGHTS, log.MessageAdded("m3", Role.USER, question)),
        (AgentType.INSIGHTS, log.MessageCompleted("m4", "Here it is.")),
        (AgentType.GUIDE, log.MessageAdded("m5", Role.USER, "blah blah")),
        (AgentType.GUIDE, log.MessageCompleted("m6", f"{ASKED_BACK[1]} that. I show you the way.")),
    ]

    async def entries():
        for seq, (conversation, body) in enumerate(said, 1):
            yield Entry(seq, "2026-11-25T02:00:00.000Z", "system", body, conversation=conversation)

    found = await corrections(entries())
    assert found == [
        Correction(AgentType.GUIDE, WORDS, "insights.chart"),
        Correction(AgentType.GUIDE, "blah blah", None),
    ]
    assert found[0].command == f"symphainy learn '{WORDS}' --area insights --intent chart"
