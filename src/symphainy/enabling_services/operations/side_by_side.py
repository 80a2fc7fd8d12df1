"""Words that say that things are done at the same time: `while`, `meanwhile`, `in parallel`, `at the same time as step 3`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from symphainy.enabling_services.operations.nesting import AT_ONCE, is_nameless
from symphainy.enabling_services.operations.sentences import as_role, match_role, role_and_action
from symphainy.enabling_services.operations.sop import Parts
from symphainy.enabling_services.operations.verbs import VERBS

_CUE: Final = r"(?:at the same time|in parallel|simultaneously|concurrently|side by side|in the meantime|in the meanwhile|meanwhile)"
_ANY: Final = re.compile(rf"(?i)\b(?:{_CUE}|in any order|in no particular order|parallel)\b")
_LEADING: Final = re.compile(rf"(?i)^(?:and\s+|also\s+)?{_CUE}\s*[,:]?\s+(?:to (?:this|that),?\s+)?(?P<rest>\S.*)$")
_WHILE: Final = re.compile(r"(?i)^while\s+(?P<one>[^,]+),\s+(?P<other>\S.*)$")
_MIDDLE: Final = re.compile(
    rf"(?i)^(?P<one>.+?)\s*(?:[,;]\s*(?:and\s+)?|\s+and\s+)(?:,\s*)?{_CUE}\s*,?\s+(?P<other>\S.*)$"
)
_MIDDLE_WHILE: Final = re.compile(r"(?i)^(?P<one>.+?),?\s+while\s+(?P<other>\S.*)$")
_NUMBERS: Final = r"steps?\s+(?P<first>\d+(?:\.\d+)*)(?:\s*(?P<how>,|and|to|through|until|-|\u2013)\s*(?:step\s+)?(?P<last>\d+(?:\.\d+)*))?"
_BESIDE: Final = rf"(?:in parallel\s+(?:with|to)|at the same time as|simultaneously with|concurrently with|alongside|during)\s+{_NUMBERS}"
_WITH: Final = re.compile(rf"(?i)^(?P<rest>.+?)[,;]?\s+{_BESIDE}$")
_WITH_FIRST: Final = re.compile(rf"(?i)^{_BESIDE}\s*,\s*(?P<rest>\S.*)$")
_STATEMENT: Final = re.compile(
    rf"(?i)^(?:(?:please )?note:?\s+)?{_NUMBERS}\s+(?:(?:may|can|must|should)\s+)?(?:are|is|be|run|runs|happen|take place)\b"
    r".*\b(?:in parallel|at the same time|simultaneously|concurrently|side by side|in any order|parallel)\b.*$"
)
_TOGETHER: Final = re.compile(
    r"(?i)^(?P<one>(?:the\s+)?[\w/&'-]+(?:\s+[\w/&'-]+){0,3}?)\s+and\s+(?P<other>(?:the\s+)?[\w/&'-]+(?:\s+[\w/&'-]+){0,3}?)\s+"
    r"(?:both\s+)?(?P<verb>[a-z]+)\s+(?P<rest>.*?)\s*(?:in parallel|at the same time|simultaneously|concurrently)$"
)


@dataclass(frozen=True, slots=True)
class Joined:
    """A sentence that runs beside steps which stand before it: beside `first` to `last` (as written), or beside the one before
    it where they are None."""

    rest: str
    first: str | None = None
    last: str | None = None


def speaks_of_it(text: str) -> bool:
    """Whether a text says anywhere that something is done at the same time."""
    return _ANY.search(text) is not None


def announced(text: str) -> tuple[str, Parts]:
    """What parts are announced by, and how they are done: `In parallel:` is (At the same time, parallel)."""
    text = re.sub(r"\((at the same time)\)$", r"\1", text.strip().rstrip(" :."))
    if not _ANY.search(text) or _WITH.match(text):
        return text, Parts.ORDERED
    rest = re.sub(r"(?i)[,;]?\s*\b(?:and|can|may|run)?\s*$", "", _ANY.sub("", text).strip(" ,;:"))
    rest = " ".join(rest.split()).strip(" ,;:")
    if is_nameless(rest) or not rest:
        return AT_ONCE, Parts.PARALLEL
    ends = _ANY.search(text)
    tail = ends is not None and not text[ends.end() :].strip(" ,;:")
    return (rest if tail and not re.search(r"(?i)\b(?:are|is|be|work|done)$", rest) else text), Parts.PARALLEL


def branches_in(sentence: str, roles: Sequence[str]) -> tuple[str, ...]:
    """The two things of one sentence that are done at the same time; empty where it has none."""
    text = sentence.strip().rstrip(".;, ")
    for pattern, asked in ((_WHILE, (True, False)), (_MIDDLE, (False, False)), (_MIDDLE_WHILE, (False, True))):
        found = pattern.match(text)
        if found is None:
            continue
        one, other = found.group("one").strip(" ,;"), found.group("other").strip(" ,;")
        if _acts(one, roles, needs_role=asked[0]) and _acts(other, roles, needs_role=asked[1]):
            return one, other
    both = _TOGETHER.match(text)
    if both and both.group("verb").lower() in VERBS:
        one, other = both.group("one"), both.group("other")
        named = all(match_role(name, roles) or name.lower().startswith("the ") for name in (one, other))
        if named:
            does = f"{both.group('verb')} {both.group('rest')}".strip()
            return f"{as_role(one, roles)}: {does}", f"{as_role(other, roles)}: {does}"
    return ()


def _acts(text: str, roles: Sequence[str], *, needs_role: bool) -> bool:
    role, action = role_and_action(text, roles)
    first = action.split()[0].lower() if action else ""
    return role is not None or (not needs_role and first in VERBS)


def joined(sentence: str) -> Joined | None:
    """What is done beside earlier steps: `Meanwhile, the clerk ...`, `The clerk ... at the same time as step 3`."""
    text = sentence.strip().rstrip(".;, ")
    for pattern in (_WITH, _WITH_FIRST):
        found = pattern.match(text)
        if found:
            return Joined(found.group("rest"), found.group("first"), found.group("last") or found.group("first"))
    leading = _LEADING.match(text)
    return Joined(leading.group("rest")) if leading else None


def statement(sentence: str) -> tuple[str, str] | None:
    """`Steps 3 and 4 are done in parallel` as the first and the last of them; None for steps that are no neighbours."""
    found = _STATEMENT.match(sentence.strip().rstrip(".;, "))
    if found is None or not found.group("last"):
        return None
    first, last = found.group("first"), found.group("last")
    (around, one), (beyond, other) = _ending(first), _ending(last)
    ranged = found.group("how").lower() not in (",", "and")
    return (first, last) if around == beyond and (one + 1 == other or (ranged and one < other)) else None


def _ending(number: str) -> tuple[str, int]:
    around, _, own = number.rpartition(".")
    return around, int(own)
