"""What the user adds in their own words, kept in the session's general state with who said it and when.

A deadline or a budget is read from the words only where they name one; the words themselves are always kept and shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Final, cast

from symphainy.enabling_services.outcomes.evidence import ContextNote, Source
from symphainy.session import JsonObject, JsonValue, Session

STATE_KEY: Final = "business_context"
MOST_CHARACTERS: Final = 500
MOST_NOTES: Final = 50

_MONTHS: Final = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_MONTH: Final = "|".join(f"{name}|{name[:3]}" for name in _MONTHS)
_LIMITING: Final = r"(?:before|by|until|till|no later than|not later than|at the latest(?: by| in)?)"
_DATE: Final = re.compile(
    rf"\b{_LIMITING}\s+(?:the\s+)?(?:(?P<iso>\d{{4}}-\d{{2}}-\d{{2}})|(?:end of\s+)?(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?)?"
    rf"(?P<month>{_MONTH})\b\.?(?:\s+(?P<year>\d{{4}}))?)",
    re.IGNORECASE,
)
_BUDGET: Final = re.compile(r"\bbudget\b", re.IGNORECASE)
_AMOUNT: Final = re.compile(
    r"(?<![\w.,])(?:[€$£]\s*)?(\d{1,3}(?:[,' ]\d{3})+|\d+)(\.\d+)?\s*(k|thousand|m|mio|million)?\b", re.IGNORECASE
)
_SCALE: Final = {"": 1, "k": 1_000, "thousand": 1_000, "m": 1_000_000, "mio": 1_000_000, "million": 1_000_000}


def notes_of(session: Session) -> tuple[ContextNote, ...]:
    """In the order in which they were added."""
    held = session.state.get(STATE_KEY)
    if not isinstance(held, Mapping):
        return ()
    notes = [
        _note(note_id, session, cast("JsonObject", note))
        for note_id, note in cast("Mapping[str, JsonValue]", held).items()
        if isinstance(note, Mapping) and "text" in note
    ]
    return tuple(sorted(notes, key=lambda note: note.added_at))


def _note(note_id: str, session: Session, note: JsonObject) -> ContextNote:
    text, added_at = str(note["text"])[:MOST_CHARACTERS], str(note.get("added_at") or session.updated_at)
    found = deadline_in(text, date.fromisoformat(added_at[:10]))
    return ContextNote(
        Source("context", note_id, "what you told us"),
        text,
        added_at,
        found.isoformat() if found else None,
        budget_in(text),
    )


def deadline_in(text: str, today: date) -> date | None:
    """The last day that is in time: `before June` is 31 May, `by the end of June` 30 June, of the next June to come."""
    found = _DATE.search(text)
    if found is None:
        return None
    word = found.group(0).lower()
    if found["iso"]:
        try:
            day = date.fromisoformat(found["iso"])
        except ValueError:
            return None
        return _before(day) if word.startswith(("before", "until", "till")) else day
    month = next(number for number, name in enumerate(_MONTHS, 1) if name.startswith(found["month"].lower()))
    year = int(found["year"]) if found["year"] else today.year
    if found["day"]:
        return _dated(year, month, int(found["day"]), today, asked_year=bool(found["year"]), before="before" in word)
    in_month = "end of" in word or not word.startswith("before")
    last = _end_of(year, month) if in_month else _before(date(year, month, 1))
    if last <= today and not found["year"]:
        last = _end_of(year + 1, month) if in_month else _before(date(year + 1, month, 1))
    return last


def _dated(year: int, month: int, day: int, today: date, *, asked_year: bool, before: bool) -> date | None:
    try:
        made = date(year, month, day)
        if made <= today and not asked_year:
            made = date(year + 1, month, day)
    except ValueError:
        return None
    return _before(made) if before else made


def _before(day: date) -> date:
    return date.fromordinal(day.toordinal() - 1)


def _end_of(year: int, month: int) -> date:
    return _before(date(year + month // 12, month % 12 + 1, 1))


def budget_in(text: str) -> float | None:
    """The amount in a sentence about a budget, if there is exactly one."""
    if not _BUDGET.search(text):
        return None
    without_dates = _DATE.sub(" ", text)
    amounts = [
        float(re.sub(r"[,' ]", "", whole) + fraction) * _SCALE[scale.lower()]
        for whole, fraction, scale in _AMOUNT.findall(without_dates)
    ]
    return amounts[0] if len(amounts) == 1 else None


def sets_a_limit(text: str, said_at: str) -> bool:
    """Whether the words name a budget or a deadline and are no question."""
    if text.rstrip().endswith("?"):
        return False
    return budget_in(text) is not None or deadline_in(text, date.fromisoformat(said_at[:10])) is not None


def added(note_id: str, text: str, *, by: str, at: str) -> JsonObject:
    """The patch of the general state that adds a note. `by` says who wrote it where: `message:<id>`."""
    return {STATE_KEY: {note_id: {"text": " ".join(text.split())[:MOST_CHARACTERS], "added_by": by, "added_at": at}}}
