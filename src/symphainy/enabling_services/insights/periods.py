"""Dates and periods in plain English, as half-open ranges of days."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from symphainy.enabling_services.insights.vocabulary import MONTH_NAMES, MONTHS, NUMBER_WORDS, singular

_ISO: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_GERMAN: Final = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_SLASHED: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_YEAR_MONTH: Final = re.compile(r"(\d{4})-(\d{1,2})")
_YEAR: Final = re.compile(r"(19|20)\d\d")
_QUARTER: Final = re.compile(r"q([1-4])")
_HALF: Final = re.compile(r"h([12])")
_ORDINALS: Final = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
_UNITS: Final = frozenset({"day", "week", "month", "quarter", "year"})
_RELATIVE: Final = frozenset({"last", "past", "previous", "this", "current", "recent", "next", "coming"})
_EDGES: Final = frozenset({"start", "beginning", "end"})
_LEAD: Final = frozenset({"in", "during", "of", "for", "on", "the", "year", "within", "at"})
_FROM: Final = {"since": "start", "after": "end", "from": "start", "starting": "start"}
_TO: Final = {"before": "start", "until": "end", "till": "end", "through": "end", "by": "end"}


@dataclass(frozen=True, slots=True)
class Period:
    """[start, end) in days; None is open. `month` alone (1-12) means that month of every year. `relative` says that the
    period counts back from a reference day."""

    start: dt.date | None
    end: dt.date | None
    words: str
    month: int | None = None
    relative: bool = False


@dataclass(frozen=True, slots=True)
class Calendar:
    """`reference` is the day from which `last 30 days` counts back. `years` are those that a bare number may mean."""

    reference: dt.date
    years: range
    today: dt.date | None = None
    """From which the days to come count, where that is not the reference."""


def read_period(words: Sequence[str], at: int, calendar: Calendar) -> tuple[int, Period] | None:
    """The period that begins at that word, and how many words it takes. Words are lower case."""
    skipped = at
    while skipped < len(words) and words[skipped] in _LEAD:
        skipped += 1
    for reader in (_ago, _between, _open_ended, _relative, _moment):
        found = reader(words, skipped, calendar)
        if found is not None:
            return found[0] + skipped - at, found[1]
    return None


def _between(words: Sequence[str], at: int, calendar: Calendar) -> tuple[int, Period] | None:
    if at >= len(words) or words[at] not in ("between", "from"):
        return None
    first = _moment(words, at + 1, calendar)
    if first is None:
        return None
    middle = at + 1 + first[0]
    if middle >= len(words) or words[middle] not in ("and", "to", "until", "till", "through", "-"):
        return None
    second = _moment(words, middle + 1, calendar)
    if second is None:
        return None
    start, end = first[1], second[1]
    if start.month is not None and end.end is not None:
        year = end.end - dt.timedelta(days=1)
        start = _month(year.year, start.month)
    if start.start is None or end.end is None:
        return None
    return middle + 1 + second[0] - at, Period(start.start, end.end, f"from {start.words} to {end.words}")


def _ago(words: Sequence[str], at: int, calendar: Calendar) -> tuple[int, Period] | None:
    """`more than 30 days ago`, `less than two weeks ago`, `over a year ago`."""
    later = words[at : at + 2] in (["less", "than"], ["fewer", "than"])
    earlier = words[at : at + 2] in (["more", "than"], ["longer", "than"])
    lead = 2 if later or earlier else 1 if words[at : at + 1] in (["over"], ["under"], ["within"], ["at"]) else 0
    later = later or words[at : at + 1] in (["under"], ["within"])
    number, unit, ago = (*words[at + lead : at + lead + 3], "", "", "")[:3]
    if not lead or ago != "ago" or singular(unit) not in _UNITS:
        return None
    count = 1 if number in ("a", "an") else int(number) if number.isdigit() else NUMBER_WORDS.get(number, 0)
    if not 0 < count < 10_000:
        return None
    day = _shift(calendar.reference, singular(unit), -count)
    said = f"{'less' if later else 'more'} than {count} {singular(unit)}{'s' if count > 1 else ''} before {calendar.reference.isoformat()}"
    return lead + 3, Period(day, None, said) if later else Period(None, day, said)


def _open_ended(words: Sequence[str], at: int, calendar: Calendar) -> tuple[int, Period] | None:
    if at >= len(words):
        return None
    lead, taken = words[at], 1
    if lead in ("prior", "up") and at + 1 < len(words) and words[at + 1] == "to":
        lead, taken = ("before" if lead == "prior" else "until"), 2
    edge = _FROM.get(lead) or _TO.get(lead)
    if edge is None:
        return None
    edged = [word for word in words[at + taken : at + taken + 3] if word in _EDGES]
    if edged and (middle := _after_edge(words, at + taken)) is not None:
        edge, taken = ("end" if edged[0] == "end" else "start"), middle - at
    found = _moment(words, at + taken, calendar) or _this(words, at + taken, calendar)
    if found is None or found[1].start is None or found[1].end is None:
        return None
    moment = found[1]
    if lead in _FROM:
        start = moment.start if edge == "start" else moment.end
        return taken + found[0], Period(start, None, f"{'after' if edge == 'end' else 'since'} {moment.words}")
    end = moment.start if edge == "start" else moment.end
    return taken + found[0], Period(None, end, f"{'before' if edge == 'start' else 'until'} {moment.words}")


def _after_edge(words: Sequence[str], at: int) -> int | None:
    """Behind `the start of`, `the end of`."""
    at += at < len(words) and words[at] == "the"
    return at + 2 if at + 2 < len(words) and words[at] in _EDGES and words[at + 1] == "of" else None


def _this(words: Sequence[str], at: int, calendar: Calendar) -> tuple[int, Period] | None:
    """`since last year`, `before this month`."""
    at_the = at + (at < len(words) and words[at] == "the")
    found = _relative(words, at_the, calendar)
    return (found[0] + at_the - at, found[1]) if found is not None else None


def _relative(words: Sequence[str], at: int, calendar: Calendar) -> tuple[int, Period] | None:
    if at + 1 >= len(words) or words[at] not in _RELATIVE:
        return None
    count, taken = 1, 1
    word = words[at + 1]
    if word.isdigit() or word in NUMBER_WORDS:
        count, taken = (int(word) if word.isdigit() else NUMBER_WORDS[word]), 2
    elif word in ("few", "couple"):
        return None
    unit = singular(words[at + taken]) if at + taken < len(words) else ""
    if unit not in _UNITS or not 0 < count < 10_000:
        return None
    day = calendar.reference
    if words[at] in ("this", "current", "next", "coming"):
        if words[at] in ("next", "coming"):
            day = calendar.today or day
            start = _shift(_floor(day, unit), unit, 1)
            end = _shift(start, unit, count)
            span = f"{unit} after the one of" if count == 1 else f"{count:,} {unit}s after"
            return taken + 1, Period(start, end, f"in the {span} {day.isoformat()}", relative=True)
        start = _floor(day, unit)
        return taken + 1, Period(start, _shift(start, unit, 1), f"in the {unit} of {day.isoformat()}", relative=True)
    if taken == 1 and unit != "day":
        end = _floor(day, unit)
        now = _floor(calendar.today, unit) if calendar.today is not None else end
        if _shift(now, unit, -1) == end:
            day, end = calendar.today or day, now  # the data end in the month before this one
        start = _shift(end, unit, -1)
        return 2, Period(start, end, f"in the {unit} before the one of {day.isoformat()}", relative=True)
    end = day + dt.timedelta(days=1)
    start = _shift(end, unit, -count)
    noun = unit if count == 1 else unit + "s"
    return taken + 1, Period(start, end, f"in the last {count:,} {noun} up to {day.isoformat()}", relative=True)


def _moment(words: Sequence[str], at: int, calendar: Calendar) -> tuple[int, Period] | None:
    """A day, a month, a quarter, half a year or a year."""
    while at < len(words) and words[at] in ("the", "year"):
        found = _moment(words, at + 1, calendar)
        return (found[0] + 1, found[1]) if found else None
    if at >= len(words):
        return None
    word = words[at].rstrip(".,")
    following = [item.rstrip(",") for item in words[at + 1 : at + 4]]
    if match := _ISO.fullmatch(word):
        day = _day(*(int(part) for part in match.groups()))
        return (1, _one_day(day)) if day else None
    if match := _GERMAN.fullmatch(word):
        day = _day(int(match.group(3)), int(match.group(2)), int(match.group(1)))
        return (1, _one_day(day)) if day else None
    if match := _SLASHED.fullmatch(word):
        first, second, year = (int(part) for part in match.groups())
        day = _day(year, first, second) or _day(year, second, first)
        return (1, _one_day(day)) if day else None
    if match := _YEAR_MONTH.fullmatch(word):
        year, month = int(match.group(1)), int(match.group(2))
        return (1, _month(year, month)) if 1 <= month <= 12 else None
    return _month_words(word, following) or _part_of_year(word, following) or _year(word, calendar)


def _month_words(word: str, following: list[str]) -> tuple[int, Period] | None:
    next_year = int(following[0]) if following and _YEAR.fullmatch(following[0]) else None
    if word in MONTHS and (word != "may" or next_year):
        month = MONTHS[word]
        if next_year:
            return 2, _month(next_year, month)
        number = re.fullmatch(r"(\d{1,2})(st|nd|rd|th)?", following[0]) if following else None
        if number and len(following) > 1 and _YEAR.fullmatch(following[1]):
            day = _day(int(following[1]), month, int(number.group(1)))
            return (3, _one_day(day)) if day else None
        if len(following) > 1 and following[0] == "of" and _YEAR.fullmatch(following[1]):
            return 3, _month(int(following[1]), month)
        return 1, Period(None, None, f"in {MONTH_NAMES[month - 1]} of any year", month=month)
    number = re.fullmatch(r"(\d{1,2})(st|nd|rd|th)?", word)
    if number and len(following) > 1 and following[0] in MONTHS and _YEAR.fullmatch(following[1]):
        day = _day(int(following[1]), MONTHS[following[0]], int(number.group(1)))
        return (3, _one_day(day)) if day else None
    return None


def _part_of_year(word: str, following: list[str]) -> tuple[int, Period] | None:
    number, size, taken = 0, 3, 1
    if match := _QUARTER.fullmatch(word):
        number = int(match.group(1))
    elif match := _HALF.fullmatch(word):
        number, size = int(match.group(1)), 6
    elif word in _ORDINALS and following and following[0] in ("quarter", "half"):
        number, taken = _ORDINALS[word], 2
        size = 3 if following[0] == "quarter" else 6
    if not number or number * size > 12:
        return None
    rest = following[taken - 1 :]
    if rest and rest[0] == "of":
        rest, taken = rest[1:], taken + 1
    if not rest or not _YEAR.fullmatch(rest[0]):
        return None
    start = dt.date(int(rest[0]), (number - 1) * size + 1, 1)
    name = f"{'Q' if size == 3 else 'H'}{number} {rest[0]}"
    return taken + 1, Period(start, _shift(start, "month", size), name)


def _year(word: str, calendar: Calendar) -> tuple[int, Period] | None:
    if not _YEAR.fullmatch(word) or int(word) not in calendar.years:
        return None
    return 1, Period(dt.date(int(word), 1, 1), dt.date(int(word) + 1, 1, 1), word)


def _one_day(day: dt.date) -> Period:
    return Period(day, day + dt.timedelta(days=1), day.isoformat())


def _month(year: int, month: int) -> Period:
    start = dt.date(year, month, 1)
    return Period(start, _shift(start, "month", 1), f"{MONTH_NAMES[month - 1]} {year}")


def _day(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _floor(day: dt.date, unit: str) -> dt.date:
    match unit:
        case "week":
            return day - dt.timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case "year":
            return day.replace(month=1, day=1)
        case _:
            return day


def _shift(day: dt.date, unit: str, count: int) -> dt.date:
    """Calendar months: a day that the other month does not have becomes its last one."""
    if unit in ("day", "week"):
        return day + dt.timedelta(days=count * (7 if unit == "week" else 1))
    months = day.year * 12 + day.month - 1 + count * {"month": 1, "quarter": 3, "year": 12}[unit]
    year, month = divmod(months, 12)
    for last in (day.day, 30, 29, 28):
        if last <= day.day and (shifted := _day(year, month + 1, last)):
            return shifted
    raise ValueError(f"no such day: {year}-{month + 1}")
