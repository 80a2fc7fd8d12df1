"""How likely a word that names nothing of a table stands for one of its columns or values, or for nothing at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from symphainy.enabling_services.insights.linking import name_words, value_words
from symphainy.enabling_services.insights.operands import is_key, persons_of
from symphainy.enabling_services.insights.row_nouns import row_words
from symphainy.enabling_services.insights.synonyms import stem
from symphainy.enabling_services.insights.table_index import IndexedColumn, TableIndex
from symphainy.enabling_services.insights.vocabulary import PERSON_NOUNS, PERSONS, TOTALS, singular, words_of

_SHORTEST: Final = 4
_SHARED: Final = 0.6
_SAME: Final = 0.7
_SHORT: Final = 3
_STATED: Final = words_of("status state stage type kind class category")
_ABBREVIATED: Final = 0.72
_STATES: Final = 30
_MONEY: Final = words_of(
    "amount value price cost fee charge revenue sale payment total spend spending expense bill invoice sum worth"
)
_PARTLY: Final = words_of("unit each discount tax vat tip")
_BILLED: Final = words_of("bill charge fee invoice")
_WHO: Final = (
    PERSONS | PERSON_NOUNS | words_of("holder requester buyer seller contact lead host guest trainer coach passenger")
)
_SERVED: Final = words_of(
    "customer client guest patient tenant holder policyholder borrower buyer member student applicant user account owner "
    "subscriber visitor passenger resident donor participant insured shopper consumer"
)
"""Whom a business serves; the others work for it."""
_ACTING: Final = words_of("do does did we i you they to can could will would have has had who")
_SAID_OF_ALL: Final = words_of(
    "reading readings figure figures level levels info information data details entry entries"
)
_PLACING: Final = words_of("by from in at with for to via")
_BEING: Final = words_of("is are was were be been being not never no without")


@dataclass(frozen=True, slots=True)
class Likeness:
    """Costs: 0.3 is as good as said, 1 a guess that is not acted on."""

    index: TableIndex

    def to_columns(self, word: str) -> Iterator[tuple[str, float]]:
        bare = singular(word)
        if bare in _WHO or word in _WHO:
            persons = self._persons(bare)
            for column in persons:
                yield column.name, 0.35 if len(persons) == 1 else 0.8
        for column in self.index.columns:
            shared = max((_alike(word, part) for part in name_words(column.name)), default=0.0)
            if shared:
                yield column.name, 0.75 - 0.4 * shared
            elif bare in _BILLED and _is_money(column, self.index):
                yield column.name, 0.6

    def to_values(self, word: str) -> Iterator[tuple[str, str, float]]:
        """Column, value and cost: values of one word only, others have more to say than it."""
        for column in self.index.columns:
            if not column.values or column.distinct > _STATES:
                continue
            for value in column.values:
                words = value_words(value)
                shared = _alike(word, words[0]) if len(words) == 1 else 0.0
                if len(words) == 1 and len(words[0]) <= _SHORT and not _STATED & set(name_words(column.name)):
                    continue  # codes, of airports and the like
                if shared >= _SAME:
                    yield column.name, value, 0.9 - 0.5 * shared

    def amount(self, question: str) -> str | None:
        """The column of what a row is worth: the one called like the rows, `claimed_amount` of claims, else the only one."""
        money = [column for column in self.index.columns if _is_money(column, self.index)]
        asked = {singular(word) for word in re.findall(r"[a-z]+", question.lower())}
        if any(sum(word in name_words(column.name) for column in money) > 1 for word in asked & _MONEY):
            return self.whole("amount")  # "total amount", of claimed_amount and paid_amount
        rows = {stem(singular(word)) for word in row_words(name_words(self.index.table))} | {stem(w) for w in asked}
        named = [column for column in money if rows & {stem(word) for word in name_words(column.name)}]
        for columns in (named, money):
            if len(columns) == 1:
                return columns[0].name
        return self.whole("amount")

    def counts_things(self, behind: str, name: str | None) -> bool:
        """`more than 10 unpaid invoices`: a number smaller than any in the column, of things."""
        number = re.match(r"[^\d]{0,20}(\d[\d,.]*)\s+([a-z]+)", behind)
        if number is None or name is None:
            return False
        least = self.index.column(name).minimum
        return least is not None and float(number.group(1).replace(",", "").rstrip(".")) < float(least)

    def whole(self, words: str) -> str | None:
        """Of prices of a unit and their total the total, where the words are about money."""
        if not _MONEY & {singular(word) for word in re.findall(r"[a-z]+", words)}:
            return None
        money = [column for column in self.index.columns if _is_money(column, self.index)]
        totals = [c for c in money if TOTALS & set(name_words(c.name)) and not _PARTLY & set(name_words(c.name))]
        return totals[0].name if len(totals) == 1 else None

    def distance(self, word: str, name: str) -> float:
        """Between words and a column that they may mean: none where its very name has them."""
        parts = name_words(name)
        asked = {singular(part) for part in re.findall(r"[a-z]+", word)}
        return 0.0 if asked & set(parts) else 0.1

    def telling(self, text: str, start: int, end: int) -> float:
        """How much the words may limit the rows: a verb behind `do` or `we` says that it is done, a noun behind another what kind
        of thing it is; an adjective or a participle may be what matters most."""
        word = text[start:end].lower()
        before = re.findall(r"[\w'-]+", text[:start].lower())
        behind = re.findall(r"[\w'-]+", text[end:].lower())
        if re.match(r"^\W*should\b", text, re.I):
            return 2.0  # asks for advice
        if " " in word or not word.isalpha() or (before and before[-1] in _BEING):
            return 2.0
        if before and before[-1] in _ACTING and word not in _WHO:
            return 0.4
        if word in _SAID_OF_ALL or (behind and behind[0] in _MONEY and text[end:].lstrip()[:1] != '"'):
            return 0.4  # "the odometer reading", "fuel cost"
        if before and before[-1] in ("a", "an", "any", "some") and behind and behind[0] in _PLACING:
            return 0.5  # "applied for a job in Engineering"
        last = not behind
        if last and any(item in ("do", "does", "did") for item in before):
            return 0.4
        if (
            word.endswith(("ed", "en"))
            and behind
            and behind[0] in ("by", "from", "in", "at", "with", "for", "to", "via")
        ):
            return 0.7
        return 1.2

    def _persons(self, word: str) -> list[IndexedColumn]:
        """Who may be called so: of customers and staff those that are."""
        found = persons_of(self.index, _WHO)
        if word in _SERVED:
            found = [c for c in found if _SERVED & set(name_words(c.name))] or found
        return found


def _is_money(column: IndexedColumn, index: TableIndex) -> bool:
    return column.type.is_numeric and not is_key(column, index) and bool(_MONEY & set(name_words(column.name)))


def _alike(word: str, part: str) -> float:
    """How much of the shorter of two words their common beginning is, from four letters on; 0 where it is less than most."""
    one, other = stem(singular(word)), stem(part)
    shared = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    if len(other) >= _SHORT and one.startswith(other) and len(one) - len(other) > 1:
        return _ABBREVIATED
    share = shared / max(len(one), len(other)) if one and other else 0.0
    return share if shared >= _SHORTEST and share >= _SHARED else 0.0
