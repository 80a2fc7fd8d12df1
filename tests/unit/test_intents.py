"""The router's parts: words, misspellings, names, several sentences, and what it does not understand."""

from __future__ import annotations

import time

import pytest

from symphainy.agents.manners import TOPICS
from symphainy.agents.understanding.lexicon import english, prototypes
from symphainy.agents.understanding.router import Router, Surroundings, default_router, masked
from symphainy.agents.understanding.words import distance, is_swap, stem, words_of

NAMES = {"claims.csv": "<file>", "late_days": "<column>", "status": "<column>"}


def intent_of(words: str) -> str | None:
    return default_router().understand(words, Surroundings(NAMES)).intent


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


@pytest.mark.parametrize(("intent", "question"), [(intent, question) for intent, (_, question) in TOPICS.items()])
def test_each_question_behind_a_button_is_understood_as_its_intent(intent: str, question: str) -> None:
    assert intent_of(question) == intent


@pytest.mark.parametrize("goal", english().goals)
def test_the_button_of_a_goal_leads_to_that_goal(goal: str) -> None:
    understood = default_router().understand(f"My goal is {english().goals[goal].label}")
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
    default_router().understand(words, Surroundings({f"column {number}": "<column>" for number in range(400)}))
    assert time.perf_counter() - started < 1.0


def test_a_long_text_without_a_question_is_not_understood_and_said_to_be_long() -> None:
    understood = default_router().understand("Xylophone zebra quagmire umbrella. " * 40)
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
    understood = default_router().understand(words)
    assert understood.intent is None
    assert understood.language == language


@pytest.mark.parametrize("words", ["show me the first rows", "die hard customers leave us", "les claims"])
def test_english_is_not_taken_for_another_language(words: str) -> None:
    assert default_router().understand(words).language is None


def test_a_misroute_becomes_right_by_one_more_prototype() -> None:
    words = "frobnicate the table"
    assert intent_of(words) != "quality"
    taught = {**prototypes(), "quality": [*prototypes()["quality"], words]}
    assert Router(english(), taught).understand(words).intent == "quality"


def test_what_the_session_favours_decides_between_two_readings() -> None:
    words = "what is the state"
    plain = default_router().scores(words, {})
    favoured = default_router().scores(words, {"progress": 1.2})
    assert favoured["progress"] == pytest.approx(plain["progress"] * 1.2)
