"""Questions that go on from the one before: `and in the West?`, `only 2024`, `sort by profit`, `as a chart`."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from symphainy.enabling_services.insights.query import Filter, Measure, Query
from symphainy.enabling_services.insights.reading import Read
from symphainy.enabling_services.insights.vocabulary import FOLLOWING

_FOLLOWING: Final = re.compile(rf"^\W*(?:{'|'.join(map(re.escape, sorted(FOLLOWING, key=len, reverse=True)))})\b", re.I)
_POINTING: Final = re.compile(r"\b(them|those|these|that|it|instead|same)\b", re.I)
_FRESH: Final = re.compile(r"^\W*(what is|what are|how many(?! of)|how much|who|list|find|give)\b", re.I)


def goes_on(question: str) -> bool:
    """Whether the words point back to what was asked before."""
    if _FRESH.match(question) and not re.search(r"\b(them|those|these)\b", question, re.I):
        return False
    return _FOLLOWING.match(question) is not None or _POINTING.search(question) is not None


def continued(before: Query, read: Read, question: str) -> Query:
    """The question before with what the new one changes. A new condition on the same column takes the old one's "
    "place."""
    new = read.query
    filters = _merged(before.filters, new.filters, question)
    part = before.part
    if before.shape == "share" and before.part and new.filters:
        part = _merged(before.part, tuple(item for item in new.filters if item.op != "period"), question)
        filters = _merged(before.filters, tuple(item for item in new.filters if item.op == "period"), question)
    groups, measures, shape = before.groups, before.measures, before.shape
    if read.asked_groups or (new.groups and new.shape in ("groups", "share")):
        adding = re.match(r"^\W*(and|also|then)\b", question, re.I) and not re.search(r"\binstead\b", question, re.I)
        groups = (*groups, *(group for group in new.groups if group not in groups)) if adding else new.groups
        shape = "groups" if shape in ("rows", "value", "distinct") else shape
        measures = measures or (Measure("count"),)
    counts_only = new.measures == (Measure("count"),) and not re.search(r"how many|number|count", question, re.I)
    if new.measures and not counts_only:
        measures = new.measures
        shape = "groups" if groups else ("value" if shape in ("rows", "value", "groups", "distinct") else shape)
    order = new.order or before.order
    limit = new.limit or before.limit
    return replace(
        before,
        shape=shape,
        filters=filters,
        part=part,
        groups=groups,
        measures=measures,
        order=order,
        limit=limit,
        having=new.having or before.having,
        chart=new.chart or before.chart,
        shown=tuple(dict.fromkeys((*before.shown, *new.shown))),
        notes=tuple(dict.fromkeys((*before.notes, *new.notes))),
    )


def _merged(old: tuple[Filter, ...], new: tuple[Filter, ...], question: str) -> tuple[Filter, ...]:
    replaced = {_subject(item) for item in new}
    kept = tuple(item for item in old if _subject(item) not in replaced)
    return (*kept, *new)


def _subject(item: Filter) -> tuple[str, bool]:
    """A period and a month of the same date stand together."""
    return item.operand.label, item.op in ("month", "not_month")
