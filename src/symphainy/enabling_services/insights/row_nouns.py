"""What the rows of a table may be called, and the verbs that say no more than that there is such a row."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from symphainy.enabling_services.insights.synonyms import IRREGULAR, stem
from symphainy.enabling_services.insights.vocabulary import singular, words_of


@dataclass(frozen=True, slots=True)
class RowKind:
    """`nouns` call the same rows; `verbs` (their roots) happen once for each row. A table is of the kind if it or the column that tells
    its rows apart is called so, or if its columns have at least two of the words in `telling`."""

    nouns: frozenset[str]
    verbs: frozenset[str] = frozenset()
    telling: frozenset[str] = frozenset()


_PAST: Final = {
    "made": "make", "broke": "break", "gave": "give", "given": "give", "took": "take", "taken": "take", "lent": "lend",
    "sent": "send", "wrote": "write", "came": "come", "saw": "see", "seen": "see", "drove": "drive", "flew": "fly",
    "did": "do", "done": "do", "ran": "run", "held": "hold", "led": "lead", "read": "read", "rang": "ring",
    "taught": "teach", "left": "leave",
}  # fmt: skip


def _root(word: str) -> str:
    word = _PAST.get(word, IRREGULAR.get(word, word))
    for ending in ("ing", "ed", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    return stem(word[:-1] if len(word) > 3 and word[-1] == word[-2] else word)


_GIVING: Final = frozenset(
    _root(verb)
    for verb in words_of(
        "pay earn spend charge owe bring produce contribute deliver generate yield cost achieve reach accumulate collect "
        "receive offer score get give make win lose sell buy consume use report record show incur cause rack drive"
    )
)


def is_giving(word: str) -> bool:
    """Whether the verb only joins a subject with a number that is named: to pay the most in fines."""
    return _root(word) in _GIVING


def _kind(nouns: str, verbs: str = "", telling: str = "") -> RowKind:
    return RowKind(words_of(nouns), frozenset(map(_root, verbs.split())), words_of(telling))


ROW_KINDS: Final = (
    _kind("vehicle car truck van lorry automobile fleet", "drive own", "make model mileage plate fuel vin odometer depot"),
    _kind("employee staff worker colleague person people headcount", "work employ", "salary hire department job manager"),
    _kind("student pupil learner", "study attend enrol enroll learn", "grade school math teacher course gpa"),
    _kind("patient", "treat admit", "diagnosis ward admission discharge blood"),
    _kind("order purchase", "order buy purchase place make", ""),
    _kind("sale transaction purchase receipt line item position", "sell buy make purchase ring", ""),
    _kind("loan checkout lending book", "lend borrow loan check", "title author isbn borrowed genre due"),
    _kind("loan credit", "lend borrow grant", "principal interest borrower"),
    _kind("property house home apartment listing flat", "list", "bedroom sqft bathroom rent listing"),
    _kind("ticket issue request incident case", "raise file handle report log submit open receive", ""),
    _kind("payment transaction transfer", "pay transfer make", ""),
    _kind("shipment delivery parcel package consignment", "ship send deliver dispatch carry transport", ""),
    _kind("booking reservation stay", "book reserve stay make", ""),
    _kind("visit appointment consultation", "visit come attend see", ""),
    _kind("product item article sku good", "stock hold list offer", ""),
    _kind("customer client account subscriber user buyer shopper", "register join", ""),
    _kind("machine device asset equipment", "own", "serial installed"),
    _kind("order repair job maintenance task intervention breakdown failure", "repair fix break fail maintain do perform",
          "machine technician downtime severity part"),
    _kind("task job activity", "do perform handle", ""),
    _kind("invoice bill", "invoice bill issue send", ""),
    _kind("enrolment enrollment registration signup", "enrol enroll register sign"),
    _kind("subscription contract plan", "subscribe sign", ""),
    _kind("policy contract", "insure write sell", ""),
    _kind("claim case", "file submit raise handle report make", ""),
    _kind("flight trip journey ride", "fly travel ride operate make run", ""),
    _kind("game match", "play", ""),
    _kind("movie film show title", "make release produce", "director runtime"),
    _kind("song track", "play release", "artist album"),
    _kind("response answer reply respondent survey", "answer respond", ""),
    _kind("review feedback comment", "review write leave give", ""),
    _kind("campaign ad", "run launch", "click impression"),
    _kind("lead prospect opportunity deal", "make handle", ""),
    _kind("call conversation", "call make phone handle", ""),
    _kind("session visit", "visit", ""),
    _kind("reading measurement sample observation", "measure record take read", ""),
    _kind("inspection audit check test", "inspect audit check test make", ""),
    _kind("candidate applicant application", "apply", ""),
    _kind("donation gift contribution", "donate give contribute make", ""),
    _kind("expense claim receipt", "spend submit", ""),
    _kind("event accident incident", "happen occur take", ""),
    _kind("member membership", "join", ""),
    _kind("project", "run do lead", ""),
    _kind("meal dish recipe", "serve cook", ""),
    _kind("harvest crop", "grow harvest sow plant cultivate"),
    _kind("rental hire", "rent hire borrow take", ""),
)  # fmt: skip
_GENERIC: Final = words_of(
    "export data dataset list table report log raw sample final full sheet file extract detail overview register master "
    "all new old copy clean test history record row csv xlsx jan feb mar apr jun jul aug sep oct nov dec"
)


def row_words(table_words: Iterable[str]) -> frozenset[str]:
    """What a table's name calls its rows: the last word that is not about the file, `fleet_vehicles_2024_export`."""
    telling = [word for word in table_words if word not in _GENERIC and re.fullmatch(r"[^\W\d]{3,}", word)]
    return frozenset(telling[-1:])


def kinds_of(rows: frozenset[str], column_words: frozenset[str]) -> tuple[RowKind, ...]:
    return tuple(kind for kind in ROW_KINDS if kind.nouns & rows or len(kind.telling & column_words) >= 2)


def calls_rows(word: str, kinds: Iterable[RowKind]) -> bool:
    return any(singular(word) in kind.nouns for kind in kinds)


def is_event(word: str, kinds: Iterable[RowKind]) -> bool:
    """Whether the verb says only that there is a row: to lend where the rows are loans."""
    return any(_root(word) in kind.verbs for kind in kinds)
