"""The router's parts: words, misspellings, names, several sentences, and what it does not understand."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from symphainy.agents.understanding.lexicon import english
from symphainy.agents.understanding.prototypes import PARTS, SHARED, Intent, intents, read_intents
from symphainy.agents.understanding.router import Router, Surroundings, area_router, masked
from symphainy.agents.understanding.scoring import LexiconScorer
from symphainy.agents.understanding.words import distance, is_swap, stem, words_of

ROUTER = area_router("content")
NAMES = {"claims.csv": "<file>", "late_days": "<column>", "status": "<column>"}


def intent_of(words: str) -> str | None:
    return ROUTER.understand(words, Surroundings(NAMES)).intent


@pytest.mark.parametrize(
    ("one", "other", "edits"), [("row", "row", 0), ("waht", "what", 1), ("colums", "columns", 1), ("file", "row", 2)]
)
def test_edits_are_counted_up_to_the_limit(one: str, other: str, edits: int) -> None:
    assert distance(one, other, 1) == edits


def test_a_swap_of_neighbours_is_told_from_any_other_rearrangement() -> None:
    assert is_swap("fiel", "file")
    assert not is_swap("elif", "file")


@pytest.mark.parametrize(
    ("inflected", "base"),
    [
        ("rows", "row"),
        ("entries", "entry"),
        ("boxes", "box"),
        ("stopped", "stop"),
        ("missing", "miss"),
        ("status", "status"),
    ],
)
def test_endings_are_taken_off(inflected: str, base: str) -> None:
    assert stem(inflected) == stem(base) == base


def test_shorthand_is_written_out_and_stretched_letters_are_shortened() -> None:
    assert words_of("Whats in there? Pleeeease!", {"whats": "what is"}) == ["what", "is", "in", "there", "pleease"]


@pytest.mark.parametrize("words", ["waht colums does it have", "wich columns are thre", "show the coulmns"])
def test_misspellings_of_known_words_are_understood(words: str) -> None:
    assert intent_of(words) == "columns"


def test_an_ordinary_word_is_not_taken_for_a_misspelling() -> None:
    assert english().read("planets").terms == ("planet",)


@pytest.mark.parametrize("said", ["late_days", "Late Days", "late-days", "LATE_DAYS"])
def test_the_name_of_a_column_is_recognised_however_it_is_written(said: str) -> None:
    assert masked(f"average of {said}", NAMES) == "average of <column>"


def test_a_column_called_like_an_ordinary_word_does_not_spoil_the_word() -> None:
    assert intent_of("what's the status") == "progress"


@pytest.mark.parametrize(
    "intent", [intent for intent in intents().values() if intent.question], ids=lambda item: item.key
)
def test_each_question_behind_a_button_is_understood_as_its_intent(intent: Intent) -> None:
    for area in PARTS[1:] if intent.area is None else (intent.area,):
        understood = area_router(area).understand(intent.question)
        assert (understood.area, understood.intent) == (intent.area, intent.name)


def test_every_area_has_its_own_intents_with_enough_prototypes() -> None:
    assert {intent.area for intent in intents().values()} == {None, *PARTS[1:]}
    assert [intent.key for intent in intents().values() if intent.area and len(intent.lines) < 12] == []


def test_no_line_is_a_prototype_of_two_intents_of_one_agent() -> None:
    for area in PARTS[1:]:
        lines = [line for intent in intents().values() if intent.area in (None, area) for line in set(intent.lines)]
        assert sorted({line for line in lines if lines.count(line) > 1}) == []


def test_sections_are_read_with_their_button_and_without_comments() -> None:
    text = "# about\n[ask]\nbutton: Ask | Ask me\none way\n\n[tell]\n# none\nanother way\n[ask]\nmore"
    assert read_intents("insights", text) == [
        Intent("insights", "ask", "Ask", "Ask me", ("Ask me", "one way", "more")),
        Intent("insights", "tell", lines=("another way",)),
    ]
    assert read_intents(SHARED, text)[1].key == "tell"


@pytest.mark.parametrize("area", PARTS[1:])
def test_what_belongs_to_another_agent_is_heard_with_its_area(area: str) -> None:
    said = {
        "content": "which encoding does the file have",
        "insights": "draw a bar chart of the revenue by month",
        "operations": "what is the coexistence score",
        "business_outcomes": "write a proof of concept proposal for the board",
    }
    assert {name: area_router(area).understand(words).area for name, words in said.items()} == {
        name: name for name in said
    }


@pytest.mark.parametrize("goal", english().goals)
def test_the_button_of_a_goal_leads_to_that_goal(goal: str) -> None:
    understood = area_router("guide").understand(f"My goal is {english().goals[goal].label}")
    assert understood.intent == "goal"
    assert goal in understood.goals


@pytest.mark.parametrize("words", ["?", "...", "\N{WAVING HAND SIGN}", "   "])
def test_a_message_without_words_gets_help(words: str) -> None:
    assert intent_of(words) == "help"


def test_a_greeting_in_front_does_not_hide_the_question() -> None:
    assert intent_of("hello, how many rows are in claims.csv?") == "size"
    assert intent_of("hi") == "greet"


def test_the_question_is_found_behind_a_long_pasted_text() -> None:
    text = "The meeting was about the budget of the northern plant. " * 30
    assert intent_of(f"{text}\nWhich columns have missing values?") == "quality"


def test_the_longest_message_is_heard_within_a_moment() -> None:
    words = " ".join(f"w{number:x}ord{number % 97}ing" for number in range(2_300))
    started = time.perf_counter()
    ROUTER.understand(words, Surroundings({f"column {number}": "<column>" for number in range(400)}))
    assert time.perf_counter() - started < 1.0


def test_a_long_text_without_a_question_is_not_understood_and_said_to_be_long() -> None:
    understood = ROUTER.understand("Xylophone zebra quagmire umbrella. " * 40)
    assert understood.intent is None
    assert understood.long_text


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("wie viele Zeilen hat die Datei und welche Spalten", "German"),
        ("quelles sont les colonnes de mon fichier", "French"),
        ("cuántas filas tiene el archivo", "Spanish"),
        ("сколько строк в файле", "another script"),
        ("有多少行", "another script"),
    ],
)
def test_another_language_is_named_and_not_guessed_at(words: str, language: str) -> None:
    understood = ROUTER.understand(words)
    assert understood.intent is None
    assert understood.language == language


@pytest.mark.parametrize("words", ["show me the first rows", "die hard customers leave us", "les claims"])
def test_english_is_not_taken_for_another_language(words: str) -> None:
    assert ROUTER.understand(words).language is None


def test_a_misroute_becomes_right_by_one_more_prototype() -> None:
    words = "frobnicate the table"
    assert intent_of(words) != "quality"
    quality = intents()["content.quality"]
    known = {**intents(), quality.key: replace(quality, lines=(*quality.lines, words))}
    scorer = LexiconScorer(english(), {key: intent.lines for key, intent in known.items()})
    assert Router("content", english(), known, scorer).understand(words).intent == "quality"


def test_what_the_session_favours_decides_between_two_readings() -> None:
    words = "how about the state"
    favoured = ROUTER.scores(words, Surroundings(favours={"progress": 1.2}))["progress"]
    assert favoured == pytest.approx(ROUTER.scores(words)["progress"] * 1.2, rel=0.1)
