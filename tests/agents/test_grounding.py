"""What a language model may say: numbers of the evidence and nothing else."""

from __future__ import annotations

import pytest

from symphainy.agents.grounding import Grounding, Repetition, Words, numbers_in


def grounding(*sources: object) -> Grounding:
    made = Grounding()
    made.add(*sources)
    return made


SOURCES = (
    "12,480 rows, 9 columns, mean 41.256, share 0.173, since 2024-03-05",
    {"late": 311, "names": ["a", "b", "c"]},
)


@pytest.mark.parametrize(
    "said",
    [
        "There are 12,480 rows and nine columns.",
        "About 12.5k rows.",
        "12.48 thousand rows",
        "The mean is 41.3, so about 41.",
        "The share is 17.3 %, or 17%.",
        "311 are late; the three names are known.",
        "Since 5 March 2024.",
        "1. First\n2. Second\nSee Q4 of the plan v2.",
        "One of them is late.",
        "A fall of -41.256.",
    ],
)
def test_numbers_of_the_evidence_may_be_said_rounded_and_in_words(said: str) -> None:
    assert grounding(*SOURCES).unfounded(said) == []


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("Revenue grew by 15 %.", "15 %"),
        ("There are 12,481 rows.", "12,481"),
        ("The mean is 41.2.", "41.2"),
        ("There are 12 million rows.", "12 million"),
        ("Four names are known.", "Four"),
        ("It costs $25-75k.", "25"),
        ("In 2031 it will be better.", "2031"),
    ],
)
def test_any_other_number_is_unfounded(said: str, wrong: str) -> None:
    assert wrong in grounding(*SOURCES).unfounded(said)


def test_a_number_is_released_with_the_word_after_it() -> None:
    words = Words()
    assert words.feed("There are 1") == "There are "
    assert words.feed("2 ") == ""
    assert words.feed("million ro") == "12 million "
    assert words.rest() == "ro"


def test_nothing_is_lost_or_doubled_however_the_pieces_are_cut() -> None:
    text = "In 2024 there were 1,200 rows (12 %).\nAnd then 3 more; see **7** of them. End"
    for size in range(1, len(text)):
        words = Words()
        pieces = [text[at : at + size] for at in range(0, len(text), size)]
        assert "".join([*map(words.feed, pieces), words.rest()]) == text


def test_the_same_sentence_again_and_again_is_noticed() -> None:
    repetition = Repetition()
    heard = [repetition.hears("I am here to help. ") for _ in range(3)]
    assert heard == [False, False, True]


def test_units_and_signs_are_part_of_a_number() -> None:
    assert [(item.said, item.value) for item in numbers_in("-3.5 % of 2 million")] == [
        ("-3.5 %", -3.5),
        ("2 million", 2_000_000),
    ]
