"""How well intents are recognised, on utterances that were never used for tuning; the bars are those that were promised.

A misroute becomes a line in the files of prototypes; never one of these utterances.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from symphainy.agents.listening import FILE
from symphainy.agents.understanding.evaluation import Score, Utterance, declined, measure, misses, read_utterances
from symphainy.agents.understanding.lexicon import english
from symphainy.agents.understanding.prototypes import PARTS, intents
from symphainy.agents.understanding.router import (
    Router,
    Surroundings,
    area_router,
    best_scorer,
    lexicon_scorer,
    routing_name,
)

UTTERANCES = Path(__file__).parent / "utterances"
FRESH = Path(__file__).parents[2] / "evals" / "routing" / "fresh.txt"

GUIDE, INSIDE_AN_AREA, WHEN_IT_ANSWERS = 0.63, 0.75, 0.90
HELD_OUT_REACHED = 0.86
LEXICON_ALONE = 0.55
SEEN = 0.96
DECLINED = 0.90


def utterances(path: Path) -> list[Utterance]:
    return read_utterances(path.read_text(encoding="utf-8"))


def score_of(path: Path, *areas: str) -> Score:
    return measure([item for item in utterances(path) if item.area in areas], area_router)


def lexicon_router(area: str) -> Router:
    return Router(area, english(), intents(), lexicon_scorer())


def test_the_better_router_is_the_one_in_use() -> None:
    assert routing_name() == "embeddings"


def test_the_fresh_set_is_large_enough_and_covers_every_area() -> None:
    counts = {area: sum(item.area == area for item in utterances(FRESH)) for area in PARTS[1:]}
    assert counts.pop("guide") >= 40
    assert min(counts.values()) >= 12
    named = {name for item in utterances(FRESH) for name in item.right}
    unheard = {intent.key for intent in intents().values() if not named & {intent.key, intent.name, intent.area}}
    assert unheard <= {"yes", "no"}


def test_the_guide_finds_the_right_place() -> None:
    score = score_of(FRESH, "guide")
    assert score.accuracy >= GUIDE
    assert score.precision >= WHEN_IT_ANSWERS


def test_inside_an_area_the_right_intent_is_found() -> None:
    score = score_of(FRESH, *PARTS[2:])
    assert score.accuracy >= INSIDE_AN_AREA
    assert score.precision >= WHEN_IT_ANSWERS


def test_what_was_held_out_earlier_is_answered_or_offered() -> None:
    assert score_of(UTTERANCES / "held_out.txt", *PARTS[1:]).reached >= HELD_OUT_REACHED


def test_utterances_that_were_tuned_on_stay_understood() -> None:
    assert score_of(UTTERANCES / "tune.txt", *PARTS[1:]).reached >= SEEN


def test_the_core_without_the_extra_understands_too_if_less() -> None:
    assert measure(utterances(FRESH), lexicon_router).accuracy >= LEXICON_ALONE


@pytest.mark.parametrize("path", [FRESH, UTTERANCES / "out_of_domain.txt"], ids=lambda path: path.stem)
def test_what_is_not_our_business_is_not_answered_as_if_it_were(path: Path) -> None:
    refused, foreign = declined(utterances(path), area_router)
    assert foreign >= 20
    assert refused >= DECLINED * foreign


def test_no_utterance_is_both_tuned_on_and_held_out() -> None:
    tuned = {item.words.lower() for item in utterances(UTTERANCES / "tune.txt")}
    tuned |= {item.words.lower() for item in utterances(FRESH.with_name("tune.txt"))}
    kept = [*utterances(UTTERANCES / "held_out.txt"), *utterances(FRESH)]
    assert [item.words for item in kept if item.words.lower() in tuned] == []


def test_a_wrong_winner_and_an_answer_to_what_is_nobodys_business_are_misses() -> None:
    said = "content_liaison | size | list my files\ncontent_liaison | none | list my files\ncontent_liaison | files | list my files"
    assert [item.right for item, _ in misses(read_utterances(said), area_router)] == [{"size"}, {"none"}]


def test_the_first_sentences_of_the_journey_are_understood_also_while_embeddings_are_loading() -> None:
    said = ("Help me upload a file", "I want to upload and analyze my business data")
    for scorer in (lexicon_scorer(), best_scorer()):
        router = Router("guide", english(), intents(), scorer)
        assert [router.understand(words).intent for words in said] == ["upload", "upload"]


def test_what_a_button_asks_is_understood_by_the_agent_that_it_asks() -> None:
    for intent in (item for item in intents().values() if item.label):
        for area in (intent.area,) if intent.area else PARTS[1:]:
            understood = area_router(area).understand(intent.question)
            assert (understood.intent, understood.area) == (intent.name, intent.area), (area, intent.question)


@pytest.mark.parametrize(
    ("area", "question", "intent"),
    [
        ("insights", "Analyse {}", "analyze"),
        ("content", "Analyse {}", "analyze"),
        ("content", "What is in {}?", "overview"),
        ("content", "Which problems does {} have?", "quality"),
        ("content", "Show me the first rows of {}", "preview"),
        ("content", "Show statistics of all columns of {}", "column_stats"),
        ("content", "Convert {} to csv", "convert"),
    ],
)
@pytest.mark.parametrize("file", ["flat.csv", "quarterly report.xlsx", "late payments.pdf"])
def test_buttons_about_a_file_reach_the_agent_that_offers_them(
    area: str, question: str, intent: str, file: str
) -> None:
    around = Surroundings({file: FILE, Path(file).stem: FILE})
    understood = area_router(area).understand(question.format(file), around)
    assert (understood.intent, understood.area) == (intent, area)
