"""Answers to a workflow's questions in ordinary words: `800 per day, 12 % discount rate, three people`.

Each part of a sentence that holds a value is given to the question whose cue words stand beside it. Where several fit,
or none does and only one question of that kind is open, the answer is uncertain and has to be confirmed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from symphainy.questions import Question
from symphainy.session import JsonValue

_WORDS: Final = dict(
    zip(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"],
        range(13),
        strict=True,
    )
)
_SCALES: Final = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6}
_VALUE: Final = re.compile(
    r"(?<![\w.])(?P<number>\d{1,3}(?:[,' ]\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?)\s*(?P<scale>k|thousand|m|million)?\b"
    rf"|\b(?P<word>{'|'.join(_WORDS)})\b(?![- ]?(?:off|time)\b)",
    re.IGNORECASE,
)
_ISO: Final = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_MONTHS: Final = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_SPOKEN_DATE: Final = re.compile(
    rf"\b(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month>{'|'.join(_MONTHS)})[a-z]*|"
    rf"(?P<month2>{'|'.join(_MONTHS)})[a-z]*\s+(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?)\b,?(?:\s+(?P<year>\d{{4}}))?",
    re.IGNORECASE,
)
_INITIATIVE: Final = re.compile(r"\b(I\d+)\b", re.IGNORECASE)
_PARTS: Final = re.compile(r"[;\n]|,(?!\d)|\.(?=\s|$)|\band\b(?!\s*I\d)", re.IGNORECASE)
_AS_BEFORE: Final = re.compile(
    r"\b(as|like|same)\b.*\b(before|last time|last version|earlier)\b|\byour suggestions?\b", re.I
)
_CUES: Final[Mapping[str, re.Pattern[str]]] = {
    name: re.compile(cue, re.IGNORECASE)
    for name, cue in {
        "team_size": r"\b(people|persons?|team|staff|colleagues|of us|in all|altogether|developers?)\b",
        "people_each": r"\b(together|per initiative|each initiative|at (?:a|one) time|on (?:one|each)|pairs?|side by side)\b",
        "start_date": r"\b(start|begin|kick ?off|from)\w*\b",
        "order": r"\bI\d+\s+(?:not\s+)?after\s+I\d+",
        "cost_per_day": r"(\b(per|a|each|/)\s*(?:person.?)?day\b|\bday rate\b|\bdaily\b|\bperson.?day\b|/\s*day)",
        "one_off_cost": r"\b(one.?off|once|one.?time|licen[cs]es?|hardware|training|up.?front|initial|set.?up)\b",
        "yearly_cost": r"\b(running|run it|maintenance|operat\w+|upkeep|support|(?:yearly|annual) costs?|costs? (?:a|per) year)\b",
        "yearly_benefit": r"\b(benefits?|sav(?:e|es|ing|ings)|brings?|gains?|earns?|revenue|worth)\b",
        "discount_rate": r"(%|\bper ?cent\b|\bdiscount\b)",
        "horizon": r"\b(years|horizon)\b",
    }.items()
}
_ALL_EFFORTS: Final = re.compile(r"\b(each|every|all|apiece)\b", re.IGNORECASE)
_DAYS: Final = re.compile(r"\b(person.?)?days?\b", re.IGNORECASE)
_CURRENCY: Final = re.compile(
    r"(?<![A-Za-z])(EUR|USD|GBP|CHF|JPY|AUD|CAD|SEK|NOK|DKK|PLN|euros?|dollars?|pounds?)\b|([€$£])", re.I
)
_CODES: Final = {"€": "EUR", "$": "USD", "£": "GBP", "euro": "EUR", "dollar": "USD", "pound": "GBP"}


@dataclass(frozen=True, slots=True)
class Spoken:
    """`answers` by the question's name; those named in `uncertain` have to be confirmed. `unplaced` are parts with a
    value that fits no question."""

    answers: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    uncertain: tuple[str, ...] = ()
    unplaced: tuple[str, ...] = ()


def answers_in(text: str, questions: Sequence[Question], known: Mapping[str, JsonValue], today: date) -> Spoken:
    """`known` are the answers given before: an uncertain value goes to a question that is still open."""
    reading = _Reading(questions, known, today)
    if _AS_BEFORE.search(text):
        return reading.as_before()
    reading.whole(text)
    for part in _PARTS.split(reading.rest):
        if part.strip():
            reading.part(part.strip())
    return Spoken(reading.answers, tuple(reading.uncertain), tuple(reading.unplaced))


class _Reading:
    def __init__(self, questions: Sequence[Question], known: Mapping[str, JsonValue], today: date) -> None:
        self._questions = {question.name: question for question in questions}
        self._known = known
        self._today = today
        self.rest = ""
        self.answers: dict[str, JsonValue] = {}
        self.uncertain: list[str] = []
        self.unplaced: list[str] = []

    def as_before(self) -> Spoken:
        offered = {name: item.suggestion for name, item in self._questions.items() if item.suggestion is not None}
        return Spoken({name: value for name, value in offered.items() if name not in self._known})

    def whole(self, text: str) -> None:
        """What may run over several parts: the order, the scope, a date, the currency."""
        if "order" in self._questions and _CUES["order"].search(text):
            changes = re.findall(
                r"I\d+\s+(?:not\s+)?after\s+I\d+(?:\s*(?:,|and)\s*I\d+(?!\s+(?:not\s+)?after))*", text, re.I
            )
            self.answers["order"] = "; ".join(changes)
            text = re.sub(
                r"I\d+\s+(?:not\s+)?after\s+I\d+(?:\s*(?:,|and)\s*I\d+(?!\s+(?:not\s+)?after))*", " ", text, flags=re.I
            )
        if "start_date" in self._questions and (found := self._date(text)):
            self.answers["start_date"], text = found
        if "currency" in self._questions and (money := _CURRENCY.search(text)):
            word = money.group(0).lower().rstrip("s")
            self.answers["currency"] = _CODES.get(word, word.upper())
        if "scope" in self._questions:
            text = self._scope(text)
        self.rest = text

    def _date(self, text: str) -> tuple[str, str] | None:
        if iso := _ISO.search(text):
            return iso.group(0), text.replace(iso.group(0), " ")
        found = _SPOKEN_DATE.search(text)
        if found is None:
            return None
        month = _MONTHS.index((found["month"] or found["month2"]).lower()[:3]) + 1
        try:
            made = date(int(found["year"] or self._today.year), month, int(found["day"] or found["day2"]))
            if made < self._today - timedelta(days=1) and not found["year"]:
                made = made.replace(year=made.year + 1)
        except ValueError:
            return None
        return made.isoformat(), text[: found.start()] + " " + text[found.end() :]

    def _scope(self, text: str) -> str:
        named = re.search(
            r"(?:\bscope\b[^I;.]*|\bonly\s+|^\s*)((?:I\d+\s*(?:,|and)?\s*)+)(?=$|[;.]|in scope|are|is in)", text, re.I
        )
        if named and "target" not in text.lower():
            self.answers["scope"] = ", ".join(item.upper() for item in _INITIATIVE.findall(named.group(1)))
            return text[: named.start(1)] + " " + text[named.end(1) :]
        if (
            re.search(
                r"\b(all of (?:them|it)|all initiatives|everything|all in scope|scope is all)\b|^\s*all\b(?=\s*[,;.]|\s*$)",
                text,
                re.I,
            )
            or text.strip().lower() == "all"
        ):
            self.answers["scope"] = "all"
        return text

    def part(self, text: str) -> None:
        initiative = _INITIATIVE.search(text)
        bare = _INITIATIVE.sub(" ", text)
        found = _VALUE.search(bare)
        if found is None:
            return
        value = _number(found)
        if initiative is not None:
            self._of_initiative(initiative.group(1).upper(), value, text)
            return
        efforts = [name for name in self._questions if name.startswith("effort_")]
        if efforts and _DAYS.search(text) and _ALL_EFFORTS.search(text):
            self.answers |= dict.fromkeys(efforts, value)
            return
        self._by_cue(text, value)

    def _of_initiative(self, no: str, value: float, text: str) -> None:
        name = next((name for name in (f"effort_{no}", f"target_{no}") if name in self._questions), None)
        if name is None:
            self.unplaced.append(text)
        else:
            self.answers[name] = value

    def _by_cue(self, text: str, value: float) -> None:
        numbers = [name for name, item in self._questions.items() if item.kind == "number" and name in _CUES]
        fitting = [name for name in numbers if _CUES[name].search(text)]
        if "people_each" in fitting and "team_size" in fitting:
            fitting.remove("team_size")
        if "discount_rate" in fitting:
            fitting = ["discount_rate"]
        if "yearly_benefit" in fitting and "yearly_cost" not in fitting:
            fitting = ["yearly_benefit"]
        still_open = [name for name in fitting if name not in self._known and name not in self.answers]
        if len(fitting) == 1:
            self.answers[fitting[0]] = value
        elif len(fitting) > 1:
            self._guess((still_open or fitting)[0], value)
        else:
            waiting = [name for name in numbers if name not in self._known and name not in self.answers]
            if len(waiting) == 1:
                self._guess(waiting[0], value)
            else:
                self.unplaced.append(text)

    def _guess(self, name: str, value: float) -> None:
        self.answers[name] = value
        self.uncertain.append(name)


def _number(found: re.Match[str]) -> float:
    if found["word"]:
        return _WORDS[found["word"].lower()]
    text = found["number"]
    if re.fullmatch(r"\d+,\d{1,2}", text):
        text = text.replace(",", ".")
    value = float(re.sub(r"[,' ]", "", text)) * _SCALES.get((found["scale"] or "").lower(), 1)
    return int(value) if value.is_integer() else value
