"""Words of the product are explained where they are asked for, by every agent alike; and nothing else is taken for such a question."""

from __future__ import annotations

import pytest

from symphainy.agents.areas import BY_NAME
from symphainy.agents.understanding.evaluation import IN_VIEW
from symphainy.agents.understanding.glossary import Glossary, Term, glossary
from symphainy.agents.understanding.lexicon import english
from symphainy.agents.understanding.prototypes import PARTS, intents
from symphainy.agents.understanding.router import MEANING, Surroundings, area_router
from symphainy.session import AgentType

from .conftest import Desk

PROCEDURE = """# Refunds

1. The clerk checks the request.
2. If the amount is above 500, the manager approves it.
3. The clerk pays the refund.
"""


@pytest.mark.parametrize(
    ("words", "terms"),
    [
        ("what is an SOP?", ["SOP"]),
        ("what does coexistence mean", ["coexistence"]),
        ("explain blueprint", ["blueprint"]),
        ("What exactly is a copybook?", ["copybook"]),
        ("Never heard of EBCDIC, what is it?", ["EBCDIC"]),
        ("I have no idea what a swimlane is", ["lane"]),
        ("could you tell me what NPV stands for", ["NPV"]),
        ("gimme a definition of payback", ["payback"]),
        ("I don't understand the word artefact", ["artifact"]),
        ("what's the difference between an outlier and a trend", ["outlier", "trend"]),
        ("what is a coexistance score", ["coexistence score"]),
        ("what does this gateway thing mean", ["gateway"]),
        ("help me understand IRR, in plain English", ["IRR"]),
        ("what are person-days", ["person-day"]),
    ],
)
def test_a_question_for_a_meaning_is_heard_by_every_agent(words: str, terms: list[str]) -> None:
    for area in PARTS[1:]:
        heard = area_router(area).understand(words)
        assert list(heard.terms) == terms
        assert (heard.intent == MEANING) is bool(terms)


@pytest.mark.parametrize(
    "words",
    [
        "what is the NPV?",
        "what is my roadmap worth",
        "explain the blueprint",
        "explain the first finding",
        "what is the correlation between discount and profit",
        "which outliers are there",
        "what does that finding mean",
        "draw a workflow with two lanes",
        "what are the gaps",
        "write an SOP",
        "what is profit",
        "what is insights",
        "roadmap",
    ],
)
def test_what_is_asked_about_ones_own_results_is_no_question_for_a_meaning(words: str) -> None:
    assert glossary().asked(words) == ()


def test_what_the_user_calls_a_column_is_the_column_unless_a_word_is_asked_for() -> None:
    around = Surroundings({**IN_VIEW, "trend": "<column>"})
    assert area_router("content").understand("what is trend", around).terms == ()
    assert area_router("content").understand("what is a trend", around).terms == ("trend",)
    assert area_router("content").understand("what does trend mean", around).terms == ("trend",)


def test_no_other_prototype_is_taken_for_a_question_for_a_meaning() -> None:
    lines = [(intent.key, line) for intent in intents().values() for line in intent.lines]
    assert [found for found in lines if glossary().asked(found[1])] == []


def test_every_term_is_one_sentence_or_two_with_an_area_and_a_button_that_exist() -> None:
    said: dict[str, str] = {}
    for term in glossary().terms.values():
        assert term.area is None or term.area in BY_NAME
        assert intents()[term.ask].label, term.name
        assert not any(letter.isdigit() for letter in term.means), term.name
        assert not term.means.endswith("."), term.name
        assert len(term.means) < 260, term.name
        for words in term.words:
            assert said.setdefault(words, term.name) == term.name


def test_the_longest_term_is_the_one_that_is_meant() -> None:
    terms = [
        Term("plan", ("plan",), "a plan", None, "help", None),
        Term("floor", ("floor plan",), "a", None, "help", None),
    ]
    assert Glossary(terms, english()).asked("what is a floor plan") == ("floor",)
    assert Glossary(terms, english()).asked("what is a plan") == ("plan",)


@pytest.mark.parametrize("agent_type", AgentType)
async def test_each_agent_explains_and_says_where_one_meets_it(desk: Desk, agent_type: AgentType) -> None:
    answer = await desk.ask(agent_type, "what is a copybook?")
    assert answer.content == f"**Copybook** is {glossary().terms['copybook'].means}."
    assert ("Open Content" in [action.label for action in answer.actions]) is (agent_type is not AgentType.CONTENT)
    both = await desk.ask(agent_type, "what's the difference between NPV and IRR?")
    assert both.content.startswith("- **NPV** is ")
    assert "\n- **IRR** is " in both.content


async def test_a_result_of_that_kind_is_named_and_opened(desk: Desk) -> None:
    await desk.upload("refunds.md", PROCEDURE)
    await desk.ask(AgentType.OPERATIONS, "read the procedure in refunds.md and draw the workflow")
    await desk.settled()
    (model,) = [item for item in (await desk.session()).artifacts.values() if item.kind == "workflow_model"]
    answer = await desk.guide("what is a gateway?")
    assert f"In this session: **{model.name}**." in answer.content
    assert answer.actions[0].target == {"artifact_id": model.artifact_id}


async def test_a_meaning_is_told_in_the_middle_of_writing_a_procedure(desk: Desk) -> None:
    await desk.ask(AgentType.OPERATIONS, "create an SOP with me step by step")
    answer = await desk.ask(AgentType.OPERATIONS, "what is a hand-off?")
    assert "passes to somebody else" in answer.content
    assert "still open" in answer.content
